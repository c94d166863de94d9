//! A CAN controller with the test as the rest of the bus.

mod operations;
mod settings;

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
};

use kernel::{
    ErrorCode,
    hil::can::{
        BitTiming, ControllerClient, Error, FD_CAN_PACKET_SIZE, FilterParameters, Id,
        OperationMode, ReceiveClient, STANDARD_CAN_PACKET_SIZE, State, TransmitClient,
    },
    utilities::cells::{OptionalCell, TakeCell},
};

use crate::{arrivals::Arrivals, faults::Operation, place};

type Buffer<const PACKET_SIZE: usize> = &'static mut [u8; PACKET_SIZE];

/// A frame on the bus.
#[derive(Clone)]
pub struct CanFrame {
    /// Its identifier.
    pub id: Id,
    /// Its data.
    pub data: Vec<u8>,
}

/// A controller for normal operation and loopback, with one queue for received frames, a clock of 16 MHz, and
/// 16 quanta in a bit. It needs a bit rate or timing and a mode to be enabled. Its state changes when the callback
/// comes, and until then it is `BUSY` to change it again. A frame that is under way when it is off is not sent;
/// a buffer to receive in stays until the controller is on again. It has 4 filters, which let every frame through:
/// their HIL gives them no identifiers. Its frames have up to `PACKET_SIZE` bytes: 8, or 64 in CAN FD.
pub struct Can<const PACKET_SIZE: usize = STANDARD_CAN_PACKET_SIZE> {
    state: Cell<State>,
    bit_timing: Cell<Option<BitTiming>>,
    payload_bit_timing: Cell<Option<BitTiming>>,
    mode: Cell<Option<OperationMode>>,
    retransmits: Cell<Option<bool>>,
    wakes_up: Cell<Option<bool>>,
    filters: RefCell<BTreeMap<u32, FilterParameters>>,
    switching: Operation<Switch, ErrorCode, Error>,
    sending: Operation<Sending<PACKET_SIZE>, ErrorCode, Error>,
    /// It is receiving if there is a buffer, or the client has it just now, and it is not stopping.
    is_receiving: Cell<bool>,
    stopping: Operation<()>,
    buffer: TakeCell<'static, [u8; PACKET_SIZE]>,
    incoming: Arrivals<(CanFrame, Result<(), Error>)>,
    sent: RefCell<Vec<CanFrame>>,
    controller_client: OptionalCell<&'static dyn ControllerClient>,
    transmit_client: OptionalCell<&'static dyn TransmitClient<PACKET_SIZE>>,
    receive_client: OptionalCell<&'static dyn ReceiveClient<PACKET_SIZE>>,
}

#[derive(Clone, Copy)]
enum Switch {
    On,
    Off,
}

struct Sending<const PACKET_SIZE: usize> {
    id: Id,
    buffer: Buffer<PACKET_SIZE>,
    len: usize,
}

impl Can {
    /// A controller that is off and not set up.
    pub fn new() -> &'static Self {
        Self::make()
    }
}

impl Can<FD_CAN_PACKET_SIZE> {
    /// A controller for CAN FD that is off and not set up. Data goes as fast as identifiers until it is set how
    /// fast it goes.
    pub fn new_fd() -> &'static Self {
        Self::make()
    }
}

/// The rest of the bus.
impl<const PACKET_SIZE: usize> Can<PACKET_SIZE> {
    fn make() -> &'static Self {
        place(Self {
            state: Cell::new(State::Disabled),
            bit_timing: Cell::new(None),
            payload_bit_timing: Cell::new(None),
            mode: Cell::new(None),
            retransmits: Cell::new(None),
            wakes_up: Cell::new(None),
            filters: RefCell::default(),
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
    /// If `data` is longer than a frame can be.
    pub fn receive(&self, id: Id, data: &[u8]) {
        self.arrive(id, data, Ok(()));
    }

    /// As [`Can::receive`], with an error on the bus.
    ///
    /// # Panics
    /// If `data` is longer than a frame can be.
    pub fn receive_with_error(&self, id: Id, data: &[u8], error: Error) {
        self.arrive(id, data, Err(error));
    }

    /// Takes the frames that the controller has sent, in their order.
    pub fn take_sent(&self) -> Vec<CanFrame> {
        self.sent.take()
    }

    /// The filters that are used, by their numbers.
    pub fn filters(&self) -> Vec<FilterParameters> {
        self.filters.borrow().values().copied().collect()
    }

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

    fn arrive(&self, id: Id, data: &[u8], status: Result<(), Error>) {
        assert!(
            data.len() <= PACKET_SIZE,
            "a frame has up to {PACKET_SIZE} bytes"
        );
        if self.is_on() && self.is_receiving.get() {
            let data = data.to_vec();
            self.incoming.arrive((CanFrame { id, data }, status));
        }
    }
}

/// Faults.
impl<const PACKET_SIZE: usize> Can<PACKET_SIZE> {
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
