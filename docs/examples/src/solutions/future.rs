//! Waiting for two futures at a time.

use core::{
    pin::Pin,
    task::{Context, Poll},
};

/// Ready when both of its futures are.
pub struct Both<A: Future, B: Future> {
    first: Progress<A>,
    second: Progress<B>,
}

enum Progress<F: Future> {
    Pending(F),
    Ready(F::Output),
    Taken,
}

/// Waits for both futures.
pub fn both<A: Future + Unpin, B: Future + Unpin>(first: A, second: B) -> Both<A, B> {
    Both {
        first: Progress::Pending(first),
        second: Progress::Pending(second),
    }
}

impl<F: Future + Unpin> Progress<F> {
    /// Polls the future if it is pending: one that was ready may not be polled again.
    fn poll(&mut self, context: &mut Context<'_>) -> bool {
        if let Self::Pending(future) = self {
            match Pin::new(future).poll(context) {
                Poll::Ready(value) => *self = Self::Ready(value),
                Poll::Pending => return false,
            }
        }
        true
    }

    fn take(&mut self) -> F::Output {
        match core::mem::replace(self, Self::Taken) {
            Self::Ready(value) => value,
            _ => panic!("polled after it was ready"),
        }
    }
}

impl<A: Future + Unpin, B: Future + Unpin> Future for Both<A, B>
where
    A::Output: Unpin,
    B::Output: Unpin,
{
    type Output = (A::Output, B::Output);

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        // Both, or the waker of the second would not be where its event looks for it.
        let (first, second) = (self.first.poll(context), self.second.poll(context));
        if first && second {
            Poll::Ready((self.first.take(), self.second.take()))
        } else {
            Poll::Pending
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{by_hand::add_slowly, solutions::without_std::poll_at_most};
    use std::future::ready;

    #[test]
    fn both_results_come_with_the_slower_one() {
        let slow = || Box::pin(add_slowly(2, 3));
        assert_eq!(poll_at_most(both(ready('a'), slow()), 2), None);
        assert_eq!(poll_at_most(both(ready('a'), slow()), 3), Some(('a', 5)));
        assert_eq!(poll_at_most(both(slow(), ready('a')), 3), Some((5, 'a')));
    }

    #[test]
    fn both_get_on_at_the_same_time() {
        let slow = || Box::pin(add_slowly(2, 3));
        assert_eq!(poll_at_most(both(slow(), slow()), 3), Some((5, 5)));
    }
}
