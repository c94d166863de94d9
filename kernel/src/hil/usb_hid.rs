//! Human interface devices on USB, keyboards for one, as the device sees it: packets of a fixed length each way.

use crate::ErrorCode;

/// What a packet is: an array of 8, 16, 32 or 64 bytes.
pub trait UsbHidType: Copy + Clone + Sized {}

impl UsbHidType for [u8; 64] {}
impl UsbHidType for [u8; 32] {}
impl UsbHidType for [u8; 16] {}
impl UsbHidType for [u8; 8] {}

/// Hears of packets.
pub trait Client<'a, T: UsbHidType> {
    /// Gives the buffer of [`UsbHid::receive_buffer`] back, with the packet that came to `endpoint`. `result` is
    /// `SIZE` if the packet was longer and is cut, `CANCEL` if receiving was cancelled too late.
    fn packet_received(
        &'a self,
        result: Result<(), ErrorCode>,
        buffer: &'static mut T,
        endpoint: usize,
    );

    /// Gives the buffer of [`UsbHid::send_buffer`] back. `result` is `SIZE` if not all of it was sent, `CANCEL`
    /// if sending was cancelled too late.
    fn packet_transmitted(
        &'a self,
        result: Result<(), ErrorCode>,
        buffer: &'static mut T,
        endpoint: usize,
    );
}

/// Sends and receives packets, one each way at a time.
pub trait UsbHid<'a, T: UsbHidType> {
    /// Sends `send` when the host asks. Returns how many bytes that will be. [`Client::packet_transmitted`]
    /// follows.
    ///
    /// # Errors
    /// `BUSY` if a packet is waiting to be sent. The buffer comes back.
    fn send_buffer(&'a self, send: &'static mut T) -> Result<usize, (ErrorCode, &'static mut T)>;

    /// Takes the packet back that waits to be sent: no callback follows.
    ///
    /// # Errors
    /// `INVAL` if none waits, `BUSY` if it is being sent and the callback follows nevertheless.
    fn send_cancel(&'a self) -> Result<&'static mut T, ErrorCode>;

    /// Receives one packet to `recv`. [`Client::packet_received`] follows.
    ///
    /// # Errors
    /// `BUSY` if there is a buffer already. The buffer comes back.
    fn receive_buffer(&'a self, recv: &'static mut T) -> Result<(), (ErrorCode, &'static mut T)>;

    /// Takes the buffer back that waits for a packet: no callback follows.
    ///
    /// # Errors
    /// `INVAL` if there is none, `BUSY` if a packet is on its way and the callback follows nevertheless.
    fn receive_cancel(&'a self) -> Result<&'static mut T, ErrorCode>;
}
