//! Buffers of which a part is lent: [`SubSlice`], [`SubSliceMut`], and one that is either.
//!
//! A driver that passes down a part of its buffer as a plain slice never gets the whole buffer back. So
//! it passes a sub-slice: the whole buffer, narrowed to a part. Whoever has it sees that part only;
//! [`SubSliceMut::take`] gives the whole buffer back.

use core::{
    ops::{Bound, Index, IndexMut, Range, RangeBounds},
    slice::SliceIndex,
};

/// The part of a buffer that is seen: places `start..end`, which are in the buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Part {
    start: usize,
    end: usize,
}

impl Part {
    fn whole<T>(buffer: &[T]) -> Self {
        Self {
            start: 0,
            end: buffer.len(),
        }
    }

    fn range(self) -> Range<usize> {
        self.start..self.end
    }

    /// The places `range` of this part, as far as it has them.
    fn narrowed(self, range: impl RangeBounds<usize>) -> Self {
        let start = match range.start_bound() {
            Bound::Included(&start) => start,
            Bound::Excluded(&before) => before.saturating_add(1),
            Bound::Unbounded => 0,
        };
        let end = match range.end_bound() {
            Bound::Included(&last) => last.saturating_add(1),
            Bound::Excluded(&end) => end,
            Bound::Unbounded => usize::MAX,
        };
        let start = self.start.saturating_add(start).min(self.end);
        let end = self.start.saturating_add(end).min(self.end);
        Self {
            start,
            end: end.max(start),
        }
    }
}

/// A buffer for reading, narrowed to a part of it.
#[derive(Debug, PartialEq, Eq)]
pub struct SubSlice<'a, T> {
    buffer: &'a [T],
    part: Part,
}

impl<'a, T> SubSlice<'a, T> {
    /// The whole of `buffer`.
    pub fn new(buffer: &'a [T]) -> Self {
        Self {
            buffer,
            part: Part::whole(buffer),
        }
    }

    /// The whole buffer, whatever part was seen.
    pub fn take(self) -> &'a [T] {
        self.buffer
    }

    /// Widens the part to the whole buffer again.
    pub fn reset(&mut self) {
        self.part = Part::whole(self.buffer);
    }

    /// Narrows the part to the places `range` of it. Places that it has not are left out.
    pub fn slice<R: RangeBounds<usize>>(&mut self, range: R) {
        self.part = self.part.narrowed(range);
    }

    /// Where the part is in the whole buffer.
    pub fn active_range(&self) -> Range<usize> {
        self.part.range()
    }

    /// Whether the part is less than the whole buffer.
    pub fn is_sliced(&self) -> bool {
        self.len() != self.buffer.len()
    }

    /// How many values the part has.
    pub fn len(&self) -> usize {
        self.as_slice().len()
    }

    /// Whether the part has no value.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The part.
    pub fn as_slice(&self) -> &[T] {
        &self.buffer[self.part.range()]
    }

    /// Where the part starts in memory.
    pub fn as_ptr(&self) -> *const T {
        self.as_slice().as_ptr()
    }
}

impl<T> Clone for SubSlice<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for SubSlice<'_, T> {}

impl<'a, T> From<&'a [T]> for SubSlice<'a, T> {
    fn from(buffer: &'a [T]) -> Self {
        Self::new(buffer)
    }
}

impl<T, I: SliceIndex<[T]>> Index<I> for SubSlice<'_, T> {
    type Output = I::Output;

    fn index(&self, index: I) -> &I::Output {
        &self.as_slice()[index]
    }
}

/// A buffer for reading and writing, narrowed to a part of it.
#[derive(Debug, PartialEq)]
pub struct SubSliceMut<'a, T> {
    buffer: &'a mut [T],
    part: Part,
}

impl<'a, T> SubSliceMut<'a, T> {
    /// The whole of `buffer`.
    pub fn new(buffer: &'a mut [T]) -> Self {
        let part = Part::whole(buffer);
        Self { buffer, part }
    }

    /// The whole buffer, whatever part was seen.
    pub fn take(self) -> &'a mut [T] {
        self.buffer
    }

    /// Widens the part to the whole buffer again.
    pub fn reset(&mut self) {
        self.part = Part::whole(self.buffer);
    }

    /// Narrows the part to the places `range` of it. Places that it has not are left out.
    pub fn slice<R: RangeBounds<usize>>(&mut self, range: R) {
        self.part = self.part.narrowed(range);
    }

    /// Where the part is in the whole buffer.
    pub fn active_range(&self) -> Range<usize> {
        self.part.range()
    }

    /// Whether the part is less than the whole buffer.
    pub fn is_sliced(&self) -> bool {
        self.len() != self.buffer.len()
    }

    /// How many values the part has.
    pub fn len(&self) -> usize {
        self.as_slice().len()
    }

    /// Whether the part has no value.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The part.
    pub fn as_slice(&self) -> &[T] {
        &self.buffer[self.part.range()]
    }

    /// The part, for writing.
    pub fn as_mut_slice(&mut self) -> &mut [T] {
        &mut self.buffer[self.part.range()]
    }

    /// Where the part starts in memory.
    pub fn as_ptr(&self) -> *const T {
        self.as_slice().as_ptr()
    }

    /// Where the part starts in memory, for writing.
    pub fn as_mut_ptr(&mut self) -> *mut T {
        self.as_mut_slice().as_mut_ptr()
    }
}

impl<'a, T> From<&'a mut [T]> for SubSliceMut<'a, T> {
    fn from(buffer: &'a mut [T]) -> Self {
        Self::new(buffer)
    }
}

impl<T, I: SliceIndex<[T]>> Index<I> for SubSliceMut<'_, T> {
    type Output = I::Output;

    fn index(&self, index: I) -> &I::Output {
        &self.as_slice()[index]
    }
}

impl<T, I: SliceIndex<[T]>> IndexMut<I> for SubSliceMut<'_, T> {
    fn index_mut(&mut self, index: I) -> &mut I::Output {
        &mut self.as_mut_slice()[index]
    }
}

/// A buffer narrowed to a part, of either kind: for a driver that reads, and takes constants as well as
/// buffers that can be written.
#[derive(Debug)]
pub enum SubSliceMutImmut<'a, T> {
    /// For reading.
    Immutable(SubSlice<'a, T>),
    /// For reading and writing.
    Mutable(SubSliceMut<'a, T>),
}

impl<'a, T> SubSliceMutImmut<'a, T> {
    /// Widens the part to the whole buffer again.
    pub fn reset(&mut self) {
        match self {
            Self::Immutable(it) => it.reset(),
            Self::Mutable(it) => it.reset(),
        }
    }

    /// Narrows the part to the places `range` of it. Places that it has not are left out.
    pub fn slice<R: RangeBounds<usize>>(&mut self, range: R) {
        match self {
            Self::Immutable(it) => it.slice(range),
            Self::Mutable(it) => it.slice(range),
        }
    }

    /// How many values the part has.
    pub fn len(&self) -> usize {
        self.as_slice().len()
    }

    /// Whether the part has no value.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Where the part starts in memory.
    pub fn as_ptr(&self) -> *const T {
        self.as_slice().as_ptr()
    }

    /// Calls `f` with the buffer if it can be written.
    pub fn map_mut(&mut self, f: impl Fn(&mut SubSliceMut<'a, T>)) {
        if let Self::Mutable(it) = self {
            f(it);
        }
    }

    fn as_slice(&self) -> &[T] {
        match self {
            Self::Immutable(it) => it.as_slice(),
            Self::Mutable(it) => it.as_slice(),
        }
    }
}

impl<'a, T> From<&'a [T]> for SubSliceMutImmut<'a, T> {
    fn from(buffer: &'a [T]) -> Self {
        Self::Immutable(buffer.into())
    }
}

impl<'a, T> From<&'a mut [T]> for SubSliceMutImmut<'a, T> {
    fn from(buffer: &'a mut [T]) -> Self {
        Self::Mutable(buffer.into())
    }
}

impl<T, I: SliceIndex<[T]>> Index<I> for SubSliceMutImmut<'_, T> {
    type Output = I::Output;

    fn index(&self, index: I) -> &I::Output {
        &self.as_slice()[index]
    }
}
