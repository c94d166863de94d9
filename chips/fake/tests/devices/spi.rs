//! The fakes of an SPI bus, and of one slave on a bus, keep the promises of their HIL.

use std::cell::RefCell;

use chip_fake as fake;
use kernel::{
    ErrorCode,
    hil::spi::{
        ClockPhase, ClockPolarity, SpiMaster, SpiMasterClient, SpiMasterDevice,
        cs::{ActiveHigh, ActiveLow, IntoChipSelect},
    },
};

use crate::buffer::{Buffer, buffer};

/// What the buffer holds that was read to, and how it ended.
type Ended = (Vec<u8>, Result<usize, ErrorCode>);

#[derive(Default)]
struct Client(RefCell<Vec<Ended>>);

impl SpiMasterClient for Client {
    fn read_write_done(
        &self,
        _: Buffer,
        read_buffer: Option<Buffer>,
        status: Result<usize, ErrorCode>,
    ) {
        let read = read_buffer.map_or(Vec::new(), |read| read.as_slice().to_vec());
        self.0.borrow_mut().push((read, status));
    }
}

/// A bus with a slave that is meant while its line is low, and another while it is high.
struct Bus {
    machine: fake::Machine,
    master: &'static fake::SpiMaster,
    low: &'static fake::Pin,
    high: &'static fake::Pin,
    client: &'static Client,
}

impl Bus {
    fn new() -> Self {
        let (low, high) = (fake::Pin::new(), fake::Pin::new());
        let master = fake::SpiMaster::new(&[low, high]);
        let client = &*fake::leak(Client::default());
        master.set_client(client);
        master.init().unwrap();
        let machine = fake::Machine::new();
        Self {
            machine,
            master,
            low,
            high,
            client,
        }
    }

    fn choose_low(&self) {
        let line = IntoChipSelect::<_, ActiveLow>::into_cs(self.low);
        self.master.specify_chip_select(line).unwrap();
    }

    fn choose_high(&self) {
        let line = IntoChipSelect::<_, ActiveHigh>::into_cs(self.high);
        self.master.specify_chip_select(line).unwrap();
    }

    /// Writes, and reads as much.
    fn exchange(&self, bytes: &[u8]) -> Result<(), ErrorCode> {
        let read = Some(buffer(&vec![0; bytes.len()]));
        let started = self.master.read_write_bytes(buffer(bytes), read);
        started.map_err(|(error, _, _)| error)
    }
}

#[test]
fn the_slave_that_is_chosen_is_meant_while_an_operation_is_under_way() {
    let bus = Bus::new();
    bus.choose_low();
    bus.choose_high();
    assert_eq!(
        (bus.low.output(), bus.high.output()),
        (Some(true), Some(false))
    );
    bus.master.answer_next(bus.high, &[7]);
    assert_eq!(bus.exchange(&[1, 2]), Ok(()));
    assert!(bus.master.is_busy());
    assert_eq!(
        (bus.low.output(), bus.high.output()),
        (Some(true), Some(true))
    );
    bus.machine.run();
    assert_eq!(bus.high.output(), Some(false));
    bus.choose_low();
    assert_eq!(bus.exchange(&[3]), Ok(()));
    assert_eq!(bus.low.output(), Some(false));
    bus.machine.run();
    assert_eq!(bus.low.output(), Some(true));
    assert_eq!(bus.master.take_written(bus.high), [[1, 2]]);
    assert_eq!(bus.master.take_written(bus.low), [[3]]);
    assert_eq!(
        *bus.client.0.borrow(),
        [(vec![7, 0], Ok(2)), (vec![0], Ok(1))]
    );
}

#[test]
fn operations_are_one_to_a_slave_that_is_held() {
    let bus = Bus::new();
    bus.choose_low();
    bus.master.answer_next(bus.low, &[7, 8]);
    bus.master.answer_next(bus.low, &[9]);
    bus.master.hold_low();
    for byte in [1, 2] {
        assert_eq!(bus.exchange(&[byte]), Ok(()));
        bus.machine.run();
        assert_eq!(bus.low.output(), Some(false));
    }
    bus.master.release_low();
    assert_eq!(bus.low.output(), Some(true));
    assert_eq!(bus.exchange(&[3]), Ok(()));
    bus.machine.run();
    assert_eq!(bus.master.take_written(bus.low), [vec![1, 2], vec![3]]);
    let read = [7, 8, 9].map(|byte| (vec![byte], Ok(1)));
    assert_eq!(*bus.client.0.borrow(), read);
}

#[test]
fn a_slave_that_is_released_in_an_operation_is_meant_until_its_end() {
    let bus = Bus::new();
    bus.choose_low();
    bus.master.hold_low();
    assert_eq!(bus.exchange(&[1]), Ok(()));
    bus.master.release_low();
    assert_eq!(bus.low.output(), Some(false));
    bus.machine.run();
    assert_eq!(bus.low.output(), Some(true));
}

#[test]
fn a_slave_that_is_held_is_meant_no_more_while_another_is_chosen() {
    let bus = Bus::new();
    bus.choose_low();
    bus.master.hold_low();
    assert_eq!(bus.master.write_byte(1), Ok(()));
    bus.choose_high();
    assert_eq!(bus.master.write_byte(1), Ok(()));
    assert_eq!(
        (bus.low.output(), bus.high.output()),
        (Some(true), Some(false))
    );
    bus.choose_low();
    assert_eq!(bus.low.output(), Some(true));
    assert_eq!(bus.master.write_byte(1), Ok(()));
    assert_eq!(bus.low.output(), Some(false));
}

#[test]
fn a_byte_goes_inside_the_call() {
    let bus = Bus::new();
    bus.choose_low();
    for byte in [7, 8] {
        bus.master.answer_next(bus.low, &[byte]);
    }
    assert_eq!(bus.master.read_write_byte(1), Ok(7));
    assert_eq!(bus.master.read_byte(), Ok(8));
    assert_eq!(bus.master.write_byte(2), Ok(()));
    assert_eq!(bus.low.output(), Some(true));
    assert_eq!(bus.master.take_written(bus.low), [[1], [0], [2]]);
    assert_eq!(bus.exchange(&[3]), Ok(()));
    assert_eq!(bus.master.read_byte(), Err(ErrorCode::BUSY));
}

#[test]
fn settings_belong_to_the_slave() {
    let bus = Bus::new();
    bus.choose_low();
    assert_eq!(bus.master.set_rate(0), Err(ErrorCode::INVAL));
    assert_eq!(bus.master.set_rate(1_000), Ok(1_000));
    assert_eq!(bus.master.set_polarity(ClockPolarity::IdleHigh), Ok(()));
    assert_eq!(bus.master.set_phase(ClockPhase::SampleTrailing), Ok(()));
    let settings = || {
        let (polarity, phase) = (bus.master.get_polarity(), bus.master.get_phase());
        (bus.master.get_rate(), polarity, phase)
    };
    bus.choose_high();
    assert_eq!(
        settings(),
        (0, ClockPolarity::IdleLow, ClockPhase::SampleLeading)
    );
    bus.choose_low();
    assert_eq!(
        settings(),
        (1_000, ClockPolarity::IdleHigh, ClockPhase::SampleTrailing)
    );
}

#[test]
fn a_busy_bus_changes_nothing() {
    let bus = Bus::new();
    bus.choose_low();
    assert_eq!(bus.exchange(&[1]), Ok(()));
    assert_eq!(bus.exchange(&[1]), Err(ErrorCode::BUSY));
    assert_eq!(bus.master.set_rate(1), Err(ErrorCode::BUSY));
    let line = IntoChipSelect::<_, ActiveLow>::into_cs(bus.high);
    assert_eq!(bus.master.specify_chip_select(line), Err(ErrorCode::BUSY));
    bus.machine.run();
    assert!(!bus.master.is_busy());
}

#[test]
fn what_a_bus_has_not_or_refuses_has_no_callback() {
    let bus = Bus::new();
    let elsewhere = IntoChipSelect::<_, ActiveLow>::into_cs(fake::Pin::new());
    let chosen = bus.master.specify_chip_select(elsewhere);
    assert_eq!(chosen, Err(ErrorCode::INVAL));
    bus.choose_low();
    assert_eq!(bus.exchange(&[]), Err(ErrorCode::INVAL));
    bus.master.refuse_next(ErrorCode::OFF);
    assert_eq!(bus.exchange(&[1]), Err(ErrorCode::OFF));
    bus.machine.run();
    assert!(bus.client.0.borrow().is_empty());
    assert_eq!(bus.low.output(), Some(true));
}

#[test]
fn a_failure_writes_nothing_and_ends_the_operation() {
    let bus = Bus::new();
    bus.choose_low();
    bus.master.fail_next(ErrorCode::FAIL);
    assert_eq!(bus.exchange(&[1]), Ok(()));
    bus.machine.run();
    assert_eq!(*bus.client.0.borrow(), [(vec![0], Err(ErrorCode::FAIL))]);
    assert!(bus.master.take_written(bus.low).is_empty());
    assert_eq!(bus.low.output(), Some(true));
}

#[test]
#[should_panic(expected = "a bus is made ready before a slave is chosen")]
fn a_bus_is_made_ready_first() {
    let pin = fake::Pin::new();
    let line = IntoChipSelect::<_, ActiveLow>::into_cs(pin);
    let _ = fake::SpiMaster::new(&[pin]).specify_chip_select(line);
}

#[test]
#[should_panic(expected = "a slave is chosen before all else that concerns it")]
fn a_slave_is_chosen_next() {
    let _ = Bus::new().master.set_rate(1_000);
}

#[test]
#[should_panic(expected = "the bus has a slave at this pin")]
fn a_test_knows_its_slaves() {
    Bus::new().master.answer_next(fake::Pin::new(), &[1]);
}

fn device() -> (fake::Machine, &'static fake::SpiDevice, &'static Client) {
    let (device, client) = (fake::SpiDevice::new(), &*fake::leak(Client::default()));
    device.set_client(client);
    (fake::Machine::new(), device, client)
}

#[test]
fn as_many_bytes_go_each_way_as_the_shorter_buffer_has() {
    let (machine, device, client) = device();
    device.answer_next(&[7]);
    assert!(
        device
            .read_write_bytes(buffer(&[1, 2, 3]), Some(buffer(&[9, 9])))
            .is_ok()
    );
    assert_eq!(device.set_rate(1_000), Err(ErrorCode::BUSY));
    machine.run();
    assert!(device.read_write_bytes(buffer(&[4]), None).is_ok());
    machine.run();
    assert_eq!(*client.0.borrow(), [(vec![7, 0], Ok(2)), (vec![], Ok(1))]);
    assert_eq!(device.take_written(), [vec![1, 2], vec![4]]);
}

#[test]
fn nothing_cannot_be_written() {
    let (machine, device, client) = device();
    let refused = device.read_write_bytes(buffer(&[]), None);
    assert!(matches!(refused, Err((ErrorCode::INVAL, _, None))));
    machine.run();
    assert_eq!(client.0.borrow().len(), 0);
}

#[test]
fn a_failure_brings_the_buffers_back_as_they_were() {
    let (machine, device, client) = device();
    device.fail_next(ErrorCode::FAIL);
    assert!(
        device
            .read_write_bytes(buffer(&[1]), Some(buffer(&[9])))
            .is_ok()
    );
    machine.run();
    assert_eq!(*client.0.borrow(), [(vec![9], Err(ErrorCode::FAIL))]);
    assert!(device.take_written().is_empty());
}

#[test]
fn a_device_remembers_how_it_was_set_up() {
    let (_, device, _) = device();
    let (polarity, phase) = (ClockPolarity::IdleHigh, ClockPhase::SampleTrailing);
    assert_eq!(device.configure(polarity, phase, 0), Err(ErrorCode::INVAL));
    assert_eq!(device.configure(polarity, phase, 1_000), Ok(()));
    assert_eq!(device.get_rate(), 1_000);
    assert_eq!(
        (device.get_polarity(), device.get_phase()),
        (polarity, phase)
    );
}
