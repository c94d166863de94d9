//! The memory of a process: where the process sees it, and where the kernel does.

use core::{cell::Cell, ops::Range, ptr::NonNull, slice};

/// The grain of memory protection in bytes. A byte that a process may access lies on a page without any
/// byte that it may not.
pub const PAGE_BYTES: usize = 4096;

/// A range of memory that a process and the kernel see at different addresses.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    user_start: usize,
    len_bytes: usize,
    kernel_start: NonNull<u8>,
}

impl Window {
    /// `len_bytes` that the process sees from `user_start` on, and the kernel from `kernel_start` on.
    ///
    /// # Safety
    /// The bytes must be there for as long as the window is used, initialised, and referred to by nobody
    /// else in the kernel but as [`Cell`]s. Those that nobody writes, as an image, may be referred to as bytes.
    pub unsafe fn new(user_start: usize, len_bytes: usize, kernel_start: NonNull<u8>) -> Self {
        Self {
            user_start,
            len_bytes,
            kernel_start,
        }
    }

    /// The addresses that the process knows the window by.
    pub fn addresses(&self) -> Range<usize> {
        self.user_start..self.user_start + self.len_bytes
    }

    /// Where the kernel sees the window's first byte.
    pub fn kernel_start(&self) -> NonNull<u8> {
        self.kernel_start
    }

    /// The bytes at `address` as the process knows it; `None` if they are not all in the window.
    #[inline]
    pub fn bytes(&self, address: usize, len_bytes: usize) -> Option<&[Cell<u8>]> {
        let offset = address.wrapping_sub(self.user_start);
        if offset > self.len_bytes || len_bytes > self.len_bytes - offset {
            return None;
        }
        // SAFETY: the promise of `new`, and the range was checked to lie inside.
        Some(unsafe {
            slice::from_raw_parts(self.kernel_start.as_ptr().add(offset).cast(), len_bytes)
        })
    }
}

/// The image and the RAM of a process.
#[derive(Clone, Copy, Debug)]
pub struct ProcessMemory {
    /// The app's image, its header included. The process reads and executes it.
    pub image: Window,
    /// The process's RAM: from its start up to the break the process reads and writes it; the rest is the
    /// kernel's. Starts a page and ends one.
    pub ram: Window,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_shows_what_is_wholly_inside_and_nothing_else() {
        let cells = [const { Cell::new(0) }; 8];
        let start = NonNull::from(&cells).cast();
        // SAFETY: the bytes are in cells, and there as long as the window.
        let window = unsafe { Window::new(100, 8, start) };
        let shown = |address, len_bytes| {
            let bytes = window.bytes(address, len_bytes)?;
            Some((bytes.as_ptr().addr() - start.addr().get(), bytes.len()))
        };
        for (address, len_bytes) in [(100, 8), (100, 0), (103, 5), (107, 1), (108, 0)] {
            assert_eq!(shown(address, len_bytes), Some((address - 100, len_bytes)));
        }
        for (address, len_bytes) in [
            (100, 9),
            (103, 6),
            (108, 1),
            (109, 0),
            (99, 1),
            (99, 2),
            (0, 0),
            (104, usize::MAX),
            (usize::MAX, 1),
        ] {
            assert_eq!(shown(address, len_bytes), None, "{address}, {len_bytes}");
        }
    }
}
