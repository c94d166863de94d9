//! Random numbers at once, which the test knows beforehand.

use std::cell::Cell;

use kernel::hil::rng;

use crate::leak;

/// A source whose numbers are its seed, one more, and so on. Before it is started they are all 0.
pub struct Random {
    own_seed: u32,
    next: Cell<Option<u32>>,
}

impl Random {
    /// A source that was not started, with a seed of its own.
    pub fn new(own_seed: u32) -> &'static Self {
        leak(Self {
            own_seed,
            next: Cell::new(None),
        })
    }
}

impl rng::Random<'static> for Random {
    fn initialize(&'static self) {
        self.reseed(self.own_seed);
    }

    fn reseed(&self, seed: u32) {
        self.next.set(Some(seed));
    }

    fn random(&self) -> u32 {
        let number = self.next.get();
        self.next.set(number.map(|number| number.wrapping_add(1)));
        number.unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::hil::rng::Random as _;

    #[test]
    fn the_same_numbers_follow_the_same_seed() {
        let source = Random::new(u32::MAX);
        let two = || [source.random(), source.random()];
        assert_eq!(two(), [0, 0], "not started");
        source.initialize();
        assert_eq!(two(), [u32::MAX, 0]);
        for _ in 0..2 {
            source.reseed(7);
            assert_eq!(two(), [7, 8]);
        }
        source.initialize();
        assert_eq!(two(), [u32::MAX, 0]);
    }
}
