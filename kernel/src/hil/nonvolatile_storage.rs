//! Storage that keeps its content without power, whatever it is made of: bytes with addresses.

use crate::ErrorCode;

/// A storage. One operation is under way at a time.
pub trait NonvolatileStorage<'a> {
    /// Says who hears that operations end.
    fn set_client(&self, client: &'a dyn NonvolatileStorageClient);

    /// Reads `length` bytes from `address` on to the start of `buffer`.
    /// [`NonvolatileStorageClient::read_done`] follows.
    ///
    /// # Errors
    /// `INVAL` or `SIZE` if the bytes are not all in the storage or do not fit the buffer, `BUSY` if an operation
    /// is under way. The buffer does not come back: ask for nothing of the kind.
    fn read(
        &self,
        buffer: &'static mut [u8],
        address: usize,
        length: usize,
    ) -> Result<(), ErrorCode>;

    /// Writes the first `length` bytes of `buffer` from `address` on. Other bytes stay as they are.
    /// [`NonvolatileStorageClient::write_done`] follows.
    ///
    /// # Errors
    /// Those of [`Self::read`].
    fn write(
        &self,
        buffer: &'static mut [u8],
        address: usize,
        length: usize,
    ) -> Result<(), ErrorCode>;
}

/// Hears that operations of a [`NonvolatileStorage`] end.
pub trait NonvolatileStorageClient {
    /// Gives the buffer back: `length` bytes were read.
    fn read_done(&self, buffer: &'static mut [u8], length: usize);

    /// Gives the buffer back: `length` bytes were written.
    fn write_done(&self, buffer: &'static mut [u8], length: usize);
}
