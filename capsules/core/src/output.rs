//! Text to a serial port or a screen, in `async` code.
//!
//! Text goes into a queue, and from there to the device a buffer at a time. A writer waits only while the
//! queue is full.

use core::{
    cell::Cell,
    fmt::{self, Arguments, Write},
    future::Future,
    task::Poll,
};

use kernel::{
    ErrorCode,
    collections::Ring,
    hil::{
        text_screen::{TextScreen, TextScreenClient},
        uart::{Transmit, TransmitClient},
    },
    task::{WakerCell, leaf},
    utilities::cells::TakeCell,
};

/// Where text goes. The board makes the [`Output`] the device's client.
pub enum Device<'a> {
    /// A serial port.
    Serial(&'a dyn Transmit<'a>),
    /// A screen.
    Screen(&'a dyn TextScreen<'a>),
}

/// Writes text to a device, for one task.
pub struct Output<'a> {
    device: Device<'a>,
    queue: Ring<'a, u8>,
    buffer: TakeCell<'static, [u8]>,
    last: Cell<u8>,
    task: WakerCell,
}

impl<'a> Output<'a> {
    /// An output to `device`, with a queue and a buffer that the device borrows.
    ///
    /// # Panics
    /// If the queue has no room for a line break, or the buffer none for a byte.
    pub fn new(device: Device<'a>, queue: &'a mut [u8], buffer: &'static mut [u8]) -> Self {
        assert!(
            queue.len() >= 2 && !buffer.is_empty(),
            "an output needs a queue and a buffer"
        );
        Self {
            device,
            queue: Ring::new(queue),
            buffer: TakeCell::new(buffer),
            last: Cell::new(b'\n'),
            task: WakerCell::new(),
        }
    }

    /// Writes what `format_args!` takes. Line breaks are `\n`.
    ///
    /// The text is formatted again from its start each time the queue has room again, so its length is not
    /// limited and it needs no buffer.
    ///
    /// # Cancellation
    /// What the queue had no room for is not written.
    #[track_caller]
    pub fn print(&self, text: Arguments<'_>) -> impl Future<Output = ()> {
        let mut written = 0;
        leaf(move |context| {
            loop {
                let mut rest = Rest {
                    output: self,
                    skip: written,
                    passed: 0,
                };
                let is_whole = rest.write_fmt(text).is_ok();
                let has_progressed = rest.passed > written;
                written = rest.passed;
                self.send();
                if is_whole {
                    return Poll::Ready(());
                }
                if !has_progressed {
                    self.task.register(context);
                    return Poll::Pending;
                }
            }
        })
    }

    /// Writes as many of `bytes` as the queue has room for, and returns how many that is. Line breaks are `\n`.
    pub fn write(&self, bytes: &[u8]) -> usize {
        let written = bytes.iter().take_while(|byte| self.push(**byte).is_ok());
        let written = written.count();
        self.send();
        written
    }

    /// Waits until the queue has room for a byte or a line break.
    ///
    /// # Cancellation
    /// Nothing is lost.
    #[track_caller]
    pub fn room(&self) -> impl Future<Output = ()> {
        leaf(|context| {
            if self.queue.room() >= 2 {
                return Poll::Ready(());
            }
            self.task.register(context);
            Poll::Pending
        })
    }

    /// Waits until the device has taken everything.
    ///
    /// # Cancellation
    /// Nothing is lost.
    #[track_caller]
    pub fn flush(&self) -> impl Future<Output = ()> {
        leaf(|context| {
            if self.is_idle() {
                return Poll::Ready(());
            }
            self.task.register(context);
            Poll::Pending
        })
    }

    /// Whether the device has taken everything.
    pub fn is_idle(&self) -> bool {
        self.queue.is_empty() && self.buffer.is_some()
    }

    /// Whether what comes next starts a line.
    pub fn is_at_line_start(&self) -> bool {
        self.last.get() == b'\n'
    }

    /// Adds a byte to the queue if it has room, with a carriage return before a line feed.
    fn push(&self, byte: u8) -> Result<(), fmt::Error> {
        if byte == b'\n' && self.last.get() != b'\r' {
            if self.queue.room() < 2 {
                return Err(fmt::Error);
            }
            let _ = self.queue.push(b'\r');
        }
        self.queue.push(byte).map_err(|_| fmt::Error)?;
        self.last.set(byte);
        Ok(())
    }

    /// Gives the device its next buffer, if it has none. Text that the device refuses is lost.
    fn send(&self) {
        while !self.queue.is_empty()
            && let Some(buffer) = self.buffer.take()
        {
            let mut len = 0;
            while len < buffer.len()
                && let Some(byte) = self.queue.pop()
            {
                buffer[len] = byte;
                len += 1;
            }
            let started = match &self.device {
                Device::Serial(port) => port.transmit_buffer(buffer, len),
                Device::Screen(screen) => screen.print(buffer, len),
            };
            if let Err((_, buffer)) = started {
                self.buffer.replace(buffer);
            }
        }
    }

    fn sent(&self, buffer: &'static mut [u8]) {
        self.buffer.replace(buffer);
        self.send();
        self.task.wake();
    }
}

impl TransmitClient for Output<'_> {
    fn transmitted_buffer(&self, buffer: &'static mut [u8], _: usize, _: Result<(), ErrorCode>) {
        self.sent(buffer);
    }
}

impl TextScreenClient for Output<'_> {
    fn command_complete(&self, _: Result<(), ErrorCode>) {}

    fn write_complete(&self, buffer: &'static mut [u8], _: usize, _: Result<(), ErrorCode>) {
        self.sent(buffer);
    }
}

/// Writes a text without its first `skip` bytes, up to where the queue is full.
struct Rest<'a, 'b> {
    output: &'a Output<'b>,
    skip: usize,
    passed: usize,
}

impl Write for Rest<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            if self.passed >= self.skip {
                self.output.push(byte)?;
            }
            self.passed += 1;
        }
        Ok(())
    }
}
