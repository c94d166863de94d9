//! I2C: a bus as its master sees it.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
};

use kernel::{
    deferred_call::DeferredCallClient,
    hil::i2c::{Error, I2CHwMasterClient, I2CMaster, SMBusMaster},
    utilities::cells::OptionalCell,
};

use super::{Buffer, Transfer, Wire, start};
use crate::{
    faults::{Operation, faults},
    place,
};

/// A bus, also by the rules of SMBus. It has the slaves that the test says; a transfer to another ends with
/// `AddressNak`. One to a bus that is not enabled, and one that does not fit its buffer, is `NotSupported`.
pub struct I2cMaster {
    slaves: RefCell<BTreeMap<u8, Wire>>,
    is_enabled: Cell<bool>,
    operation: Operation<Transfer, Error, Error>,
    client: OptionalCell<&'static dyn I2CHwMasterClient>,
}

impl I2cMaster {
    /// A bus with slaves at these addresses.
    pub fn new(addresses: &[u8]) -> &'static Self {
        let slave = |address: &u8| (*address, Wire::default());
        place(Self {
            slaves: RefCell::new(addresses.iter().map(slave).collect()),
            is_enabled: Cell::new(false),
            operation: Operation::new(),
            client: OptionalCell::empty(),
        })
    }

    /// Says what the slave at `address` sends when it is read: once for each time this is said, and all ones after
    /// that.
    ///
    /// # Panics
    /// If there is none.
    #[track_caller]
    pub fn answer_next(&self, address: u8, bytes: &[u8]) {
        self.slave(address, |slave| slave.answers.push_back(bytes.to_vec()));
    }

    /// Takes what was written to the slave at `address`.
    ///
    /// # Panics
    /// If there is none.
    #[track_caller]
    pub fn take_written(&self, address: u8) -> Vec<Vec<u8>> {
        self.slave(address, |slave| std::mem::take(&mut slave.written))
    }

    #[track_caller]
    fn slave<R>(&self, address: u8, look: impl FnOnce(&mut Wire) -> R) -> R {
        match self.slaves.borrow_mut().get_mut(&address) {
            Some(slave) => look(slave),
            None => panic!("the bus has no slave {address:#x}"),
        }
    }

    fn start(
        &self,
        address: u8,
        buffer: Buffer,
        write_len: Option<usize>,
        read_len: Option<usize>,
    ) -> Result<(), (Error, Buffer)> {
        let transfer = Transfer {
            address,
            buffer,
            write_len,
            read_len,
        };
        start(&self.operation, self.is_enabled.get(), transfer)
    }
}

faults!(I2cMaster, refusal Error, failure Error);

impl I2CMaster<'static> for I2cMaster {
    fn set_master_client(&self, master_client: &'static dyn I2CHwMasterClient) {
        self.client.set(master_client);
    }

    fn enable(&self) {
        self.is_enabled.set(true);
    }

    fn disable(&self) {
        self.is_enabled.set(false);
    }

    fn write_read(
        &self,
        addr: u8,
        data: Buffer,
        write_len: usize,
        read_len: usize,
    ) -> Result<(), (Error, Buffer)> {
        self.start(addr, data, Some(write_len), Some(read_len))
    }

    fn write(&self, addr: u8, data: Buffer, len: usize) -> Result<(), (Error, Buffer)> {
        self.start(addr, data, Some(len), None)
    }

    fn read(&self, addr: u8, buffer: Buffer, len: usize) -> Result<(), (Error, Buffer)> {
        self.start(addr, buffer, None, Some(len))
    }
}

impl SMBusMaster<'static> for I2cMaster {
    fn smbus_write_read(
        &self,
        addr: u8,
        data: Buffer,
        write_len: usize,
        read_len: usize,
    ) -> Result<(), (Error, Buffer)> {
        self.write_read(addr, data, write_len, read_len)
    }

    fn smbus_write(&self, addr: u8, data: Buffer, len: usize) -> Result<(), (Error, Buffer)> {
        self.write(addr, data, len)
    }

    fn smbus_read(&self, addr: u8, buffer: Buffer, len: usize) -> Result<(), (Error, Buffer)> {
        self.read(addr, buffer, len)
    }
}

impl DeferredCallClient for I2cMaster {
    fn handle_deferred_call(&self) {
        let Some((mut transfer, result)) = self.operation.end() else {
            return;
        };
        let status = result.and_then(|()| {
            let mut slaves = self.slaves.borrow_mut();
            let slave = slaves.get_mut(&transfer.address).ok_or(Error::AddressNak)?;
            transfer.carry_out(slave);
            Ok(())
        });
        if let Some(client) = self.client.get() {
            client.command_complete(transfer.buffer, status);
        }
    }

    fn register(&'static self) {
        self.operation.register(self);
    }
}
