//! The fake USB controller keeps the promises of its HIL, and says what its client forgot.

use std::cell::{Cell, RefCell};

use chip_fake::{self as fake, UsbAnswer};
use kernel::{
    hil::usb::{
        Client, CtrlInResult, CtrlOutResult, CtrlSetupResult, DeviceSpeed, InResult, OutResult,
        TransferType, UsbController,
    },
    utilities::registers::{
        InMemoryRegister,
        interfaces::{Readable, Writeable},
    },
};

/// Requests to a device: standard ones (9.4), and two that are not.
const GET_DESCRIPTOR: [u8; 8] = [0x80, 6, 0, 1, 0, 0, 64, 0];
const SET_ADDRESS: [u8; 8] = [0, 5, 9, 0, 0, 0, 0, 0];
const WRITE_TEN_BYTES: [u8; 8] = [0x40, 0xa0, 0, 0, 0, 0, 10, 0];
const UNKNOWN: [u8; 8] = [0xc0, 0xff, 0, 0, 0, 0, 1, 0];

const DESCRIPTOR: &[u8] = b"a descriptor";

/// The endpoint that sends and receives packets.
const ENDPOINT: usize = 1;

type Buffer = &'static [InMemoryRegister<u8>];

/// What a device answers.
#[derive(Clone, Copy, PartialEq)]
enum Mood {
    Answers,
    Delays,
    Refuses,
}

/// A device that has a descriptor, takes data, and sends packets of one byte.
struct Device {
    controller: &'static fake::UsbController,
    control: Buffer,
    packets_in: Buffer,
    packets_out: Buffer,
    mood: Cell<Mood>,
    sent: Cell<usize>,
    taken: RefCell<Vec<u8>>,
    heard: RefCell<Vec<&'static str>>,
}

impl Device {
    fn hear(&self, what: &'static str) {
        self.heard.borrow_mut().push(what);
    }

    fn take(&self, buffer: Buffer, len: u32) {
        let bytes = buffer[..len as usize].iter().map(Readable::get);
        self.taken.borrow_mut().extend(bytes);
    }
}

impl Client<'static> for Device {
    fn enable(&'static self) {
        self.controller.endpoint_set_ctrl_buffer(self.control);
        let (packets_in, packets_out) = (self.packets_in, self.packets_out);
        self.controller.endpoint_set_in_buffer(ENDPOINT, packets_in);
        self.controller
            .endpoint_set_out_buffer(ENDPOINT, packets_out);
        self.controller.enable_as_device(DeviceSpeed::Full);
        self.controller
            .endpoint_in_out_enable(TransferType::Bulk, ENDPOINT);
    }

    fn attach(&'static self) {
        self.controller.attach();
    }

    fn bus_reset(&'static self) {
        self.hear("reset");
    }

    fn ctrl_setup(&'static self, endpoint: usize) -> CtrlSetupResult {
        assert_eq!(endpoint, 0);
        self.hear("setup");
        self.sent.set(0);
        match self.control[1].get() {
            5 => {
                self.controller.set_address(self.control[2].get().into());
                CtrlSetupResult::OkSetAddress
            }
            6 | 0xa0 => CtrlSetupResult::Ok,
            _ => CtrlSetupResult::ErrGeneric,
        }
    }

    fn ctrl_in(&'static self, _: usize) -> CtrlInResult {
        match self.mood.get() {
            Mood::Delays => return CtrlInResult::Delay,
            Mood::Refuses => return CtrlInResult::Error,
            Mood::Answers => (),
        }
        let left = &DESCRIPTOR[self.sent.get()..];
        let len = left.len().min(self.control.len());
        for (place, byte) in self.control.iter().zip(left) {
            place.set(*byte);
        }
        self.sent.set(self.sent.get() + len);
        CtrlInResult::Packet(len, len == left.len())
    }

    fn ctrl_out(&'static self, _: usize, packet_bytes: u32) -> CtrlOutResult {
        match self.mood.get() {
            Mood::Delays => return CtrlOutResult::Delay,
            Mood::Refuses => return CtrlOutResult::Halted,
            Mood::Answers => (),
        }
        self.take(self.control, packet_bytes);
        CtrlOutResult::Ok
    }

    fn ctrl_status(&'static self, _: usize) {
        self.hear("status");
    }

    fn ctrl_status_complete(&'static self, _: usize) {
        self.hear("complete");
        assert_eq!(self.controller.address(), 0);
        self.controller.enable_address();
    }

    fn packet_in(&'static self, transfer_type: TransferType, endpoint: usize) -> InResult {
        assert!(matches!(transfer_type, TransferType::Bulk) && endpoint != 0);
        match self.mood.get() {
            Mood::Delays => return InResult::Delay,
            Mood::Refuses => return InResult::Error,
            Mood::Answers => (),
        }
        self.packets_in[0].set(7);
        InResult::Packet(1)
    }

    fn packet_out(
        &'static self,
        transfer_type: TransferType,
        endpoint: usize,
        packet_bytes: u32,
    ) -> OutResult {
        assert!(matches!(transfer_type, TransferType::Bulk) && endpoint != 0);
        match self.mood.get() {
            Mood::Delays => return OutResult::Delay,
            Mood::Refuses => return OutResult::Error,
            Mood::Answers => (),
        }
        self.take(self.packets_out, packet_bytes);
        OutResult::Ok
    }

    fn packet_transmitted(&'static self, endpoint: usize) {
        assert_ne!(endpoint, 0);
        self.hear("transmitted");
    }
}

fn buffer() -> Buffer {
    fake::leak([const { InMemoryRegister::new(0) }; 8])
}

fn device() -> (fake::Machine, &'static fake::UsbController, &'static Device) {
    let host = fake::UsbController::new();
    let device = &*fake::leak(Device {
        controller: host,
        control: buffer(),
        packets_in: buffer(),
        packets_out: buffer(),
        mood: Cell::new(Mood::Answers),
        sent: Cell::new(0),
        taken: RefCell::default(),
        heard: RefCell::default(),
    });
    host.set_client(device);
    (fake::Machine::new(), host, device)
}

fn attached() -> (fake::Machine, &'static fake::UsbController, &'static Device) {
    let (machine, host, device) = device();
    device.enable();
    device.attach();
    (machine, host, device)
}

#[test]
fn a_request_for_data_is_answered_packet_by_packet_and_then_has_its_status() {
    let (machine, host, device) = attached();
    host.request(GET_DESCRIPTOR, &[]);
    assert!(
        device.heard.borrow().is_empty(),
        "nothing happens inside the call"
    );
    machine.run();
    let data = UsbAnswer::Data(DESCRIPTOR.to_vec());
    assert_eq!(host.take_answers(), [(0, data)]);
    assert_eq!(*device.heard.borrow(), ["setup", "status", "complete"]);
}

#[test]
fn a_host_that_wants_less_asks_for_no_more_packets() {
    let (machine, host, _) = attached();
    let mut request = GET_DESCRIPTOR;
    request[6] = 8;
    host.request(request, &[]);
    machine.run();
    let data = UsbAnswer::Data(DESCRIPTOR[..8].to_vec());
    assert_eq!(host.take_answers(), [(0, data)]);
}

#[test]
fn a_request_brings_its_data_packet_by_packet() {
    let (machine, host, device) = attached();
    host.request(WRITE_TEN_BYTES, b"ten bytes!");
    machine.run();
    assert_eq!(host.take_answers(), [(0, UsbAnswer::Taken)]);
    assert_eq!(*device.taken.borrow(), b"ten bytes!");
}

#[test]
fn a_device_has_its_address_once_it_enables_it() {
    let (machine, host, _) = attached();
    host.request(SET_ADDRESS, &[]);
    machine.run();
    assert_eq!(host.address(), 9);
    assert_eq!(host.take_answers(), [(0, UsbAnswer::Taken)]);
}

#[test]
fn a_request_that_is_delayed_goes_on_when_the_host_asks_again() {
    let (machine, host, device) = attached();
    for (request, data) in [(GET_DESCRIPTOR, &b""[..]), (WRITE_TEN_BYTES, b"ten bytes!")] {
        device.mood.set(Mood::Delays);
        host.request(request, data);
        machine.run();
        assert!(host.take_answers().is_empty());
        device.mood.set(Mood::Answers);
        machine.run();
        assert!(host.take_answers().is_empty());
        host.ask_again();
        machine.run();
        assert_eq!(host.take_answers().len(), 1);
        assert_eq!(device.heard.take(), ["setup", "status", "complete"]);
    }
}

#[test]
fn packets_go_both_ways() {
    let (machine, host, device) = attached();
    host.read(ENDPOINT);
    host.write(ENDPOINT, &[1, 2]);
    machine.run();
    let data = UsbAnswer::Data(vec![7]);
    assert_eq!(host.take_answers(), [(1, data), (1, UsbAnswer::Taken)]);
    assert_eq!(*device.heard.borrow(), ["transmitted"]);
    assert_eq!(*device.taken.borrow(), [1, 2]);
}

#[test]
fn an_endpoint_is_enabled_for_one_way_or_both() {
    let (machine, host, _) = attached();
    for endpoint in [2, 3] {
        host.endpoint_set_in_buffer(endpoint, buffer());
        host.endpoint_set_out_buffer(endpoint, buffer());
    }
    host.endpoint_in_enable(TransferType::Bulk, 2);
    host.endpoint_out_enable(TransferType::Bulk, 3);
    host.read(2);
    host.write(3, &[1]);
    machine.run();
    let answers = host.take_answers();
    assert!(matches!(
        answers[..],
        [(2, UsbAnswer::Data(_)), (3, UsbAnswer::Taken)]
    ));
}

#[test]
fn a_packet_that_is_delayed_goes_when_its_endpoint_resumes() {
    let (machine, host, device) = attached();
    device.mood.set(Mood::Delays);
    host.read(ENDPOINT);
    host.write(ENDPOINT, &[1]);
    machine.run();
    device.mood.set(Mood::Answers);
    host.ask_again();
    host.endpoint_resume_in(ENDPOINT + 1);
    host.endpoint_resume_out(ENDPOINT + 1);
    machine.run();
    assert!(host.take_answers().is_empty());
    host.endpoint_resume_out(ENDPOINT);
    machine.run();
    assert_eq!(host.take_answers(), [(1, UsbAnswer::Taken)]);
    host.endpoint_resume_in(ENDPOINT);
    machine.run();
    assert_eq!(host.take_answers(), [(1, UsbAnswer::Data(vec![7]))]);
}

#[test]
fn what_a_device_refuses_is_stalled() {
    let (machine, host, device) = attached();
    host.request(UNKNOWN, &[]);
    machine.run();
    assert_eq!(device.heard.take(), ["setup"]);
    device.mood.set(Mood::Refuses);
    host.request(GET_DESCRIPTOR, &[]);
    host.request(WRITE_TEN_BYTES, b"ten bytes!");
    host.read(ENDPOINT);
    host.write(ENDPOINT, &[1]);
    machine.run();
    let endpoints = [0, 0, 0, ENDPOINT, ENDPOINT];
    let stalled = endpoints.map(|endpoint| (endpoint, UsbAnswer::Stalled));
    assert_eq!(host.take_answers(), stalled);
    assert_eq!(device.heard.take(), ["setup", "setup"]);
}

#[test]
fn a_reset_forgets_the_address_and_what_the_host_wanted() {
    let (machine, host, device) = attached();
    host.request(SET_ADDRESS, &[]);
    machine.run();
    device.mood.set(Mood::Delays);
    host.read(ENDPOINT);
    machine.run();
    device.mood.set(Mood::Answers);
    host.reset();
    host.read(ENDPOINT);
    machine.run();
    assert_eq!(host.address(), 0);
    host.endpoint_resume_in(ENDPOINT);
    machine.run();
    assert_eq!(
        device.heard.take(),
        ["setup", "status", "complete", "reset", "transmitted"]
    );
    let data = UsbAnswer::Data(vec![7]);
    assert_eq!(host.take_answers(), [(0, UsbAnswer::Taken), (1, data)]);
}

#[test]
#[should_panic(expected = "a device is enabled after endpoint 0 has a buffer")]
fn a_device_is_not_enabled_without_a_buffer_for_requests() {
    fake::UsbController::new().enable_as_device(DeviceSpeed::Full);
}

#[test]
#[should_panic(expected = "a request has 8 bytes")]
fn a_buffer_for_requests_has_room_for_one() {
    fake::UsbController::new().endpoint_set_ctrl_buffer(&buffer()[..7]);
}

#[test]
#[should_panic(expected = "a device is attached after it is enabled")]
fn a_device_is_not_attached_before_it_is_enabled() {
    let (_, _, device) = device();
    device.attach();
}

#[test]
#[should_panic(expected = "endpoint 2 is enabled after it has a buffer")]
fn an_endpoint_is_not_enabled_without_a_buffer() {
    fake::UsbController::new().endpoint_in_enable(TransferType::Bulk, 2);
}

#[test]
#[should_panic(expected = "the host uses endpoint 2, which is not enabled")]
fn an_endpoint_is_not_used_before_it_is_enabled() {
    let (machine, host, _) = attached();
    host.endpoint_set_out_buffer(2, buffer());
    host.write(2, &[1]);
    machine.run();
}

#[test]
#[should_panic(expected = "a packet of 9 bytes comes to a buffer of 8")]
fn a_packet_fits_its_buffer() {
    let (machine, host, _) = attached();
    host.write(ENDPOINT, &[0; 9]);
    machine.run();
}

#[test]
#[should_panic(expected = "8 bytes answer a host that wants 4 at most")]
fn an_answer_is_no_longer_than_the_host_wants() {
    let (machine, host, _) = attached();
    let mut request = GET_DESCRIPTOR;
    request[6] = 4;
    host.request(request, &[]);
    machine.run();
}

#[test]
fn a_device_that_is_detached_hears_no_more_of_what_the_host_wanted() {
    let (machine, host, device) = attached();
    host.read(ENDPOINT);
    host.detach();
    machine.run();
    assert!(device.heard.borrow().is_empty());
}

#[test]
#[should_panic(expected = "the host sees a device after it is attached")]
fn a_device_that_is_detached_is_not_seen() {
    let (_, host, _) = attached();
    host.detach();
    host.reset();
}

#[test]
#[should_panic(expected = "bytes that go with the request")]
fn a_request_has_as_much_data_as_it_says() {
    let (_, host, _) = attached();
    host.request(WRITE_TEN_BYTES, b"ten");
}
