//! CAN: a bus in vehicles and machines, without addresses. A frame has an identifier, which says what it is
//! about and decides who goes first: the lower one.
//!
//! A controller is set up ([`Configure`], which keeps the settings), enabled ([`Controller`], which applies them),
//! and then sends ([`Transmit`]) and receives ([`Receive`]). Times are counted in quanta of the controller's
//! clock.

use crate::ErrorCode;

/// The greatest length of a frame in bytes.
pub const STANDARD_CAN_PACKET_SIZE: usize = 8;
/// The greatest length of a frame of CAN FD in bytes.
pub const FD_CAN_PACKET_SIZE: usize = 64;

/// What a controller does.
#[derive(Debug, Copy, Clone, PartialEq, Eq)]
pub enum State {
    /// It sends and receives.
    Running,
    /// It is off.
    Disabled,
    /// It failed to.
    Error(Error),
}

/// How a controller failed.
#[derive(Debug, Copy, Clone, PartialEq, Eq)]
pub enum Error {
    /// A frame with a lower identifier went first.
    ArbitrationLost,
    /// The frame was not sent.
    Transmission,
    /// More than 96 errors were counted.
    Warning,
    /// More than 127 errors were counted: the controller no longer says so on the bus.
    Passive,
    /// More than 255 errors of sending were counted: the controller left the bus.
    BusOff,
    /// Six equal bits in a row, where the sender has to change the sixth.
    Stuff,
    /// The frame is not laid out as one.
    Form,
    /// Nobody acknowledged the frame.
    Ack,
    /// A one was sent and a zero seen.
    BitRecessive,
    /// A zero was sent and a one seen.
    BitDominant,
    /// The sum is wrong.
    Crc,
    /// Software said so.
    SetBySoftware,
}

impl From<Error> for ErrorCode {
    fn from(error: Error) -> ErrorCode {
        match error {
            Error::ArbitrationLost => ErrorCode::RESERVE,
            Error::BusOff => ErrorCode::OFF,
            Error::Form => ErrorCode::INVAL,
            Error::BitRecessive | Error::BitDominant => ErrorCode::BUSY,
            Error::Ack | Error::Transmission => ErrorCode::NOACK,
            Error::Crc | Error::SetBySoftware | Error::Warning | Error::Passive | Error::Stuff => {
                ErrorCode::FAIL
            }
        }
    }
}

/// How wide a filter is.
#[derive(Debug, Copy, Clone)]
pub enum ScaleBits {
    /// 16 bits.
    Bits16,
    /// 32 bits.
    Bits32,
}

/// How a filter chooses identifiers.
#[derive(Debug, Copy, Clone)]
pub enum IdentifierMode {
    /// Those listed.
    List,
    /// Those that are the same under a mask.
    Mask,
}

/// An identifier.
#[derive(Debug, Copy, Clone)]
pub enum Id {
    /// Of 11 bits.
    Standard(u16),
    /// Of 29 bits.
    Extended(u32),
}

/// A filter: which frames to receive, and where.
#[derive(Copy, Clone)]
pub struct FilterParameters {
    /// Which filter of the controller's.
    pub number: u32,
    /// How wide it is.
    pub scale_bits: ScaleBits,
    /// How it chooses.
    pub identifier_mode: IdentifierMode,
    /// Which of the controller's queues the frames go to.
    pub fifo_number: usize,
}

/// The parts of a bit, in quanta: one to synchronise, the propagation, two segments with the sample between them.
/// A controller counts some of them from one less.
#[derive(Debug, Copy, Clone)]
pub struct BitTiming {
    /// The segment before the sample.
    pub segment1: u8,
    /// The segment after the sample.
    pub segment2: u8,
    /// What makes up for the way along the wires.
    pub propagation: u8,
    /// How far a bit may be stretched or cut to stay synchronous.
    pub sync_jump_width: u32,
    /// How many periods of the clock a quantum has.
    pub baud_rate_prescaler: u32,
}

/// What a controller is for.
#[derive(Debug, Copy, Clone)]
pub enum OperationMode {
    /// It receives what it sends.
    Loopback,
    /// It receives and does not disturb the bus.
    Monitoring,
    /// It neither sends nor receives.
    Freeze,
    /// It sends and receives.
    Normal,
}

/// Sets a controller up. The settings are kept and take effect at [`Controller::enable`]: it is `BUSY` to change
/// them while it is enabled.
pub trait Configure {
    /// The least that each part of a bit can be.
    const MIN_BIT_TIMINGS: BitTiming;
    /// The most that each part of a bit can be.
    const MAX_BIT_TIMINGS: BitTiming;
    /// The quanta of the part that synchronises.
    const SYNC_SEG: u8 = 1;

    /// Sets how many bits go in a second.
    ///
    /// # Errors
    /// `INVAL` if the controller has no timing for it.
    fn set_bitrate(&self, bitrate: u32) -> Result<(), ErrorCode>;

    /// Sets the parts of a bit.
    ///
    /// # Errors
    /// `INVAL` if the controller has not that timing.
    fn set_bit_timing(&self, bit_timing: BitTiming) -> Result<(), ErrorCode>;

    /// Sets what the controller is for.
    ///
    /// # Errors
    /// `NOSUPPORT` if it is not for that.
    fn set_operation_mode(&self, mode: OperationMode) -> Result<(), ErrorCode>;

    /// The parts of a bit.
    ///
    /// # Errors
    /// `INVAL` if they are not set.
    fn get_bit_timing(&self) -> Result<BitTiming, ErrorCode>;

    /// What the controller is for.
    ///
    /// # Errors
    /// `INVAL` if that is not set.
    fn get_operation_mode(&self) -> Result<OperationMode, ErrorCode>;

    /// Sets whether a frame is sent again until it is acknowledged.
    ///
    /// # Errors
    /// `NOSUPPORT` if the controller cannot.
    fn set_automatic_retransmission(&self, automatic: bool) -> Result<(), ErrorCode>;

    /// Sets whether a frame on the bus wakes the controller.
    ///
    /// # Errors
    /// `NOSUPPORT` if the controller cannot.
    fn set_wake_up(&self, wake_up: bool) -> Result<(), ErrorCode>;

    /// Whether a frame is sent again until it is acknowledged.
    ///
    /// # Errors
    /// `INVAL` if that is not set.
    fn get_automatic_retransmission(&self) -> Result<bool, ErrorCode>;

    /// Whether a frame on the bus wakes the controller.
    ///
    /// # Errors
    /// `INVAL` if that is not set.
    fn get_wake_up(&self) -> Result<bool, ErrorCode>;

    /// How many queues for received frames there are.
    fn receive_fifo_count(&self) -> usize;
}

/// Sets a controller up for CAN FD, whose data can go faster than its identifiers.
pub trait ConfigureFd: Configure {
    /// Sets the parts of a bit of data.
    ///
    /// # Errors
    /// `NOSUPPORT` if data goes no faster.
    fn set_payload_bit_timing(&self, payload_bit_timing: BitTiming) -> Result<(), ErrorCode>;

    /// The parts of a bit of data.
    ///
    /// # Errors
    /// `NOSUPPORT` if data goes no faster.
    fn get_payload_bit_timing(&self) -> Result<BitTiming, ErrorCode>;

    /// The greatest length of a frame in bytes, 8 or 64.
    fn get_frame_size() -> usize;
}

/// Chooses what is received.
pub trait Filter {
    /// Uses a filter from now on.
    ///
    /// # Errors
    /// `INVAL` or `NOSUPPORT` if the controller has not that filter.
    fn enable_filter(&self, filter: FilterParameters) -> Result<(), ErrorCode>;

    /// Uses the filter `number` no longer.
    ///
    /// # Errors
    /// `INVAL` if the controller has not that filter.
    fn disable_filter(&self, number: u32) -> Result<(), ErrorCode>;

    /// How many filters there are.
    fn filter_count(&self) -> usize;
}

/// Turns a controller on and off.
pub trait Controller {
    /// Says who hears of it.
    fn set_client(&self, client: Option<&'static dyn ControllerClient>);

    /// Applies the settings and goes on the bus. [`ControllerClient::state_changed`] and then
    /// [`ControllerClient::enabled`] follow.
    ///
    /// # Errors
    /// `BUSY` if it is on, `INVAL` if the settings are missing.
    fn enable(&self) -> Result<(), ErrorCode>;

    /// Leaves the bus. [`ControllerClient::state_changed`] and then [`ControllerClient::disabled`] follow.
    ///
    /// # Errors
    /// `OFF` if it is off.
    fn disable(&self) -> Result<(), ErrorCode>;

    /// What the controller does.
    ///
    /// # Errors
    /// `FAIL` if it does not say.
    fn get_state(&self) -> Result<State, ErrorCode>;
}

/// Sends frames of up to `PACKET_SIZE` bytes, one at a time.
pub trait Transmit<const PACKET_SIZE: usize> {
    /// The greatest length of a frame in bytes.
    const PACKET_SIZE: usize = PACKET_SIZE;

    /// Says who hears that frames are sent.
    fn set_client(&self, client: Option<&'static dyn TransmitClient<PACKET_SIZE>>);

    /// Sends the first `len` bytes of `buffer`. [`TransmitClient::transmit_complete`] follows.
    ///
    /// # Errors
    /// `BUSY` if a frame is being sent, `OFF` if the controller is off, `SIZE` if the frame is too long. The buffer
    /// comes back.
    fn send(
        &self,
        id: Id,
        buffer: &'static mut [u8; PACKET_SIZE],
        len: usize,
    ) -> Result<(), (ErrorCode, &'static mut [u8; PACKET_SIZE])>;
}

/// Receives frames of up to `PACKET_SIZE` bytes.
pub trait Receive<const PACKET_SIZE: usize> {
    /// The greatest length of a frame in bytes.
    const PACKET_SIZE: usize = PACKET_SIZE;

    /// Says who gets frames.
    fn set_client(&self, client: Option<&'static dyn ReceiveClient<PACKET_SIZE>>);

    /// Receives frames in `buffer`, one after the other. [`ReceiveClient::message_received`] follows for each.
    ///
    /// # Errors
    /// `BUSY` if there is a buffer, `OFF` if the controller is off. The buffer comes back.
    fn start_receive_process(
        &self,
        buffer: &'static mut [u8; PACKET_SIZE],
    ) -> Result<(), (ErrorCode, &'static mut [u8; PACKET_SIZE])>;

    /// Receives no more. [`ReceiveClient::stopped`] follows.
    ///
    /// # Errors
    /// `OFF` if the controller is off, `FAIL` if there is no buffer.
    fn stop_receive(&self) -> Result<(), ErrorCode>;
}

/// Hears what a controller does.
pub trait ControllerClient {
    /// It does something else now.
    fn state_changed(&self, state: State);

    /// It is on the bus, or not, as `status` says.
    fn enabled(&self, status: Result<(), ErrorCode>);

    /// It left the bus, or not, as `status` says.
    fn disabled(&self, status: Result<(), ErrorCode>);
}

/// Hears that frames are sent.
pub trait TransmitClient<const PACKET_SIZE: usize> {
    /// Gives the buffer back: the frame is sent, or not, as `status` says.
    fn transmit_complete(&self, status: Result<(), Error>, buffer: &'static mut [u8; PACKET_SIZE]);
}

/// Gets frames.
pub trait ReceiveClient<const PACKET_SIZE: usize> {
    /// A frame of `len` bytes is in `buffer`, which goes on receiving afterwards.
    fn message_received(
        &self,
        id: Id,
        buffer: &mut [u8; PACKET_SIZE],
        len: usize,
        status: Result<(), Error>,
    );

    /// Gives the buffer back: no more frames come.
    fn stopped(&self, buffer: &'static mut [u8; PACKET_SIZE]);
}

/// A controller for CAN.
pub trait Can:
    Transmit<STANDARD_CAN_PACKET_SIZE> + Configure + Controller + Receive<STANDARD_CAN_PACKET_SIZE>
{
}

impl<T> Can for T where
    T: Transmit<STANDARD_CAN_PACKET_SIZE>
        + Configure
        + Controller
        + Receive<STANDARD_CAN_PACKET_SIZE>
{
}

/// A controller for CAN FD.
pub trait CanFd:
    Transmit<FD_CAN_PACKET_SIZE> + Configure + ConfigureFd + Receive<FD_CAN_PACKET_SIZE>
{
}

impl<T> CanFd for T where
    T: Transmit<FD_CAN_PACKET_SIZE> + Configure + ConfigureFd + Receive<FD_CAN_PACKET_SIZE>
{
}
