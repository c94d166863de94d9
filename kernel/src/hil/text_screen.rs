//! Screens that show characters in rows and columns.

use crate::ErrorCode;

/// A text screen. One operation at a time: a second one while one is under way gets `BUSY`.
///
/// [`TextScreen::print`] ends with [`TextScreenClient::write_complete`], every other operation with
/// [`TextScreenClient::command_complete`].
pub trait TextScreen<'a> {
    /// Says who hears of finished operations.
    fn set_client(&self, client: Option<&'a dyn TextScreenClient>);

    /// Columns and rows. They never change.
    fn get_size(&self) -> (usize, usize);

    /// Writes the first `len` bytes of `buffer` at the cursor.
    ///
    /// # Errors
    /// `BUSY`; `SIZE` if `len` is more than the buffer has.
    fn print(
        &self,
        buffer: &'static mut [u8],
        len: usize,
    ) -> Result<(), (ErrorCode, &'static mut [u8])>;

    /// Puts the cursor in column `x_position` of row `y_position`, counted from 0.
    ///
    /// # Errors
    /// `BUSY`; `INVAL` if that is off the screen.
    fn set_cursor(&self, x_position: usize, y_position: usize) -> Result<(), ErrorCode>;

    /// Hides the cursor.
    ///
    /// # Errors
    /// `BUSY`.
    fn hide_cursor(&self) -> Result<(), ErrorCode>;

    /// Shows the cursor.
    ///
    /// # Errors
    /// `BUSY`.
    fn show_cursor(&self) -> Result<(), ErrorCode>;

    /// Makes the cursor blink.
    ///
    /// # Errors
    /// `BUSY`; `NOSUPPORT` if it can't blink.
    fn blink_cursor_on(&self) -> Result<(), ErrorCode>;

    /// Makes the cursor steady.
    ///
    /// # Errors
    /// `BUSY`; `NOSUPPORT` if it always blinks.
    fn blink_cursor_off(&self) -> Result<(), ErrorCode>;

    /// Switches the screen on.
    ///
    /// # Errors
    /// `BUSY`; `NOSUPPORT` if it has no switch.
    fn display_on(&self) -> Result<(), ErrorCode>;

    /// Switches the screen off; what it shows is kept.
    ///
    /// # Errors
    /// `BUSY`; `NOSUPPORT` if it has no switch.
    fn display_off(&self) -> Result<(), ErrorCode>;

    /// Makes the screen blank, with the cursor in its first place.
    ///
    /// # Errors
    /// `BUSY`.
    fn clear(&self) -> Result<(), ErrorCode>;
}

/// Hears of finished operations of a text screen.
pub trait TextScreenClient {
    /// An operation other than printing has ended.
    fn command_complete(&self, r: Result<(), ErrorCode>);

    /// Printing `len` bytes of `buffer` has ended.
    fn write_complete(&self, buffer: &'static mut [u8], len: usize, r: Result<(), ErrorCode>);
}
