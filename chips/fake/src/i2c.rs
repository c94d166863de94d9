//! I2C: a bus as its master sees it, and one slave on a bus of somebody else's.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, VecDeque},
};

use kernel::{
    deferred_call::DeferredCallClient,
    hil::i2c::{self, Error, I2CClient, I2CHwMasterClient},
    utilities::cells::OptionalCell,
};

use crate::{
    faults::{Operation, faults},
    place,
};

/// What a wire says that nobody pulls down.
const NOTHING: u8 = 0xff;

type Buffer = &'static mut [u8];

/// What a slave is sent and sends.
#[derive(Default)]
struct Wire {
    written: Vec<Vec<u8>>,
    answers: VecDeque<Vec<u8>>,
}

/// A transfer: to which slave, how much of the buffer is written first, and how much is read then.
struct Transfer {
    address: u8,
    buffer: Buffer,
    write_len: Option<usize>,
    read_len: Option<usize>,
}

impl Transfer {
    fn fits(&self) -> bool {
        let len = self.write_len.max(self.read_len).unwrap_or(0);
        len <= self.buffer.len()
    }

    fn carry_out(&mut self, wire: &mut Wire) {
        if let Some(len) = self.write_len {
            wire.written.push(self.buffer[..len].to_vec());
        }
        if let Some(len) = self.read_len {
            let answer = wire.answers.pop_front().unwrap_or_default();
            let bytes = answer.into_iter().chain(std::iter::repeat(NOTHING));
            self.buffer[..len]
                .iter_mut()
                .zip(bytes)
                .for_each(|(place, byte)| *place = byte);
        }
    }
}

/// Starts a transfer on a fake, whose operations these are.
fn start(
    operation: &Operation<Transfer, Error, Error>,
    is_enabled: bool,
    transfer: Transfer,
) -> Result<(), (Error, Buffer)> {
    let admitted = operation.admit().and_then(|()| {
        let is_possible = is_enabled && transfer.fits();
        is_possible.then_some(()).ok_or(Error::NotSupported)
    });
    match admitted {
        Ok(()) => operation.start(transfer),
        Err(error) => return Err((error, transfer.buffer)),
    }
    Ok(())
}

/// A bus. It has the slaves that the test says; a transfer to another ends with `AddressNak`. One to a bus that is
/// not enabled, and one that does not fit its buffer, is `NotSupported`.
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

impl i2c::I2CMaster<'static> for I2cMaster {
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

/// One slave. A transfer to one that is not enabled, and one that does not fit its buffer, is `NotSupported`.
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

impl i2c::I2CDevice for I2cDevice {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Machine, leak};
    use kernel::hil::i2c::{I2CDevice as _, I2CMaster as _};

    /// What the buffer holds that was read to, and how it ended.
    type Ended = (Vec<u8>, Result<(), Error>);

    #[derive(Default)]
    struct Client(RefCell<Vec<Ended>>);

    impl I2CHwMasterClient for Client {
        fn command_complete(&self, buffer: Buffer, status: Result<(), Error>) {
            self.0.borrow_mut().push((buffer.to_vec(), status));
        }
    }

    impl I2CClient for Client {
        fn command_complete(&self, buffer: Buffer, status: Result<(), Error>) {
            self.0.borrow_mut().push((buffer.to_vec(), status));
        }
    }

    #[test]
    fn each_slave_hears_what_is_sent_to_it_and_answers() {
        let (machine, bus, client) = (
            Machine::new(),
            I2cMaster::new(&[0x40, 0x41]),
            leak(Client::default()),
        );
        let client = &*client;
        bus.set_master_client(client);
        bus.enable();
        bus.answer_next(0x41, &[1, 2]);
        bus.write_read(0x41, leak([7, 0, 0]), 1, 3).unwrap();
        assert_eq!(client.0.borrow().len(), 0);
        machine.run();
        assert_eq!(*client.0.borrow(), [(vec![1, 2, NOTHING], Ok(()))]);
        assert_eq!(bus.take_written(0x41), [[7]]);
        assert_eq!(bus.take_written(0x40), [[0; 0]; 0]);
    }

    #[test]
    fn a_slave_that_is_not_there_does_not_acknowledge() {
        let (machine, bus, client) = (Machine::new(), I2cMaster::new(&[]), leak(Client::default()));
        let client = &*client;
        bus.set_master_client(client);
        bus.enable();
        bus.write(0x40, leak([7]), 1).unwrap();
        machine.run();
        assert_eq!(*client.0.borrow(), [(vec![7], Err(Error::AddressNak))]);
    }

    #[test]
    fn a_device_has_no_address_and_says_why_it_refuses() {
        let (machine, device, client) = (Machine::new(), I2cDevice::new(), leak(Client::default()));
        let client = &*client;
        device.set_client(client);
        let refused = |result: Result<(), (Error, Buffer)>| result.map_err(|(error, _)| error);
        assert_eq!(
            refused(device.write(leak([1]), 1)),
            Err(Error::NotSupported)
        );
        device.enable();
        assert_eq!(
            refused(device.write(leak([1]), 2)),
            Err(Error::NotSupported)
        );
        device.refuse_next(Error::ArbitrationLost);
        assert_eq!(
            refused(device.read(leak([0]), 1)),
            Err(Error::ArbitrationLost)
        );
        device.fail_next(Error::DataNak);
        assert_eq!(refused(device.write(leak([1]), 1)), Ok(()));
        assert_eq!(refused(device.write(leak([1]), 1)), Err(Error::Busy));
        machine.run();
        assert_eq!(*client.0.borrow(), [(vec![1], Err(Error::DataNak))]);
        assert_eq!(device.take_written(), [[0; 0]; 0]);
    }
}
