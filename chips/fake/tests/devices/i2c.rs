//! The fakes of an I2C bus, and of one slave on a bus, keep the promises of their HIL.

use std::cell::RefCell;

use chip_fake as fake;
use kernel::hil::i2c::{
    Error, I2CClient, I2CDevice, I2CHwMasterClient, I2CMaster, SMBusDevice, SMBusMaster,
};

type Buffer = &'static mut [u8];

/// What the buffer holds that was read to, and how it ended.
type Ended = (Vec<u8>, Result<(), Error>);

#[derive(Default)]
struct Client(RefCell<Vec<Ended>>);

impl I2CClient for Client {
    fn command_complete(&self, buffer: Buffer, status: Result<(), Error>) {
        self.0.borrow_mut().push((buffer.to_vec(), status));
    }
}

impl I2CHwMasterClient for Client {
    fn command_complete(&self, buffer: Buffer, status: Result<(), Error>) {
        I2CClient::command_complete(self, buffer, status);
    }
}

/// A bus that is enabled, with slaves at these addresses.
fn bus(addresses: &[u8]) -> (fake::Machine, &'static fake::I2cMaster, &'static Client) {
    let (bus, client) = (
        fake::I2cMaster::new(addresses),
        &*fake::leak(Client::default()),
    );
    bus.set_master_client(client);
    bus.enable();
    (fake::Machine::new(), bus, client)
}

fn device() -> (fake::Machine, &'static fake::I2cDevice, &'static Client) {
    let (device, client) = (fake::I2cDevice::new(), &*fake::leak(Client::default()));
    device.set_client(client);
    (fake::Machine::new(), device, client)
}

#[test]
fn each_slave_hears_what_is_sent_to_it_and_answers() {
    let (machine, bus, client) = bus(&[0x40, 0x41]);
    bus.answer_next(0x41, &[1, 2]);
    bus.write_read(0x41, fake::leak([7, 0, 0]), 1, 3).unwrap();
    assert_eq!(client.0.borrow().len(), 0);
    machine.run();
    assert_eq!(*client.0.borrow(), [(vec![1, 2, 0xff], Ok(()))]);
    assert_eq!(bus.take_written(0x41), [[7]]);
    assert_eq!(bus.take_written(0x40), [[0; 0]; 0]);
}

#[test]
fn a_slave_that_is_not_there_does_not_acknowledge() {
    let (machine, bus, client) = bus(&[]);
    bus.write(0x40, fake::leak([7]), 1).unwrap();
    machine.run();
    assert_eq!(*client.0.borrow(), [(vec![7], Err(Error::AddressNak))]);
}

#[test]
fn a_bus_carries_the_same_bytes_by_the_rules_of_smbus() {
    let (machine, bus, client) = bus(&[0x40]);
    bus.answer_next(0x40, &[1]);
    bus.answer_next(0x40, &[2]);
    bus.smbus_write_read(0x40, fake::leak([7, 0]), 2, 1)
        .unwrap();
    machine.run();
    bus.smbus_read(0x40, fake::leak([0]), 1).unwrap();
    machine.run();
    bus.smbus_write(0x40, fake::leak([8]), 1).unwrap();
    machine.run();
    let read = [vec![1, 0], vec![2], vec![8]];
    assert_eq!(*client.0.borrow(), read.map(|read| (read, Ok(()))));
    assert_eq!(bus.take_written(0x40), [vec![7, 0], vec![8]]);
}

#[test]
fn a_device_has_no_address_and_says_why_it_refuses() {
    let (machine, device, client) = device();
    let write = |len| {
        let started = device.write(fake::leak([1]), len);
        started.map_err(|(error, _)| error)
    };
    assert_eq!(write(1), Err(Error::NotSupported));
    device.enable();
    assert_eq!(write(2), Err(Error::NotSupported));
    device.refuse_next(Error::ArbitrationLost);
    let (error, _) = device.read(fake::leak([0]), 1).unwrap_err();
    assert_eq!(error, Error::ArbitrationLost);
    device.fail_next(Error::DataNak);
    assert_eq!(write(1), Ok(()));
    assert_eq!(write(1), Err(Error::Busy));
    machine.run();
    assert_eq!(*client.0.borrow(), [(vec![1], Err(Error::DataNak))]);
    assert_eq!(device.take_written(), [[0; 0]; 0]);
    device.disable();
    assert_eq!(write(1), Err(Error::NotSupported));
}

#[test]
fn a_device_carries_the_same_bytes_by_the_rules_of_smbus() {
    let (machine, device, client) = device();
    device.enable();
    device.answer_next(&[1]);
    device.answer_next(&[2]);
    device.smbus_write_read(fake::leak([7, 0]), 2, 1).unwrap();
    machine.run();
    device.smbus_read(fake::leak([0]), 1).unwrap();
    machine.run();
    device.smbus_write(fake::leak([8]), 1).unwrap();
    machine.run();
    let read = [vec![1, 0], vec![2], vec![8]];
    assert_eq!(*client.0.borrow(), read.map(|read| (read, Ok(()))));
    assert_eq!(device.take_written(), [vec![7, 0], vec![8]]);
}
