//! Bytes over a serial line, in `async` code.
//!
//! While nobody reads nothing is received, so a sender that the line can hold back loses nothing.

use core::{cell::Cell, future::Future, ops::Range, task::Poll};

use kernel::{
    ErrorCode, debug,
    hil::uart::{Error, ReceiveClient, TransmitClient, UartAdvanced},
    task::{WakerCell, leaf},
    utilities::cells::TakeCell,
};

/// Bit times without a byte after which a burst is over.
const GAP: u8 = 20;

/// A serial line that one task reads and writes.
pub struct SerialBytes<'a> {
    port: &'a dyn UartAdvanced<'a>,
    incoming: TakeCell<'static, [u8]>,
    /// The part of `incoming` that has come and was not read yet.
    unread: Cell<Range<usize>>,
    outgoing: TakeCell<'static, [u8]>,
    task: WakerCell,
}

impl<'a> SerialBytes<'a> {
    /// The line at `port`, with buffers that the port borrows. The board makes it the client of both directions.
    ///
    /// # Panics
    /// If a buffer has no room.
    pub fn new(
        port: &'a dyn UartAdvanced<'a>,
        incoming: &'static mut [u8],
        outgoing: &'static mut [u8],
    ) -> Self {
        assert!(
            !incoming.is_empty() && !outgoing.is_empty(),
            "a line needs buffers"
        );
        Self {
            port,
            incoming: TakeCell::new(incoming),
            unread: Cell::new(0..0),
            outgoing: TakeCell::new(outgoing),
            task: WakerCell::new(),
        }
    }

    /// Waits for the next byte.
    ///
    /// # Cancellation
    /// Nothing is lost.
    #[track_caller]
    pub fn next(&self) -> impl Future<Output = u8> {
        leaf(|context| {
            let byte = self.read();
            if byte.is_none() {
                self.receive();
                self.task.register(context);
            }
            byte.map_or(Poll::Pending, Poll::Ready)
        })
    }

    /// Waits until the port has taken all of `bytes`. What the port refuses is lost.
    ///
    /// # Cancellation
    /// What it has not taken yet is not written.
    #[track_caller]
    pub fn write(&self, bytes: &[u8]) -> impl Future<Output = ()> {
        let mut rest = bytes;
        leaf(move |context| {
            while !rest.is_empty() {
                let Some(buffer) = self.outgoing.take() else {
                    self.task.register(context);
                    return Poll::Pending;
                };
                let (now, later) = rest.split_at(rest.len().min(buffer.len()));
                buffer[..now.len()].copy_from_slice(now);
                rest = later;
                if let Err((_, buffer)) = self.port.transmit_buffer(buffer, now.len()) {
                    self.outgoing.replace(buffer);
                }
            }
            Poll::Ready(())
        })
    }

    fn read(&self) -> Option<u8> {
        let mut unread = self.unread.take();
        let byte = unread.next()?;
        self.unread.set(unread);
        self.incoming.map(|incoming| incoming[byte])
    }

    /// Receives the next burst, if none is being received.
    fn receive(&self) {
        let Some(buffer) = self.incoming.take() else {
            return;
        };
        let len = buffer.len();
        if let Err((error, buffer)) = self.port.receive_automatic(buffer, len, GAP) {
            self.incoming.replace(buffer);
            debug!("serial line: can't receive ({error:?})");
        }
    }
}

impl ReceiveClient for SerialBytes<'_> {
    fn received_buffer(
        &self,
        buffer: &'static mut [u8],
        len: usize,
        _: Result<(), ErrorCode>,
        _: Error,
    ) {
        self.incoming.replace(buffer);
        self.unread.set(0..len);
        self.task.wake();
    }
}

impl TransmitClient for SerialBytes<'_> {
    fn transmitted_buffer(&self, buffer: &'static mut [u8], _: usize, _: Result<(), ErrorCode>) {
        self.outgoing.replace(buffer);
        self.task.wake();
    }
}
