//! Round robin: each process that can run has its turn, one after the other, for a time slice at most.

use core::num::NonZeroU32;

use kernel::scheduler::{Scheduler, StoppedExecutingReason, Turn};

use super::rotation::Rotation;

/// Gives every process that can run the same time slice, in the order of their slots. Among N of them
/// each has one of any N turns in a row.
pub struct RoundRobinSched {
    rotation: Rotation,
    timeslice_length_us: u32,
}

impl RoundRobinSched {
    /// Tock's: short enough that a person does not see it, long enough that switching costs little.
    const DEFAULT_TIMESLICE_US: u32 = 10_000;

    /// Time slices of 10 ms.
    pub const fn new() -> Self {
        Self::new_with_time(Self::DEFAULT_TIMESLICE_US)
    }

    /// Time slices of `time_us` microseconds.
    ///
    /// # Panics
    /// If that is none.
    pub const fn new_with_time(time_us: u32) -> Self {
        assert!(time_us > 0, "a time slice of 0 us lets nothing run");
        Self {
            rotation: Rotation::new(),
            timeslice_length_us: time_us,
        }
    }
}

impl Default for RoundRobinSched {
    fn default() -> Self {
        Self::new()
    }
}

impl Scheduler for RoundRobinSched {
    fn ready(&self, slot: usize) -> bool {
        self.rotation.insert(slot);
        false
    }

    fn blocked(&self, slot: usize) {
        self.rotation.remove(slot);
    }

    fn next(&self) -> Option<Turn> {
        let (slot, left_us) = self.rotation.next(|_| self.timeslice_length_us)?;
        let timeslice_us = NonZeroU32::new(left_us);
        Some(Turn::new(slot, timeslice_us))
    }

    fn result(&self, _slot: usize, reason: StoppedExecutingReason, used_us: u32) {
        self.rotation.stop(reason, used_us.max(1));
    }
}
