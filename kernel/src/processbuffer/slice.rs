//! Bytes that a process shares, as a slice: [`ReadableProcessSlice`] and [`WriteableProcessSlice`].

use core::{
    cell::Cell,
    ops::{Index, Range, RangeFrom, RangeTo},
    ptr, slice,
};

use crate::ErrorCode;

/// One byte that a driver may read, and that may change between two reads.
#[repr(transparent)]
pub struct ReadableProcessByte(Cell<u8>);

impl ReadableProcessByte {
    /// The byte as it is now.
    #[inline]
    pub fn get(&self) -> u8 {
        self.0.get()
    }
}

/// Bytes of a process, `B` saying what a driver may do with each. Use it by one of its two names,
/// [`ReadableProcessSlice`] and [`WriteableProcessSlice`].
#[repr(transparent)]
pub struct ProcessSlice<B>([B]);

/// Bytes of a process that a driver may read.
pub type ReadableProcessSlice = ProcessSlice<ReadableProcessByte>;

/// Bytes of a process that a driver may read and write.
pub type WriteableProcessSlice = ProcessSlice<Cell<u8>>;

impl ReadableProcessSlice {
    /// `bytes`, for reading only.
    #[inline]
    pub(super) fn from_cells(bytes: &[Cell<u8>]) -> &Self {
        // SAFETY: a `ReadableProcessByte` is a `Cell<u8>` in a transparent wrapper.
        Self::from_bytes(unsafe { &*(bytes as *const [Cell<u8>] as *const [ReadableProcessByte]) })
    }
}

impl<B> ProcessSlice<B> {
    /// `bytes`, under this type's name.
    #[inline]
    pub(super) fn from_bytes(bytes: &[B]) -> &Self {
        // SAFETY: a `ProcessSlice<B>` is a `[B]` in a transparent wrapper.
        unsafe { &*(bytes as *const [B] as *const Self) }
    }

    /// How many bytes there are.
    #[inline]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no byte.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The bytes, one after the other.
    #[inline]
    pub fn iter(&self) -> slice::Iter<'_, B> {
        self.0.iter()
    }

    /// The bytes in pieces of `chunk_size`; the last piece has what is left.
    ///
    /// # Panics
    /// If `chunk_size` is 0.
    #[inline]
    pub fn chunks(&self, chunk_size: usize) -> impl Iterator<Item = &Self> {
        self.0.chunks(chunk_size).map(Self::from_bytes)
    }

    /// The byte at a place, or the bytes in a range; `None` if they are not all here.
    #[inline]
    pub fn get<I: ProcessSliceIndex<Self>>(&self, index: I) -> Option<&I::Output> {
        index.get(self)
    }
}

impl<B: sealed::Byte> ProcessSlice<B> {
    /// Copies all bytes to `dest`.
    ///
    /// # Panics
    /// If `dest` has another length.
    #[track_caller]
    pub fn copy_to_slice(&self, dest: &mut [u8]) {
        if self.copy_to_slice_or_err(dest).is_err() {
            length_mismatch(self.len(), dest.len());
        }
    }

    /// Copies all bytes to `dest`.
    ///
    /// # Errors
    /// `SIZE` if `dest` has another length; nothing is copied.
    pub fn copy_to_slice_or_err(&self, dest: &mut [u8]) -> Result<(), ErrorCode> {
        if self.len() != dest.len() {
            return Err(ErrorCode::SIZE);
        }
        // Since `dest` overlaps nothing, this compiles to one `memcpy`.
        for (to, from) in dest.iter_mut().zip(&self.0) {
            *to = from.get();
        }
        Ok(())
    }
}

impl WriteableProcessSlice {
    /// Overwrites all bytes with those of `src`.
    ///
    /// # Panics
    /// If `src` has another length.
    #[track_caller]
    pub fn copy_from_slice(&self, src: &[u8]) {
        if self.copy_from_slice_or_err(src).is_err() {
            length_mismatch(src.len(), self.len());
        }
    }

    /// Overwrites all bytes with those of `src`.
    ///
    /// # Errors
    /// `SIZE` if `src` has another length; nothing is copied.
    pub fn copy_from_slice_or_err(&self, src: &[u8]) -> Result<(), ErrorCode> {
        if self.len() != src.len() {
            return Err(ErrorCode::SIZE);
        }
        // Since `src` overlaps nothing that changes, this compiles to one `memcpy`.
        for (to, from) in self.0.iter().zip(src) {
            to.set(*from);
        }
        Ok(())
    }
}

impl WriteableProcessSlice {
    /// Overwrites the first bytes with those of `source`, which may be of another process. Returns how many
    /// there was room for.
    #[inline]
    pub fn copy_from(&self, source: &ReadableProcessSlice) -> usize {
        let len_bytes = self.len().min(source.len());
        let to = self.0.as_ptr().cast::<u8>().cast_mut();
        let from = source.0.as_ptr().cast::<u8>();
        // SAFETY: both are at least so long. The bytes are in cells, so they may be written through a shared
        // reference.
        unsafe { copy(from, to, len_bytes) };
        len_bytes
    }
}

/// Copies bytes, which may overlap.
///
/// # Safety
/// There must be so many bytes in both places.
#[inline]
unsafe fn copy(from: *const u8, to: *mut u8, len_bytes: usize) {
    const WORD: usize = size_of::<u64>();
    // A short message is one word, or two that may overlap: that is quicker than to call a function.
    if (WORD..=2 * WORD).contains(&len_bytes) {
        let last = len_bytes - WORD;
        // SAFETY: the caller's promise. Both words are read before one is written.
        unsafe {
            let words = (
                from.cast::<u64>().read_unaligned(),
                from.add(last).cast::<u64>().read_unaligned(),
            );
            to.cast::<u64>().write_unaligned(words.0);
            to.add(last).cast::<u64>().write_unaligned(words.1);
        }
    } else {
        // SAFETY: the caller's promise; `copy` allows for overlap.
        unsafe { ptr::copy(from, to, len_bytes) };
    }
}

#[cold]
#[inline(never)]
#[track_caller]
fn length_mismatch(source_bytes: usize, destination_bytes: usize) -> ! {
    panic!("cannot copy {source_bytes} bytes to {destination_bytes}: the lengths must be the same");
}

/// So that code which reads process memory reads the kernel's own as well.
impl<'a> From<&'a [u8]> for &'a ReadableProcessSlice {
    fn from(bytes: &'a [u8]) -> Self {
        // SAFETY: a `ReadableProcessByte` is a byte in transparent wrappers. The cell among them lets a
        // byte change that is borrowed elsewhere, and nothing can write through this one: a cell of shared bytes
        // that only reads does no harm (Tree Borrows).
        ProcessSlice::from_bytes(unsafe {
            &*(bytes as *const [u8] as *const [ReadableProcessByte])
        })
    }
}

/// So that code which reads process memory reads the kernel's own as well.
impl<'a> From<&'a mut [u8]> for &'a ReadableProcessSlice {
    fn from(bytes: &'a mut [u8]) -> Self {
        ProcessSlice::from_cells(Cell::from_mut(bytes).as_slice_of_cells())
    }
}

/// So that code which writes process memory writes the kernel's own as well.
impl<'a> From<&'a mut [u8]> for &'a WriteableProcessSlice {
    fn from(bytes: &'a mut [u8]) -> Self {
        ProcessSlice::from_bytes(Cell::from_mut(bytes).as_slice_of_cells())
    }
}

/// What a [`ProcessSlice`] can be indexed with: a place (`usize`), or a range of places (`a..b`, `a..`,
/// `..b`).
pub trait ProcessSliceIndex<PB: ?Sized>: sealed::Index {
    /// A byte for a place, a slice for a range.
    type Output: ?Sized;

    /// What is there; `None` if `slice` has not all of it.
    fn get(self, slice: &PB) -> Option<&Self::Output>;

    /// What is there.
    ///
    /// # Panics
    /// If `slice` has not all of it.
    fn index(self, slice: &PB) -> &Self::Output;
}

impl<B> ProcessSliceIndex<ProcessSlice<B>> for usize {
    type Output = B;

    #[inline]
    fn get(self, slice: &ProcessSlice<B>) -> Option<&B> {
        slice.0.get(self)
    }

    #[inline]
    fn index(self, slice: &ProcessSlice<B>) -> &B {
        &slice.0[self]
    }
}

macro_rules! index_with_ranges {
    ($($range:ty),*) => {$(
        impl<B> ProcessSliceIndex<ProcessSlice<B>> for $range {
            type Output = ProcessSlice<B>;

            #[inline]
            fn get(self, slice: &ProcessSlice<B>) -> Option<&ProcessSlice<B>> {
                slice.0.get(self).map(ProcessSlice::from_bytes)
            }

            #[inline]
            fn index(self, slice: &ProcessSlice<B>) -> &ProcessSlice<B> {
                ProcessSlice::from_bytes(&slice.0[self])
            }
        }

        impl sealed::Index for $range {}
    )*};
}

index_with_ranges!(Range<usize>, RangeFrom<usize>, RangeTo<usize>);

impl<B, I: ProcessSliceIndex<ProcessSlice<B>>> Index<I> for ProcessSlice<B> {
    type Output = I::Output;

    #[inline]
    fn index(&self, index: I) -> &I::Output {
        index.index(self)
    }
}

/// What nobody else can implement.
mod sealed {
    use super::{Cell, ReadableProcessByte};

    pub trait Index {}
    impl Index for usize {}

    pub trait Byte {
        fn get(&self) -> u8;
    }

    impl Byte for ReadableProcessByte {
        #[inline]
        fn get(&self) -> u8 {
            self.get()
        }
    }

    impl Byte for Cell<u8> {
        #[inline]
        fn get(&self) -> u8 {
            self.get()
        }
    }
}
