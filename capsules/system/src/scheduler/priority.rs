//! Fixed priorities: the lower a process's slot, the sooner it runs.

use core::cell::Cell;

use kernel::{
    collections::NumberSet,
    scheduler::{Scheduler, StoppedExecutingReason, Turn},
};

/// Runs the process with the lowest slot of all that can run. One that becomes ready takes over from those
/// above it when the kernel asks next.
pub struct PrioritySched {
    ready: NumberSet,
    /// Whose turn it is, or was last.
    turn: Cell<usize>,
}

impl PrioritySched {
    /// A scheduler without processes.
    pub const fn new() -> Self {
        Self {
            ready: NumberSet::new(),
            turn: Cell::new(0),
        }
    }
}

impl Default for PrioritySched {
    fn default() -> Self {
        Self::new()
    }
}

impl Scheduler for PrioritySched {
    fn preempts(&self) -> bool {
        true
    }

    fn ready(&self, slot: usize) -> bool {
        self.ready.insert(slot);
        slot < self.turn.get()
    }

    fn blocked(&self, slot: usize) {
        self.ready.remove(slot);
    }

    fn next(&self) -> Option<Turn> {
        let slot = self.ready.first()?;
        self.turn.set(slot);
        Some(Turn::new(slot, None))
    }

    fn result(&self, _slot: usize, _reason: StoppedExecutingReason, _used_us: u32) {}
}
