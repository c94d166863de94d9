//! What became of a future.

use std::{
    cell::RefCell,
    future::Future,
    pin::pin,
    rc::Rc,
    task::{Context, Poll, Waker},
};

/// Polls `future` once, outside of any task, and drops it: what it has at once.
pub fn poll_once<T>(future: impl Future<Output = T>) -> Option<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}

/// What a task of a [`Machine`](crate::Machine) has come to.
pub struct Outcome<T>(pub(crate) Rc<RefCell<Option<T>>>);

impl<T> Outcome<T> {
    /// Whether the task has come to its end, and nobody has taken what it came to.
    pub fn is_there(&self) -> bool {
        self.0.borrow().is_some()
    }

    /// Takes what the task came to; `None` if it is still at work.
    pub fn take(&self) -> Option<T> {
        self.0.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::{pending, ready};

    #[test]
    fn a_future_is_asked_once_what_it_has() {
        assert_eq!(poll_once(ready(7)), Some(7));
        assert_eq!(poll_once(pending::<u8>()), None);
    }
}
