//! A scheduler that is the test itself: who runs next is whom the test lets run.

use std::{cell::Cell, cell::RefCell, collections::BTreeSet, num::NonZeroU32};

use kernel::{
    platform::SchedulerTimer,
    scheduler::{Scheduler, StoppedExecutingReason, Turn},
};

/// The scheduler.
#[derive(Default)]
pub(crate) struct Turns {
    next: Cell<Option<usize>>,
    ready: RefCell<BTreeSet<usize>>,
    last: Cell<Option<StoppedExecutingReason>>,
}

impl Turns {
    /// Gives the next turn to the process in `slot`.
    pub(crate) fn give(&self, slot: usize) {
        self.next.set(Some(slot));
        self.last.set(None);
    }

    /// Whether the kernel has said that the process in `slot` can run.
    pub(crate) fn is_ready(&self, slot: usize) -> bool {
        self.ready.borrow().contains(&slot)
    }

    /// Why the last turn was over; `None` if it never began.
    pub(crate) fn last(&self) -> Option<StoppedExecutingReason> {
        self.last.get()
    }
}

impl Scheduler for Turns {
    fn ready(&self, slot: usize) -> bool {
        self.ready.borrow_mut().insert(slot);
        false
    }

    fn blocked(&self, slot: usize) {
        self.ready.borrow_mut().remove(&slot);
    }

    fn next(&self) -> Option<Turn> {
        let slot = self.next.take()?;
        Some(Turn::new(slot, None))
    }

    fn result(&self, _slot: usize, reason: StoppedExecutingReason, _used_us: u32) {
        self.last.set(Some(reason));
    }
}

/// Time slices that are over when the test says so.
#[derive(Default)]
pub struct Slices {
    expires: Cell<bool>,
}

impl Slices {
    /// The next turn uses its slice up.
    pub(crate) fn expire(&self) {
        self.expires.set(true);
    }
}

impl SchedulerTimer for Slices {
    fn start(&self, _us: Option<NonZeroU32>) {}

    fn used_us(&self) -> u32 {
        0
    }

    fn has_expired(&self) -> bool {
        self.expires.take()
    }
}
