//! Flash memory: read, written and erased by the page.
//!
//! Writing may clear bits only; what sets them again is erasing, of a whole page, a limited number of times.

use crate::ErrorCode;

/// How an operation failed after it started.
#[derive(Copy, Clone, Debug, Eq, PartialEq)]
pub enum Error {
    /// The memory did not do it.
    FlashError,
    /// The page is protected.
    FlashMemoryProtectionError,
}

/// Has a client of a type that is known, rather than a `dyn` one.
pub trait HasClient<'a, C> {
    /// Says who hears that operations end.
    fn set_client(&'a self, client: &'a C);
}

/// A flash memory. One operation is under way at a time; each that starts ends with its callback in
/// [`Client`]. Pages are counted from 0.
pub trait Flash {
    /// A page, as it is in RAM.
    type Page: AsMut<[u8]> + Default;

    /// Reads a page to `buf`.
    ///
    /// # Errors
    /// `INVAL` if there is no such page, `BUSY` if an operation is under way, `FAIL` otherwise. The buffer comes
    /// back.
    fn read_page(
        &self,
        page_number: usize,
        buf: &'static mut Self::Page,
    ) -> Result<(), (ErrorCode, &'static mut Self::Page)>;

    /// Writes `buf` to a page.
    ///
    /// # Errors
    /// Those of [`Self::read_page`].
    fn write_page(
        &self,
        page_number: usize,
        buf: &'static mut Self::Page,
    ) -> Result<(), (ErrorCode, &'static mut Self::Page)>;

    /// Makes every byte of a page 0xff.
    ///
    /// # Errors
    /// Those of [`Self::read_page`].
    fn erase_page(&self, page_number: usize) -> Result<(), ErrorCode>;
}

/// Hears that operations of a [`Flash`] end.
pub trait Client<F: Flash> {
    /// Gives the buffer back, with the page in it if `result` is `Ok`.
    fn read_complete(&self, read_buffer: &'static mut F::Page, result: Result<(), Error>);

    /// Gives the buffer back: the page is written, or not, as `result` says.
    fn write_complete(&self, write_buffer: &'static mut F::Page, result: Result<(), Error>);

    /// The page is erased, or not, as `result` says.
    fn erase_complete(&self, result: Result<(), Error>);
}
