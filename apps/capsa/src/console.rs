//! The terminal, seen by this app: lines out, characters in.
//!
//! The driver takes a buffer of any length and says by an upcall when all of it is written, or when the buffer
//! for what is read is full.

use core::fmt;
use core::sync::atomic::{AtomicBool, AtomicU8, Ordering::Relaxed};

use crate::completion::Completion;
use crate::error::{ErrorCode, Result};
use crate::pieces;
use crate::syscall::{command, lend, lend_static, wait_for, with_lent};

const DRIVER: usize = 1;

/// The buffer, the command and the upcall of a write have the same number.
const WRITE: usize = 1;
const READ_BUFFER: usize = 1;
/// The command and the upcall of a read.
const READ: usize = 2;

/// Writes `bytes`, and waits until they are written.
///
/// # Errors
///
/// `NODEVICE` without a console; what the driver answers otherwise.
pub fn write(bytes: &[u8]) -> Result {
    let mut rest = bytes;
    while !rest.is_empty() {
        lend(DRIVER, WRITE, rest)?;
        command(DRIVER, WRITE, rest.len(), 0).unit()?;
        let [written_bytes, ..] = wait_for(DRIVER, WRITE);
        rest = match written_bytes {
            0 => return Err(ErrorCode::FAIL),
            _ => rest.get(written_bytes..).unwrap_or_default(),
        };
    }
    Ok(())
}

/// Reads into `buffer` until it is full. Returns how many bytes came.
///
/// # Errors
///
/// `NODEVICE` without a console; what the driver answers otherwise.
pub fn read(buffer: &mut [u8]) -> Result<usize> {
    let wanted_bytes = buffer.len();
    let [status, read_bytes, _] = with_lent(DRIVER, READ_BUFFER, buffer, || {
        command(DRIVER, READ, wanted_bytes, 0).unit()?;
        Ok(wait_for(DRIVER, READ))
    })??;
    ErrorCode::from_status(status)?;
    Ok(read_bytes.min(wanted_bytes))
}

/// Reads up to the end of a line, or until `line` is full. Returns what came, without the end of the line.
///
/// # Errors
///
/// As [`read`].
pub fn read_line(line: &mut [u8]) -> Result<&[u8]> {
    let mut len_bytes = 0;
    while let Some(place) = line.get_mut(len_bytes..=len_bytes) {
        read(place)?;
        if matches!(*place, [b'\n' | b'\r']) {
            break;
        }
        len_bytes += 1;
    }
    Ok(line.get(..len_bytes).unwrap_or_default())
}

/// Whether [`next_byte`] has asked for a byte that it has not got.
static IS_ASKED: AtomicBool = AtomicBool::new(false);

/// Waits for a byte. One task at a time can, and not together with [`read`].
///
/// # Errors
///
/// As [`read`].
///
/// # Cancellation
///
/// Nothing is lost: the next one gets the byte.
pub async fn next_byte() -> Result<u8> {
    static BYTE: [AtomicU8; 1] = [AtomicU8::new(0)];
    static CAME: Completion = Completion::new();
    if !IS_ASKED.load(Relaxed) {
        lend_static(DRIVER, READ_BUFFER, &BYTE)?;
        CAME.subscribe(DRIVER, READ)?;
        command(DRIVER, READ, BYTE.len(), 0).unit()?;
        IS_ASKED.store(true, Relaxed);
    }
    let [status, ..] = CAME.wait().await;
    IS_ASKED.store(false, Relaxed);
    ErrorCode::from_status(status)?;
    Ok(BYTE[0].load(Relaxed))
}

/// As [`read_line`], while other tasks go on. One task at a time can wait for input.
///
/// # Errors
///
/// As [`read`].
///
/// # Cancellation
///
/// What has come of the line is lost.
pub async fn next_line(line: &mut [u8]) -> Result<&[u8]> {
    let mut len_bytes = 0;
    while let Some(place) = line.get_mut(len_bytes) {
        *place = next_byte().await?;
        if matches!(*place, b'\n' | b'\r') {
            break;
        }
        len_bytes += 1;
    }
    Ok(line.get(..len_bytes).unwrap_or_default())
}

/// Forgets what a test that failed has asked for.
#[cfg(not(target_os = "none"))]
pub(crate) fn reset() {
    IS_ASKED.store(false, Relaxed);
}

/// Prints to the console. Text that no console takes is lost.
#[macro_export]
macro_rules! print {
    ($($arguments:tt)*) => {
        $crate::console::print(core::format_args!($($arguments)*))
    };
}

/// As [`print!`](crate::print), and ends the line.
#[macro_export]
macro_rules! println {
    () => {
        $crate::print!("\n")
    };
    ($format:literal $($arguments:tt)*) => {
        $crate::console::print(core::format_args!("{}\n", core::format_args!($format $($arguments)*)))
    };
}

/// What [`print!`](crate::print) does.
#[doc(hidden)]
pub fn print(text: fmt::Arguments<'_>) {
    let _ = pieces::write(write, text);
}
