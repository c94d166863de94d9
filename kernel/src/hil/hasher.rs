//! Hashes for tables, which are fast and keep nothing safe. For those that do see [`super::digest`].
//!
//! `L` is the length of the hash in bytes. One operation is under way at a time.

use crate::{
    ErrorCode,
    utilities::leasable_buffer::{SubSlice, SubSliceMut},
};

/// Hears that operations end.
pub trait Client<const L: usize> {
    /// Gives the buffer of [`Hasher::add_data`] back. `result` may be `SIZE` if it was too long.
    fn add_data_done(&self, result: Result<(), ErrorCode>, data: SubSlice<'static, u8>);

    /// Gives the buffer of [`Hasher::add_mut_data`] back. `result` may be `SIZE` if it was too long.
    fn add_mut_data_done(&self, result: Result<(), ErrorCode>, data: SubSliceMut<'static, u8>);

    /// Gives the buffer of [`Hasher::run`] back, with the hash in it if `result` is `Ok`.
    fn hash_done(&self, result: Result<(), ErrorCode>, hash: &'static mut [u8; L]);
}

/// Makes hashes of data that comes piece by piece.
pub trait Hasher<'a, const L: usize> {
    /// Says who hears that operations end.
    fn set_client(&'a self, client: &'a dyn Client<L>);

    /// Adds the part of `data` that is seen. Returns how many bytes that is. [`Client::add_data_done`] follows;
    /// before it, the data need not have been looked at.
    ///
    /// # Errors
    /// `BUSY` if an operation is under way, `SIZE` if the length is wrong. The buffer comes back.
    fn add_data(
        &self,
        data: SubSlice<'static, u8>,
    ) -> Result<usize, (ErrorCode, SubSlice<'static, u8>)>;

    /// As [`Self::add_data`], for a buffer that can be written; it is not. [`Client::add_mut_data_done`]
    /// follows.
    ///
    /// # Errors
    /// Those of [`Self::add_data`].
    fn add_mut_data(
        &self,
        data: SubSliceMut<'static, u8>,
    ) -> Result<usize, (ErrorCode, SubSliceMut<'static, u8>)>;

    /// Writes the hash of the data added so far to `hash`. [`Client::hash_done`] follows.
    ///
    /// # Errors
    /// `BUSY` if an operation is under way, `SIZE` if the length is wrong. The buffer comes back.
    fn run(&'a self, hash: &'static mut [u8; L]) -> Result<(), (ErrorCode, &'static mut [u8; L])>;

    /// Forgets the data added so far. What the client's buffers hold is the client's to erase.
    fn clear_data(&self);
}

/// Has SipHash, which takes a key so that nobody can choose data that collides.
pub trait SipHash {
    /// Sets the key, before [`Hasher::run`]. Without it a key of the driver's own is used.
    ///
    /// # Errors
    /// `BUSY` or `ALREADY` if an operation is under way, `INVAL` or `NOSUPPORT` if the key cannot be used.
    fn set_keys(&self, k0: u64, k1: u64) -> Result<(), ErrorCode>;
}
