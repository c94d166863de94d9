//! The fake CAN controller keeps the promises of its HIL.

use std::cell::{Cell, RefCell};

use chip_fake as fake;
use kernel::{
    ErrorCode,
    hil::can::{
        BitTiming, Configure, ConfigureFd, Controller, ControllerClient, Error, FD_CAN_PACKET_SIZE,
        Filter, FilterParameters, Id, IdentifierMode, OperationMode, Receive, ReceiveClient,
        STANDARD_CAN_PACKET_SIZE, ScaleBits, State, Transmit, TransmitClient,
    },
    utilities::cells::TakeCell,
};

type Buffer = &'static mut [u8; STANDARD_CAN_PACKET_SIZE];

struct Client {
    can: &'static fake::Can,
    heard: RefCell<Vec<String>>,
    buffer: TakeCell<'static, [u8; STANDARD_CAN_PACKET_SIZE]>,
    sends_again: Cell<bool>,
    is_to_stop: Cell<bool>,
}

impl Client {
    fn hear(&self, what: String) {
        self.heard.borrow_mut().push(what);
    }
}

impl ControllerClient for Client {
    fn state_changed(&self, state: State) {
        self.hear(format!("{state:?}"));
    }

    fn enabled(&self, status: Result<(), ErrorCode>) {
        self.hear(format!("enabled {status:?}"));
    }

    fn disabled(&self, status: Result<(), ErrorCode>) {
        self.hear(format!("disabled {status:?}"));
    }
}

impl TransmitClient<STANDARD_CAN_PACKET_SIZE> for Client {
    fn transmit_complete(&self, status: Result<(), Error>, buffer: Buffer) {
        self.hear(format!("sent {status:?}"));
        if self.sends_again.take() {
            assert!(self.can.send(Id::Standard(2), buffer, 1).is_ok());
        } else {
            self.buffer.replace(buffer);
        }
    }
}

impl ReceiveClient<STANDARD_CAN_PACKET_SIZE> for Client {
    fn message_received(
        &self,
        id: Id,
        buffer: &mut [u8; STANDARD_CAN_PACKET_SIZE],
        len: usize,
        status: Result<(), Error>,
    ) {
        self.hear(format!("{id:?} {:?} {status:?}", &buffer[..len]));
        if self.is_to_stop.take() {
            assert_eq!(self.can.stop_receive(), Ok(()));
        }
    }

    fn stopped(&self, buffer: Buffer) {
        self.hear("stopped".to_owned());
        self.buffer.replace(buffer);
    }
}

fn controller() -> (fake::Machine, &'static fake::Can, &'static Client) {
    let can = fake::Can::new();
    let client = &*fake::leak(Client {
        can,
        heard: RefCell::default(),
        buffer: TakeCell::empty(),
        sends_again: Cell::new(false),
        is_to_stop: Cell::new(false),
    });
    Controller::set_client(can, Some(client));
    Transmit::set_client(can, Some(client));
    Receive::set_client(can, Some(client));
    (fake::Machine::new(), can, client)
}

fn running(mode: OperationMode) -> (fake::Machine, &'static fake::Can, &'static Client) {
    let (machine, can, client) = controller();
    can.set_bitrate(500_000).unwrap();
    can.set_operation_mode(mode).unwrap();
    can.enable().unwrap();
    machine.run();
    client.heard.take();
    (machine, can, client)
}

fn send(can: &fake::Can) -> Result<(), ErrorCode> {
    can.send(Id::Standard(1), fake::leak([7; 8]), 2)
        .map_err(|(error, buffer)| {
            assert_eq!(*buffer, [7; 8]);
            error
        })
}

fn receive(can: &fake::Can) -> Result<(), ErrorCode> {
    can.start_receive_process(fake::leak([0; 8]))
        .map_err(|(error, _)| error)
}

#[test]
fn a_controller_is_set_up_and_then_goes_on_the_bus() {
    let (machine, can, client) = controller();
    assert_eq!(can.enable(), Err(ErrorCode::INVAL));
    assert_eq!(can.set_bitrate(300_001), Err(ErrorCode::INVAL));
    assert_eq!(can.set_bitrate(0), Err(ErrorCode::INVAL));
    assert_eq!(can.set_bitrate(125_000), Ok(()));
    assert_eq!(can.get_bit_timing().unwrap().baud_rate_prescaler, 8);
    assert_eq!(can.enable(), Err(ErrorCode::INVAL));
    assert_eq!(
        can.set_operation_mode(OperationMode::Freeze),
        Err(ErrorCode::NOSUPPORT)
    );
    can.set_operation_mode(OperationMode::Normal).unwrap();
    assert_eq!(can.enable(), Ok(()));
    assert_eq!(can.get_state(), Ok(State::Disabled));
    machine.run();
    assert_eq!(client.heard.take(), ["Running", "enabled Ok(())"]);
    assert_eq!(can.get_state(), Ok(State::Running));
    assert_eq!(can.set_wake_up(true), Err(ErrorCode::BUSY));
    assert_eq!(can.enable(), Err(ErrorCode::BUSY));
    assert_eq!(can.disable(), Ok(()));
    machine.run();
    assert_eq!(client.heard.take(), ["Disabled", "disabled Ok(())"]);
    assert_eq!(can.disable(), Err(ErrorCode::OFF));
}

#[test]
fn a_timing_has_its_limits() {
    let (_machine, can, _) = controller();
    for timing in [<fake::Can>::MIN_BIT_TIMINGS, <fake::Can>::MAX_BIT_TIMINGS] {
        assert_eq!(can.set_bit_timing(timing), Ok(()));
    }
    let segment1 = <fake::Can>::MAX_BIT_TIMINGS.segment1 + 1;
    let timing = BitTiming {
        segment1,
        ..<fake::Can>::MAX_BIT_TIMINGS
    };
    assert_eq!(can.set_bit_timing(timing), Err(ErrorCode::INVAL));
}

#[test]
fn a_controller_that_fails_says_how_in_its_state() {
    let (machine, can, client) = running(OperationMode::Normal);
    can.fail_next_switch(Error::BusOff);
    assert_eq!(can.disable(), Ok(()));
    machine.run();
    assert_eq!(client.heard.take(), ["Error(BusOff)", "disabled Err(OFF)"]);
    assert_eq!(send(can), Err(ErrorCode::OFF));
    assert_eq!(can.enable(), Ok(()));
    machine.run();
    assert_eq!(client.heard.take(), ["Running", "enabled Ok(())"]);
}

#[test]
fn a_frame_is_sent_from_the_kernel_loop() {
    let (machine, can, client) = running(OperationMode::Normal);
    assert_eq!(send(can), Ok(()));
    assert_eq!(send(can), Err(ErrorCode::BUSY));
    assert!(can.take_sent().is_empty());
    machine.run();
    assert_eq!(client.heard.take(), ["sent Ok(())"]);
    assert_eq!(can.take_sent()[0].data, [7, 7]);
    let too_long = can.send(Id::Standard(1), client.buffer.take().unwrap(), 9);
    assert_eq!(too_long.unwrap_err().0, ErrorCode::SIZE);
}

#[test]
fn what_is_refused_has_no_callback() {
    let (machine, can, client) = running(OperationMode::Normal);
    can.refuse_next_switch(ErrorCode::FAIL);
    can.refuse_next_send(ErrorCode::NOMEM);
    can.refuse_next_receive(ErrorCode::NODEVICE);
    assert_eq!(can.disable(), Err(ErrorCode::FAIL));
    assert_eq!(send(can), Err(ErrorCode::NOMEM));
    assert_eq!(receive(can), Err(ErrorCode::NODEVICE));
    machine.run();
    assert_eq!(client.heard.take(), [""; 0]);
}

#[test]
fn a_frame_that_fails_is_not_sent_and_its_callback_can_send_another() {
    let (machine, can, client) = running(OperationMode::Normal);
    can.fail_next_send(Error::Ack);
    client.sends_again.set(true);
    assert_eq!(send(can), Ok(()));
    machine.run();
    assert_eq!(client.heard.take(), ["sent Err(Ack)", "sent Ok(())"]);
    assert_eq!(can.take_sent().len(), 1);
}

#[test]
fn a_held_frame_is_not_sent_once_the_controller_left_the_bus() {
    let (machine, can, client) = running(OperationMode::Normal);
    can.hold();
    assert_eq!(send(can), Ok(()));
    assert_eq!(can.disable(), Ok(()));
    machine.run();
    assert_eq!(client.heard.take(), [""; 0]);
    can.release();
    machine.run();
    assert_eq!(
        client.heard.take(),
        ["Disabled", "disabled Ok(())", "sent Err(Transmission)"]
    );
    assert!(can.take_sent().is_empty());
}

#[test]
fn frames_are_received_while_there_is_a_buffer() {
    let (machine, can, client) = running(OperationMode::Normal);
    can.receive(Id::Standard(1), &[1]);
    assert_eq!(can.stop_receive(), Err(ErrorCode::FAIL));
    assert_eq!(receive(can), Ok(()));
    assert_eq!(receive(can), Err(ErrorCode::BUSY));
    can.receive(Id::Extended(2), &[2, 3]);
    can.receive_with_error(Id::Standard(4), &[5], Error::Crc);
    assert_eq!(client.heard.take(), [""; 0]);
    machine.run();
    assert_eq!(
        client.heard.take(),
        ["Extended(2) [2, 3] Ok(())", "Standard(4) [5] Err(Crc)"]
    );
}

#[test]
fn a_client_that_stops_to_receive_gets_its_buffer_and_no_more_frames() {
    let (machine, can, client) = running(OperationMode::Normal);
    assert_eq!(receive(can), Ok(()));
    client.is_to_stop.set(true);
    can.hold();
    can.receive(Id::Standard(1), &[1]);
    can.receive(Id::Standard(1), &[2]);
    machine.run();
    assert_eq!(client.heard.take(), ["Standard(1) [1] Ok(())"]);
    can.release();
    machine.run();
    assert_eq!(client.heard.take(), ["stopped"]);
    let buffer = client.buffer.take().unwrap();
    assert!(can.start_receive_process(buffer).is_ok());
}

#[test]
fn a_frame_that_waits_when_the_controller_leaves_the_bus_is_lost() {
    let (machine, can, client) = running(OperationMode::Normal);
    assert_eq!(receive(can), Ok(()));
    can.receive(Id::Standard(1), &[1]);
    assert_eq!(can.disable(), Ok(()));
    machine.run();
    can.receive(Id::Standard(1), &[2]);
    machine.run();
    assert_eq!(client.heard.take(), ["Disabled", "disabled Ok(())"]);
}

#[test]
fn in_loopback_a_controller_receives_what_it_sends() {
    let (machine, can, client) = running(OperationMode::Loopback);
    assert_eq!(receive(can), Ok(()));
    assert_eq!(send(can), Ok(()));
    machine.run();
    assert_eq!(
        client.heard.take(),
        ["sent Ok(())", "Standard(1) [7, 7] Ok(())"]
    );
}

#[test]
fn a_filter_is_used_until_it_is_disabled_if_the_controller_has_it_and_its_queue() {
    let (_machine, can, _) = controller();
    let filter = |number, fifo_number| FilterParameters {
        number,
        scale_bits: ScaleBits::Bits32,
        identifier_mode: IdentifierMode::Mask,
        fifo_number,
    };
    let numbers = |filter: &FilterParameters| filter.number;
    let used = || can.filters().iter().map(numbers).collect::<Vec<_>>();
    let beyond = can.filter_count() as u32;
    assert_eq!(can.enable_filter(filter(beyond, 0)), Err(ErrorCode::INVAL));
    let queues = can.receive_fifo_count();
    assert_eq!(can.enable_filter(filter(0, queues)), Err(ErrorCode::INVAL));
    for number in [beyond - 1, 0] {
        assert_eq!(can.enable_filter(filter(number, 0)), Ok(()));
    }
    assert_eq!(used(), [0, beyond - 1]);
    assert_eq!(can.disable_filter(beyond), Err(ErrorCode::INVAL));
    assert_eq!(can.disable_filter(0), Ok(()));
    assert_eq!(used(), [beyond - 1]);
}

/// Notes the frames of CAN FD that come.
#[derive(Default)]
struct FdClient(RefCell<Vec<Vec<u8>>>);

impl ReceiveClient<FD_CAN_PACKET_SIZE> for FdClient {
    fn message_received(
        &self,
        _: Id,
        buffer: &mut [u8; FD_CAN_PACKET_SIZE],
        len: usize,
        _: Result<(), Error>,
    ) {
        self.0.borrow_mut().push(buffer[..len].to_vec());
    }

    fn stopped(&self, _: &'static mut [u8; FD_CAN_PACKET_SIZE]) {}
}

#[test]
fn a_frame_of_can_fd_has_up_to_64_bytes() {
    let (machine, can) = (fake::Machine::new(), fake::Can::new_fd());
    let client = &*fake::leak(FdClient::default());
    Receive::set_client(can, Some(client));
    can.set_bitrate(500_000).unwrap();
    can.set_operation_mode(OperationMode::Loopback).unwrap();
    can.enable().unwrap();
    machine.run();
    can.start_receive_process(fake::leak([0; 64])).unwrap();
    let too_long = can.send(Id::Standard(1), fake::leak([7; 64]), 65);
    let (error, buffer) = too_long.unwrap_err();
    assert_eq!(error, ErrorCode::SIZE);
    can.send(Id::Standard(1), buffer, 64).unwrap();
    machine.run();
    can.receive(Id::Standard(2), &[8; 12]);
    machine.run();
    assert_eq!(*client.0.borrow(), [vec![7; 64], vec![8; 12]]);
    type CanFd = fake::Can<FD_CAN_PACKET_SIZE>;
    assert_eq!(CanFd::get_frame_size(), 64);
}

#[test]
fn data_goes_as_fast_as_identifiers_until_its_timing_is_set() {
    let can = fake::Can::new_fd();
    let prescaler = || {
        let timing = can.get_payload_bit_timing();
        timing.map(|timing| timing.baud_rate_prescaler)
    };
    let fast = <fake::Can>::MIN_BIT_TIMINGS;
    assert_eq!(prescaler(), Err(ErrorCode::NOSUPPORT));
    let impossible = BitTiming {
        segment1: 0,
        ..fast
    };
    assert_eq!(
        can.set_payload_bit_timing(impossible),
        Err(ErrorCode::INVAL)
    );
    assert_eq!(can.set_payload_bit_timing(fast), Ok(()));
    assert_eq!(prescaler(), Ok(1));
    can.set_bitrate(500_000).unwrap();
    can.set_operation_mode(OperationMode::Normal).unwrap();
    can.enable().unwrap();
    assert_eq!(can.set_payload_bit_timing(fast), Err(ErrorCode::BUSY));
}
