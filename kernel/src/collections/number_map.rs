//! Finds a driver by its number in a few steps, however many drivers there are.

use core::cell::Cell;

/// Places for entries: a power of two, so that part of a product is a place.
const PLACES: usize = 256;

/// Half of the places stay free, so that a search is short.
const CAPACITY: usize = PLACES / 2;

/// A map from any numbers to values. An entry stands at the place that its number is scattered to, or at
/// the next free one after that.
pub struct NumberMap<V> {
    numbers: [Cell<usize>; PLACES],
    /// Apart from the numbers, so that a processor finds both by the same index.
    values: [Cell<Option<V>>; PLACES],
    len: Cell<usize>,
}

impl<V: Copy> NumberMap<V> {
    /// A map without entries.
    pub const fn new() -> Self {
        Self {
            numbers: [const { Cell::new(0) }; PLACES],
            values: [const { Cell::new(None) }; PLACES],
            len: Cell::new(0),
        }
    }

    /// Maps `number` to `value`. Returns whether it did: a number that is there keeps its value.
    ///
    /// # Panics
    /// If there are 128 entries.
    pub fn insert(&self, number: usize, value: V) -> bool {
        assert!(self.len.get() < CAPACITY, "more than {CAPACITY} numbers");
        let mut place = place_of(number);
        while self.values[place].get().is_some() {
            if self.numbers[place].get() == number {
                return false;
            }
            place = (place + 1) % PLACES;
        }
        self.numbers[place].set(number);
        self.values[place].set(Some(value));
        self.len.set(self.len.get() + 1);
        true
    }

    /// What `number` is mapped to.
    #[inline]
    pub fn get(&self, number: usize) -> Option<V> {
        let mut place = place_of(number);
        loop {
            let value = self.values[place].get()?;
            if self.numbers[place].get() == number {
                return Some(value);
            }
            place = (place + 1) % PLACES;
        }
    }

    /// All entries, in no order that means anything.
    pub fn iter(&self) -> impl Iterator<Item = (usize, V)> {
        let numbers = self.numbers.iter().map(Cell::get);
        let entries = numbers.zip(self.values.iter().map(Cell::get));
        entries.filter_map(|(number, value)| Some((number, value?)))
    }
}

impl<V: Copy> Default for NumberMap<V> {
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
