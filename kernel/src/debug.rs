//! The kernel's log, and `debug!` that writes to it.
//!
//! `debug!` works from anywhere in the kernel and never blocks: a line goes into a ring of bytes, the
//! oldest bytes give way. Whoever shows the log (a shell, a panic dump) reads it through a
//! [`LogReader`], at its own pace, and learns how many bytes it missed.

use core::{
    cell::Cell,
    fmt::{self, Arguments, Write},
    future::Future,
    task::Poll,
};

use crate::{
    ErrorCode,
    hil::time::{Freq1MHz, Ticks64, Time},
    machine::machine,
    processbuffer::ReadableProcessSlice,
    ready::DEFERRED_CALLS_END,
    task::{WakerCell, leaf},
    utilities::cells::OptionalCell,
};

/// Bytes of log that are kept: about a hundred lines.
const LOG_BYTES: usize = 8192;

/// How many readers there can be: two terminals and their `log` commands, a panic dump, and one more.
const READERS: usize = 6;

/// The machine's log.
pub(crate) struct Log {
    ring: [Cell<u8>; LOG_BYTES],
    /// Bytes written since the start; the newest is at `written - 1` modulo the ring's length.
    written: Cell<u64>,
    readers: [WakerCell; READERS],
    /// One bit for each place in `readers` that is taken.
    readers_taken: Cell<u8>,
    clock: OptionalCell<&'static MicrosecondClock>,
}

impl Log {
    #[cfg(not(loom))]
    pub(crate) const fn new() -> Self {
        Self {
            ring: [const { Cell::new(0) }; LOG_BYTES],
            written: Cell::new(0),
            readers: [const { WakerCell::new() }; READERS],
            readers_taken: Cell::new(0),
            clock: OptionalCell::empty(),
        }
    }

    fn push(&self, byte: u8) {
        let written = self.written.get();
        self.ring[written as usize % LOG_BYTES].set(byte);
        self.written.set(written + 1);
    }
}

/// Writes to the log; a line break inside a message would look like a new one, so it becomes a blank.
struct Message<'a>(&'a Log);

impl Message<'_> {
    fn push(&mut self, byte: u8) {
        self.0.push(if byte == b'\n' { b' ' } else { byte });
    }
}

impl Write for Message<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.bytes().for_each(|byte| self.push(byte));
        Ok(())
    }
}

/// A clock that counts microseconds since boot.
type MicrosecondClock = dyn Time<Frequency = Freq1MHz, Ticks = Ticks64>;

/// Says where the time stamps of log lines come from. Before that they are 0.
pub fn set_clock(clock: &'static MicrosecondClock) {
    machine().log.clock.set(clock);
}

/// Logs one line. Use [`debug!`](crate::debug!).
pub fn debug_println(args: Arguments) {
    log_line(|message| {
        // A log has room for everything: the oldest bytes give way.
        let _ = message.write_fmt(args);
    });
}

/// Logs bytes of a process as one line, and returns how many there are. Use
/// [`debug_process_slice!`](crate::debug_process_slice!).
///
/// # Errors
/// None: the log is always there. (In Tock it is given a writer first.)
#[allow(clippy::result_unit_err)] // Tock's signature
pub fn debug_slice(slice: &ReadableProcessSlice) -> Result<usize, ()> {
    log_line(|message| slice.iter().for_each(|byte| message.push(byte.get())));
    Ok(slice.len())
}

/// How many bytes can be logged at once without overwriting themselves.
pub fn debug_available_len() -> usize {
    LOG_BYTES
}

/// Writes a line: the time, and what `write` writes.
fn log_line(write: impl FnOnce(&mut Message)) {
    let log = &machine().log;
    let now_us = log.clock.map_or(0, |clock| clock.now().into_u64());
    let (seconds, fraction_us) = (now_us / 1_000_000, now_us % 1_000_000);
    let mut message = Message(log);
    let _ = write!(message, "[{seconds:5}.{fraction_us:06}] ");
    write(&mut message);
    log.push(b'\n');
    log.readers.iter().for_each(WakerCell::wake);
}

/// Writes a line to the kernel's log, with the time since boot. Takes what `format!` takes.
#[macro_export]
macro_rules! debug {
    () => ({
        $crate::debug!("")
    });
    ($($arg:tt)+) => ({
        $crate::debug::debug_println(format_args!($($arg)+));
    });
}

/// Writes bytes that a process shares to the kernel's log, as one line, with the time since boot.
#[macro_export]
macro_rules! debug_process_slice {
    ($msg:expr $(,)?) => {
        $crate::debug::debug_slice($msg)
    };
}

/// Writes what each task is doing, for a panic dump.
pub fn dump_tasks(out: &mut dyn Write) -> fmt::Result {
    let machine = machine();
    for (number, record) in machine.tasks.get().unwrap_or(&[]).iter().enumerate() {
        let bit = DEFERRED_CALLS_END + number;
        let state = match (machine.ready.is_served(bit), machine.ready.is_set(bit)) {
            (true, _) => "is running",
            (false, true) => "is ready",
            (false, false) => "waits",
        };
        write!(
            out,
            "  {}: {state}, {} polls",
            record.name.get(),
            record.polls.get()
        )?;
        match record.parked_at.get() {
            Some(place) => writeln!(out, ", last parked at {}:{}", place.file(), place.line())?,
            None => writeln!(out)?,
        }
    }
    Ok(())
}

/// One reader's place in the log.
pub struct LogReader {
    read: u64,
    number: usize,
}

impl LogReader {
    /// A reader that starts at the oldest line that is kept.
    ///
    /// # Errors
    /// `NOMEM` if there are six already.
    pub fn new() -> Result<Self, ErrorCode> {
        let taken = &machine().log.readers_taken;
        let number = taken.get().trailing_ones() as usize;
        if number >= READERS {
            return Err(ErrorCode::NOMEM);
        }
        taken.set(taken.get() | 1 << number);
        Ok(Self { read: 0, number })
    }

    /// Copies the next whole line, without its line break, into `line`; the end of a line that is longer is
    /// left out. Returns its text and how many bytes of log were overwritten unread before it.
    pub fn next_line<'a>(&mut self, line: &'a mut [u8]) -> Option<(&'a str, u64)> {
        let log = &machine().log;
        let missed = self.skip_overwritten(log);
        let mut len = 0;
        while self.read < log.written.get() {
            let byte = log.ring[self.read as usize % LOG_BYTES].get();
            self.read += 1;
            if byte == b'\n' {
                return Some((valid_prefix(&line[..len]), missed));
            }
            if let Some(place) = line.get_mut(len) {
                *place = byte;
                len += 1;
            }
        }
        None
    }

    /// Goes to the oldest line that is whole, and says how many bytes were passed.
    fn skip_overwritten(&mut self, log: &Log) -> u64 {
        let oldest = log.written.get().saturating_sub(LOG_BYTES as u64);
        if self.read >= oldest {
            return 0;
        }
        let before = self.read;
        self.read = oldest;
        while self.read < log.written.get() {
            self.read += 1;
            if log.ring[(self.read - 1) as usize % LOG_BYTES].get() == b'\n' {
                break;
            }
        }
        self.read - before
    }

    /// Waits until there is a line to read.
    ///
    /// # Cancellation
    /// Nothing is lost: the line stays in the log.
    #[track_caller]
    pub fn wait(&self) -> impl Future<Output = ()> {
        leaf(|context| {
            let log = &machine().log;
            if self.read < log.written.get() {
                return Poll::Ready(());
            }
            log.readers[self.number].register(context);
            Poll::Pending
        })
    }
}

impl Drop for LogReader {
    fn drop(&mut self) {
        let taken = &machine().log.readers_taken;
        taken.set(taken.get() & !(1 << self.number));
    }
}

/// The part of `bytes` before a character that was cut off.
fn valid_prefix(bytes: &[u8]) -> &str {
    match str::from_utf8(bytes) {
        Ok(text) => text,
        // The error says up to where the bytes are text.
        Err(error) => str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or(""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{string::String, string::ToString, vec::Vec};

    fn lines(reader: &mut LogReader) -> Vec<String> {
        let mut buffer = [0; 128];
        core::iter::from_fn(|| {
            reader
                .next_line(&mut buffer)
                .map(|(text, _)| text.to_string())
        })
        .collect()
    }

    #[test]
    fn lines_come_out_in_order_with_their_time() {
        struct Stopped;
        impl Time for Stopped {
            type Frequency = Freq1MHz;
            type Ticks = Ticks64;
            fn now(&self) -> Ticks64 {
                1_000_002u64.into()
            }
        }
        set_clock(&Stopped);
        debug!("first");
        debug!("second {}", 2);
        let mut reader = LogReader::new().unwrap();
        assert_eq!(
            lines(&mut reader),
            ["[    1.000002] first", "[    1.000002] second 2"]
        );
        debug!("third");
        assert_eq!(lines(&mut reader), ["[    1.000002] third"]);
        assert_eq!(lines(&mut LogReader::new().unwrap()).len(), 3);
    }

    #[test]
    fn a_slow_reader_loses_the_oldest_lines_whole_and_is_told() {
        let mut reader = LogReader::new().unwrap();
        for number in 0..1000 {
            debug!("line {number}");
        }
        let mut buffer = [0; 128];
        let (first, missed) = reader.next_line(&mut buffer).unwrap();
        assert!(first.starts_with("[    0.000000] line "), "{first}");
        assert!(missed > 0);
        let rest = lines(&mut reader);
        assert_eq!(rest.last().unwrap(), "[    0.000000] line 999");
        assert!(
            rest.iter()
                .all(|line| line.starts_with("[    0.000000] line "))
        );
    }

    #[test]
    fn a_line_longer_than_the_readers_buffer_is_cut_at_a_character() {
        debug!("ä ö ü");
        let mut reader = LogReader::new().unwrap();
        let mut buffer = [0; 16];
        assert_eq!(reader.next_line(&mut buffer), Some(("[    0.000000] ", 0)));
        assert_eq!(reader.next_line(&mut buffer), None);
    }

    #[test]
    fn a_line_break_in_a_message_does_not_make_a_second_line() {
        debug!("one\ntwo");
        assert_eq!(
            lines(&mut LogReader::new().unwrap()),
            ["[    0.000000] one two"]
        );
    }

    #[test]
    fn bytes_of_a_process_are_one_line() {
        let written = debug_process_slice!(b"from\nan app"[..].into());
        assert_eq!(written, Ok(11));
        assert_eq!(
            lines(&mut LogReader::new().unwrap()),
            ["[    0.000000] from an app"]
        );
    }

    #[test]
    fn a_seventh_reader_is_refused_until_another_is_dropped() {
        let readers: Vec<_> = (0..6).map(|_| LogReader::new().unwrap()).collect();
        assert_eq!(LogReader::new().err(), Some(ErrorCode::NOMEM));
        drop(readers);
        assert!(LogReader::new().is_ok());
    }
}
