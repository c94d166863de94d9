//! The console, for apps: text out, bytes in.
//!
//! | command | argument | result | errors |
//! |---|---|---|---|
//! | 0 | | success: the driver is here | |
//! | 1 | length | writes that much of read-only buffer 1; upcall 1 follows | `BUSY`: a write is under way; `NOMEM` |
//! | 2 | length | reads that much into read-write buffer 1; upcall 2 follows | `BUSY`: a read is under way; `NOMEM` |
//! | 3 | | ends a read: upcall 2 follows, with `CANCEL` and what has come so far | |
//!
//! | upcall | arguments |
//! |---|---|
//! | 1 | a write has ended: bytes written, 0, 0 |
//! | 2 | a read has ended: status, bytes read, 0 |
//!
//! Any other command is `NOSUPPORT`. A length that is more than the buffer has means the whole buffer. If the
//! app takes the buffer away or shares a shorter one, what is under way ends early: a read with `SIZE`.
//!
//! # Output
//!
//! Nothing is stored here: text stays in the app's buffer until the terminal's task takes it, a piece at a
//! time, and the app gets its upcall when the last piece is taken. So nothing is dropped that an app was told
//! is written; an app that writes much waits for the terminal, and no other app waits for it.
//!
//! A piece is a line at most. Apps have their turns line by line, and one whose line has no end yet is asked
//! first ([`Console::take`]), so that lines made of many small writes stay whole. How long a line may stay
//! without an end is up to the terminal.
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
    processbuffer::{ReadableProcessBuffer, ReadableProcessSlice, WriteableProcessBuffer},
    syscall::{CommandReturn, SyscallDriver},
    task::{WakerCell, leaf},
};

use crate::driver;

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

/// The driver.
pub struct Console {
    apps: ConsoleGrant,
    /// The places in the process table of those that have text to write.
    writers: NumberSet,
    /// Whose turn it was last.
    last_writer: Cell<usize>,
    terminal: WakerCell,
    typist: WakerCell,
}

impl Console {
    /// A console for all processes.
    pub const fn new(grant: ConsoleGrant) -> Self {
        Self {
            apps: grant,
            writers: NumberSet::new(),
            last_writer: Cell::new(0),
            terminal: WakerCell::new(),
            typist: WakerCell::new(),
        }
    }
}

/// Commands.
impl Console {
    fn write(&self, process_id: ProcessId, len_bytes: usize) -> Result<(), ErrorCode> {
        let has_text = self.apps.enter(process_id, |app, data| {
            app.start_write(data, len_bytes)?;
            Ok::<_, ErrorCode>(app.write.is_some())
        })??;
        if has_text {
            self.writers.insert(process_id.slot());
            self.terminal.wake();
        }
        Ok(())
    }

    fn read(&self, process_id: ProcessId, len_bytes: usize) -> Result<(), ErrorCode> {
        self.apps
            .enter(process_id, |app, data| app.start_read(data, len_bytes))??;
        self.typist.wake();
        Ok(())
    }

    fn abort_read(&self, process_id: ProcessId) -> Result<(), ErrorCode> {
        Ok(self.apps.enter(process_id, |app, data| {
            app.end_read(data, Err(ErrorCode::CANCEL));
        })?)
    }
}

/// For the task of the terminal that shows what apps write. There is one.
impl Console {
    /// Waits until a process has text to write: `writer`, or any if that is `None`.
    ///
    /// # Cancellation
    /// Nothing is lost.
    #[track_caller]
    pub fn wait(&self, writer: Option<ProcessId>) -> impl Future<Output = ()> {
        leaf(move |context| {
            if self.next_writer(writer).is_some() {
                return Poll::Ready(());
            }
            self.terminal.register(context);
            Poll::Pending
        })
    }

    /// Copies the next piece of text into `piece`: of `writer`, or of the next process in turn if that is
    /// `None`. Returns whose it is and how long. It ends with a line break, or is as long as `piece`, or is
    /// all that the process writes for now.
    ///
    /// # Panics
    /// If `piece` has no room.
    pub fn take(&self, writer: Option<ProcessId>, piece: &mut [u8]) -> Option<(ProcessId, usize)> {
        assert!(!piece.is_empty(), "a piece needs room");
        loop {
            let process = self.next_writer(writer)?;
            let process_id = process.processid();
            let slot = process_id.slot();
            self.last_writer.set(slot);
            let taken = process.try_enter(|app, kernel_data| {
                let len_bytes = app.take_text(kernel_data, piece);
                (len_bytes, app.write.is_some())
            });
            let (len_bytes, has_more) = taken.unwrap_or_default();
            if !has_more {
                self.writers.remove(slot);
            }
            if len_bytes > 0 {
                return Some((process_id, len_bytes));
            }
        }
    }

    /// The process whose text comes next, if it is `writer` or that is `None`.
    fn next_writer(&self, writer: Option<ProcessId>) -> Option<ConsoleProcess<'_>> {
        loop {
            let slot = match writer {
                Some(process_id) => Some(process_id.slot()),
                None => self.writers.next_after(self.last_writer.get()),
            };
            let slot = slot.filter(|slot| self.writers.contains(*slot))?;
            match self.apps.at(slot) {
                Some(process) => {
                    let is_meant = writer.is_none_or(|writer| writer == process.processid());
                    return is_meant.then_some(process);
                }
                // It was removed.
                None => self.writers.remove(slot),
            }
        }
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
            self.take_text(data, &mut []);
        }
        Ok(())
    }

    /// Copies the next piece of what is being written, and ends the write with its last one. Returns the
    /// piece's length.
    fn take_text(&mut self, data: &GrantKernelData, piece: &mut [u8]) -> usize {
        let Some(write) = &mut self.write else {
            return 0;
        };
        let text = data.get_readonly_processbuffer(WRITE_BUFFER);
        let taken = text.and_then(|text| {
            text.enter(|text| {
                let rest = &text[write.rest(text.len())];
                let len_bytes = copy_line(rest, piece);
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

/// Copies `text` up to its first line break, as far as `piece` has room. Returns how much that was.
fn copy_line(text: &ReadableProcessSlice, piece: &mut [u8]) -> usize {
    for (place, (to, from)) in piece.iter_mut().zip(text.iter()).enumerate() {
        *to = from.get();
        if *to == b'\n' {
            return place + 1;
        }
    }
    piece.len().min(text.len())
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
