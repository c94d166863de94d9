//! I2C: one slave on a bus of somebody else's.

use std::cell::{Cell, RefCell};

use kernel::{
    deferred_call::DeferredCallClient,
    hil::i2c::{Error, I2CClient, I2CDevice, SMBusDevice},
    utilities::cells::OptionalCell,
};

use super::{Buffer, Transfer, Wire, start};
use crate::{
    faults::{Operation, faults},
    place,
};

/// One slave, also by the rules of SMBus. A transfer to one that is not enabled, and one that does not fit its buffer,
/// is `NotSupported`.
pub struct I2cDevice {
    wire: RefCell<Wire>,
    is_enabled: Cell<bool>,
    operation: Operation<Transfer, Error, Error>,
    client: OptionalCell<&'static dyn I2CClient>,
}

impl I2cDevice {
    /// A slave that sends all ones.
    pub fn new() -> &'static Self {
        place(Self {
            wire: RefCell::default(),
            is_enabled: Cell::new(false),
            operation: Operation::new(),
            client: OptionalCell::empty(),
        })
    }

    /// Says who hears that transfers end.
    pub fn set_client(&self, client: &'static dyn I2CClient) {
        self.client.set(client);
    }

    /// Says what the slave sends when it is read: once for each time this is said, and all ones after that.
    pub fn answer_next(&self, bytes: &[u8]) {
        self.wire.borrow_mut().answers.push_back(bytes.to_vec());
    }

    /// Takes what was written to the slave.
    pub fn take_written(&self) -> Vec<Vec<u8>> {
        std::mem::take(&mut self.wire.borrow_mut().written)
    }

    fn start(
        &self,
        buffer: Buffer,
        write_len: Option<usize>,
        read_len: Option<usize>,
    ) -> Result<(), (Error, Buffer)> {
        let transfer = Transfer {
            address: 0,
            buffer,
            write_len,
            read_len,
        };
        start(&self.operation, self.is_enabled.get(), transfer)
    }
}

faults!(I2cDevice, refusal Error, failure Error);

impl I2CDevice for I2cDevice {
    fn enable(&self) {
        self.is_enabled.set(true);
    }

    fn disable(&self) {
        self.is_enabled.set(false);
    }

    fn write_read(
        &self,
        data: Buffer,
        write_len: usize,
        read_len: usize,
    ) -> Result<(), (Error, Buffer)> {
        self.start(data, Some(write_len), Some(read_len))
    }

    fn write(&self, data: Buffer, len: usize) -> Result<(), (Error, Buffer)> {
        self.start(data, Some(len), None)
    }

    fn read(&self, buffer: Buffer, len: usize) -> Result<(), (Error, Buffer)> {
        self.start(buffer, None, Some(len))
    }
}

impl SMBusDevice for I2cDevice {
    fn smbus_write_read(
        &self,
        data: Buffer,
        write_len: usize,
        read_len: usize,
    ) -> Result<(), (Error, Buffer)> {
        self.write_read(data, write_len, read_len)
    }

    fn smbus_write(&self, data: Buffer, len: usize) -> Result<(), (Error, Buffer)> {
        self.write(data, len)
    }

    fn smbus_read(&self, buffer: Buffer, len: usize) -> Result<(), (Error, Buffer)> {
        self.read(buffer, len)
    }
}

impl DeferredCallClient for I2cDevice {
    fn handle_deferred_call(&self) {
        let Some((mut transfer, status)) = self.operation.end() else {
            return;
        };
        if status.is_ok() {
            transfer.carry_out(&mut self.wire.borrow_mut());
        }
        if let Some(client) = self.client.get() {
            client.command_complete(transfer.buffer, status);
        }
    }

    fn register(&'static self) {
        self.operation.register(self);
    }
}
