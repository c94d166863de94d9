//! The boot arena: where everything that lives as long as the machine gets its memory, once.
//!
//! While a board composes its machine, drivers and capsules are placed here and handed out as `&'static`
//! references. When the machine is composed the arena is closed: nothing is allocated after that, and
//! nothing is ever freed, so the memory a machine uses is known when it has booted.

use core::{alloc::Layout, any, cell::Cell, mem::MaybeUninit, ptr::NonNull, slice};

/// Memory that is handed out from the bottom up and never taken back.
pub struct BootArena {
    memory: NonNull<u8>,
    len_bytes: usize,
    used_bytes: Cell<usize>,
    is_closed: Cell<bool>,
}

/// What an arena has handed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArenaUse {
    /// Bytes handed out, the gaps before aligned values included.
    pub used_bytes: usize,
    /// Bytes that were there.
    pub len_bytes: usize,
}

impl BootArena {
    /// An arena in `memory`, at the start of which the arena itself is placed.
    ///
    /// # Panics
    /// If the arena itself does not fit.
    pub fn new(memory: &'static mut [MaybeUninit<u8>]) -> &'static Self {
        let arena = Self {
            len_bytes: memory.len(),
            memory: NonNull::from(memory).cast(),
            used_bytes: Cell::new(0),
            is_closed: Cell::new(false),
        };
        let place = arena.allocate(1);
        place[0].write(arena)
    }

    /// Moves `value` into the arena.
    ///
    /// # Panics
    /// If the arena is closed, or too small: the board must give it more memory.
    pub fn place<T>(&self, value: T) -> &'static mut T {
        self.allocate(1)[0].write(value)
    }

    /// A buffer of `N` zero bytes.
    ///
    /// # Panics
    /// As [`BootArena::place`].
    pub fn buffer<const N: usize>(&self) -> &'static mut [u8; N] {
        self.place([0; N])
    }

    /// A slice of `len` values, each made by `make` from its index.
    ///
    /// # Panics
    /// As [`BootArena::place`].
    pub fn slice<T>(&self, len: usize, mut make: impl FnMut(usize) -> T) -> &'static mut [T] {
        let slots = self.allocate(len);
        for (index, slot) in slots.iter_mut().enumerate() {
            slot.write(make(index));
        }
        let (slots, len) = (slots.as_mut_ptr().cast(), slots.len());
        // SAFETY: every slot was written just now.
        unsafe { slice::from_raw_parts_mut(slots, len) }
    }

    /// Ends composition: whoever asks for memory after this is mistaken.
    pub fn close(&self) {
        self.is_closed.set(true);
    }

    /// How much has been handed out.
    pub fn usage(&self) -> ArenaUse {
        ArenaUse {
            used_bytes: self.used_bytes.get(),
            len_bytes: self.len_bytes,
        }
    }

    /// Takes room for `len` values of `T` off the arena.
    fn allocate<T>(&self, len: usize) -> &'static mut [MaybeUninit<T>] {
        let start = self.take(Layout::new::<T>(), len, any::type_name::<T>());
        // SAFETY: `take` returns so much memory that nobody else has, aligned for `T`.
        unsafe { slice::from_raw_parts_mut(start.cast().as_ptr(), len) }
    }

    /// Takes room for `len` values of one type off the arena: the same code for all types.
    #[inline(never)]
    fn take(&self, layout: Layout, len: usize, name: &str) -> NonNull<u8> {
        assert!(!self.is_closed.get(), "the boot arena is closed");
        let used = self.used_bytes.get();
        let address = self.memory.as_ptr().addr() + used;
        let start = used + (address.next_multiple_of(layout.align()) - address);
        let end = layout
            .size()
            .checked_mul(len)
            .and_then(|size| size.checked_add(start))
            .filter(|end| *end <= self.len_bytes);
        let Some(end) = end else {
            panic!(
                "the boot arena is full: {len} x {name} ({} bytes each) wanted, {} of {} bytes left",
                layout.size(),
                self.len_bytes - used,
                self.len_bytes
            );
        };
        self.used_bytes.set(end);
        // SAFETY: `start .. end` lies inside the memory that `new` was given for ever, and has never been
        // handed out: `used_bytes` only grows.
        unsafe { self.memory.add(start) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{boxed::Box, vec};

    /// An arena with `room` bytes left.
    fn arena(room: usize) -> &'static BootArena {
        let memory = vec![MaybeUninit::<u128>::uninit(); size_of::<BootArena>() / 16 + room];
        let memory: &'static mut [MaybeUninit<u128>] = Box::leak(memory.into_boxed_slice());
        let bytes = (memory.as_mut_ptr().cast(), size_of::<BootArena>() + room);
        // SAFETY: that many bytes are there, and any byte may be uninitialised.
        BootArena::new(unsafe { slice::from_raw_parts_mut(bytes.0, bytes.1) })
    }

    #[test]
    fn values_are_aligned_and_never_overlap() {
        let arena = arena(256);
        let byte = arena.place(1u8);
        let wide = arena.place(2u64);
        let bytes = arena.buffer::<3>();
        let squares = arena.slice(4, |index| index * index);
        bytes.fill(0xff);
        assert_eq!(core::ptr::from_ref(wide).addr() % 8, 0);
        assert_eq!((*byte, *wide, &*squares), (1, 2, &[0, 1, 4, 9][..]));
    }

    #[test]
    fn an_arena_says_what_was_used() {
        let arena = arena(64);
        let before = arena.usage();
        arena.buffer::<10>();
        assert_eq!(arena.usage().used_bytes - before.used_bytes, 10);
        assert_eq!(before.len_bytes - before.used_bytes, 64);
    }

    #[test]
    #[should_panic = "the boot arena is closed"]
    fn nothing_is_allocated_after_the_machine_is_composed() {
        let arena = arena(64);
        arena.close();
        arena.place(1u8);
    }

    #[test]
    #[should_panic = "the boot arena is full: 1 x [u8; 9] (9 bytes each) wanted, 8 of"]
    fn a_full_arena_says_what_was_wanted_and_what_is_left() {
        arena(8).buffer::<9>();
    }

    #[test]
    #[should_panic = "the boot arena is full"]
    fn a_length_that_overflows_is_refused() {
        arena(8).slice(usize::MAX, |_| 0u64);
    }
}
