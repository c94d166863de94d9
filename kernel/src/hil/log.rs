//! Logs: entries that are added at the end, read in their order, and survive a restart.

use crate::ErrorCode;

/// Reads a log, entry by entry. One operation is under way at a time.
pub trait LogRead<'a> {
    /// What names an entry, for ever.
    type EntryID;

    /// Says who hears that operations end.
    fn set_read_client(&'a self, read_client: &'a dyn LogReadClient);

    /// Reads the next entry, of at most `length` bytes, to the start of `buffer`. If it succeeds, the entry after
    /// it is the next one. [`LogReadClient::read_done`] follows.
    ///
    /// # Errors
    /// `FAIL` if there is no further entry, `SIZE` if it is longer than `length`, `INVAL` if `length` is longer
    /// than `buffer`, `BUSY` if an operation is under way. The buffer comes back.
    fn read(
        &self,
        buffer: &'static mut [u8],
        length: usize,
    ) -> Result<(), (ErrorCode, &'static mut [u8])>;

    /// The oldest entry.
    fn log_start(&self) -> Self::EntryID;

    /// The entry that will be added next.
    fn log_end(&self) -> Self::EntryID;

    /// The entry that will be read next.
    fn next_read_entry_id(&self) -> Self::EntryID;

    /// Makes `entry` the one that will be read next. [`LogReadClient::seek_done`] follows.
    ///
    /// # Errors
    /// `INVAL` if there is no such entry, or no longer.
    fn seek(&self, entry: Self::EntryID) -> Result<(), ErrorCode>;

    /// About how many bytes the log has room for.
    fn get_size(&self) -> usize;
}

/// Hears that operations of a [`LogRead`] end.
pub trait LogReadClient {
    /// Gives the buffer back, with `length` bytes of an entry in it.
    fn read_done(&self, buffer: &'static mut [u8], length: usize, error: Result<(), ErrorCode>);

    /// Another entry will be read next, or not, as `error` says.
    fn seek_done(&self, error: Result<(), ErrorCode>);
}

/// Writes a log. One operation is under way at a time.
pub trait LogWrite<'a> {
    /// Says who hears that operations end.
    fn set_append_client(&'a self, append_client: &'a dyn LogWriteClient);

    /// Adds the first `length` bytes of `buffer` as an entry. A full log loses its oldest entries, or refuses.
    /// [`LogWriteClient::append_done`] follows.
    ///
    /// # Errors
    /// `SIZE` if the entry is too long for the log, `FAIL` if the log is full and refuses, `INVAL` if `length` is
    /// longer than `buffer`, `BUSY` if an operation is under way. The buffer comes back.
    fn append(
        &self,
        buffer: &'static mut [u8],
        length: usize,
    ) -> Result<(), (ErrorCode, &'static mut [u8])>;

    /// Makes what was added survive a restart. Before, it may not. [`LogWriteClient::sync_done`] follows.
    ///
    /// # Errors
    /// `FAIL` if it does not, `BUSY` if an operation is under way.
    fn sync(&self) -> Result<(), ErrorCode>;

    /// Erases all entries. [`LogWriteClient::erase_done`] follows.
    ///
    /// # Errors
    /// `FAIL` if it does not, `BUSY` if an operation is under way.
    fn erase(&self) -> Result<(), ErrorCode>;
}

/// Hears that operations of a [`LogWrite`] end.
pub trait LogWriteClient {
    /// Gives the buffer back: `length` bytes were added. `records_lost` says whether older entries went for them.
    fn append_done(
        &self,
        buffer: &'static mut [u8],
        length: usize,
        records_lost: bool,
        error: Result<(), ErrorCode>,
    );

    /// All that was added survives a restart, or, on an error, perhaps not all of it.
    fn sync_done(&self, error: Result<(), ErrorCode>);

    /// All entries are erased, or, on an error, perhaps not all of them.
    fn erase_done(&self, error: Result<(), ErrorCode>);
}
