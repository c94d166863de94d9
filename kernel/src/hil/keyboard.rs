//! Keyboards: keys by number, as Tock has them, and the scan codes of a PC keyboard.

use crate::ErrorCode;

/// A keyboard that reports keys.
pub trait Keyboard<'a> {
    /// Says who hears of keys.
    fn set_client(&self, client: &'a dyn KeyboardClient);
}

/// Hears of keys.
pub trait KeyboardClient {
    /// Keys went down (`true`) or up (`false`). The numbers are Linux's, from `input-event-codes.h`.
    /// `result` is an error if keys were lost.
    fn keys_pressed(&self, keys: &[(u16, bool)], result: Result<(), ErrorCode>);
}

/// A PC keyboard, as the bytes that it sends: scan codes of set 1 (IBM PC/AT Technical Reference).
pub trait ScancodeKeyboard<'a> {
    /// Says who hears of scan codes.
    fn set_scancode_client(&self, client: &'a dyn ScancodeClient);
}

/// Hears of scan codes.
pub trait ScancodeClient {
    /// The keyboard sent `byte`. A key can take several bytes.
    fn scancode(&self, byte: u8);
}
