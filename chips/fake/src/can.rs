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
