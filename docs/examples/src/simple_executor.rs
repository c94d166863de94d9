//! An executor that polls everything in turn, shown in `docs/src/async/04-a-simple-executor.md`.

use core::{
    pin::Pin,
    task::{Context, Waker},
};

/// A future that is pinned somewhere else; `None` when it is done.
pub type Task<'a> = Option<Pin<&'a mut dyn Future<Output = ()>>>;

/// Polls `tasks` in turn until all are done. Returns how often it polled.
pub fn poll_in_turn(tasks: &mut [Task]) -> u64 {
    let mut context = Context::from_waker(Waker::noop());
    let mut polls = 0;
    while tasks.iter().any(Option::is_some) {
        for task in tasks.iter_mut() {
            if let Some(future) = task {
                polls += 1;
                if future.as_mut().poll(&mut context).is_ready() {
                    *task = None;
                }
            }
        }
    }
    polls
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{by_hand::Turn, shows};
    use core::pin::pin;

    #[test]
    fn the_page_shows_this_function() {
        let page = include_str!("../../src/async/04-a-simple-executor.md");
        assert!(shows(
            page,
            include_str!("simple_executor.rs"),
            "pub fn poll_in_turn"
        ));
    }

    #[test]
    fn tasks_take_turns_until_all_are_done() {
        let mut tasks: [Task; 2] = [
            Some(pin!(async { Turn::new().await })),
            Some(pin!(async {
                Turn::new().await;
                Turn::new().await;
            })),
        ];
        assert_eq!(poll_in_turn(&mut tasks), 5);
    }
}
