//! The 8080 bus: parallel, with an address for each value, as screens have it. One operation is under way at a
//! time; each that starts ends with [`Client::command_complete`].

use crate::ErrorCode;

/// How wide a value is, and which of its bytes goes first.
pub enum BusWidth {
    /// One byte.
    Bits8,
    /// Two bytes, the less significant first.
    Bits16LE,
    /// Two bytes, the more significant first.
    Bits16BE,
}

impl BusWidth {
    /// How wide a value is, in bytes.
    pub fn width_in_bytes(&self) -> usize {
        match self {
            BusWidth::Bits8 => 1,
            BusWidth::Bits16BE | BusWidth::Bits16LE => 2,
        }
    }
}

/// An address, and which of its bytes goes first.
pub enum BusAddr8080 {
    /// One byte.
    BusAddr8(u8),
    /// Two bytes, the more significant first.
    BusAddr16BE(u16),
    /// Two bytes, the less significant first.
    BusAddr16LE(u16),
}

/// A bus.
pub trait Bus8080<'a> {
    /// Sets the address that is written to and read from.
    ///
    /// # Errors
    /// `BUSY` if an operation is under way, `NOSUPPORT` if the bus has not such addresses.
    fn set_addr(&self, addr: BusAddr8080) -> Result<(), ErrorCode>;

    /// Writes the first `len` values in `buffer`.
    ///
    /// # Errors
    /// `BUSY` if an operation is under way, `INVAL` if `buffer` has not as many, `NOSUPPORT` if the bus has not
    /// such values.
    fn write(
        &self,
        data_width: BusWidth,
        buffer: &'a mut [u8],
        len: usize,
    ) -> Result<(), (ErrorCode, &'static mut [u8])>;

    /// Reads `len` values to the start of `buffer`.
    ///
    /// # Errors
    /// Those of [`Self::write`].
    fn read(
        &self,
        data_width: BusWidth,
        buffer: &'a mut [u8],
        len: usize,
    ) -> Result<(), (ErrorCode, &'static mut [u8])>;

    /// Says who hears that operations end.
    fn set_client(&self, client: &'a dyn Client);
}

/// Hears that operations end.
pub trait Client {
    /// Gives the buffer back, if there was one: `len` values were written or read.
    fn command_complete(
        &self,
        buffer: Option<&'static mut [u8]>,
        len: usize,
        status: Result<(), ErrorCode>,
    );
}
