//! The memory of a process as the app has it: what it may share, and its break.

use core::{cell::Cell, ptr};

use super::{Error, PAGE_BYTES, ProcessStandard};
use crate::platform::WordSize;

impl ProcessStandard {
    /// Whether the process may name `function` as an upcall: an address in its binary or its memory.
    #[inline]
    pub(crate) fn may_call(&self, function: usize) -> bool {
        let bytes = match self.word_size {
            WordSize::Bits32 => 4,
            WordSize::Bits64 => 8,
        };
        self.is_accessible(function, bytes) || self.is_readable_image(function, bytes)
    }

    /// Whether all of a range is memory of the process below its break.
    #[inline]
    pub(crate) fn is_accessible(&self, address: usize, len_bytes: usize) -> bool {
        let start = self.memory.ram.addresses().start;
        is_inside(address, len_bytes, start, self.app_break.get())
    }

    /// Whether all of a range is in the app's binary.
    #[inline]
    pub(crate) fn is_readable_image(&self, address: usize, len_bytes: usize) -> bool {
        let end = self.memory.image.addresses().end;
        is_inside(address, len_bytes, self.binary_start, end)
    }

    /// Notes that the process shares memory up to `end`.
    #[inline]
    pub(crate) fn note_shared(&self, end: usize) {
        self.shared_end.set(self.shared_end.get().max(end));
    }

    /// The bytes at an address of the process, in its RAM or its image.
    #[inline]
    pub(crate) fn bytes(&self, address: usize, len_bytes: usize) -> Option<&[Cell<u8>]> {
        match self.memory.ram.bytes(address, len_bytes) {
            Some(bytes) => Some(bytes),
            None => self.image_bytes(address, len_bytes),
        }
    }

    #[inline(never)] // so that the other way is short
    fn image_bytes(&self, address: usize, len_bytes: usize) -> Option<&[Cell<u8>]> {
        self.memory.image.bytes(address, len_bytes)
    }

    /// The bytes at an address that the process itself may write.
    pub(crate) fn accessible_bytes(&self, address: usize, len_bytes: usize) -> Option<&[Cell<u8>]> {
        self.is_accessible(address, len_bytes)
            .then(|| self.memory.ram.bytes(address, len_bytes))?
    }

    /// Moves the app break.
    ///
    /// # Errors
    /// `OutOfMemory` below what is shared, or above what is left.
    pub(crate) fn set_break(&self, new: usize) -> Result<(), Error> {
        let ram = self.memory.ram.addresses();
        let highest = self.grant_break.get() / PAGE_BYTES * PAGE_BYTES;
        if new < self.shared_end.get() || new < ram.start || new > highest {
            return Err(Error::OutOfMemory);
        }
        let before = self.app_break.replace(new).next_multiple_of(PAGE_BYTES);
        let after = new.next_multiple_of(PAGE_BYTES);
        if before == after {
            return Ok(());
        }
        if let Some(fresh) = after.checked_sub(before) {
            let fresh = self.memory.ram.bytes(before, fresh);
            let fresh = fresh.expect("PAGES-APART: it ends below the grants");
            zero(fresh);
        }
        let accessible = after - ram.start;
        let spaces = self.table.spaces();
        spaces.set_accessible(&self.registers, &self.memory, accessible);
        Ok(())
    }
}

#[inline]
fn is_inside(address: usize, len_bytes: usize, start: usize, end: usize) -> bool {
    address >= start && address <= end && len_bytes <= end - address
}

fn zero(bytes: &[Cell<u8>]) {
    // SAFETY: `Cell<u8>` may be written through a shared reference, and zero is a byte.
    unsafe { ptr::write_bytes(bytes.as_ptr().cast_mut(), 0, bytes.len()) };
}
