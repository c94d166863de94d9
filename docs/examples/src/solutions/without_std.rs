//! Polling by hand.

use core::{
    pin::pin,
    task::{Context, Poll, Waker},
};

/// Polls `future` until it is ready, at most `polls` times; `None` if that was too few.
pub fn poll_at_most<T>(future: impl Future<Output = T>, polls: usize) -> Option<T> {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..polls {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::by_hand::add_slowly;

    #[test]
    fn three_polls_are_enough_for_two_waits_and_two_are_not() {
        assert_eq!(poll_at_most(add_slowly(2, 3), 3), Some(5));
        assert_eq!(poll_at_most(add_slowly(2, 3), 2), None);
    }
}
