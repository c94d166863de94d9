//! An executor that polls what was woken, shown in `docs/src/async/05-an-efficient-executor.md`.

use core::task::Context;

use kernel::ready::ReadySet;

use crate::simple_executor::Task;

/// Polls of `tasks` those that are woken until all are done, and sleeps meanwhile. Returns how often it polled.
///
/// Task number n has bit n of `ready`. `sleep` returns when a bit may have been set since it was called, or before.
///
/// # Panics
/// If there are more tasks than bits.
pub fn poll_ready(tasks: &mut [Task], ready: &'static ReadySet, sleep: impl Fn()) -> u64 {
    let mut polls = 0;
    for number in 0..tasks.len() {
        ready.set(number);
    }
    while tasks.iter().any(Option::is_some) {
        ready.pass(|number| {
            if let Some(Some(future)) = tasks.get_mut(number) {
                polls += 1;
                let waker = ready.waker(number);
                let mut context = Context::from_waker(&waker);
                if future.as_mut().poll(&mut context).is_ready() {
                    tasks[number] = None;
                }
            }
        });
        if ready.is_empty() && tasks.iter().any(Option::is_some) {
            sleep();
        }
    }
    polls
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{by_hand::Turn, shows};
    use chip_fake::leak;
    use core::{cell::Cell, pin::pin};
    use kernel::task::{WakerCell, leaf};
    use std::task::Poll;

    #[test]
    fn the_page_shows_this_function() {
        let page = include_str!("../../src/async/05-an-efficient-executor.md");
        assert!(shows(
            page,
            include_str!("efficient_executor.rs"),
            "pub fn poll_ready"
        ));
    }

    #[test]
    fn only_what_was_woken_is_polled_again() {
        let (event, happened) = (WakerCell::new(), Cell::new(false));
        let waits = leaf(|context| {
            if happened.get() {
                return Poll::Ready(());
            }
            event.register(context);
            Poll::Pending
        });
        let sleeps = Cell::new(0);
        let interrupt = || {
            sleeps.set(sleeps.get() + 1);
            happened.set(true);
            event.wake();
        };
        let mut tasks: [Task; 2] = [Some(pin!(waits)), Some(pin!(Turn::new()))];
        let polls = poll_ready(&mut tasks, leak(ReadySet::new()), interrupt);
        assert_eq!((polls, sleeps.get()), (4, 1));
    }
}
