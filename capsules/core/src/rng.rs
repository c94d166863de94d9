//! Random numbers, for apps.
//!
//! | command | argument | result | errors |
//! |---|---|---|---|
//! | 0 | | success: the driver is here | |
//! | 1 | length | fills that much of read-write buffer 0; upcall 0 follows | `NOMEM`; what the source says |
//!
//! | upcall | arguments |
//! |---|---|
//! | 0 | the bytes are there: status, how many, 0 |
//!
//! | buffer | holds |
//! |---|---|
//! | read-write 0 | the bytes |
//!
//! Any other command is `NOSUPPORT`. A length that is more than the buffer has means the whole buffer. A
//! second command before the upcall takes the place of the first: one upcall follows, and the app waits its turn anew.

use core::cell::Cell;

use kernel::{
    ErrorCode, ProcessId,
    collections::NumberSet,
    errorcode::into_statuscode,
    grant::{AllowRoCount, AllowRwCount, Grant, GrantKernelData, UpcallCount},
    hil::rng::{Client, Continue, Rng},
    process,
    processbuffer::{ReadableProcessBuffer, WriteableProcessBuffer, WriteableProcessSlice},
    syscall::{CommandReturn, SyscallDriver},
};

use crate::driver;

/// The driver's number.
pub const DRIVER_NUM: usize = driver::NUM::Rng as usize;

/// The read-write buffer for the bytes.
const BUFFER: usize = 0;
/// The upcall that says that they are there.
const DONE: usize = 0;

/// What the driver keeps in each process.
pub type RngGrant = Grant<App, UpcallCount<1>, AllowRoCount<0>, AllowRwCount<1>>;

/// What a process wants.
#[derive(Default)]
pub struct App {
    len_bytes: usize,
    done_bytes: usize,
}

/// The driver.
pub struct RngDriver<'a, R: Rng<'a>> {
    rng: &'a R,
    apps: RngGrant,
    /// The places in the process table of those that want numbers.
    waiting: NumberSet,
    /// Who had the last turn.
    last: Cell<usize>,
    is_asked: Cell<bool>,
}

impl<'a, R: Rng<'a>> RngDriver<'a, R> {
    /// A driver with numbers from `rng`. The board makes it the source's client.
    pub const fn new(rng: &'a R, grant: RngGrant) -> Self {
        Self {
            rng,
            apps: grant,
            waiting: NumberSet::new(),
            last: Cell::new(0),
            is_asked: Cell::new(false),
        }
    }

    fn start(&self, process_id: ProcessId, len_bytes: usize) -> Result<(), ErrorCode> {
        let slot = process_id.slot();
        let wants_any = self.apps.enter(process_id, |app, data| {
            let buffer = data.get_readwrite_processbuffer(BUFFER)?;
            app.len_bytes = len_bytes.min(buffer.len());
            app.done_bytes = 0;
            if app.len_bytes == 0 {
                app.end(data, Ok(()));
            }
            Ok::<_, ErrorCode>(app.len_bytes > 0)
        })??;
        if !wants_any {
            self.waiting.remove(slot);
            return Ok(());
        }
        if !self.is_asked.get() {
            self.rng.get()?;
            self.is_asked.set(true);
        }
        if self.next() == Some(slot) {
            // It asks anew in the middle of its turn: the others come first, or it could keep them waiting for ever.
            self.last.set(slot);
        }
        self.waiting.insert(slot);
        Ok(())
    }

    /// Whose turn it is.
    fn next(&self) -> Option<usize> {
        self.waiting.next_after(self.last.get())
    }

    /// Gives the process in a place of the process table what it wants, and takes it out of those that wait.
    /// Returns false if there was not enough for it: it waits on.
    fn serve(
        &self,
        slot: usize,
        numbers: &mut dyn Iterator<Item = u32>,
        result: Result<(), ErrorCode>,
    ) -> bool {
        let process = self.apps.at(slot);
        let is_served = process
            .and_then(|process| {
                // A process that is newer than the request wants nothing.
                process.try_enter(|app, data| app.len_bytes == 0 || app.fill(data, numbers, result))
            })
            .unwrap_or(true);
        if is_served {
            self.waiting.remove(slot);
            self.last.set(slot);
        }
        is_served
    }
}

impl App {
    /// Fills the buffer and tells the app when it is full, or that it will not be. Returns whether it did.
    fn fill(
        &mut self,
        data: &GrantKernelData,
        numbers: &mut dyn Iterator<Item = u32>,
        result: Result<(), ErrorCode>,
    ) -> bool {
        let buffer = data.get_readwrite_processbuffer(BUFFER);
        let end = buffer.and_then(|buffer| {
            buffer.mut_enter(|bytes| {
                // The app may have shared another buffer meanwhile.
                let end = self.len_bytes.min(bytes.len());
                let start = self.done_bytes.min(end);
                self.done_bytes = start + fill(&bytes[start..end], numbers);
                end
            })
        });
        let is_full = self.done_bytes >= end.unwrap_or(0);
        if is_full || result.is_err() {
            self.end(data, if is_full { Ok(()) } else { result });
            return true;
        }
        false
    }

    fn end(&self, data: &GrantKernelData, result: Result<(), ErrorCode>) {
        let status = into_statuscode(result);
        // An upcall that there is no room for is counted by the kernel.
        let _ = data.schedule_upcall(DONE, (status, self.done_bytes, 0));
    }
}

/// Writes numbers to `bytes` as long as there are any. Returns how many bytes that was.
fn fill(bytes: &WriteableProcessSlice, numbers: &mut dyn Iterator<Item = u32>) -> usize {
    let mut done_bytes = 0;
    for word in bytes.chunks(size_of::<u32>()) {
        let Some(number) = numbers.next() else {
            break;
        };
        let number = number.to_le_bytes();
        word.iter().zip(number).for_each(|(to, from)| to.set(from));
        done_bytes += word.len();
    }
    done_bytes
}

impl<'a, R: Rng<'a>> Client for RngDriver<'a, R> {
    fn randomness_available(
        &self,
        randomness: &mut dyn Iterator<Item = u32>,
        error: Result<(), ErrorCode>,
    ) -> Continue {
        while let Some(slot) = self.next() {
            if !self.serve(slot, randomness, error) {
                return Continue::More;
            }
        }
        self.is_asked.set(false);
        Continue::Done
    }
}

impl<'a, R: Rng<'a>> SyscallDriver for RngDriver<'a, R> {
    fn command(
        &self,
        command_num: usize,
        len_bytes: usize,
        _: usize,
        process_id: ProcessId,
    ) -> CommandReturn {
        match command_num {
            0 => CommandReturn::success(),
            1 => self.start(process_id, len_bytes).into(),
            _ => CommandReturn::failure(ErrorCode::NOSUPPORT),
        }
    }

    fn allocate_grant(&self, process_id: ProcessId) -> Result<(), process::Error> {
        self.apps.enter(process_id, |_, _| {})
    }
}
