//! A queue of values in a slice, first in, first out.

use core::cell::Cell;

/// A queue of at most as many values as the slice it was given has.
pub struct Ring<'a, T: Copy> {
    slots: &'a [Cell<T>],
    first: Cell<usize>,
    len: Cell<usize>,
}

impl<'a, T: Copy> Ring<'a, T> {
    /// An empty queue in `slots`, whose content does not matter.
    pub fn new(slots: &'a mut [T]) -> Self {
        Self {
            slots: Cell::from_mut(slots).as_slice_of_cells(),
            first: Cell::new(0),
            len: Cell::new(0),
        }
    }

    /// How many values wait.
    pub fn len(&self) -> usize {
        self.len.get()
    }

    /// Whether no value waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many more values fit.
    pub fn room(&self) -> usize {
        self.slots.len() - self.len()
    }

    /// Adds `value` at the end.
    ///
    /// # Errors
    /// The value itself, if the queue is full.
    pub fn push(&self, value: T) -> Result<(), T> {
        if self.room() == 0 {
            return Err(value);
        }
        self.slots[self.place(self.len())].set(value);
        self.len.set(self.len() + 1);
        Ok(())
    }

    /// Takes the first value out.
    pub fn pop(&self) -> Option<T> {
        let value = self.first()?;
        self.first.set(self.place(1));
        self.len.set(self.len() - 1);
        Some(value)
    }

    /// The first value.
    pub fn first(&self) -> Option<T> {
        (!self.is_empty()).then(|| self.slots[self.first.get()].get())
    }

    /// Forgets all values.
    pub fn clear(&self) {
        self.len.set(0);
    }

    /// Where the value `offset` places after the first one is.
    fn place(&self, offset: usize) -> usize {
        let place = self.first.get() + offset;
        if place < self.slots.len() {
            place
        } else {
            place - self.slots.len()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::VecDeque;

    #[test]
    fn a_full_queue_hands_the_value_back_and_keeps_the_others() {
        let mut slots = [0; 2];
        let ring = Ring::new(&mut slots);
        assert_eq!(
            (ring.push(1), ring.push(2), ring.push(3)),
            (Ok(()), Ok(()), Err(3))
        );
        assert_eq!(
            (ring.pop(), ring.pop(), ring.pop()),
            (Some(1), Some(2), None)
        );
    }

    #[test]
    fn a_queue_without_slots_is_always_full_and_empty() {
        let ring: Ring<u8> = Ring::new(&mut []);
        assert_eq!((ring.push(1), ring.pop(), ring.room()), (Err(1), None, 0));
    }

    proptest! {
        /// `None` takes a value out, `Some` puts one in.
        #[test]
        fn any_sequence_of_pushes_and_pops_agrees_with_a_deque(
            steps in prop::collection::vec(any::<Option<u8>>(), 0..200),
        ) {
            let mut slots = [0; 7];
            let ring = Ring::new(&mut slots);
            let mut model = VecDeque::new();
            for step in steps {
                match step {
                    None => prop_assert_eq!(ring.pop(), model.pop_front()),
                    Some(value) if model.len() == 7 => {
                        prop_assert_eq!(ring.push(value), Err(value));
                    }
                    Some(value) => {
                        prop_assert_eq!(ring.push(value), Ok(()));
                        model.push_back(value);
                    }
                }
                prop_assert_eq!(ring.len() + ring.room(), 7);
                prop_assert_eq!(ring.first(), model.front().copied());
            }
        }
    }
}
