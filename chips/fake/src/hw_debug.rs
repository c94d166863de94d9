//! A counter of cycles.

use std::cell::Cell;

use kernel::hil::hw_debug;

/// The count of a [`CycleCounter`] that was never reset.
const FIRST_COUNT: u64 = 1_234_567;

/// A counter of the cycles that the test lets pass. Until it is reset its count means nothing.
pub struct CycleCounter {
    is_counting: Cell<bool>,
    count: Cell<u64>,
}

impl CycleCounter {
    /// A counter that does not count.
    pub fn new() -> &'static Self {
        crate::leak(Self {
            is_counting: Cell::new(false),
            count: Cell::new(FIRST_COUNT),
        })
    }

    /// Lets cycles pass.
    pub fn pass(&self, cycles: u64) {
        if self.is_counting.get() {
            self.count.set(self.count.get() + cycles);
        }
    }
}

impl hw_debug::CycleCounter for CycleCounter {
    fn start(&self) {
        self.is_counting.set(true);
    }

    fn stop(&self) {
        self.is_counting.set(false);
    }

    fn count(&self) -> u64 {
        self.count.get()
    }

    fn reset(&self) {
        self.is_counting.set(false);
        self.count.set(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::hil::hw_debug::CycleCounter as _;

    #[test]
    fn cycles_count_between_start_and_stop() {
        let counter = CycleCounter::new();
        let before = counter.count();
        assert_ne!(before, 0);
        counter.pass(1);
        counter.start();
        counter.pass(20);
        counter.stop();
        counter.pass(300);
        assert_eq!(counter.count(), before + 20);
        counter.start();
        counter.reset();
        counter.pass(4_000);
        assert_eq!(counter.count(), 0, "a reset stops it");
    }

    #[test]
    fn a_closure_takes_the_cycles_that_pass_in_it() {
        let counter = CycleCounter::new();
        for _ in 0..2 {
            assert_eq!(counter.profile_closure(|| counter.pass(42)), 42);
            counter.pass(7);
        }
    }
}
