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

    fn start(&self, request: Request) -> Result<(), ErrorCode> {
        self.operation.admit()?;
        self.operation.start(request);
        Ok(())
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
        self.start(Request::Sync)
    }

    fn erase(&self) -> Result<(), ErrorCode> {
        self.start(Request::Erase)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Machine, leak};

    type Done = Result<(), ErrorCode>;

    #[derive(Debug, PartialEq)]
    enum Heard {
        Read(Vec<u8>, Done),
        Sought(Done),
        Appended(usize, bool, Done),
        Synced(Done),
        Erased(Done),
    }
    use Heard::*;

    struct User {
        log: &'static Log,
        /// Syncs as soon as an entry is added.
        is_eager: Cell<bool>,
        heard: RefCell<Vec<Heard>>,
    }

    impl User {
        fn hears(&self, heard: Heard) {
            self.heard.borrow_mut().push(heard);
        }
    }

    impl LogReadClient for User {
        fn read_done(&self, buffer: Buffer, length: usize, error: Done) {
            self.hears(Read(buffer[..length].to_vec(), error));
        }

        fn seek_done(&self, error: Done) {
            self.hears(Sought(error));
        }
    }

    impl LogWriteClient for User {
        fn append_done(&self, _: Buffer, length: usize, records_lost: bool, error: Done) {
            self.hears(Appended(length, records_lost, error));
            if self.is_eager.get() {
                assert_eq!(self.log.sync(), Ok(()));
            }
        }

        fn sync_done(&self, error: Done) {
            self.hears(Synced(error));
        }

        fn erase_done(&self, error: Done) {
            self.hears(Erased(error));
        }
    }

    /// A log with room for six bytes.
    fn log() -> (Machine, &'static Log, &'static User) {
        let log = Log::new(6);
        let user = &*leak(User {
            log,
            is_eager: Cell::new(false),
            heard: RefCell::default(),
        });
        log.set_read_client(user);
        log.set_append_client(user);
        (Machine::new(), log, user)
    }

    fn append(machine: &Machine, log: &Log, entry: &[u8]) {
        assert!(log.append(entry.to_vec().leak(), entry.len()).is_ok());
        machine.run();
    }

    #[test]
    fn entries_are_read_in_their_order() {
        let (machine, log, user) = log();
        assert!(log.append(leak(*b"onerous"), 3).is_ok());
        assert!(log.entries().is_empty(), "not inside the call");
        machine.run();
        append(&machine, log, b"as");
        for _ in 0..2 {
            assert!(log.read(leak([0; 4]), 3).is_ok());
            machine.run();
        }
        assert_eq!(log.seek(0), Ok(()));
        machine.run();
        assert_eq!(log.next_read_entry_id(), 0);
        let expected = [
            Appended(3, false, Ok(())),
            Appended(2, false, Ok(())),
            Read(b"one".to_vec(), Ok(())),
            Read(b"as".to_vec(), Ok(())),
            Sought(Ok(())),
        ];
        assert_eq!(*user.heard.borrow(), expected);
    }

    #[test]
    fn a_full_log_loses_its_oldest_entries() {
        let (machine, log, user) = log();
        for entry in [b"one", b"two", b"six"] {
            append(&machine, log, entry);
        }
        assert_eq!(log.entries(), [b"two", b"six"]);
        assert_eq!((log.log_start(), log.log_end()), (1, 3));
        assert_eq!(log.seek(0), Err(ErrorCode::INVAL));
        assert!(log.read(leak([0; 3]), 3).is_ok());
        machine.run();
        let heard = user.heard.borrow();
        let last = [Appended(3, true, Ok(())), Read(b"two".to_vec(), Ok(()))];
        assert_eq!(heard[2..], last);
    }

    #[test]
    fn a_restart_loses_what_was_not_synced_and_the_operation_under_way() {
        let (machine, log, user) = log();
        user.is_eager.set(true);
        append(&machine, log, b"one");
        user.is_eager.set(false);
        append(&machine, log, b"two");
        assert_eq!(log.erase(), Ok(()));
        log.restart();
        machine.run();
        assert_eq!(log.entries(), [b"one"]);
        let expected = [
            Appended(3, false, Ok(())),
            Synced(Ok(())),
            Appended(3, false, Ok(())),
        ];
        assert_eq!(*user.heard.borrow(), expected);
    }

    #[test]
    fn an_erased_log_is_empty_and_its_numbers_go_on() {
        let (machine, log, user) = log();
        append(&machine, log, b"one");
        assert_eq!(log.erase(), Ok(()));
        machine.run();
        assert!(log.entries().is_empty());
        assert_eq!((log.log_start(), log.log_end()), (1, 1));
        assert_eq!(user.heard.borrow()[1], Erased(Ok(())));
    }

    #[test]
    fn a_refusal_gives_the_buffer_back_and_no_callback_follows() {
        let (machine, log, user) = log();
        let append_refusal = |length| {
            let (error, buffer) = log.append(leak([7; 8]), length).unwrap_err();
            assert_eq!(*buffer, [7; 8]);
            error
        };
        assert_eq!(append_refusal(9), ErrorCode::INVAL);
        assert_eq!(append_refusal(7), ErrorCode::SIZE);
        log.refuse_next(ErrorCode::FAIL);
        assert_eq!(append_refusal(1), ErrorCode::FAIL);
        let read_refusal = |length| log.read(leak([0; 8]), length).unwrap_err().0;
        assert_eq!(read_refusal(8), ErrorCode::FAIL);
        machine.run();
        assert!(user.heard.borrow().is_empty());
        append(&machine, log, b"one");
        assert_eq!(read_refusal(9), ErrorCode::INVAL);
        assert_eq!(read_refusal(2), ErrorCode::SIZE);
        assert_eq!(log.sync(), Ok(()));
        assert_eq!(append_refusal(1), ErrorCode::BUSY);
        assert_eq!(read_refusal(8), ErrorCode::BUSY);
        assert_eq!(log.erase(), Err(ErrorCode::BUSY));
        machine.run();
        let expected = [Appended(3, false, Ok(())), Synced(Ok(()))];
        assert_eq!(*user.heard.borrow(), expected);
    }

    #[test]
    fn an_operation_that_fails_has_done_nothing() {
        let (machine, log, user) = log();
        append(&machine, log, b"one");
        for _ in 0..5 {
            log.fail_next(ErrorCode::FAIL);
        }
        append(&machine, log, b"more");
        assert!(log.read(leak([0; 3]), 3).is_ok());
        machine.run();
        for start in [LogWrite::sync, LogWrite::erase, |log: &Log| log.seek(0)] {
            assert_eq!(start(log), Ok(()));
            machine.run();
        }
        let failure = Err(ErrorCode::FAIL);
        let expected = [
            Appended(0, false, failure),
            Read(Vec::new(), failure),
            Synced(failure),
            Erased(failure),
            Sought(failure),
        ];
        assert_eq!(user.heard.borrow()[1..], expected);
        assert_eq!(
            (log.entries(), log.next_read_entry_id()),
            (vec![b"one".to_vec()], 0)
        );
        log.restart();
        assert!(log.entries().is_empty());
    }

    #[test]
    fn a_callback_that_is_held_comes_when_it_is_released() {
        let (machine, log, user) = log();
        log.hold();
        append(&machine, log, b"one");
        assert!(user.heard.borrow().is_empty());
        log.release();
        machine.run();
        assert_eq!(*user.heard.borrow(), [Appended(3, false, Ok(()))]);
    }

    #[test]
    fn a_callback_may_start_the_next_operation() {
        let (machine, log, user) = log();
        user.is_eager.set(true);
        append(&machine, log, b"one");
        let expected = [Appended(3, false, Ok(())), Synced(Ok(()))];
        assert_eq!(*user.heard.borrow(), expected);
    }
}
