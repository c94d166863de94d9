//! Where bytes can be written that need not be text.

/// Takes bytes at once.
pub trait BinaryWrite {
    /// Writes as much of `buffer` as there is room for, from its start on, and returns how many bytes
    /// that was.
    ///
    /// # Errors
    /// If nothing can be written, now or later.
    #[allow(clippy::result_unit_err)] // Tock's signature
    fn write_buffer(&mut self, buffer: &[u8]) -> Result<usize, ()>;
}
