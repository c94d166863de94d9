//! Cooperative: a process runs until it waits, then the next one that can run has its turn.

use kernel::scheduler::{Scheduler, StoppedExecutingReason, Turn};

use super::rotation::Rotation;

/// Gives turns without end, in the order of slots. A process that never waits keeps the others from
/// running, but not the kernel.
pub struct CooperativeSched {
    rotation: Rotation,
}

impl CooperativeSched {
    /// A scheduler without processes.
    pub const fn new() -> Self {
        Self {
            rotation: Rotation::new(),
        }
    }
}

impl Default for CooperativeSched {
    fn default() -> Self {
        Self::new()
    }
}

impl Scheduler for CooperativeSched {
    fn ready(&self, slot: usize) -> bool {
        self.rotation.insert(slot);
        false
    }

    fn blocked(&self, slot: usize) {
        self.rotation.remove(slot);
    }

    fn next(&self) -> Option<Turn> {
        // Any slice but none will do: nothing is taken off it.
        let (slot, _) = self.rotation.next(|_| 1)?;
        Some(Turn::new(slot, None))
    }

    fn result(&self, _slot: usize, reason: StoppedExecutingReason, _used_us: u32) {
        self.rotation.stop(reason, 0);
    }
}
