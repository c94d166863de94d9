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
        let written = self.add(bytes);
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

    /// Says that what was written has put the cursor where a line starts, without a line break.
    pub fn set_at_line_start(&self) {
        self.last.set(b'\n');
    }

    /// Adds as many of `bytes` to the queue as it has room for, with a carriage return before each line feed.
    /// Returns how many that is.
    fn add(&self, bytes: &[u8]) -> usize {
        let mut added = 0;
        while added < bytes.len() {
            let text = line_start(&bytes[added..]);
            let fits = self.queue.extend(text);
            added += fits;
            if let Some(last) = text[..fits].last() {
                self.last.set(*last);
            }
            if fits < text.len() || added < bytes.len() && !self.break_line() {
                break;
            }
            // The line feed.
            added = bytes.len().min(added + 1);
        }
        added
    }

    /// Adds a line break if the queue has room for one.
    fn break_line(&self) -> bool {
        let line_break: &[u8] = match self.last.get() {
            b'\r' => b"\n",
            _ => b"\r\n",
        };
        let fits = line_break.len() <= self.queue.room();
        if fits {
            self.queue.extend(line_break);
            self.last.set(b'\n');
        }
        fits
    }

    /// Gives the device its next buffer, if it has none. Text that the device refuses is lost.
    fn send(&self) {
        while !self.queue.is_empty()
            && let Some(buffer) = self.buffer.take()
        {
            let len = self.queue.copy_to(buffer);
            self.queue.skip(len);
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

/// `bytes` up to the first line feed, or all of them. A loop, since this is done with every byte.
fn line_start(bytes: &[u8]) -> &[u8] {
    let mut len = 0;
    while len < bytes.len() && bytes[len] != b'\n' {
        len += 1;
    }
    &bytes[..len]
}

/// Writes a text without its first `skip` bytes, up to where the queue is full.
struct Rest<'a, 'b> {
    output: &'a Output<'b>,
    skip: usize,
    passed: usize,
}

impl Write for Rest<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let skipped = self.skip.saturating_sub(self.passed).min(text.len());
        let rest = &text.as_bytes()[skipped..];
        let added = self.output.add(rest);
        self.passed += skipped + added;
        if added < rest.len() {
            return Err(fmt::Error);
        }
        Ok(())
    }
}
