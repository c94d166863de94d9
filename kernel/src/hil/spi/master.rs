//! A bus, as its master sees it.

use super::{ClockPhase, ClockPolarity};
use crate::{ErrorCode, utilities::leasable_buffer::SubSliceMut};

/// Hears that operations of a master end.
pub trait SpiMasterClient {
    /// Gives the buffers back, narrowed as they were: `write_buffer` as it was written, `read_buffer`, if
    /// there was one, with what was read. `status` is how many bytes went each way.
    fn read_write_done(
        &self,
        write_buffer: SubSliceMut<'static, u8>,
        read_buffer: Option<SubSliceMut<'static, u8>>,
        status: Result<usize, ErrorCode>,
    );
}

/// A bus, as its master sees it.
///
/// Choose a slave first, then set rate, polarity and phase, then read and write. The settings belong to the
/// slave: they are there again when it is chosen again.
pub trait SpiMaster<'a> {
    /// What names a slave.
    type ChipSelect: Copy;

    /// Makes the bus ready. To be called once, before anything else.
    ///
    /// # Errors
    /// `OFF` without power, `RESERVE` without a clock, `FAIL` otherwise.
    fn init(&self) -> Result<(), ErrorCode>;

    /// Says who hears that operations end.
    fn set_client(&self, client: &'a dyn SpiMasterClient);

    /// Whether an operation is under way.
    fn is_busy(&self) -> bool;

    /// Writes `write_buffer`, and reads as many bytes to `read_buffer` if there is one; the shorter of the two
    /// decides how many. [`SpiMasterClient::read_write_done`] follows.
    ///
    /// # Errors
    /// `OFF` without power, `INVAL` if there is nothing to write, `BUSY` if an operation is under way. The
    /// buffers come back.
    #[allow(clippy::type_complexity)] // Tock's signature
    fn read_write_bytes(
        &self,
        write_buffer: SubSliceMut<'static, u8>,
        read_buffer: Option<SubSliceMut<'static, u8>>,
    ) -> Result<
        (),
        (
            ErrorCode,
            SubSliceMut<'static, u8>,
            Option<SubSliceMut<'static, u8>>,
        ),
    >;

    /// Writes a byte and waits for it: for finding mistakes only.
    ///
    /// # Errors
    /// `OFF` without power, `BUSY` if an operation is under way, `FAIL` otherwise.
    fn write_byte(&self, val: u8) -> Result<(), ErrorCode>;

    /// Writes a zero, waits for it, and returns the byte read meanwhile: for finding mistakes only.
    ///
    /// # Errors
    /// Those of [`Self::write_byte`].
    fn read_byte(&self) -> Result<u8, ErrorCode>;

    /// Writes a byte, waits for it, and returns the byte read meanwhile: for finding mistakes only.
    ///
    /// # Errors
    /// Those of [`Self::write_byte`].
    fn read_write_byte(&self, val: u8) -> Result<u8, ErrorCode>;

    /// Chooses the slave that everything from now on is meant for.
    ///
    /// # Errors
    /// `BUSY` if an operation is under way, `INVAL` if there is no such slave.
    fn specify_chip_select(&self, cs: Self::ChipSelect) -> Result<(), ErrorCode>;

    /// Sets the slave's clock to `rate` hertz, or what comes near. Returns the rate that it has now.
    ///
    /// # Errors
    /// `INVAL` if the bus has no rate near it, `BUSY` if an operation is under way, `FAIL` otherwise.
    fn set_rate(&self, rate: u32) -> Result<u32, ErrorCode>;

    /// The slave's clock in hertz.
    fn get_rate(&self) -> u32;

    /// Sets the level of the slave's clock at rest.
    ///
    /// # Errors
    /// `BUSY` if an operation is under way, `FAIL` otherwise.
    fn set_polarity(&self, polarity: ClockPolarity) -> Result<(), ErrorCode>;

    /// The level of the slave's clock at rest.
    fn get_polarity(&self) -> ClockPolarity;

    /// Sets the edge of the slave's clock at which bits are read.
    ///
    /// # Errors
    /// `BUSY` if an operation is under way, `FAIL` otherwise.
    fn set_phase(&self, phase: ClockPhase) -> Result<(), ErrorCode>;

    /// The edge of the slave's clock at which bits are read.
    fn get_phase(&self) -> ClockPhase;

    /// Goes on meaning the slave after an operation, so that several of them are one to it.
    fn hold_low(&self);

    /// Stops meaning the slave after each operation.
    fn release_low(&self);
}

/// One slave, as the bus's master sees it.
pub trait SpiMasterDevice<'a> {
    /// Says who hears that operations end.
    fn set_client(&self, client: &'a dyn SpiMasterClient);

    /// Sets the slave's polarity, phase and clock, in hertz.
    ///
    /// # Errors
    /// Those of [`SpiMaster::set_rate`].
    fn configure(&self, cpol: ClockPolarity, cpal: ClockPhase, rate: u32) -> Result<(), ErrorCode>;

    /// As [`SpiMaster::read_write_bytes`].
    ///
    /// # Errors
    /// Those of [`SpiMaster::read_write_bytes`].
    #[allow(clippy::type_complexity)] // Tock's signature
    fn read_write_bytes(
        &self,
        write_buffer: SubSliceMut<'static, u8>,
        read_buffer: Option<SubSliceMut<'static, u8>>,
    ) -> Result<
        (),
        (
            ErrorCode,
            SubSliceMut<'static, u8>,
            Option<SubSliceMut<'static, u8>>,
        ),
    >;

    /// As [`SpiMaster::set_rate`], without saying what the rate is now.
    ///
    /// # Errors
    /// Those of [`SpiMaster::set_rate`].
    fn set_rate(&self, rate: u32) -> Result<(), ErrorCode>;

    /// The slave's clock in hertz.
    fn get_rate(&self) -> u32;

    /// As [`SpiMaster::set_polarity`].
    ///
    /// # Errors
    /// Those of [`SpiMaster::set_polarity`].
    fn set_polarity(&self, polarity: ClockPolarity) -> Result<(), ErrorCode>;

    /// The level of the slave's clock at rest.
    fn get_polarity(&self) -> ClockPolarity;

    /// As [`SpiMaster::set_phase`].
    ///
    /// # Errors
    /// Those of [`SpiMaster::set_phase`].
    fn set_phase(&self, phase: ClockPhase) -> Result<(), ErrorCode>;

    /// The edge of the slave's clock at which bits are read.
    fn get_phase(&self) -> ClockPhase;
}
