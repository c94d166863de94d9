//! Formatted text on its way to a driver: what is printed at once goes out in one write, if it is not long.

use core::fmt;

use crate::error::Result;

/// A line of a terminal.
const LEN_BYTES: usize = 80;

/// Hands `text` to `write`, a piece at a time.
///
/// # Errors
///
/// The first of `write`. What comes after that is lost.
pub(crate) fn write(write: fn(&[u8]) -> Result, text: fmt::Arguments<'_>) -> Result {
    let mut piece = Piece {
        write,
        bytes: [0; LEN_BYTES],
        len_bytes: 0,
        result: Ok(()),
    };
    let _ = fmt::Write::write_fmt(&mut piece, text);
    piece.flush();
    piece.result
}

struct Piece {
    write: fn(&[u8]) -> Result,
    bytes: [u8; LEN_BYTES],
    len_bytes: usize,
    result: Result,
}

impl Piece {
    /// Nothing here can panic: what formats a panic's message would be larger than most apps are.
    fn flush(&mut self) {
        if let Some(filled) = self.bytes.get(..self.len_bytes)
            && self.result.is_ok()
        {
            self.result = (self.write)(filled);
        }
        self.len_bytes = 0;
    }
}

impl fmt::Write for Piece {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            if self.len_bytes == LEN_BYTES {
                self.flush();
            }
            if let Some(place) = self.bytes.get_mut(self.len_bytes) {
                *place = byte;
                self.len_bytes += 1;
            }
        }
        Ok(())
    }
}
