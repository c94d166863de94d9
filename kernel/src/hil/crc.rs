//! Cyclic redundancy checks: short sums of data that comes piece by piece, to find accidents.

use crate::{ErrorCode, utilities::leasable_buffer::SubSliceMut};

/// Hears that operations end.
pub trait Client {
    /// Gives the buffer of [`Crc::input`] back, narrowed to what was not added. More may be added.
    fn input_done(&self, result: Result<(), ErrorCode>, buffer: SubSliceMut<'static, u8>);

    /// The sum of [`Crc::compute`].
    fn crc_done(&self, result: Result<CrcOutput, ErrorCode>);
}

/// Which check. All take the bits of a byte from the least significant on.
#[derive(Copy, Clone)]
pub enum CrcAlgorithm {
    /// CRC-32 of Ethernet: polynomial 0x04c11db7, the result reversed and inverted.
    Crc32,
    /// CRC-32C of Castagnoli: polynomial 0x1edc6f41, the result reversed and inverted.
    Crc32C,
    /// CRC-16 of CCITT: polynomial 0x1021, the result as it is.
    Crc16CCITT,
}

/// The sum that a check made.
#[derive(Copy, Clone)]
pub enum CrcOutput {
    /// Of [`CrcAlgorithm::Crc32`].
    Crc32(u32),
    /// Of [`CrcAlgorithm::Crc32C`].
    Crc32C(u32),
    /// Of [`CrcAlgorithm::Crc16CCITT`].
    Crc16CCITT(u16),
}

impl CrcOutput {
    /// The check that made the sum.
    pub fn algorithm(&self) -> CrcAlgorithm {
        match self {
            CrcOutput::Crc32(_) => CrcAlgorithm::Crc32,
            CrcOutput::Crc32C(_) => CrcAlgorithm::Crc32C,
            CrcOutput::Crc16CCITT(_) => CrcAlgorithm::Crc16CCITT,
        }
    }
}

/// Makes checks.
pub trait Crc<'a> {
    /// Says who hears that operations end.
    fn set_client(&self, client: &'a dyn Client);

    /// Whether this has the check `algorithm`.
    fn algorithm_supported(&self, algorithm: CrcAlgorithm) -> bool;

    /// Chooses the check, and forgets the data added so far.
    ///
    /// # Errors
    /// `BUSY` if an operation is under way, `NOSUPPORT` if this has not that check.
    fn set_algorithm(&self, algorithm: CrcAlgorithm) -> Result<(), ErrorCode>;

    /// Adds the part of `data` that is seen, or the start of it. [`Client::input_done`] follows.
    ///
    /// # Errors
    /// `RESERVE` if no check was chosen, `BUSY` if an operation is under way. The buffer comes back.
    fn input(
        &self,
        data: SubSliceMut<'static, u8>,
    ) -> Result<(), (ErrorCode, SubSliceMut<'static, u8>)>;

    /// Makes the sum of the data added so far. [`Client::crc_done`] follows.
    ///
    /// # Errors
    /// `RESERVE` if no check was chosen, `BUSY` if an operation is under way.
    fn compute(&self) -> Result<(), ErrorCode>;

    /// Turns the unit off, until it is used again.
    fn disable(&self);
}
