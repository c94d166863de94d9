//! The fake SPI slave keeps the promises of its HIL.

use std::cell::{Cell, RefCell};

use chip_fake as fake;
use kernel::{
    ErrorCode,
    hil::spi::{ClockPhase, ClockPolarity, SpiSlave, SpiSlaveClient, SpiSlaveDevice},
};

type Buffer = &'static mut [u8];

/// Notes what it hears, and lends buffers of two bytes to the master when it is told to.
struct Client {
    slave: &'static fake::SpiSlave,
    answers_selection: Cell<bool>,
    goes_on: Cell<bool>,
    heard: RefCell<Vec<String>>,
}

impl Client {
    fn hear(&self, what: String) {
        self.heard.borrow_mut().push(what);
    }
}

impl SpiSlaveClient for Client {
    fn chip_selected(&self) {
        self.hear("selected".to_owned());
        if self.answers_selection.take() {
            assert_eq!(lend(self.slave, 2), Ok(()));
        }
    }

    fn read_write_done(
        &self,
        _: Option<Buffer>,
        read_buffer: Option<Buffer>,
        len: usize,
        status: Result<(), ErrorCode>,
    ) {
        let read = read_buffer.map(|buffer| buffer.to_vec());
        self.hear(format!("{read:?} {len} {status:?}"));
        if self.goes_on.take() {
            assert_eq!(lend(self.slave, 2), Ok(()));
        }
    }
}

fn slave() -> (fake::Machine, &'static fake::SpiSlave, &'static Client) {
    let slave = fake::SpiSlave::new();
    let client = &*fake::leak(Client {
        slave,
        answers_selection: Cell::new(false),
        goes_on: Cell::new(false),
        heard: RefCell::default(),
    });
    SpiSlave::set_client(slave, Some(client));
    slave.init().unwrap();
    (fake::Machine::new(), slave, client)
}

/// Lends `[7, 8]`, and two zeros for what the master writes.
fn lend(slave: &fake::SpiSlave, len: usize) -> Result<(), ErrorCode> {
    let (write, read) = (fake::leak([7, 8]), fake::leak([0; 2]));
    SpiSlave::read_write_bytes(slave, Some(write), Some(read), len).map_err(|(error, _, _)| error)
}

#[test]
fn bytes_go_both_ways_until_a_buffer_is_at_its_end() {
    let (machine, slave, client) = slave();
    assert_eq!(lend(slave, 9), Ok(()));
    slave.master_transfers(&[1, 2, 3]);
    assert!(
        client.heard.borrow().is_empty(),
        "nothing comes inside the call"
    );
    machine.run();
    assert_eq!(client.heard.take(), ["selected", "Some([1, 2]) 2 Ok(())"]);
    assert_eq!(slave.take_read(), [[7, 8, 0]]);
}

#[test]
fn bytes_go_until_as_many_did_as_asked_for_or_the_master_stops() {
    let (machine, slave, client) = slave();
    for (len, bytes) in [(1, &[1, 2][..]), (2, &[1])] {
        assert_eq!(lend(slave, len), Ok(()));
        slave.master_transfers(bytes);
        machine.run();
        assert_eq!(client.heard.take(), ["selected", "Some([1, 0]) 1 Ok(())"]);
    }
    assert_eq!(slave.take_read(), [vec![7, 0], vec![7]]);
}

#[test]
fn a_slave_can_lend_buffers_when_it_is_selected_and_more_when_they_are_full() {
    let (machine, slave, client) = slave();
    client.answers_selection.set(true);
    client.goes_on.set(true);
    slave.master_selects();
    machine.run();
    slave.master_transfers(&[1, 2, 3]);
    machine.run();
    assert_eq!(
        client.heard.take(),
        ["selected", "Some([1, 2]) 2 Ok(())", "Some([3, 0]) 1 Ok(())"]
    );
    assert_eq!(slave.take_read(), [[7, 8, 7]]);
}

#[test]
fn bytes_can_go_one_way() {
    let (machine, slave, client) = slave();
    let (read, write) = (fake::leak([0]), fake::leak([7]));
    assert!(SpiSlave::read_write_bytes(slave, None, Some(read), 9).is_ok());
    slave.master_transfers(&[1, 2]);
    machine.run();
    assert!(SpiSlave::read_write_bytes(slave, Some(write), None, 9).is_ok());
    slave.master_transfers(&[3, 4]);
    machine.run();
    assert_eq!(
        client.heard.take(),
        [
            "selected",
            "Some([1]) 1 Ok(())",
            "selected",
            "None 1 Ok(())"
        ]
    );
    assert_eq!(slave.take_read(), [[0, 0], [7, 0]]);
}

#[test]
fn without_buffers_the_master_reads_the_byte_that_was_set_first() {
    let (machine, slave, client) = slave();
    slave.set_write_byte(9);
    slave.master_transfers(&[1, 2]);
    machine.run();
    assert_eq!(slave.take_read(), [[9, 0]]);
    assert_eq!(SpiSlave::read_write_bytes(slave, None, None, 2), Ok(()));
    slave.master_transfers(&[1, 2]);
    machine.run();
    assert_eq!(slave.take_read(), [[0, 0]]);
    assert_eq!(
        client.heard.take(),
        ["selected", "selected", "None 2 Ok(())"]
    );
}

#[test]
fn a_slave_that_is_not_initialised_or_has_no_client_hears_nothing() {
    let (machine, slave, client) = slave();
    assert!(slave.has_client());
    SpiSlave::set_client(slave, None);
    assert!(!slave.has_client());
    slave.master_transfers(&[1]);
    let other = fake::SpiSlave::new();
    SpiSlave::set_client(other, Some(client));
    other.master_transfers(&[1]);
    machine.run();
    assert!(client.heard.borrow().is_empty());
    assert!(slave.take_read().is_empty() && other.take_read().is_empty());
}

#[test]
fn a_slave_device_is_initialised() {
    let (machine, _, client) = slave();
    let device = fake::SpiSlave::new_device();
    SpiSlaveDevice::set_client(device, client);
    let read = Some(&mut fake::leak([0])[..]);
    assert_eq!(
        SpiSlaveDevice::read_write_bytes(device, None, read, 1),
        Ok(())
    );
    device.master_transfers(&[1]);
    machine.run();
    assert_eq!(client.heard.take(), ["selected", "Some([1]) 1 Ok(())"]);
    let (polarity, phase) = (ClockPolarity::IdleHigh, ClockPhase::SampleTrailing);
    assert_eq!(device.configure(polarity, phase), Ok(()));
    assert_eq!(SpiSlaveDevice::get_polarity(device), polarity);
    assert_eq!(SpiSlaveDevice::get_phase(device), phase);
    assert_eq!(
        SpiSlaveDevice::set_polarity(device, ClockPolarity::IdleLow),
        Ok(())
    );
    assert_eq!(
        SpiSlaveDevice::set_phase(device, ClockPhase::SampleLeading),
        Ok(())
    );
    assert_eq!(SpiSlave::get_polarity(device), ClockPolarity::IdleLow);
    assert_eq!(SpiSlave::get_phase(device), ClockPhase::SampleLeading);
}

#[test]
fn a_slave_says_why_it_refuses() {
    let (machine, slave, client) = slave();
    assert_eq!(lend(slave, 0), Err(ErrorCode::INVAL));
    slave.refuse_next(ErrorCode::FAIL);
    assert_eq!(lend(slave, 1), Err(ErrorCode::FAIL));
    assert_eq!(lend(slave, 1), Ok(()));
    assert_eq!(lend(slave, 1), Err(ErrorCode::BUSY));
    assert_eq!(slave.init(), Err(ErrorCode::BUSY));
    slave.master_transfers(&[1]);
    machine.run();
    assert_eq!(client.heard.borrow().len(), 2);
    slave.master_transfers(&[1]);
    assert_eq!(slave.init(), Err(ErrorCode::BUSY));
    machine.run();
    assert_eq!(slave.init(), Ok(()));
}

#[test]
fn a_transfer_that_fails_brings_the_buffers_back_as_they_were() {
    let (machine, slave, client) = slave();
    slave.fail_next(ErrorCode::FAIL);
    assert_eq!(lend(slave, 2), Ok(()));
    slave.hold();
    slave.master_transfers(&[1, 2]);
    machine.run();
    assert!(client.heard.borrow().is_empty());
    slave.release();
    machine.run();
    assert_eq!(
        client.heard.take(),
        ["selected", "Some([0, 0]) 0 Err(FAIL)"]
    );
    assert_eq!(slave.take_read(), [[0; 0]]);
}

#[test]
#[should_panic(expected = "the master's last transfer is not over")]
fn the_master_has_one_transfer_at_a_time() {
    let (_, slave, _) = slave();
    slave.master_transfers(&[1]);
    slave.master_transfers(&[2]);
}
