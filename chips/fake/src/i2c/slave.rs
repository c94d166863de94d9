//! I2C: a bus as one of its slaves sees it, with the test as the master.

use std::cell::{Cell, RefCell};

use kernel::{
    deferred_call::DeferredCallClient,
    hil::i2c::{Error, I2CHwSlaveClient, I2CSlave, SlaveTransmissionType},
    utilities::cells::{MapCell, OptionalCell},
};

use super::{Buffer, NOTHING};
use crate::{
    faults::{Operation, faults},
    place,
};

/// The greatest address.
const ADDRESS_MAX: u8 = 0x7f;

/// A buffer, and how much of it may be used.
type Part = (Buffer, usize);

/// What the master wants.
enum Transfer {
    Write(Vec<u8>),
    Read { len: usize },
}

/// A slave, which answers once it is enabled, has an address and listens. Without a buffer the master waits. What it
/// writes beyond the buffer is lost; what it reads beyond it is all ones.
pub struct I2cSlave {
    address: Cell<Option<u8>>,
    is_enabled: Cell<bool>,
    listens: Cell<bool>,
    write_buffer: MapCell<Part>,
    read_buffer: MapCell<Part>,
    operation: Operation<Transfer, Error>,
    /// The transfer whose clock is held, because there is no buffer for it.
    waiting: MapCell<Transfer>,
    read: RefCell<Vec<Vec<u8>>>,
    client: OptionalCell<&'static dyn I2CHwSlaveClient>,
}

/// The master.
impl I2cSlave {
    /// A slave that does not answer yet.
    pub fn new() -> &'static Self {
        place(Self {
            address: Cell::new(None),
            is_enabled: Cell::new(false),
            listens: Cell::new(false),
            write_buffer: MapCell::empty(),
            read_buffer: MapCell::empty(),
            operation: Operation::new(),
            waiting: MapCell::empty(),
            read: RefCell::default(),
            client: OptionalCell::empty(),
        })
    }

    /// The master writes `bytes` to the slave `address`. Returns whether one answers.
    ///
    /// # Panics
    /// If the transfer before is not over.
    #[track_caller]
    pub fn master_writes(&self, address: u8, bytes: &[u8]) -> bool {
        self.begin(address, Transfer::Write(bytes.to_vec()))
    }

    /// The master reads `len` bytes from the slave `address`. Returns whether one answers.
    ///
    /// # Panics
    /// If the transfer before is not over.
    #[track_caller]
    pub fn master_reads(&self, address: u8, len: usize) -> bool {
        self.begin(address, Transfer::Read { len })
    }

    /// Takes what the master has read, transfer by transfer.
    pub fn take_read(&self) -> Vec<Vec<u8>> {
        self.read.take()
    }

    #[track_caller]
    fn begin(&self, address: u8, transfer: Transfer) -> bool {
        assert!(!self.is_busy(), "the master's last transfer is not over");
        let is_meant = self.address.get() == Some(address);
        let answers = is_meant && self.is_enabled.get() && self.listens.get();
        if answers {
            self.operation.start(transfer);
        }
        answers
    }
}

faults!(I2cSlave, refusal Error);

impl I2cSlave {
    /// Whether a transfer is under way.
    fn is_busy(&self) -> bool {
        self.waiting.is_some() || self.operation.is_under_way()
    }

    fn lend(
        &self,
        place: &MapCell<Part>,
        data: Buffer,
        max_len: usize,
    ) -> Result<(), (Error, Buffer)> {
        if place.is_some() {
            return Err((Error::Busy, data));
        }
        if let Err(error) = self.operation.admit_meanwhile() {
            return Err((error, data));
        }
        if max_len > data.len() {
            return Err((Error::NotSupported, data));
        }
        place.put((data, max_len));
        Ok(())
    }

    /// Lets the master go on if it waits for such a transfer.
    fn go_on(&self, is_such: impl FnOnce(&mut Transfer) -> bool) {
        if self.waiting.map(is_such) == Some(true)
            && let Some(transfer) = self.waiting.take()
        {
            self.operation.start(transfer);
        }
    }

    fn finish(&self, transfer: Transfer, client: &dyn I2CHwSlaveClient) {
        match transfer {
            Transfer::Write(bytes) => {
                let Some((buffer, max_len)) = self.write_buffer.take() else {
                    self.waiting.put(Transfer::Write(bytes));
                    return client.write_expected();
                };
                let len = bytes.len().min(max_len);
                buffer[..len].copy_from_slice(&bytes[..len]);
                client.command_complete(buffer, len, SlaveTransmissionType::Write);
            }
            Transfer::Read { len } => {
                let Some((buffer, max_len)) = self.read_buffer.take() else {
                    self.waiting.put(Transfer::Read { len });
                    return client.read_expected();
                };
                let mut read = buffer[..len.min(max_len)].to_vec();
                read.resize(len, NOTHING);
                self.read.borrow_mut().push(read);
                client.command_complete(buffer, len.min(max_len), SlaveTransmissionType::Read);
            }
        }
    }
}

impl I2CSlave<'static> for I2cSlave {
    fn set_slave_client(&self, slave_client: &'static dyn I2CHwSlaveClient) {
        self.client.set(slave_client);
    }

    fn enable(&self) {
        self.is_enabled.set(true);
    }

    /// The master's transfer that is under way is not heard of any more.
    fn disable(&self) {
        self.is_enabled.set(false);
        self.listens.set(false);
        self.operation.cancel();
        self.waiting.take();
    }

    fn set_address(&self, addr: u8) -> Result<(), Error> {
        if self.is_busy() {
            return Err(Error::Busy);
        }
        if addr > ADDRESS_MAX {
            return Err(Error::NotSupported);
        }
        self.address.set(Some(addr));
        Ok(())
    }

    fn write_receive(&self, data: Buffer, max_len: usize) -> Result<(), (Error, Buffer)> {
        self.lend(&self.write_buffer, data, max_len)?;
        self.go_on(|transfer| matches!(transfer, Transfer::Write(_)));
        Ok(())
    }

    fn read_send(&self, data: Buffer, max_len: usize) -> Result<(), (Error, Buffer)> {
        self.lend(&self.read_buffer, data, max_len)?;
        self.go_on(|transfer| matches!(transfer, Transfer::Read { .. }));
        Ok(())
    }

    fn listen(&self) {
        self.listens.set(true);
    }
}

impl DeferredCallClient for I2cSlave {
    fn handle_deferred_call(&self) {
        if let (Some((transfer, _)), Some(client)) = (self.operation.end(), self.client.get()) {
            self.finish(transfer, client);
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

    #[derive(Default)]
    struct Client(RefCell<Vec<String>>);

    impl Client {
        fn hear(&self, what: String) {
            self.0.borrow_mut().push(what);
        }
    }

    impl I2CHwSlaveClient for Client {
        fn command_complete(&self, buffer: Buffer, length: usize, kind: SlaveTransmissionType) {
            self.hear(format!("{kind:?} {:?}", &buffer[..length]));
        }

        fn read_expected(&self) {
            self.hear("Read?".to_owned());
        }

        fn write_expected(&self) {
            self.hear("Write?".to_owned());
        }
    }

    fn slave() -> (Machine, &'static I2cSlave, &'static Client) {
        let (slave, client) = (I2cSlave::new(), &*leak(Client::default()));
        slave.set_slave_client(client);
        slave.set_address(0x40).unwrap();
        slave.enable();
        slave.listen();
        (Machine::new(), slave, client)
    }

    fn refused(result: Result<(), (Error, Buffer)>) -> Result<(), Error> {
        result.map_err(|(error, _)| error)
    }

    #[test]
    fn a_slave_answers_once_it_is_enabled_has_the_address_and_listens() {
        let (_, slave, _) = slave();
        assert!(!slave.master_writes(0x41, &[1]));
        assert!(slave.master_writes(0x40, &[1]));
        let slave = I2cSlave::new();
        assert!(!slave.master_reads(0x40, 1));
        slave.set_address(0x40).unwrap();
        slave.listen();
        assert!(!slave.master_reads(0x40, 1));
        slave.enable();
        assert!(slave.master_reads(0x40, 1));
        slave.disable();
        slave.enable();
        assert!(!slave.master_reads(0x40, 1));
    }

    #[test]
    fn what_goes_beyond_a_buffer_is_lost_or_all_ones() {
        let (machine, slave, client) = slave();
        slave.write_receive(leak([0; 4]), 2).unwrap();
        slave.read_send(leak([7, 8, 9]), 2).unwrap();
        slave.master_writes(0x40, &[1, 2, 3]);
        assert!(client.0.borrow().is_empty());
        machine.run();
        slave.master_reads(0x40, 3);
        machine.run();
        assert_eq!(*client.0.borrow(), ["Write [1, 2]", "Read [7, 8]"]);
        assert_eq!(slave.take_read(), [[7, 8, NOTHING]]);
    }

    #[test]
    fn without_a_buffer_the_master_waits_for_one() {
        let (machine, slave, client) = slave();
        slave.master_reads(0x40, 1);
        machine.run();
        assert_eq!(slave.set_address(0x41), Err(Error::Busy));
        slave.write_receive(leak([0; 2]), 2).unwrap();
        machine.run();
        slave.read_send(leak([7, 8]), 2).unwrap();
        machine.run();
        slave.master_writes(0x40, &[1]);
        machine.run();
        slave.master_writes(0x40, &[2]);
        machine.run();
        slave.write_receive(leak([0]), 1).unwrap();
        machine.run();
        let heard = ["Read?", "Read [7]", "Write [1]", "Write?", "Write [2]"];
        assert_eq!(*client.0.borrow(), heard);
    }

    #[test]
    fn a_slave_that_is_disabled_hears_no_more_of_a_transfer() {
        let (machine, slave, client) = slave();
        slave.master_reads(0x40, 1);
        machine.run();
        slave.disable();
        slave.read_send(leak([7]), 1).unwrap();
        slave.enable();
        slave.listen();
        slave.master_reads(0x40, 1);
        slave.disable();
        machine.run();
        assert_eq!(*client.0.borrow(), ["Read?"]);
        assert!(slave.take_read().is_empty());
    }

    #[test]
    fn a_slave_says_why_it_refuses() {
        let (machine, slave, _) = slave();
        assert_eq!(slave.set_address(0x80), Err(Error::NotSupported));
        let too_long = slave.write_receive(leak([0]), 2);
        assert_eq!(refused(too_long), Err(Error::NotSupported));
        slave.refuse_next(Error::Overrun);
        assert_eq!(refused(slave.read_send(leak([0]), 1)), Err(Error::Overrun));
        assert_eq!(refused(slave.read_send(leak([0]), 1)), Ok(()));
        assert_eq!(refused(slave.read_send(leak([0]), 1)), Err(Error::Busy));
        slave.hold();
        slave.master_reads(0x40, 1);
        machine.run();
        assert_eq!(slave.set_address(0x41), Err(Error::Busy));
        slave.release();
        machine.run();
        assert_eq!(slave.set_address(0x7f), Ok(()));
    }

    #[test]
    #[should_panic(expected = "the master's last transfer is not over")]
    fn the_master_has_one_transfer_at_a_time() {
        let (_, slave, _) = slave();
        slave.master_writes(0x40, &[1]);
        slave.master_reads(0x40, 1);
    }
}
