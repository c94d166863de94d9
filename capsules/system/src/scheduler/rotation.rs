//! Turns in rotation: what round robin is, what a cooperative machine does, and what happens within a
//! level of a feedback queue.

use core::cell::Cell;

use kernel::{collections::NumberSet, scheduler::StoppedExecutingReason};

/// Processes that can run, each of which has its turn before one has it again.
pub(super) struct Rotation {
    ready: NumberSet,
    /// Whose turn it is, or was last.
    slot: Cell<usize>,
    /// What is left of that turn; 0 when it is over.
    left_us: Cell<u32>,
}

impl Rotation {
    pub(super) const fn new() -> Self {
        Self {
            ready: NumberSet::new(),
            // So that slot 0 is the first to have a turn.
            slot: Cell::new(NumberSet::CAPACITY - 1),
            left_us: Cell::new(0),
        }
    }

    pub(super) fn insert(&self, slot: usize) {
        self.ready.insert(slot);
    }

    pub(super) fn remove(&self, slot: usize) {
        self.ready.remove(slot);
    }

    pub(super) fn contains(&self, slot: usize) -> bool {
        self.ready.contains(slot)
    }

    /// Moves the processes of `other` here, and ends the turns of both.
    pub(super) fn append(&self, other: &Self) {
        self.ready.append(&other.ready);
        self.left_us.set(0);
        other.left_us.set(0);
    }

    /// Whose turn it is, and what is left of it. A new turn is as long as `slice_us` says for its slot.
    pub(super) fn next(&self, slice_us: impl FnOnce(usize) -> u32) -> Option<(usize, u32)> {
        let slot = self.slot.get();
        if self.left_us.get() == 0 || !self.ready.contains(slot) {
            // Every slot is below the capacity: said once more, so that nothing looks whether it is.
            let slot = self.ready.next_after(slot % NumberSet::CAPACITY)?;
            self.slot.set(slot);
            self.left_us.set(slice_us(slot));
        }
        Some((self.slot.get(), self.left_us.get()))
    }

    /// Takes `used_us` off the turn, and ends it unless it was the kernel that cut in.
    pub(super) fn stop(&self, reason: StoppedExecutingReason, used_us: u32) {
        self.left_us.set(match reason {
            StoppedExecutingReason::KernelPreemption => self.left_us.get().saturating_sub(used_us),
            _ => 0,
        });
    }
}
