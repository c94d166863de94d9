//! Memory for processes: whole pages, taken when an app is loaded and given back when it is removed.
//!
//! The free memory itself holds the list of its ranges: each range begins with its length and the next
//! range, in the order of addresses. So there is no limit to how many there can be, and ranges that touch
//! are joined when one is given back. A search goes from range to range; it happens only when an app is
//! loaded or removed.

use core::{cell::Cell, ops::Range, ptr::NonNull};

use super::PAGE_BYTES;

/// The head of a free range.
struct Free {
    len_bytes: usize,
    next: Option<NonNull<Free>>,
}

/// Pages that no process has.
pub struct MemoryPool {
    first: Cell<Option<NonNull<Free>>>,
    free_bytes: Cell<usize>,
}

impl MemoryPool {
    /// A pool without memory.
    pub const fn new() -> Self {
        Self {
            first: Cell::new(None),
            free_bytes: Cell::new(0),
        }
    }

    /// How many bytes no process has.
    pub fn free_bytes(&self) -> usize {
        self.free_bytes.get()
    }

    /// How many bytes there are in one piece.
    pub fn largest_bytes(&self) -> usize {
        self.ranges().map(|range| range.len()).max().unwrap_or(0)
    }

    fn ranges(&self) -> impl Iterator<Item = Range<usize>> {
        let mut next = self.first.get();
        core::iter::from_fn(move || {
            let free = next?;
            // SAFETY: FREE-LIST (see `cut`): the head of a free range.
            let head = unsafe { free.as_ref() };
            next = head.next;
            let start = free.as_ptr().addr();
            Some(start..start + head.len_bytes)
        })
    }

    /// Adds `len_bytes` from `start` on, less what is not a whole page.
    ///
    /// # Safety
    /// The memory must be initialised, and used by nobody else for as long as the pool is used.
    pub unsafe fn add(&self, start: NonNull<u8>, len_bytes: usize) {
        let skip = start.as_ptr().align_offset(PAGE_BYTES);
        let pages = len_bytes.saturating_sub(skip) / PAGE_BYTES;
        if pages > 0 {
            // SAFETY: the caller's promise; `skip` lies inside.
            unsafe { self.give(start.add(skip), pages * PAGE_BYTES) };
        }
    }

    /// Takes `len_bytes`, rounded up to pages, that start a page; `None` if no free range is so long. They are
    /// the end of a range.
    pub(super) fn take(&self, len_bytes: usize) -> Option<NonNull<u8>> {
        self.cut(len_bytes, |left_bytes| left_bytes)
    }

    /// As [`MemoryPool::take`], from the start of a range: when this is given back there is no hole below what
    /// was taken meanwhile.
    pub(super) fn take_start(&self, len_bytes: usize) -> Option<NonNull<u8>> {
        self.cut(len_bytes, |_| 0)
    }

    /// Takes a part of the first range that is long enough. `offset` says where in it, of how much is left: 0 or
    /// all of that.
    fn cut(&self, len_bytes: usize, offset: impl FnOnce(usize) -> usize) -> Option<NonNull<u8>> {
        let len_bytes = len_bytes.checked_next_multiple_of(PAGE_BYTES)?;
        let mut before: Option<NonNull<Free>> = None;
        let mut here = self.first.get()?;
        // The invariant FREE-LIST: every range in the list is memory that the pool was given and has not
        // handed out, and starts with its head. So heads may be read and written.
        loop {
            // SAFETY: FREE-LIST.
            let range = unsafe { here.read() };
            let Some(left) = range.len_bytes.checked_sub(len_bytes) else {
                (before, here) = (Some(here), range.next?);
                continue;
            };
            self.link(before, range.next);
            self.free_bytes.set(self.free_bytes.get() - range.len_bytes);
            let (start, offset) = (here.cast::<u8>(), offset(left));
            if left > 0 {
                let rest = if offset == 0 { len_bytes } else { 0 };
                // SAFETY: this part of the range is not handed out.
                unsafe { self.give(start.add(rest), left) };
            }
            // SAFETY: it lies inside the range.
            return Some(unsafe { start.add(offset) });
        }
    }

    /// Gives memory back.
    ///
    /// # Safety
    /// It must have been taken from the pool, with the same length, and be used no more.
    pub(super) unsafe fn give(&self, start: NonNull<u8>, len_bytes: usize) {
        let len_bytes = len_bytes.next_multiple_of(PAGE_BYTES);
        self.free_bytes.set(self.free_bytes.get() + len_bytes);
        let mut before: Option<NonNull<Free>> = None;
        let mut after = self.first.get();
        while let Some(free) = after.filter(|free| free.cast() < start) {
            before = after;
            // SAFETY: FREE-LIST.
            after = unsafe { free.as_ref() }.next;
        }
        let here = start.cast::<Free>();
        // SAFETY: the caller's promise; a page is large enough and aligned for a head.
        unsafe {
            here.write(Free {
                len_bytes,
                next: after,
            });
        }
        self.link(before, Some(here));
        Self::join(here);
        if let Some(before) = before {
            Self::join(before);
        }
    }

    /// Makes `next` the range that follows `before`.
    fn link(&self, before: Option<NonNull<Free>>, next: Option<NonNull<Free>>) {
        match before {
            // SAFETY: FREE-LIST.
            Some(before) => unsafe { (*before.as_ptr()).next = next },
            None => self.first.set(next),
        }
    }

    /// Joins a range with the one after it if they touch.
    fn join(here: NonNull<Free>) {
        // SAFETY: FREE-LIST.
        let head = unsafe { &mut *here.as_ptr() };
        let end = here.as_ptr().addr() + head.len_bytes;
        if let Some(next) = head.next.filter(|next| next.as_ptr().addr() == end) {
            // SAFETY: FREE-LIST.
            let next = unsafe { next.read() };
            head.len_bytes += next.len_bytes;
            head.next = next.next;
        }
    }
}

impl Default for MemoryPool {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{alloc, vec::Vec};

    const PAGES: usize = 8;

    fn pool() -> MemoryPool {
        let layout = alloc::Layout::from_size_align(PAGES * PAGE_BYTES, PAGE_BYTES).unwrap();
        let pool = MemoryPool::new();
        // SAFETY: the layout has a size; the memory is fresh, and leaked.
        unsafe {
            let start = NonNull::new(alloc::alloc_zeroed(layout)).unwrap();
            pool.add(start, layout.size());
        }
        pool
    }

    #[test]
    fn all_of_the_memory_can_be_taken_page_by_page_and_no_more() {
        let pool = pool();
        let pages: Vec<_> = (0..PAGES).map(|_| pool.take(1).unwrap()).collect();
        assert_eq!((pool.take(1), pool.free_bytes()), (None, 0));
        let mut addresses: Vec<_> = pages.iter().map(|page| page.as_ptr().addr()).collect();
        addresses.sort_unstable();
        addresses.dedup();
        assert_eq!(addresses.len(), PAGES);
        assert!(addresses.iter().all(|address| address % PAGE_BYTES == 0));
    }

    #[test]
    fn what_is_given_back_in_any_order_is_one_piece_again() {
        for order in [[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2], [2, 0, 3, 1]] {
            let pool = pool();
            let pieces: Vec<_> = (0..4).map(|_| pool.take(2 * PAGE_BYTES).unwrap()).collect();
            for number in order {
                // SAFETY: taken just now with this length, and given back once.
                unsafe { pool.give(pieces[number], 2 * PAGE_BYTES) };
            }
            assert_eq!(pool.free_bytes(), PAGES * PAGE_BYTES);
            assert_eq!(pool.largest_bytes(), PAGES * PAGE_BYTES);
        }
    }

    #[test]
    fn what_is_given_back_at_the_start_leaves_no_hole_below_what_was_taken_meanwhile() {
        for pages in [1, 3] {
            let pool = pool();
            let start = pool.take_start(pages * PAGE_BYTES).unwrap();
            let end = pool.take(2 * PAGE_BYTES).unwrap();
            assert_eq!(end.addr().get() - start.addr().get(), 6 * PAGE_BYTES);
            // SAFETY: taken just now with this length, and given back once.
            unsafe { pool.give(start, pages * PAGE_BYTES) };
            assert_eq!(pool.largest_bytes(), 6 * PAGE_BYTES);
            assert_eq!(pool.take_start(6 * PAGE_BYTES), Some(start));
            assert_eq!((pool.free_bytes(), pool.take_start(1)), (0, None));
        }
    }

    #[test]
    fn more_than_there_is_in_one_piece_is_refused_and_nothing_is_lost() {
        let pool = pool();
        assert_eq!(pool.take(PAGES * PAGE_BYTES + 1), None);
        assert_eq!(pool.take(usize::MAX), None);
        let pieces: Vec<_> = (0..4).map(|_| pool.take(2 * PAGE_BYTES).unwrap()).collect();
        for number in [0, 2] {
            // SAFETY: as above.
            unsafe { pool.give(pieces[number], 2 * PAGE_BYTES) };
        }
        assert_eq!(pool.take(4 * PAGE_BYTES), None);
        assert_eq!(pool.free_bytes(), 4 * PAGE_BYTES);
        assert!(pool.take(2 * PAGE_BYTES).is_some());
    }
}
