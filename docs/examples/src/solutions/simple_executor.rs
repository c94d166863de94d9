//! A simple executor that pauses.

use core::task::{Context, Waker};

use crate::simple_executor::Task;

/// As [`poll_in_turn`](crate::simple_executor::poll_in_turn), with a pause after each round in which nothing was done.
pub fn poll_with_pauses(tasks: &mut [Task], pause: impl Fn()) -> u64 {
    let mut context = Context::from_waker(Waker::noop());
    let mut polls = 0;
    while tasks.iter().any(Option::is_some) {
        let mut is_idle = true;
        for task in tasks.iter_mut() {
            if let Some(future) = task {
                polls += 1;
                if future.as_mut().poll(&mut context).is_ready() {
                    *task = None;
                    is_idle = false;
                }
            }
        }
        if is_idle {
            pause();
        }
    }
    polls
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{cell::Cell, future::poll_fn, pin::pin, task::Poll};

    #[test]
    fn an_event_is_seen_up_to_a_whole_pause_late() {
        const PAUSE_MS: u32 = 10;
        let (now_ms, seen_at_ms) = (Cell::new(0), Cell::new(0));
        let event = |at_ms| {
            let (now_ms, seen_at_ms) = (&now_ms, &seen_at_ms);
            poll_fn(move |_| {
                if now_ms.get() < at_ms {
                    return Poll::Pending;
                }
                seen_at_ms.set(now_ms.get());
                Poll::Ready(())
            })
        };
        let mut tasks: [Task; 1] = [Some(pin!(event(91)))];
        let polls = poll_with_pauses(&mut tasks, || now_ms.set(now_ms.get() + PAUSE_MS));
        assert_eq!((polls, seen_at_ms.get()), (11, 100));
    }
}
