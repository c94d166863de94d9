//! Memory for the image of an app that comes in pieces.

use core::{
    ops::{Deref, DerefMut},
    ptr::NonNull,
    slice,
};

use super::{LoadError, ProcessTable};
use crate::capabilities::ProcessStartCapability;

/// Bytes of the memory that processes live in, for an image on its way. What was in them before is in them
/// still. They are given back when this goes away: a process that is made of the image has a copy.
pub struct ImageBuffer {
    table: &'static ProcessTable,
    start: NonNull<u8>,
    len_bytes: usize,
}

impl ProcessTable {
    /// Takes memory for an image of `len_bytes`, to be filled and loaded ([`ProcessTable::load`]).
    ///
    /// # Errors
    /// `NoMemory`.
    pub fn image_buffer(
        &'static self,
        len_bytes: usize,
        _right: &dyn ProcessStartCapability,
    ) -> Result<ImageBuffer, LoadError> {
        let start = self.pool().take_start(len_bytes.max(1));
        let start = start.ok_or(LoadError::NoMemory {
            wanted: len_bytes,
            largest: self.pool().largest_bytes(),
        })?;
        Ok(ImageBuffer {
            table: self,
            start,
            len_bytes,
        })
    }
}

impl Deref for ImageBuffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // SAFETY: the pool's memory is initialised, and was taken for this buffer alone.
        unsafe { slice::from_raw_parts(self.start.as_ptr(), self.len_bytes) }
    }
}

impl DerefMut for ImageBuffer {
    fn deref_mut(&mut self) -> &mut [u8] {
        // SAFETY: as above.
        unsafe { slice::from_raw_parts_mut(self.start.as_ptr(), self.len_bytes) }
    }
}

impl Drop for ImageBuffer {
    fn drop(&mut self) {
        // SAFETY: it was taken with this length, and nobody refers to it any more.
        unsafe { self.table.pool().give(self.start, self.len_bytes.max(1)) };
    }
}
