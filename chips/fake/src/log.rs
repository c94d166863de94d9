//! Logs.

use std::cell::{Cell, RefCell};

use kernel::{
    ErrorCode,
    deferred_call::DeferredCallClient,
    hil::log::{LogRead, LogReadClient, LogWrite, LogWriteClient},
    utilities::cells::OptionalCell,
};

use crate::{
    faults::{Operation, faults},
    place,
};

type Buffer = &'static mut [u8];

/// A log that holds some bytes of entries, and loses its oldest entries when it is full. Entries are named by
/// numbers, from 0 on.
///
/// An operation that fails has done nothing. Reading and writing share the one operation that may be under way.
pub struct Log {
    capacity_bytes: usize,
    entries: RefCell<Vec<Vec<u8>>>,
    /// The number of the oldest entry.
    first: Cell<usize>,
    /// The number of the entry that is read next.
    next_read: Cell<usize>,
    /// The number of the first entry that does not survive a restart.
    first_unsynced: Cell<usize>,
    operation: Operation<Request>,
    read_client: OptionalCell<&'static dyn LogReadClient>,
    append_client: OptionalCell<&'static dyn LogWriteClient>,
}

enum Request {
    Read(Buffer),
    Seek(usize),
    Append { buffer: Buffer, length: usize },
    Sync,
    Erase,
}

impl Log {
    /// An empty log with room for `capacity_bytes`.
    pub fn new(capacity_bytes: usize) -> &'static Self {
        place(Self {
            capacity_bytes,
            entries: RefCell::default(),
            first: Cell::new(0),
            next_read: Cell::new(0),
            first_unsynced: Cell::new(0),
            operation: Operation::new(),
            read_client: OptionalCell::empty(),
            append_client: OptionalCell::empty(),
        })
    }

    /// The entries, from the oldest on.
    pub fn entries(&self) -> Vec<Vec<u8>> {
        self.entries.borrow().clone()
    }

    /// Loses what was added since the last `sync`, reads from the oldest entry on, and forgets the operation under
    /// way, as a machine does that restarts.
    pub fn restart(&self) {
        let kept = self.first_unsynced.get().saturating_sub(self.first.get());
        self.entries.borrow_mut().truncate(kept);
        self.next_read.set(self.first.get());
        self.operation.cancel();
    }

    fn end(&self) -> usize {
        self.first.get() + self.entries.borrow().len()
    }

    fn admit_read(&self, buffer: &[u8], length: usize) -> Result<(), ErrorCode> {
        self.operation.admit()?;
        if length > buffer.len() {
            return Err(ErrorCode::INVAL);
        }
        let entries = self.entries.borrow();
        let entry = entries.get(self.next_read.get() - self.first.get());
        if entry.ok_or(ErrorCode::FAIL)?.len() > length {
            return Err(ErrorCode::SIZE);
        }
        Ok(())
    }

    fn admit_append(&self, buffer: &[u8], length: usize) -> Result<(), ErrorCode> {
        self.operation.admit()?;
        if length > buffer.len() {
            return Err(ErrorCode::INVAL);
        }
        if length > self.capacity_bytes {
            return Err(ErrorCode::SIZE);
        }
        Ok(())
    }

    /// Reads the next entry, and returns its length.
    fn read_to(&self, buffer: &mut [u8]) -> usize {
        let next = self.next_read.get();
        self.next_read.set(next + 1);
        let entry = &self.entries.borrow()[next - self.first.get()];
        buffer[..entry.len()].copy_from_slice(entry);
        entry.len()
    }

    /// Adds an entry, and returns whether older ones went for it.
    fn add(&self, entry: &[u8]) -> bool {
        let mut entries = self.entries.borrow_mut();
        let before = self.first.get();
        while entries.iter().map(Vec::len).sum::<usize>() + entry.len() > self.capacity_bytes {
            entries.remove(0);
            self.first.update(|first| first + 1);
        }
        entries.push(entry.to_vec());
        let first = self.first.get();
        self.next_read.update(|next| next.max(first));
        first > before
    }

    fn erase_all(&self) {
        self.first.set(self.end());
        self.entries.take();
        self.next_read.set(self.first.get());
    }
}

faults!(Log);

impl LogRead<'static> for Log {
    type EntryID = usize;

    fn set_read_client(&'static self, client: &'static dyn LogReadClient) {
        self.read_client.set(client);
    }

    fn read(&self, buffer: Buffer, length: usize) -> Result<(), (ErrorCode, Buffer)> {
        if let Err(error) = self.admit_read(buffer, length) {
            return Err((error, buffer));
        }
        self.operation.start(Request::Read(buffer));
        Ok(())
    }

    fn log_start(&self) -> usize {
        self.first.get()
    }

    fn log_end(&self) -> usize {
        self.end()
    }

    fn next_read_entry_id(&self) -> usize {
        self.next_read.get()
    }

    fn seek(&self, entry: usize) -> Result<(), ErrorCode> {
        self.operation.admit()?;
        if !(self.first.get()..self.end()).contains(&entry) {
            return Err(ErrorCode::INVAL);
        }
        self.operation.start(Request::Seek(entry));
        Ok(())
    }

    fn get_size(&self) -> usize {
        self.capacity_bytes
    }
}

impl LogWrite<'static> for Log {
    fn set_append_client(&'static self, client: &'static dyn LogWriteClient) {
        self.append_client.set(client);
    }

    fn append(&self, buffer: Buffer, length: usize) -> Result<(), (ErrorCode, Buffer)> {
        if let Err(error) = self.admit_append(buffer, length) {
            return Err((error, buffer));
        }
        self.operation.start(Request::Append { buffer, length });
        Ok(())
    }

    fn sync(&self) -> Result<(), ErrorCode> {
        self.operation.try_start(Request::Sync)
    }

    fn erase(&self) -> Result<(), ErrorCode> {
        self.operation.try_start(Request::Erase)
    }
}

impl DeferredCallClient for Log {
    fn handle_deferred_call(&self) {
        let Some((request, result)) = self.operation.end() else {
            return;
        };
        let succeeds = result.is_ok();
        let (reader, writer) = (self.read_client.get(), self.append_client.get());
        match request {
            Request::Read(buffer) => {
                let length = if succeeds { self.read_to(buffer) } else { 0 };
                if let Some(client) = reader {
                    client.read_done(buffer, length, result);
                }
            }
            Request::Seek(entry) => {
                if succeeds {
                    self.next_read.set(entry);
                }
                if let Some(client) = reader {
                    client.seek_done(result);
                }
            }
            Request::Append { buffer, length } => {
                let length = if succeeds { length } else { 0 };
                let is_lost = succeeds && self.add(&buffer[..length]);
                if let Some(client) = writer {
                    client.append_done(buffer, length, is_lost, result);
                }
            }
            Request::Sync => {
                if succeeds {
                    self.first_unsynced.set(self.end());
                }
                if let Some(client) = writer {
                    client.sync_done(result);
                }
            }
            Request::Erase => {
                if succeeds {
                    self.erase_all();
                }
                if let Some(client) = writer {
                    client.erase_done(result);
                }
            }
        }
    }

    fn register(&'static self) {
        self.operation.register(self);
    }
}
