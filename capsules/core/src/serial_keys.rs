//! Keys from a serial line.
//!
//! Bytes are received in bursts into a queue, and become keys when they are read. While the queue has no
//! room for a burst nothing is received, so the sender is held back and nothing is lost. A Ctrl-C behind more
//! than the queue holds waits as well.

use core::{
    cell::{Cell, RefCell},
    task::{Context, Poll},
};

use kernel::{
    ErrorCode,
    collections::Ring,
    debug,
    hil::uart::{Error, ReceiveAdvanced, ReceiveClient},
    task::WakerCell,
    utilities::cells::TakeCell,
};

use crate::{Key, KeyEvent, Keys, decoder::KeyDecoder};

/// Ctrl-C, as a terminal sends it.
const INTERRUPT: u8 = 0x03;

/// Bit times without a byte after which a burst is over.
const GAP: u8 = 20;

/// The longest sequence of bytes that is kept of one key.
const SEQUENCE: usize = 8;

/// A serial line, as a source of keys for one task.
pub struct SerialKeys<'a> {
    port: &'a dyn ReceiveAdvanced<'a>,
    queue: Ring<'a, u8>,
    buffer: TakeCell<'static, [u8]>,
    decoder: RefCell<Decoder>,
    interrupted: Cell<bool>,
    task: WakerCell,
}

struct Decoder {
    keys: KeyDecoder,
    sequence: [u8; SEQUENCE],
    len: usize,
}

impl<'a> SerialKeys<'a> {
    /// Keys from `port`, with a queue for bytes that wait to be read and a buffer that the port borrows.
    /// The board makes it the port's client and calls [`SerialKeys::start`].
    ///
    /// # Panics
    /// If the queue has no room for a full buffer.
    pub fn new(
        port: &'a dyn ReceiveAdvanced<'a>,
        queue: &'a mut [u8],
        buffer: &'static mut [u8],
    ) -> Self {
        assert!(
            queue.len() >= buffer.len(),
            "the queue must take a full buffer"
        );
        Self {
            port,
            queue: Ring::new(queue),
            buffer: TakeCell::new(buffer),
            decoder: RefCell::new(Decoder::new()),
            interrupted: Cell::new(false),
            task: WakerCell::new(),
        }
    }

    /// Receives, if there is room for what may come and nothing is being received.
    pub fn start(&self) {
        let Some(buffer) = self.buffer.take() else {
            return;
        };
        let len = buffer.len();
        if self.queue.room() < len {
            self.buffer.replace(buffer);
            return;
        }
        if let Err((error, buffer)) = self.port.receive_automatic(buffer, len, GAP) {
            self.buffer.replace(buffer);
            debug!("serial line: can't receive ({error:?})");
        }
    }
}

impl ReceiveClient for SerialKeys<'_> {
    fn received_buffer(
        &self,
        buffer: &'static mut [u8],
        len: usize,
        _: Result<(), ErrorCode>,
        error: Error,
    ) {
        if !matches!(error, Error::None | Error::Aborted) {
            debug!("serial line: {error:?}");
        }
        for byte in &buffer[..len] {
            if *byte == INTERRUPT {
                self.queue.clear();
                *self.decoder.borrow_mut() = Decoder::new();
                self.interrupted.set(true);
            }
            // There is room: `start` made sure of it.
            let _ = self.queue.push(*byte);
        }
        self.buffer.replace(buffer);
        self.start();
        self.task.wake();
    }
}

impl Keys for SerialKeys<'_> {
    fn poll_next(&self, context: &Context<'_>) -> Poll<KeyEvent> {
        while let Some(byte) = self.queue.pop() {
            self.start();
            let Some(event) = self.decoder.borrow_mut().decode(byte) else {
                continue;
            };
            if event.key == Some(Key::Control('c')) {
                self.interrupted.set(false);
            }
            return Poll::Ready(event);
        }
        self.task.register(context);
        Poll::Pending
    }

    fn poll_interrupt(&self, context: &Context<'_>) -> Poll<()> {
        if self.interrupted.take() {
            // It was put into an empty queue.
            self.queue.pop();
            self.start();
            return Poll::Ready(());
        }
        self.task.register(context);
        Poll::Pending
    }
}

impl Decoder {
    const fn new() -> Self {
        Self {
            keys: KeyDecoder::new(),
            sequence: [0; SEQUENCE],
            len: 0,
        }
    }

    fn decode(&mut self, byte: u8) -> Option<KeyEvent> {
        if self.keys.is_at_start() {
            self.len = 0;
        } else if self.len == SEQUENCE {
            self.sequence.copy_within(1.., 0);
            self.len -= 1;
        }
        self.sequence[self.len] = byte;
        self.len += 1;
        let key = self.keys.push(byte)?;
        Some(KeyEvent::new(
            Some(key),
            None,
            true,
            &self.sequence[..self.len],
        ))
    }
}
