//! A bus, as a slave sees it.

use super::{ClockPhase, ClockPolarity};
use crate::ErrorCode;

/// Hears what the master does to a slave. That the master stops meaning the slave is not told.
pub trait SpiSlaveClient {
    /// The master means this slave.
    fn chip_selected(&self);

    /// Gives the buffers back: `len` bytes went each way, less than asked for if the master stopped.
    fn read_write_done(
        &self,
        write_buffer: Option<&'static mut [u8]>,
        read_buffer: Option<&'static mut [u8]>,
        len: usize,
        status: Result<(), ErrorCode>,
    );
}

/// A bus, as a slave sees it.
pub trait SpiSlave<'a> {
    /// Makes the controller a slave.
    ///
    /// # Errors
    /// `BUSY` if an operation is under way, `FAIL` otherwise.
    fn init(&self) -> Result<(), ErrorCode>;

    /// Whether somebody hears what the master does: two drivers cannot share a slave.
    fn has_client(&self) -> bool;

    /// Says who hears what the master does. Without a client there is no slave.
    fn set_client(&self, client: Option<&'a dyn SpiSlaveClient>);

    /// Sets the byte that the master reads first, a status for one.
    fn set_write_byte(&self, write_byte: u8);

    /// Answers the master's next operation: it reads `write_buffer`, and what it writes goes to `read_buffer`.
    /// [`SpiSlaveClient::read_write_done`] follows after `len` bytes, when a buffer is at its end, or when
    /// the master stops.
    ///
    /// # Errors
    /// `BUSY` if buffers are waiting already, `INVAL` if `len` is 0. The buffers come back.
    #[allow(clippy::type_complexity)] // Tock's signature
    fn read_write_bytes(
        &self,
        write_buffer: Option<&'static mut [u8]>,
        read_buffer: Option<&'static mut [u8]>,
        len: usize,
    ) -> Result<
        (),
        (
            ErrorCode,
            Option<&'static mut [u8]>,
            Option<&'static mut [u8]>,
        ),
    >;

    /// Sets the level of the clock at rest.
    ///
    /// # Errors
    /// `BUSY` if an operation is under way, `FAIL` otherwise.
    fn set_polarity(&self, polarity: ClockPolarity) -> Result<(), ErrorCode>;

    /// The level of the clock at rest.
    fn get_polarity(&self) -> ClockPolarity;

    /// Sets the edge of the clock at which bits are read.
    ///
    /// # Errors
    /// `BUSY` if an operation is under way, `FAIL` otherwise.
    fn set_phase(&self, phase: ClockPhase) -> Result<(), ErrorCode>;

    /// The edge of the clock at which bits are read.
    fn get_phase(&self) -> ClockPhase;
}

/// A [`SpiSlave`] that was made ready by somebody else.
pub trait SpiSlaveDevice<'a> {
    /// Says who hears what the master does.
    fn set_client(&self, client: &'a dyn SpiSlaveClient);

    /// Sets polarity and phase.
    ///
    /// # Errors
    /// `BUSY` if an operation is under way, `FAIL` otherwise.
    fn configure(&self, cpol: ClockPolarity, cpal: ClockPhase) -> Result<(), ErrorCode>;

    /// As [`SpiSlave::read_write_bytes`].
    ///
    /// # Errors
    /// Those of [`SpiSlave::read_write_bytes`].
    #[allow(clippy::type_complexity)] // Tock's signature
    fn read_write_bytes(
        &self,
        write_buffer: Option<&'static mut [u8]>,
        read_buffer: Option<&'static mut [u8]>,
        len: usize,
    ) -> Result<
        (),
        (
            ErrorCode,
            Option<&'static mut [u8]>,
            Option<&'static mut [u8]>,
        ),
    >;

    /// As [`SpiSlave::set_polarity`].
    ///
    /// # Errors
    /// Those of [`SpiSlave::set_polarity`].
    fn set_polarity(&self, polarity: ClockPolarity) -> Result<(), ErrorCode>;

    /// The level of the clock at rest.
    fn get_polarity(&self) -> ClockPolarity;

    /// As [`SpiSlave::set_phase`].
    ///
    /// # Errors
    /// Those of [`SpiSlave::set_phase`].
    fn set_phase(&self, phase: ClockPhase) -> Result<(), ErrorCode>;

    /// The edge of the clock at which bits are read.
    fn get_phase(&self) -> ClockPhase;
}
