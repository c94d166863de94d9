//! When to take a task's bit: before its poll, or after it.

use core::{
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    task::Poll,
};

/// Polls while the bit is set. `take_first` says when the bit is taken. Returns how often it polled.
pub fn poll_while_set(
    bit: &AtomicBool,
    take_first: bool,
    mut poll: impl FnMut(&AtomicBool) -> Poll<()>,
) -> u32 {
    let mut polls = 0;
    while bit.load(Relaxed) {
        if take_first {
            bit.store(false, Relaxed);
        }
        polls += 1;
        if poll(bit).is_ready() {
            break;
        }
        if !take_first {
            // A wake-up that came while the future was polled is lost here.
            bit.store(false, Relaxed);
        }
    }
    polls
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The event happens during the first poll, just after the future has looked for it.
    fn polls(take_first: bool) -> u32 {
        let (bit, mut has_happened) = (AtomicBool::new(true), false);
        poll_while_set(&bit, take_first, |bit| {
            if has_happened {
                return Poll::Ready(());
            }
            has_happened = true;
            bit.store(true, Relaxed);
            Poll::Pending
        })
    }

    #[test]
    fn a_bit_that_is_taken_first_keeps_the_wake_up() {
        assert_eq!(polls(true), 2);
    }

    #[test]
    fn a_bit_that_is_taken_last_loses_it() {
        assert_eq!(polls(false), 1, "the task sleeps, and nobody will wake it");
    }
}
