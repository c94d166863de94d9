//! A CAN controller with the test as the rest of the bus.

use std::cell::{Cell, RefCell};

use kernel::{
    ErrorCode,
    deferred_call::DeferredCallClient,
    hil::can::{
        BitTiming, Configure, Controller, ControllerClient, Error, Id, OperationMode, Receive,
        ReceiveClient, STANDARD_CAN_PACKET_SIZE, State, Transmit, TransmitClient,
    },
    utilities::cells::{OptionalCell, TakeCell},
};

use crate::{arrivals::Arrivals, faults::Operation, place};

/// The quanta in a second, if there is no prescaler, and in a bit, if only the bit rate is set.
const QUANTA_PER_SECOND: u32 = 16_000_000;
const QUANTA_PER_BIT: u32 = 16;

type Buffer = &'static mut [u8; STANDARD_CAN_PACKET_SIZE];

/// A frame on the bus.
#[derive(Clone)]
pub struct CanFrame {
    /// Its identifier.
    pub id: Id,
    /// Its data, of up to 8 bytes.
    pub data: Vec<u8>,
}

/// A controller for normal operation and loopback, with one queue for received frames, a clock of 16 MHz, and
/// 16 quanta in a bit. It needs a bit rate or timing and a mode to be enabled. Its state changes when the callback
/// comes, and until then it is `BUSY` to change it again. A frame that is under way when it is off is not sent;
/// a buffer to receive in stays until the controller is on again. It has no filters and no CAN FD.
pub struct Can {
    state: Cell<State>,
    bit_timing: Cell<Option<BitTiming>>,
    mode: Cell<Option<OperationMode>>,
    retransmits: Cell<Option<bool>>,
    wakes_up: Cell<Option<bool>>,
    switching: Operation<Switch, ErrorCode, Error>,
    sending: Operation<Sending, ErrorCode, Error>,
    /// It is receiving if there is a buffer, or the client has it just now, and it is not stopping.
    is_receiving: Cell<bool>,
    stopping: Operation<()>,
    buffer: TakeCell<'static, [u8; STANDARD_CAN_PACKET_SIZE]>,
    incoming: Arrivals<(CanFrame, Result<(), Error>)>,
    sent: RefCell<Vec<CanFrame>>,
    controller_client: OptionalCell<&'static dyn ControllerClient>,
    transmit_client: OptionalCell<&'static dyn TransmitClient<STANDARD_CAN_PACKET_SIZE>>,
    receive_client: OptionalCell<&'static dyn ReceiveClient<STANDARD_CAN_PACKET_SIZE>>,
}

#[derive(Clone, Copy)]
enum Switch {
    On,
    Off,
}

struct Sending {
    id: Id,
    buffer: Buffer,
    len: usize,
}

/// The rest of the bus.
impl Can {
    /// A controller that is off and not set up.
    pub fn new() -> &'static Self {
        place(Self {
            state: Cell::new(State::Disabled),
            bit_timing: Cell::new(None),
            mode: Cell::new(None),
            retransmits: Cell::new(None),
            wakes_up: Cell::new(None),
            switching: Operation::new(),
            sending: Operation::new(),
            is_receiving: Cell::new(false),
            stopping: Operation::new(),
            buffer: TakeCell::empty(),
            incoming: Arrivals::new(),
            sent: RefCell::default(),
            controller_client: OptionalCell::empty(),
            transmit_client: OptionalCell::empty(),
            receive_client: OptionalCell::empty(),
        })
    }

    /// Sends a frame to the controller, which loses it if it is off or does not receive.
    ///
    /// # Panics
    /// If `data` is longer than 8 bytes.
    pub fn receive(&self, id: Id, data: &[u8]) {
        self.arrive(id, data, Ok(()));
    }

    /// As [`Can::receive`], with an error on the bus.
    ///
    /// # Panics
    /// If `data` is longer than 8 bytes.
    pub fn receive_with_error(&self, id: Id, data: &[u8], error: Error) {
        self.arrive(id, data, Err(error));
    }

    /// Takes the frames that the controller has sent, in their order.
    pub fn take_sent(&self) -> Vec<CanFrame> {
        self.sent.take()
    }

    fn arrive(&self, id: Id, data: &[u8], status: Result<(), Error>) {
        assert!(
            data.len() <= STANDARD_CAN_PACKET_SIZE,
            "a frame has up to 8 bytes"
        );
        if self.is_on() && self.is_receiving.get() {
            let data = data.to_vec();
            self.incoming.arrive((CanFrame { id, data }, status));
        }
    }
}

/// Faults.
impl Can {
    /// The next call that would turn the controller on or off returns `error`: no callback follows. Said several
    /// times, as many calls do.
    pub fn refuse_next_switch(&self, error: ErrorCode) {
        self.switching.refuse_next(error);
    }

    /// The next call that would start to send returns `error`, as [`Can::refuse_next_switch`] says.
    pub fn refuse_next_send(&self, error: ErrorCode) {
        self.sending.refuse_next(error);
    }

    /// The next call that would start or stop to receive returns `error`, as [`Can::refuse_next_switch`] says.
    pub fn refuse_next_receive(&self, error: ErrorCode) {
        self.stopping.refuse_next(error);
    }

    /// The controller fails with `error` when it is turned on or off next, and is in that state then. Said several
    /// times, as it does many times.
    pub fn fail_next_switch(&self, error: Error) {
        self.switching.fail_next(error);
    }

    /// The next frame is not sent, because of `error`. Said several times, as many frames are not.
    pub fn fail_next_send(&self, error: Error) {
        self.sending.fail_next(error);
    }

    /// Keeps all callbacks back until they are released, but for those of frames that the test sends.
    pub fn hold(&self) {
        self.switching.hold();
        self.sending.hold();
        self.stopping.hold();
    }

    /// Lets callbacks come again, from the kernel loop.
    pub fn release(&self) {
        self.switching.release();
        self.sending.release();
        self.stopping.release();
    }
}

impl Can {
    fn is_on(&self) -> bool {
        self.state.get() == State::Running
    }

    /// Checks that settings can be changed.
    fn settle(&self) -> Result<(), ErrorCode> {
        if self.is_on() || self.switching.is_under_way() {
            return Err(ErrorCode::BUSY);
        }
        Ok(())
    }

    fn finish_switch(&self, switch: Switch, result: Result<(), Error>) {
        self.state.set(match (result, switch) {
            (Err(error), _) => State::Error(error),
            (Ok(()), Switch::On) => State::Running,
            (Ok(()), Switch::Off) => State::Disabled,
        });
        if !self.is_on() {
            self.incoming.clear();
        }
        let Some(client) = self.controller_client.get() else {
            return;
        };
        client.state_changed(self.state.get());
        let status = result.map_err(ErrorCode::from);
        match switch {
            Switch::On => client.enabled(status),
            Switch::Off => client.disabled(status),
        }
    }

    fn finish_sending(&self, sending: Sending, result: Result<(), Error>) {
        let Sending { id, buffer, len } = sending;
        let status = match result {
            Ok(()) if !self.is_on() => Err(Error::Transmission),
            result => result,
        };
        if status.is_ok() {
            let data = buffer[..len].to_vec();
            self.sent.borrow_mut().push(CanFrame { id, data });
            if let Some(OperationMode::Loopback) = self.mode.get() {
                self.receive(id, &buffer[..len]);
            }
        }
        if let Some(client) = self.transmit_client.get() {
            client.transmit_complete(status, buffer);
        }
    }

    fn finish_stopping(&self) {
        if let (Some(buffer), Some(client)) = (self.buffer.take(), self.receive_client.get()) {
            client.stopped(buffer);
        }
    }

    fn finish_receiving(&self, frame: CanFrame, status: Result<(), Error>) {
        let Some(buffer) = self.buffer.take() else {
            return;
        };
        let len = frame.data.len();
        buffer[..len].copy_from_slice(&frame.data);
        self.receive_client
            .map(|client| client.message_received(frame.id, buffer, len, status));
        self.buffer.replace(buffer);
    }
}

impl Configure for Can {
    const MIN_BIT_TIMINGS: BitTiming = BitTiming {
        segment1: 1,
        segment2: 1,
        propagation: 0,
        sync_jump_width: 1,
        baud_rate_prescaler: 1,
    };
    const MAX_BIT_TIMINGS: BitTiming = BitTiming {
        segment1: 16,
        segment2: 8,
        propagation: 8,
        sync_jump_width: 4,
        baud_rate_prescaler: 1024,
    };

    fn set_bitrate(&self, bitrate: u32) -> Result<(), ErrorCode> {
        let quanta_per_second = bitrate
            .checked_mul(QUANTA_PER_BIT)
            .filter(|quanta| *quanta > 0 && QUANTA_PER_SECOND.is_multiple_of(*quanta))
            .ok_or(ErrorCode::INVAL)?;
        // With the quantum that synchronises these are 16, and the sample is after 14.
        self.set_bit_timing(BitTiming {
            segment1: 8,
            segment2: 2,
            propagation: 5,
            sync_jump_width: 1,
            baud_rate_prescaler: QUANTA_PER_SECOND / quanta_per_second,
        })
    }

    fn set_bit_timing(&self, bit_timing: BitTiming) -> Result<(), ErrorCode> {
        self.settle()?;
        let (least, most) = (Self::MIN_BIT_TIMINGS, Self::MAX_BIT_TIMINGS);
        let parts = |timing: BitTiming| {
            [
                timing.segment1.into(),
                timing.segment2.into(),
                timing.propagation.into(),
                timing.sync_jump_width,
                timing.baud_rate_prescaler,
            ]
        };
        let mut limits = parts(least).into_iter().zip(parts(most));
        let is_possible = parts(bit_timing).into_iter().all(|part| {
            limits
                .next()
                .is_some_and(|(least, most)| (least..=most).contains(&part))
        });
        if !is_possible {
            return Err(ErrorCode::INVAL);
        }
        self.bit_timing.set(Some(bit_timing));
        Ok(())
    }

    fn set_operation_mode(&self, mode: OperationMode) -> Result<(), ErrorCode> {
        self.settle()?;
        match mode {
            OperationMode::Normal | OperationMode::Loopback => self.mode.set(Some(mode)),
            OperationMode::Monitoring | OperationMode::Freeze => {
                return Err(ErrorCode::NOSUPPORT);
            }
        }
        Ok(())
    }

    fn get_bit_timing(&self) -> Result<BitTiming, ErrorCode> {
        self.bit_timing.get().ok_or(ErrorCode::INVAL)
    }

    fn get_operation_mode(&self) -> Result<OperationMode, ErrorCode> {
        self.mode.get().ok_or(ErrorCode::INVAL)
    }

    fn set_automatic_retransmission(&self, automatic: bool) -> Result<(), ErrorCode> {
        self.settle()?;
        self.retransmits.set(Some(automatic));
        Ok(())
    }

    fn set_wake_up(&self, wake_up: bool) -> Result<(), ErrorCode> {
        self.settle()?;
        self.wakes_up.set(Some(wake_up));
        Ok(())
    }

    fn get_automatic_retransmission(&self) -> Result<bool, ErrorCode> {
        self.retransmits.get().ok_or(ErrorCode::INVAL)
    }

    fn get_wake_up(&self) -> Result<bool, ErrorCode> {
        self.wakes_up.get().ok_or(ErrorCode::INVAL)
    }

    fn receive_fifo_count(&self) -> usize {
        1
    }
}

impl Controller for Can {
    fn set_client(&self, client: Option<&'static dyn ControllerClient>) {
        self.controller_client.insert(client);
    }

    fn enable(&self) -> Result<(), ErrorCode> {
        self.settle()?;
        self.get_bit_timing()?;
        self.get_operation_mode()?;
        self.switching.admit()?;
        self.switching.start(Switch::On);
        Ok(())
    }

    fn disable(&self) -> Result<(), ErrorCode> {
        if self.state.get() == State::Disabled {
            return Err(ErrorCode::OFF);
        }
        self.switching.admit()?;
        self.switching.start(Switch::Off);
        Ok(())
    }

    fn get_state(&self) -> Result<State, ErrorCode> {
        Ok(self.state.get())
    }
}

impl Transmit<STANDARD_CAN_PACKET_SIZE> for Can {
    fn set_client(&self, client: Option<&'static dyn TransmitClient<STANDARD_CAN_PACKET_SIZE>>) {
        self.transmit_client.insert(client);
    }

    fn send(&self, id: Id, buffer: Buffer, len: usize) -> Result<(), (ErrorCode, Buffer)> {
        if !self.is_on() {
            return Err((ErrorCode::OFF, buffer));
        }
        if len > STANDARD_CAN_PACKET_SIZE {
            return Err((ErrorCode::SIZE, buffer));
        }
        if let Err(error) = self.sending.admit() {
            return Err((error, buffer));
        }
        self.sending.start(Sending { id, buffer, len });
        Ok(())
    }
}

impl Receive<STANDARD_CAN_PACKET_SIZE> for Can {
    fn set_client(&self, client: Option<&'static dyn ReceiveClient<STANDARD_CAN_PACKET_SIZE>>) {
        self.receive_client.insert(client);
    }

    fn start_receive_process(&self, buffer: Buffer) -> Result<(), (ErrorCode, Buffer)> {
        if !self.is_on() {
            return Err((ErrorCode::OFF, buffer));
        }
        if self.is_receiving.get() {
            return Err((ErrorCode::BUSY, buffer));
        }
        if let Err(error) = self.stopping.admit() {
            return Err((error, buffer));
        }
        self.is_receiving.set(true);
        self.buffer.replace(buffer);
        Ok(())
    }

    fn stop_receive(&self) -> Result<(), ErrorCode> {
        if !self.is_on() {
            return Err(ErrorCode::OFF);
        }
        if !self.is_receiving.get() {
            return Err(ErrorCode::FAIL);
        }
        self.stopping.admit()?;
        self.is_receiving.set(false);
        self.incoming.clear();
        self.stopping.start(());
        Ok(())
    }
}

impl DeferredCallClient for Can {
    fn handle_deferred_call(&self) {
        // What a callback starts, or stops, has its own turn.
        if let Some((switch, result)) = self.switching.end() {
            self.finish_switch(switch, result);
        } else if let Some((sending, result)) = self.sending.end() {
            self.finish_sending(sending, result);
        } else if self.stopping.end().is_some() {
            self.finish_stopping();
        } else if let Some((frame, status)) = self.incoming.next() {
            self.finish_receiving(frame, status);
        } else {
            return;
        }
        self.switching.look_again();
    }

    fn register(&'static self) {
        self.switching.register(self);
        self.sending.register(self);
        self.stopping.register(self);
        self.incoming.register(self);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Machine, leak};

    struct Client {
        can: &'static Can,
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

    fn controller() -> (Machine, &'static Can, &'static Client) {
        let can = Can::new();
        let client = &*leak(Client {
            can,
            heard: RefCell::default(),
            buffer: TakeCell::empty(),
            sends_again: Cell::new(false),
            is_to_stop: Cell::new(false),
        });
        Controller::set_client(can, Some(client));
        Transmit::set_client(can, Some(client));
        Receive::set_client(can, Some(client));
        (Machine::new(), can, client)
    }

    fn running(mode: OperationMode) -> (Machine, &'static Can, &'static Client) {
        let (machine, can, client) = controller();
        can.set_bitrate(500_000).unwrap();
        can.set_operation_mode(mode).unwrap();
        can.enable().unwrap();
        machine.run();
        client.heard.take();
        (machine, can, client)
    }

    fn send(can: &Can) -> Result<(), ErrorCode> {
        can.send(Id::Standard(1), leak([7; 8]), 2)
            .map_err(|(error, buffer)| {
                assert_eq!(*buffer, [7; 8]);
                error
            })
    }

    fn receive(can: &Can) -> Result<(), ErrorCode> {
        can.start_receive_process(leak([0; 8]))
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
        for timing in [Can::MIN_BIT_TIMINGS, Can::MAX_BIT_TIMINGS] {
            assert_eq!(can.set_bit_timing(timing), Ok(()));
        }
        let segment1 = Can::MAX_BIT_TIMINGS.segment1 + 1;
        let timing = BitTiming {
            segment1,
            ..Can::MAX_BIT_TIMINGS
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
}
