//! Whose turn it is to use a device that does one thing at a time.

use core::cell::Cell;

use kernel::{ProcessId, collections::NumberSet};

/// The turns of processes. Each that waits has one before another has its second, and finding who is next
/// costs the same however many wait.
pub(crate) struct Turns {
    /// The places in the process table of those that wait.
    waiting: NumberSet,
    last_slot: Cell<usize>,
    running: Cell<Option<ProcessId>>,
}

impl Turns {
    /// Nobody's turn.
    pub(crate) const fn new() -> Self {
        Self {
            waiting: NumberSet::new(),
            last_slot: Cell::new(0),
            running: Cell::new(None),
        }
    }

    /// Whether it is somebody's turn.
    pub(crate) fn is_taken(&self) -> bool {
        self.running.get().is_some()
    }

    /// Makes it the turn of a process, which does not wait any more.
    pub(crate) fn begin(&self, process_id: ProcessId) {
        self.waiting.remove(process_id.slot());
        self.last_slot.set(process_id.slot());
        self.running.set(Some(process_id));
    }

    /// Lets a process wait for its turn.
    pub(crate) fn wait(&self, process_id: ProcessId) {
        self.waiting.insert(process_id.slot());
    }

    /// Ends the turn, and says whose it was.
    pub(crate) fn end(&self) -> Option<ProcessId> {
        self.running.take()
    }

    /// The place in the process table of the next one that waits, who does not wait any more.
    pub(crate) fn next(&self) -> Option<usize> {
        let slot = self.waiting.next_after(self.last_slot.get())?;
        self.waiting.remove(slot);
        self.last_slot.set(slot);
        Some(slot)
    }

    /// As [`Turns::next`], if that is the one in `slot`.
    pub(crate) fn next_if(&self, slot: usize) -> Option<usize> {
        let is_waiting = self.waiting.contains(slot);
        self.waiting.remove(slot);
        is_waiting.then_some(slot)
    }
}
