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

    /// Adds as many of `values` at the end as fit, and returns how many that is.
    #[inline]
    pub fn extend(&self, values: &[T]) -> usize {
        let values = &values[..values.len().min(self.room())];
        let place = self.place(self.len());
        let (start, end) = values.split_at(values.len().min(self.slots.len() - place));
        for (slot, value) in self.slots[place..].iter().zip(start) {
            slot.set(*value);
        }
        for (slot, value) in self.slots.iter().zip(end) {
            slot.set(*value);
        }
        self.len.set(self.len() + values.len());
        values.len()
    }

    /// Copies the first values to `values`, as many as fit and there are, and returns how many that is.
    #[inline]
    pub fn copy_to(&self, values: &mut [T]) -> usize {
        let len = values.len().min(self.len());
        let first = self.first.get();
        let (start, end) = values[..len].split_at_mut(len.min(self.slots.len() - first));
        for (value, slot) in start.iter_mut().zip(&self.slots[first..]) {
            *value = slot.get();
        }
        for (value, slot) in end.iter_mut().zip(self.slots) {
            *value = slot.get();
        }
        len
    }

    /// Takes the first `len` values out, or all if there are fewer.
    #[inline]
    pub fn skip(&self, len: usize) {
        let len = len.min(self.len());
        self.first.set(self.place(len));
        self.len.set(self.len() - len);
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
    use std::{collections::VecDeque, vec::Vec};

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
    fn a_queue_that_was_cleared_is_empty_and_has_room() {
        let mut slots = [0; 2];
        let ring = Ring::new(&mut slots);
        assert_eq!(ring.extend(&[1, 2]), 2);
        ring.clear();
        assert_eq!((ring.pop(), ring.room()), (None, 2));
    }

    #[test]
    fn a_queue_without_slots_is_always_full_and_empty() {
        let ring: Ring<u8> = Ring::new(&mut []);
        assert_eq!((ring.push(1), ring.pop(), ring.room()), (Err(1), None, 0));
    }

    /// What is done to a queue.
    #[derive(Clone, Debug)]
    enum Step {
        Push(u8),
        Pop,
        Extend(Vec<u8>),
        Copy(usize),
        Skip(usize),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            any::<u8>().prop_map(Step::Push),
            Just(Step::Pop),
            prop::collection::vec(any::<u8>(), 0..10).prop_map(Step::Extend),
            (0..10usize).prop_map(Step::Copy),
            (0..10usize).prop_map(Step::Skip),
        ]
    }

    proptest! {
        #[test]
        fn any_sequence_of_steps_agrees_with_a_deque(steps in prop::collection::vec(step(), 0..200)) {
            const SLOTS: usize = 7;
            let mut slots = [0; SLOTS];
            let ring = Ring::new(&mut slots);
            let mut model = VecDeque::new();
            for step in steps {
                match step {
                    Step::Pop => prop_assert_eq!(ring.pop(), model.pop_front()),
                    Step::Push(value) if model.len() == SLOTS => {
                        prop_assert_eq!(ring.push(value), Err(value));
                    }
                    Step::Push(value) => {
                        prop_assert_eq!(ring.push(value), Ok(()));
                        model.push_back(value);
                    }
                    Step::Extend(values) => {
                        let fit = values.len().min(SLOTS - model.len());
                        prop_assert_eq!(ring.extend(&values), fit);
                        model.extend(&values[..fit]);
                    }
                    Step::Copy(len) => {
                        let mut values = [0; 10];
                        let copied = ring.copy_to(&mut values[..len]);
                        let expected = model.iter().take(len).copied();
                        prop_assert!(values[..copied].iter().copied().eq(expected));
                    }
                    Step::Skip(len) => {
                        ring.skip(len);
                        model.drain(..len.min(model.len()));
                    }
                }
                prop_assert_eq!(ring.len() + ring.room(), SLOTS);
                prop_assert_eq!(ring.first(), model.front().copied());
            }
        }
    }
}
