//! Finds a driver by its number in a few steps, however many drivers there are.

use core::cell::Cell;

/// Places for entries: a power of two, so that part of a product is a place.
const PLACES: usize = 256;

/// Half of the places stay free, so that a search is short.
const CAPACITY: usize = PLACES / 2;

/// A map from any numbers to small ones. An entry stands at the place that its number is scattered to, or
/// at the next free one after that.
pub struct NumberMap {
    entries: [Cell<(usize, Option<u16>)>; PLACES],
    len: Cell<usize>,
}

impl NumberMap {
    /// A map without entries.
    pub const fn new() -> Self {
        Self {
            entries: [const { Cell::new((0, None)) }; PLACES],
            len: Cell::new(0),
        }
    }

    /// Maps `number` to `value`. Returns whether it did: a number that is there keeps its value.
    ///
    /// # Panics
    /// If there are 128 entries.
    pub fn insert(&self, number: usize, value: u16) -> bool {
        assert!(self.len.get() < CAPACITY, "more than {CAPACITY} numbers");
        let mut place = place_of(number);
        while let (other, Some(_)) = self.entries[place].get() {
            if other == number {
                return false;
            }
            place = (place + 1) % PLACES;
        }
        self.entries[place].set((number, Some(value)));
        self.len.set(self.len.get() + 1);
        true
    }

    /// What `number` is mapped to.
    #[inline]
    pub fn get(&self, number: usize) -> Option<u16> {
        let mut place = place_of(number);
        while let (other, Some(value)) = self.entries[place].get() {
            if other == number {
                return Some(value);
            }
            place = (place + 1) % PLACES;
        }
        None
    }

    /// All entries, in no order that means anything.
    pub fn iter(&self) -> impl Iterator<Item = (usize, u16)> {
        self.entries.iter().filter_map(|entry| {
            let (number, value) = entry.get();
            Some((number, value?))
        })
    }
}

impl Default for NumberMap {
    fn default() -> Self {
        Self::new()
    }
}

/// Scatters numbers by a multiplication with an odd number near 2^64 divided by the golden ratio (Knuth,
/// The Art of Computer Programming, volume 3, section 6.4).
#[inline]
fn place_of(number: usize) -> usize {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    ((number as u64).wrapping_mul(FACTOR) >> (64 - PLACES.trailing_zeros())) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::hash_map, prelude::*};

    proptest! {
        #[test]
        fn every_number_is_found_and_no_other(
            pairs in hash_map(0usize..1 << 20, any::<u16>(), 0..CAPACITY),
            stranger in 1usize << 20..,
        ) {
            let map = NumberMap::new();
            for (number, value) in &pairs {
                prop_assert!(map.insert(*number, *value));
                prop_assert!(!map.insert(*number, 7));
            }
            for (number, value) in &pairs {
                prop_assert_eq!(map.get(*number), Some(*value));
            }
            prop_assert_eq!(map.get(stranger), None);
        }
    }

    #[test]
    #[should_panic = "more than 128 numbers"]
    fn a_full_map_says_so() {
        let map = NumberMap::new();
        (0..=CAPACITY).for_each(|number| assert!(map.insert(number, 0)));
    }
}
