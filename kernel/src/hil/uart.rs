//! Serial ports.
//!
//! Sending and receiving are independent: each has its client and does one operation at a time.

use crate::ErrorCode;

/// Stop bits after each word.
#[derive(Copy, Clone, Debug, PartialEq)]
#[allow(missing_docs)] // each name says all
pub enum StopBits {
    One = 1,
    Two = 2,
}

/// The parity bit of each word.
#[derive(Copy, Clone, Debug, PartialEq)]
#[allow(missing_docs)] // each name says all
pub enum Parity {
    None = 0,
    Odd = 1,
    Even = 2,
}

/// Data bits in each word.
#[derive(Copy, Clone, Debug, PartialEq)]
#[allow(missing_docs)] // each name says all
pub enum Width {
    Six = 6,
    Seven = 7,
    Eight = 8,
}

/// How a line is operated.
#[derive(Copy, Clone, Debug)]
pub struct Parameters {
    /// Bits per second.
    pub baud_rate: u32,
    /// Data bits in each word.
    pub width: Width,
    /// The parity bit of each word.
    pub parity: Parity,
    /// Stop bits after each word.
    pub stop_bits: StopBits,
    /// Whether RTS and CTS hold the other side back.
    pub hw_flow_control: bool,
}

/// What happened on the line while words were received.
#[derive(Copy, Clone, Debug, PartialEq)]
pub enum Error {
    /// Nothing wrong.
    None,
    /// A parity bit was wrong.
    ParityError,
    /// A stop bit was missing.
    FramingError,
    /// Words came faster than they were taken; some are lost.
    OverrunError,
    /// The operation was started twice.
    RepeatCallError,
    /// The port was reset.
    ResetError,
    /// The line was held at zero.
    BreakError,
    /// The operation was aborted.
    Aborted,
}

/// A port that can be set up, sends and receives.
pub trait Uart<'a>: Configure + Transmit<'a> + Receive<'a> {}
impl<'a, T: Configure + Transmit<'a> + Receive<'a>> Uart<'a> for T {}

/// A port that sends and receives.
pub trait UartData<'a>: Transmit<'a> + Receive<'a> {}
impl<'a, T: Transmit<'a> + Receive<'a>> UartData<'a> for T {}

/// A port that can be set up, sends, and receives with a time-out.
pub trait UartAdvanced<'a>: Configure + Transmit<'a> + ReceiveAdvanced<'a> {}
impl<'a, T: Configure + Transmit<'a> + ReceiveAdvanced<'a>> UartAdvanced<'a> for T {}

/// The client of both directions.
pub trait Client: ReceiveClient + TransmitClient {}
impl<T: ReceiveClient + TransmitClient> Client for T {}

/// Sets up a port.
pub trait Configure {
    /// Makes the port work by `params` from the next word on.
    ///
    /// # Errors
    /// `INVAL` for a combination that makes no sense, `NOSUPPORT` for one that the port can't do, `OFF`
    /// if it has no power, `NODEVICE` if there is no port.
    fn configure(&self, params: Parameters) -> Result<(), ErrorCode>;
}

/// Sends.
pub trait Transmit<'a> {
    /// Says who hears that sending has ended.
    fn set_transmit_client(&self, client: &'a dyn TransmitClient);

    /// Sends the first `tx_len` bytes of `tx_buffer`; [`TransmitClient::transmitted_buffer`] brings the
    /// buffer back.
    ///
    /// # Errors
    /// `BUSY` if sending is under way, `SIZE` if `tx_len` is more than the buffer has, `OFF` without
    /// power, `NODEVICE` without a port.
    fn transmit_buffer(
        &self,
        tx_buffer: &'static mut [u8],
        tx_len: usize,
    ) -> Result<(), (ErrorCode, &'static mut [u8])>;

    /// Sends one word; [`TransmitClient::transmitted_word`] follows.
    ///
    /// # Errors
    /// `BUSY` if sending is under way, `NOSUPPORT` if the port can't send single words, `OFF` without
    /// power.
    fn transmit_word(&self, word: u32) -> Result<(), ErrorCode>;

    /// Stops sending.
    ///
    /// # Errors
    /// `Ok` if nothing was under way and no callback will come. `BUSY` if the callback comes with
    /// `CANCEL`; `FAIL` if it comes as if nothing had been aborted.
    fn transmit_abort(&self) -> Result<(), ErrorCode>;
}

/// Receives.
pub trait Receive<'a> {
    /// Says who hears that receiving has ended.
    fn set_receive_client(&self, client: &'a dyn ReceiveClient);

    /// Receives `rx_len` bytes into `rx_buffer`; [`ReceiveClient::received_buffer`] brings it back.
    ///
    /// # Errors
    /// `BUSY` if receiving is under way, `SIZE` if `rx_len` is more than the buffer has or zero, `OFF`
    /// without power.
    fn receive_buffer(
        &self,
        rx_buffer: &'static mut [u8],
        rx_len: usize,
    ) -> Result<(), (ErrorCode, &'static mut [u8])>;

    /// Receives one word; [`ReceiveClient::received_word`] follows.
    ///
    /// # Errors
    /// `BUSY` if receiving is under way, `NOSUPPORT` if the port can't receive single words, `OFF`
    /// without power.
    fn receive_word(&self) -> Result<(), ErrorCode>;

    /// Stops receiving.
    ///
    /// # Errors
    /// `Ok` if nothing was under way and no callback will come. `BUSY` if the callback comes with
    /// `CANCEL` and what was received so far; `FAIL` if it comes as if nothing had been aborted.
    fn receive_abort(&self) -> Result<(), ErrorCode>;
}

/// Receives with a time-out between bytes.
pub trait ReceiveAdvanced<'a>: Receive<'a> {
    /// Receives up to `rx_len` bytes into `rx_buffer`, and ends early when no byte follows for
    /// `interbyte_timeout` bit times. At least one byte is received.
    ///
    /// # Errors
    /// As [`Receive::receive_buffer`].
    fn receive_automatic(
        &self,
        rx_buffer: &'static mut [u8],
        rx_len: usize,
        interbyte_timeout: u8,
    ) -> Result<(), (ErrorCode, &'static mut [u8])>;
}

/// Hears that sending has ended.
pub trait TransmitClient {
    /// A word was sent.
    fn transmitted_word(&self, _rval: Result<(), ErrorCode>) {}

    /// `tx_len` bytes of `tx_buffer` were sent. `rval` is `CANCEL` if it was aborted, `SIZE` if not all
    /// bytes were sent.
    fn transmitted_buffer(
        &self,
        tx_buffer: &'static mut [u8],
        tx_len: usize,
        rval: Result<(), ErrorCode>,
    );
}

/// Hears that receiving has ended.
pub trait ReceiveClient {
    /// A word was received.
    fn received_word(&self, _word: u32, _rval: Result<(), ErrorCode>, _error: Error) {}

    /// `rx_len` bytes were received into `rx_buffer`. `rval` is `CANCEL` if it was aborted, `SIZE` if fewer
    /// than asked for came without an abort; `error` says what happened on the line.
    fn received_buffer(
        &self,
        rx_buffer: &'static mut [u8],
        rx_len: usize,
        rval: Result<(), ErrorCode>,
        error: Error,
    );
}
