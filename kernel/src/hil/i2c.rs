//! I2C and SMBus: two wires, one master at a time, many slaves with an address of seven bits each.
//!
//! Addresses are given as seven bits in the low bits of a byte; the direction is added by the driver. A
//! buffer that is both written and read is written from its start, and what was read replaces it from its
//! start.

use core::fmt;

use crate::ErrorCode;

/// What went wrong on the bus.
#[derive(Copy, Clone, Debug, Eq, PartialEq)]
pub enum Error {
    /// No slave acknowledged the address.
    AddressNak,
    /// The slave did not acknowledge a byte of data.
    DataNak,
    /// Another master won the bus.
    ArbitrationLost,
    /// A transfer started before what the last one received was read.
    Overrun,
    /// The driver cannot do this.
    NotSupported,
    /// Another operation is under way.
    Busy,
}

impl From<Error> for ErrorCode {
    fn from(error: Error) -> ErrorCode {
        match error {
            Error::AddressNak | Error::DataNak => ErrorCode::NOACK,
            Error::ArbitrationLost => ErrorCode::RESERVE,
            Error::Overrun => ErrorCode::SIZE,
            Error::NotSupported => ErrorCode::NOSUPPORT,
            Error::Busy => ErrorCode::BUSY,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Error::AddressNak => "no I2C slave acknowledged the address",
            Error::DataNak => "the I2C slave did not acknowledge the data",
            Error::ArbitrationLost => "another I2C master won the bus",
            Error::Overrun => "I2C data came before earlier data was read",
            Error::NotSupported => "the I2C driver cannot do this",
            Error::Busy => "the I2C bus is busy",
        })
    }
}

/// What a master just did to this slave.
#[derive(Copy, Clone, Debug)]
pub enum SlaveTransmissionType {
    /// It wrote to the slave.
    Write,
    /// It read from the slave.
    Read,
}

/// A bus, as its master sees it. Each operation that starts ends with
/// [`I2CHwMasterClient::command_complete`].
pub trait I2CMaster<'a> {
    /// Says who hears that operations end.
    fn set_master_client(&self, master_client: &'a dyn I2CHwMasterClient);

    /// Turns the controller on.
    fn enable(&self);

    /// Turns the controller off.
    fn disable(&self);

    /// Writes the first `write_len` bytes of `data` to the slave `addr`, then, without giving up the bus,
    /// reads `read_len` bytes from it.
    ///
    /// # Errors
    /// Why it did not start. The buffer comes back.
    fn write_read(
        &self,
        addr: u8,
        data: &'static mut [u8],
        write_len: usize,
        read_len: usize,
    ) -> Result<(), (Error, &'static mut [u8])>;

    /// Writes the first `len` bytes of `data` to the slave `addr`.
    ///
    /// # Errors
    /// Why it did not start. The buffer comes back.
    fn write(
        &self,
        addr: u8,
        data: &'static mut [u8],
        len: usize,
    ) -> Result<(), (Error, &'static mut [u8])>;

    /// Reads `len` bytes from the slave `addr` to the start of `buffer`.
    ///
    /// # Errors
    /// Why it did not start. The buffer comes back.
    fn read(
        &self,
        addr: u8,
        buffer: &'static mut [u8],
        len: usize,
    ) -> Result<(), (Error, &'static mut [u8])>;
}

/// A bus whose master also speaks SMBus, as well as its hardware can. The settings that this takes last for
/// the one operation; the callbacks are those of [`I2CMaster`].
pub trait SMBusMaster<'a>: I2CMaster<'a> {
    /// As [`I2CMaster::write_read`], by the rules of SMBus.
    ///
    /// # Errors
    /// Why it did not start. The buffer comes back.
    fn smbus_write_read(
        &self,
        addr: u8,
        data: &'static mut [u8],
        write_len: usize,
        read_len: usize,
    ) -> Result<(), (Error, &'static mut [u8])>;

    /// As [`I2CMaster::write`], by the rules of SMBus.
    ///
    /// # Errors
    /// Why it did not start. The buffer comes back.
    fn smbus_write(
        &self,
        addr: u8,
        data: &'static mut [u8],
        len: usize,
    ) -> Result<(), (Error, &'static mut [u8])>;

    /// As [`I2CMaster::read`], by the rules of SMBus.
    ///
    /// # Errors
    /// Why it did not start. The buffer comes back.
    fn smbus_read(
        &self,
        addr: u8,
        buffer: &'static mut [u8],
        len: usize,
    ) -> Result<(), (Error, &'static mut [u8])>;
}

/// A bus, as one of its slaves sees it.
pub trait I2CSlave<'a> {
    /// Says who hears what the master does.
    fn set_slave_client(&self, slave_client: &'a dyn I2CHwSlaveClient);

    /// Turns the controller on.
    fn enable(&self);

    /// Turns the controller off.
    fn disable(&self);

    /// Makes the slave answer to `addr`.
    ///
    /// # Errors
    /// Why it does not: `Busy`, or `NotSupported` for an address that it cannot have.
    fn set_address(&self, addr: u8) -> Result<(), Error>;

    /// Receives up to `max_len` bytes that the master writes, in `data`.
    ///
    /// # Errors
    /// Why it cannot. The buffer comes back.
    fn write_receive(
        &self,
        data: &'static mut [u8],
        max_len: usize,
    ) -> Result<(), (Error, &'static mut [u8])>;

    /// Sends up to `max_len` bytes of `data` when the master reads.
    ///
    /// # Errors
    /// Why it cannot. The buffer comes back.
    fn read_send(
        &self,
        data: &'static mut [u8],
        max_len: usize,
    ) -> Result<(), (Error, &'static mut [u8])>;

    /// Starts answering to the address.
    fn listen(&self);
}

/// A controller that can be master or slave.
pub trait I2CMasterSlave<'a>: I2CMaster<'a> + I2CSlave<'a> {}

/// Hears that operations of an [`I2CMaster`] end.
pub trait I2CHwMasterClient {
    /// Gives the buffer back: the operation ended, with `status`.
    fn command_complete(&self, buffer: &'static mut [u8], status: Result<(), Error>);
}

/// Hears what the master does to an [`I2CSlave`].
pub trait I2CHwSlaveClient {
    /// Gives the buffer back: the master wrote or read `length` bytes.
    fn command_complete(
        &self,
        buffer: &'static mut [u8],
        length: usize,
        transmission_type: SlaveTransmissionType,
    );

    /// The master reads, and there is nothing to send. It waits, the clock held, for
    /// [`I2CSlave::read_send`].
    fn read_expected(&self);

    /// The master writes, and there is no buffer to receive in. It waits, the clock held, for
    /// [`I2CSlave::write_receive`].
    fn write_expected(&self);
}

/// One slave, with its address, as the bus's master sees it. Each operation that starts ends with
/// [`I2CClient::command_complete`].
pub trait I2CDevice {
    /// Says that the slave will be used. The bus is on while any of its slaves is.
    fn enable(&self);

    /// Says that the slave will not be used.
    fn disable(&self);

    /// Writes the first `write_len` bytes of `data`, then, without giving up the bus, reads `read_len`
    /// bytes.
    ///
    /// # Errors
    /// Why it did not start. The buffer comes back.
    fn write_read(
        &self,
        data: &'static mut [u8],
        write_len: usize,
        read_len: usize,
    ) -> Result<(), (Error, &'static mut [u8])>;

    /// Writes the first `len` bytes of `data`.
    ///
    /// # Errors
    /// Why it did not start. The buffer comes back.
    fn write(&self, data: &'static mut [u8], len: usize) -> Result<(), (Error, &'static mut [u8])>;

    /// Reads `len` bytes to the start of `buffer`.
    ///
    /// # Errors
    /// Why it did not start. The buffer comes back.
    fn read(&self, buffer: &'static mut [u8], len: usize)
    -> Result<(), (Error, &'static mut [u8])>;
}

/// One slave that is spoken to by the rules of SMBus.
pub trait SMBusDevice: I2CDevice {
    /// As [`I2CDevice::write_read`], by the rules of SMBus.
    ///
    /// # Errors
    /// Why it did not start. The buffer comes back.
    fn smbus_write_read(
        &self,
        data: &'static mut [u8],
        write_len: usize,
        read_len: usize,
    ) -> Result<(), (Error, &'static mut [u8])>;

    /// As [`I2CDevice::write`], by the rules of SMBus.
    ///
    /// # Errors
    /// Why it did not start. The buffer comes back.
    fn smbus_write(
        &self,
        data: &'static mut [u8],
        len: usize,
    ) -> Result<(), (Error, &'static mut [u8])>;

    /// As [`I2CDevice::read`], by the rules of SMBus.
    ///
    /// # Errors
    /// Why it did not start. The buffer comes back.
    fn smbus_read(
        &self,
        buffer: &'static mut [u8],
        len: usize,
    ) -> Result<(), (Error, &'static mut [u8])>;
}

/// Hears that operations of an [`I2CDevice`] end.
pub trait I2CClient {
    /// Gives the buffer back: the operation ended, with `status`.
    fn command_complete(&self, buffer: &'static mut [u8], status: Result<(), Error>);
}

/// The SMBus of a bus that has none: every operation fails with `NotSupported`.
pub struct NoSMBus;

impl<'a> I2CMaster<'a> for NoSMBus {
    fn set_master_client(&self, _master_client: &'a dyn I2CHwMasterClient) {}

    fn enable(&self) {}

    fn disable(&self) {}

    fn write_read(
        &self,
        _addr: u8,
        data: &'static mut [u8],
        _write_len: usize,
        _read_len: usize,
    ) -> Result<(), (Error, &'static mut [u8])> {
        Err((Error::NotSupported, data))
    }

    fn write(
        &self,
        _addr: u8,
        data: &'static mut [u8],
        _len: usize,
    ) -> Result<(), (Error, &'static mut [u8])> {
        Err((Error::NotSupported, data))
    }

    fn read(
        &self,
        _addr: u8,
        buffer: &'static mut [u8],
        _len: usize,
    ) -> Result<(), (Error, &'static mut [u8])> {
        Err((Error::NotSupported, buffer))
    }
}

impl SMBusMaster<'_> for NoSMBus {
    fn smbus_write_read(
        &self,
        _addr: u8,
        data: &'static mut [u8],
        _write_len: usize,
        _read_len: usize,
    ) -> Result<(), (Error, &'static mut [u8])> {
        Err((Error::NotSupported, data))
    }

    fn smbus_write(
        &self,
        _addr: u8,
        data: &'static mut [u8],
        _len: usize,
    ) -> Result<(), (Error, &'static mut [u8])> {
        Err((Error::NotSupported, data))
    }

    fn smbus_read(
        &self,
        _addr: u8,
        buffer: &'static mut [u8],
        _len: usize,
    ) -> Result<(), (Error, &'static mut [u8])> {
        Err((Error::NotSupported, buffer))
    }
}
