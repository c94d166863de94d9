//! Copying between slices without a panic.

use crate::ErrorCode;

/// Slices that can be copied over one another.
pub trait CopyOrErr {
    /// Overwrites this slice with `src`.
    ///
    /// # Errors
    /// `SIZE` if `src` has another length; nothing is copied.
    fn copy_from_slice_or_err(&mut self, src: &Self) -> Result<(), ErrorCode>;
}

impl<T: Copy> CopyOrErr for [T] {
    fn copy_from_slice_or_err(&mut self, src: &Self) -> Result<(), ErrorCode> {
        if self.len() != src.len() {
            return Err(ErrorCode::SIZE);
        }
        self.copy_from_slice(src);
        Ok(())
    }
}
