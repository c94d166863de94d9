//! A screen of characters, in columns and rows counted from 0.

use core::fmt;

use crate::error::{ErrorCode, Result};
use crate::pieces;
use crate::syscall::{command, lend, wait_for};

const DRIVER: usize = 0x90003;

const TEXT: usize = 0;
const DONE: usize = 0;

const SIZE: usize = 1;
const SHOW_CURSOR: usize = 6;
const HIDE_CURSOR: usize = 7;
const WRITE: usize = 8;
const CLEAR: usize = 9;
const SET_CURSOR: usize = 11;

/// Columns and rows.
///
/// # Errors
///
/// `NODEVICE` without a text screen.
pub fn size() -> Result<(usize, usize)> {
    perform(SIZE, 0, 0)
}

/// Makes the screen blank, with the cursor in the first place.
///
/// # Errors
///
/// `NODEVICE` without a text screen; what the driver answers otherwise.
pub fn clear() -> Result {
    perform(CLEAR, 0, 0).map(drop)
}

/// Puts the cursor in a place.
///
/// # Errors
///
/// `INVAL` for a place that is off the screen.
pub fn set_cursor(column: usize, row: usize) -> Result {
    perform(SET_CURSOR, column, row).map(drop)
}

/// Shows the cursor, or hides it.
///
/// # Errors
///
/// As [`clear`].
pub fn show_cursor(shown: bool) -> Result {
    let number = if shown { SHOW_CURSOR } else { HIDE_CURSOR };
    perform(number, 0, 0).map(drop)
}

/// Writes `bytes` at the cursor.
///
/// # Errors
///
/// As [`clear`].
pub fn write(bytes: &[u8]) -> Result {
    let mut rest = bytes;
    while !rest.is_empty() {
        lend(DRIVER, TEXT, rest)?;
        let (written_bytes, _) = perform(WRITE, rest.len(), 0)?;
        rest = match written_bytes {
            0 => return Err(ErrorCode::FAIL),
            _ => rest.get(written_bytes..).unwrap_or_default(),
        };
    }
    Ok(())
}

/// Writes text at the cursor, in the colours that control sequences choose.
///
/// # Errors
///
/// As [`clear`].
pub fn print(text: fmt::Arguments<'_>) -> Result {
    pieces::write(write, text)
}

/// Writes text in a place.
///
/// # Errors
///
/// As [`set_cursor`].
pub fn print_at(column: usize, row: usize, text: fmt::Arguments<'_>) -> Result {
    set_cursor(column, row)?;
    print(text)
}

/// Has the driver do something, and waits until it has. Returns the two values that it says.
fn perform(number: usize, argument0: usize, argument1: usize) -> Result<(usize, usize)> {
    command(DRIVER, number, argument0, argument1).unit()?;
    let [status, first, second] = wait_for(DRIVER, DONE);
    ErrorCode::from_status(status).map(|()| (first, second))
}
