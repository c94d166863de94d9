//! The console, for apps: text out, bytes in.
//!
//! | command | argument | result | errors |
//! |---|---|---|---|
//! | 0 | | success: the driver is here | |
//! | 1 | length | writes that much of read-only buffer 1; upcall 1 follows | `BUSY`: a write is under way; `NOMEM` |
//! | 2 | length | reads that much into read-write buffer 1; upcall 2 follows | `BUSY`: a read is under way; `NOMEM` |
//! | 3 | | ends a read: upcall 2 follows, with `CANCEL` and what has come so far, if one is under way | `NOMEM` |
//!
//! | upcall | arguments |
//! |---|---|
//! | 1 | a write has ended: bytes written, 0, 0 |
//! | 2 | a read has ended: status, bytes read, 0 |
//!
//! | buffer | holds |
//! |---|---|
//! | read-only 1 | what is written |
//! | read-write 1 | what is read |
//!
//! Any other command is `NOSUPPORT`. A length that is more than the buffer has means the whole buffer. If the
//! app takes the buffer away or shares a shorter one, what is under way ends early: a read with `SIZE`.
//!
//! # Output
//!
//! Text is written when it is in the console's buffer, from where the terminal's task takes it. So an app waits
//! only while the buffer is full, and no text is dropped that an app was told is written. Text that the
//! buffer has no room for stays in the app's own until there is.
//!
//! Lines of several apps do not mix. Apps that wait have their turns line by line, and while a line has no end
//! yet only the app that began it writes, so that lines made of many small writes stay whole. How long that
//! may be is up to the terminal ([`Console::end_line`]). A line that is longer than the buffer ends where another
//! app has its turn.
//!
//! # Input
//!
//! [`Console::deliver`] hands bytes to a process. What the process has not asked for stays with the caller,
//! who can wait until it does ([`Console::wait_for_reader`]).

use core::{cell::Cell, future::Future, ops::Range, task::Poll};

use kernel::{
    ErrorCode, ProcessId,
    collections::NumberSet,
    errorcode::into_statuscode,
    grant::{AllowRoCount, AllowRwCount, Grant, GrantKernelData, ProcessGrant, UpcallCount},
    process,
    processbuffer::{ReadableProcessBuffer, WriteableProcessBuffer},
    syscall::{CommandReturn, SyscallDriver},
    task::{WakerCell, leaf},
};

use crate::{driver, line_buffer::LineBuffer};

/// The driver's number.
pub const DRIVER_NUM: usize = driver::NUM::Console as usize;

/// The read-only buffer with what is written.
const WRITE_BUFFER: usize = 1;
/// The read-write buffer for what is read.
const READ_BUFFER: usize = 1;
/// The upcall of a write that has ended.
const WRITE_DONE: usize = 1;
/// The upcall of a read that has ended.
const READ_DONE: usize = 2;

/// What the driver keeps in each process. Tock counts upcalls and buffers of the console from 1.
pub type ConsoleGrant = Grant<App, UpcallCount<3>, AllowRoCount<2>, AllowRwCount<2>>;

/// What is under way for a process.
#[derive(Default)]
pub struct App {
    write: Option<Transfer>,
    read: Option<Transfer>,
}

/// A write or a read that has not ended.
struct Transfer {
    len_bytes: usize,
    done_bytes: usize,
}

type ConsoleProcess<'a> = ProcessGrant<'a, App, UpcallCount<3>, AllowRoCount<2>, AllowRwCount<2>>;

/// Bytes that are taken from an app at a time, at most.
const PIECE_BYTES: usize = 64;

/// The driver.
pub struct Console {
    apps: ConsoleGrant,
    /// What apps have written and the terminal has not shown.
    lines: LineBuffer,
    /// The places in the process table of those whose text is not all taken.
    writers: NumberSet,
    /// Whose turn it was last.
    last_writer: Cell<usize>,
    /// Who waits for text, and for so much that no more can be taken.
    terminal: WakerCell,
    hurry: WakerCell,
    typist: WakerCell,
}

impl Console {
    /// A console for all processes, with a buffer for their text. A line that is longer than that can't be kept
    /// whole.
    ///
    /// # Panics
    /// If the buffer has no room for a character and the end of its line.
    pub fn new(grant: ConsoleGrant, buffer: &'static mut [u8]) -> Self {
        Self {
            apps: grant,
            lines: LineBuffer::new(buffer),
            writers: NumberSet::new(),
            last_writer: Cell::new(0),
            terminal: WakerCell::new(),
            hurry: WakerCell::new(),
            typist: WakerCell::new(),
        }
    }
}

/// Commands.
impl Console {
    #[inline(never)] // so that the other commands are quick
    fn write(&self, process_id: ProcessId, len_bytes: usize) -> Result<(), ErrorCode> {
        let has_text = self.apps.enter(process_id, |app, data| {
            app.start_write(data, len_bytes)?;
            Ok::<_, ErrorCode>(app.write.is_some())
        })??;
        if has_text {
            self.writers.insert(process_id.slot());
            self.take_in();
        }
        Ok(())
    }

    #[inline(never)]
    fn read(&self, process_id: ProcessId, len_bytes: usize) -> Result<(), ErrorCode> {
        self.apps
            .enter(process_id, |app, data| app.start_read(data, len_bytes))??;
        self.typist.wake();
        Ok(())
    }

    #[inline(never)]
    fn abort_read(&self, process_id: ProcessId) -> Result<(), ErrorCode> {
        Ok(self.apps.enter(process_id, |app, data| {
            app.end_read(data, Err(ErrorCode::CANCEL));
        })?)
    }
}

/// Text.
impl Console {
    /// Takes text from those that write, line by line in turn, as much as there is room for.
    fn take_in(&self) {
        let mut piece = [0; PIECE_BYTES];
        while let Some(process) = self.next_writer() {
            let process_id = process.processid();
            self.lines.make_way_for(process_id);
            let room = &mut piece[..self.lines.room().min(PIECE_BYTES)];
            if room.is_empty() {
                break;
            }
            let slot = process_id.slot();
            // One that writes alone need not stop at the end of a line.
            let is_alone = self.writers.next_after(slot) == Some(slot);
            self.last_writer.set(slot);
            let taken = process.try_enter(|app, kernel_data| {
                let len_bytes = app.take_text(kernel_data, room, is_alone);
                (len_bytes, app.write.is_some())
            });
            let (len_bytes, has_more) = taken.unwrap_or_default();
            if !has_more {
                self.writers.remove(slot);
            }
            if len_bytes > 0 {
                self.lines.add(process_id, &room[..len_bytes]);
                self.terminal.wake();
            }
        }
        if self.lines.room() == 0 {
            self.hurry.wake();
        }
    }

    /// The process whose text comes next.
    fn next_writer(&self) -> Option<ConsoleProcess<'_>> {
        loop {
            let line_of = self.lines.line_of();
            let slot = match line_of {
                Some(process_id) => Some(process_id.slot()),
                None => self.writers.next_after(self.last_writer.get()),
            };
            let slot = slot.filter(|slot| self.writers.contains(*slot))?;
            let Some(process) = self.apps.at(slot) else {
                // It was removed.
                self.writers.remove(slot);
                continue;
            };
            let may_write = line_of.is_none_or(|process_id| process_id == process.processid());
            return may_write.then_some(process);
        }
    }
}

/// For the task of the terminal that shows what apps write. There is one.
impl Console {
    /// Waits until there is text.
    ///
    /// # Cancellation
    /// Nothing is lost.
    #[track_caller]
    pub fn wait_for_text(&self) -> impl Future<Output = ()> {
        leaf(|context| {
            if !self.lines.is_empty() {
                return Poll::Ready(());
            }
            self.terminal.register(context);
            Poll::Pending
        })
    }

    /// Waits until there is so much text that there is no room for more.
    ///
    /// # Cancellation
    /// Nothing is lost.
    #[track_caller]
    pub fn wait_until_full(&self) -> impl Future<Output = ()> {
        leaf(|context| {
            if self.lines.room() == 0 {
                return Poll::Ready(());
            }
            self.hurry.register(context);
            Poll::Pending
        })
    }

    /// Whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Whether there is text to show now: a whole line, or one too long to be kept whole.
    pub fn has_lines(&self) -> bool {
        self.lines.has_lines()
    }

    /// Copies the first of the text to show now to `piece`, and returns how much it is. The text stays until
    /// [`Console::shown`].
    pub fn peek(&self, piece: &mut [u8]) -> usize {
        self.lines.peek(piece)
    }

    /// Forgets the first of the text, which has been shown, and takes more in.
    pub fn shown(&self, len_bytes: usize) {
        self.lines.skip(len_bytes);
        self.take_in();
    }

    /// Ends the line that has begun, if one has: its app has had its time.
    pub fn end_line(&self) {
        self.lines.end_line();
        self.take_in();
    }
}

/// For whoever has bytes for apps.
impl Console {
    /// Gives `bytes` to a process that reads. Returns how many it took: none if it does not read.
    pub fn deliver(&self, process_id: ProcessId, bytes: &[u8]) -> usize {
        let process = self.process(process_id);
        process
            .and_then(|process| process.try_enter(|app, kernel_data| app.put(kernel_data, bytes)))
            .unwrap_or(0)
    }

    /// Waits until a process reads.
    ///
    /// # Cancellation
    /// Nothing is lost.
    #[track_caller]
    pub fn wait_for_reader(&self, process_id: ProcessId) -> impl Future<Output = ()> {
        leaf(move |context| {
            let process = self.process(process_id);
            let is_reading = process.and_then(|it| it.try_enter(|app, _| app.read.is_some()));
            if is_reading == Some(true) {
                return Poll::Ready(());
            }
            self.typist.register(context);
            Poll::Pending
        })
    }

    /// The process of this name, if it uses the console.
    fn process(&self, process_id: ProcessId) -> Option<ConsoleProcess<'_>> {
        let process = self.apps.at(process_id.slot());
        process.filter(|process| process.processid() == process_id)
    }
}

impl App {
    fn start_write(&mut self, data: &GrantKernelData, len_bytes: usize) -> Result<(), ErrorCode> {
        if self.write.is_some() {
            return Err(ErrorCode::BUSY);
        }
        let text = data.get_readonly_processbuffer(WRITE_BUFFER)?;
        self.write = Some(Transfer::new(len_bytes.min(text.len())));
        if len_bytes == 0 || text.is_empty() {
            self.take_text(data, &mut [], true);
        }
        Ok(())
    }

    /// Copies the next piece of what is being written, and ends the write with its last one. The piece ends with
    /// its first line unless it may have more. Returns its length.
    fn take_text(&mut self, data: &GrantKernelData, piece: &mut [u8], has_lines: bool) -> usize {
        let Some(write) = &mut self.write else {
            return 0;
        };
        let text = data.get_readonly_processbuffer(WRITE_BUFFER);
        let taken = text.and_then(|text| {
            text.enter(|text| {
                let rest = &text[write.rest(text.len())];
                let mut len_bytes = rest.len().min(piece.len());
                let piece = &mut piece[..len_bytes];
                rest[..len_bytes].copy_to_slice(piece);
                if !has_lines && let Some(line_feed) = piece.iter().position(|byte| *byte == b'\n')
                {
                    len_bytes = line_feed + 1;
                }
                (len_bytes, len_bytes == rest.len())
            })
        });
        let (len_bytes, is_last) = taken.unwrap_or((0, true));
        write.done_bytes += len_bytes;
        if is_last {
            // An upcall that there is no room for is counted by the kernel.
            let _ = data.schedule_upcall(WRITE_DONE, (write.done_bytes, 0, 0));
            self.write = None;
        }
        len_bytes
    }

    fn start_read(&mut self, data: &GrantKernelData, len_bytes: usize) -> Result<(), ErrorCode> {
        if self.read.is_some() {
            return Err(ErrorCode::BUSY);
        }
        let room = data.get_readwrite_processbuffer(READ_BUFFER)?;
        self.read = Some(Transfer::new(len_bytes.min(room.len())));
        if len_bytes == 0 || room.is_empty() {
            self.put(data, &[]);
        }
        Ok(())
    }

    /// Copies `bytes` to where the app reads them, and ends the read when it has what it wants. Returns how
    /// many it took.
    fn put(&mut self, data: &GrantKernelData, bytes: &[u8]) -> usize {
        let Some(read) = &mut self.read else {
            return 0;
        };
        let room = data.get_readwrite_processbuffer(READ_BUFFER);
        let put = room.and_then(|room| {
            room.mut_enter(|room| {
                let rest = &room[read.rest(room.len())];
                rest.iter().zip(bytes).for_each(|(to, from)| to.set(*from));
                let len_bytes = bytes.len().min(rest.len());
                (len_bytes, len_bytes == rest.len())
            })
        });
        let (len_bytes, is_last) = put.unwrap_or((0, true));
        read.done_bytes += len_bytes;
        if is_last {
            let is_whole = read.done_bytes == read.len_bytes;
            let result = if is_whole {
                Ok(())
            } else {
                Err(ErrorCode::SIZE)
            };
            self.end_read(data, result);
        }
        len_bytes
    }

    fn end_read(&mut self, data: &GrantKernelData, result: Result<(), ErrorCode>) {
        if let Some(read) = self.read.take() {
            let status = into_statuscode(result);
            let _ = data.schedule_upcall(READ_DONE, (status, read.done_bytes, 0));
        }
    }
}

impl Transfer {
    const fn new(len_bytes: usize) -> Self {
        Self {
            len_bytes,
            done_bytes: 0,
        }
    }

    /// What is still to come of a buffer that has `shared_bytes` now.
    fn rest(&self, shared_bytes: usize) -> Range<usize> {
        let end = self.len_bytes.min(shared_bytes);
        self.done_bytes.min(end)..end
    }
}

impl SyscallDriver for Console {
    fn command(
        &self,
        command_num: usize,
        len_bytes: usize,
        _: usize,
        process_id: ProcessId,
    ) -> CommandReturn {
        let result = match command_num {
            0 => Ok(()),
            1 => self.write(process_id, len_bytes),
            2 => self.read(process_id, len_bytes),
            3 => self.abort_read(process_id),
            _ => Err(ErrorCode::NOSUPPORT),
        };
        result.into()
    }

    fn allocate_grant(&self, process_id: ProcessId) -> Result<(), process::Error> {
        self.apps.enter(process_id, |_, _| {})
    }
}
