//! Ethernet: frames with their header, and without the checksum behind them, which the adapter makes and checks.

use crate::ErrorCode;

/// Hears of frames.
pub trait EthernetAdapterDatapathClient {
    /// Gives the buffer of [`EthernetAdapterDatapath::transmit_frame`] back, unchanged, with the length and the
    /// identifier given there. `timestamp` is when it was sent, if the adapter tells, in a unit of its own.
    ///
    /// `err` may be `FAIL` if it is not known whether the frame was sent, `BUSY` if there was no room for it, `OFF`
    /// if the adapter is off, `NODEVICE` if no cable leads anywhere.
    fn transmit_frame_done(
        &self,
        err: Result<(), ErrorCode>,
        frame_buffer: &'static mut [u8],
        len: u16,
        transmission_identifier: usize,
        timestamp: Option<u64>,
    );

    /// A frame came. `timestamp` is when, if the adapter tells, in a unit of its own.
    fn received_frame(&self, frame: &[u8], timestamp: Option<u64>);
}

/// Sends and receives frames.
pub trait EthernetAdapterDatapath<'a> {
    /// Says who hears of frames.
    fn set_client(&self, client: &'a dyn EthernetAdapterDatapathClient);

    /// Lets frames come. Before this none does.
    fn enable_receive(&self);

    /// Lets no more frames come.
    fn disable_receive(&self);

    /// Sends the first `len` bytes of `frame_buffer`.
    /// [`EthernetAdapterDatapathClient::transmit_frame_done`] follows, with the same `transmission_identifier`,
    /// which means nothing to the adapter. An adapter may take several frames at a time, or one.
    ///
    /// # Errors
    /// Those that the callback may bring. The buffer comes back, and no callback follows.
    fn transmit_frame(
        &self,
        frame_buffer: &'static mut [u8],
        len: u16,
        transmission_identifier: usize,
    ) -> Result<(), (ErrorCode, &'static mut [u8])>;
}
