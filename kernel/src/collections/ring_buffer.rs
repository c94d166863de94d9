//! A queue in a slice, Tock's: it holds one value less than the slice has places.
//!
//! [`Ring`](super::Ring) is this project's own, needs no `mut` to be used, and fills its slice.

use core::{mem::MaybeUninit, slice};

use super::queue::Queue;

/// A queue in a slice that may start uninitialised.
///
/// The invariant FILLED: the `len` places from `first` on, going round at the end of the slice, hold values.
pub struct RingBuffer<'a, T: Copy + 'a> {
    places: &'a mut [MaybeUninit<T>],
    first: usize,
    len: usize,
}

impl<'a, T: Copy> RingBuffer<'a, T> {
    /// An empty queue in `ring`, whose content does not matter. It has room for `ring.len() - 1` values.
    pub fn new(ring: &'a mut [MaybeUninit<T>]) -> Self {
        Self {
            places: ring,
            first: 0,
            len: 0,
        }
    }

    /// How many more values fit.
    pub fn available_len(&self) -> usize {
        self.places.len().saturating_sub(1 + self.len)
    }

    /// The values, the one at the front first: none, or one slice, or two if they go round at the end.
    pub fn as_slices(&'a self) -> (Option<&'a [T]>, Option<&'a [T]>) {
        let (older, newer) = self.slices();
        let filled = |values: &'a [T]| (!values.is_empty()).then_some(values);
        (filled(older), filled(newer))
    }

    /// The values up to the end of the slice, and those that go round.
    fn slices(&self) -> (&[T], &[T]) {
        let (start, from_first) = self.places.split_at(self.first);
        let older = &from_first[..self.len.min(from_first.len())];
        let newer = &start[..self.len - older.len()];
        // SAFETY: FILLED.
        unsafe { (assume_filled(older), assume_filled(newer)) }
    }

    /// The value `index` places behind the one at the front, which must be there.
    fn at(&self, index: usize) -> &T {
        let (older, newer) = self.slices();
        older
            .get(index)
            .unwrap_or_else(|| &newer[index - older.len()])
    }

    /// Writes the place `index` places behind the front.
    fn write(&mut self, index: usize, value: T) {
        let place = self.place(index);
        self.places[place].write(value);
    }

    /// Where in the slice the place `index` places behind the front is.
    fn place(&self, index: usize) -> usize {
        let place = self.first + index;
        if place < self.places.len() {
            place
        } else {
            place - self.places.len()
        }
    }

    fn position(&self, f: impl Fn(&T) -> bool) -> Option<usize> {
        (0..self.len).find(|&index| f(self.at(index)))
    }
}

/// # Safety
/// All places must hold values.
unsafe fn assume_filled<T>(places: &[MaybeUninit<T>]) -> &[T] {
    // SAFETY: the caller's promise, and `MaybeUninit<T>` has the layout of `T`.
    unsafe { slice::from_raw_parts(places.as_ptr().cast(), places.len()) }
}

impl<T: Copy> Queue<T> for RingBuffer<'_, T> {
    fn has_elements(&self) -> bool {
        self.len > 0
    }

    fn is_full(&self) -> bool {
        self.available_len() == 0
    }

    fn len(&self) -> usize {
        self.len
    }

    fn enqueue(&mut self, val: T) -> bool {
        let fits = !self.is_full();
        if fits {
            self.write(self.len, val);
            self.len += 1;
        }
        fits
    }

    fn push(&mut self, val: T) -> Option<T> {
        let oldest = if self.is_full() { self.dequeue() } else { None };
        // A queue that has room for nothing gives the value itself back.
        if self.enqueue(val) { oldest } else { Some(val) }
    }

    fn dequeue(&mut self) -> Option<T> {
        if self.len == 0 {
            return None;
        }
        let value = *self.at(0);
        self.first = self.place(1);
        self.len -= 1;
        Some(value)
    }

    fn find_first_matching<F>(&mut self, f: F) -> Option<&T>
    where
        F: Fn(&T) -> bool,
    {
        let index = self.position(f)?;
        Some(self.at(index))
    }

    fn remove_first_matching<F>(&mut self, f: F) -> Option<T>
    where
        F: Fn(&T) -> bool,
    {
        let index = self.position(f)?;
        let value = *self.at(index);
        for to in index..self.len - 1 {
            let moved = *self.at(to + 1);
            self.write(to, moved);
        }
        self.len -= 1;
        Some(value)
    }

    fn empty(&mut self) {
        self.first = 0;
        self.len = 0;
    }

    fn retain<F>(&mut self, mut f: F)
    where
        F: FnMut(&T) -> bool,
    {
        let mut kept = 0;
        for index in 0..self.len {
            let value = *self.at(index);
            if f(&value) {
                self.write(kept, value);
                kept += 1;
            }
        }
        self.len = kept;
    }
}
