//! An `async fn`, and the same state machine written by hand, shown in `docs/src/async/03-async-and-await.md`.

use core::{
    pin::Pin,
    task::{Context, Poll},
};

/// Waits for one turn: it is pending once.
pub struct Turn {
    is_over: bool,
}

impl Turn {
    /// A turn that has not begun.
    #[allow(clippy::new_without_default)] // A wait has no default.
    pub fn new() -> Self {
        Self { is_over: false }
    }
}

impl Future for Turn {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.is_over {
            return Poll::Ready(());
        }
        self.is_over = true;
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

/// Adds two numbers, with a wait before and after.
pub async fn add_slowly(first: u32, second: u32) -> u32 {
    Turn::new().await;
    let sum = first + second;
    Turn::new().await;
    sum
}

/// What `add_slowly(first, second)` is, written by hand.
pub enum AddSlowly {
    /// It was not polled yet.
    Start {
        /// The first number.
        first: u32,
        /// The second number.
        second: u32,
    },
    /// It is at its first `.await`.
    Before {
        /// The first number.
        first: u32,
        /// The second number.
        second: u32,
        /// What it waits for.
        turn: Turn,
    },
    /// It is at its second `.await`.
    After {
        /// What it will return.
        sum: u32,
        /// What it waits for.
        turn: Turn,
    },
    /// It has returned.
    Done,
}

impl Future for AddSlowly {
    type Output = u32;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<u32> {
        loop {
            *self = match &mut *self {
                Self::Start { first, second } => Self::Before {
                    first: *first,
                    second: *second,
                    turn: Turn::new(),
                },
                Self::Before {
                    first,
                    second,
                    turn,
                } => match Pin::new(turn).poll(context) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(()) => Self::After {
                        sum: *first + *second,
                        turn: Turn::new(),
                    },
                },
                Self::After { sum, turn } => match Pin::new(turn).poll(context) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(()) => {
                        let sum = *sum;
                        *self = Self::Done;
                        return Poll::Ready(sum);
                    }
                },
                Self::Done => panic!("polled after it was ready"),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shows;
    use std::{pin::pin, task::Waker};

    #[test]
    fn the_page_shows_both() {
        let page = include_str!("../../src/async/03-async-and-await.md");
        let file = include_str!("by_hand.rs");
        assert!(shows(page, file, "pub async fn add_slowly"));
        assert!(shows(page, file, "impl Future for AddSlowly"));
    }

    fn polls(future: impl Future<Output = u32>) -> (u32, u32) {
        let mut future = pin!(future);
        let mut polls = 0;
        loop {
            polls += 1;
            let mut context = Context::from_waker(Waker::noop());
            if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
                return (value, polls);
            }
        }
    }

    #[test]
    fn both_take_as_many_polls_and_give_the_same() {
        let start = AddSlowly::Start {
            first: 2,
            second: 3,
        };
        assert_eq!(polls(start), (5, 3));
        assert_eq!(polls(add_slowly(2, 3)), (5, 3));
    }

    #[test]
    #[should_panic = "polled after it was ready"]
    fn neither_may_be_polled_again() {
        let mut future = AddSlowly::Start {
            first: 2,
            second: 3,
        };
        polls(&mut future);
        polls(&mut future);
    }

    /// Prints sizes that depend on the compiler: `cargo test -p book-examples sizes -- --nocapture`.
    #[test]
    fn sizes() {
        let by_hand = size_of::<AddSlowly>();
        let by_compiler = size_of_val(&add_slowly(2, 3));
        println!("by hand {by_hand} bytes, by the compiler {by_compiler}");
        assert!(by_hand <= 16 && by_compiler <= 40);
    }
}
