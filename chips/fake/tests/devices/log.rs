//! The fake log keeps the promises of its HIL.

use std::cell::{Cell, RefCell};

use chip_fake as fake;
use kernel::{
    ErrorCode,
    hil::log::{LogRead, LogReadClient, LogWrite, LogWriteClient},
};

type Buffer = &'static mut [u8];
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
    log: &'static fake::Log,
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
fn log() -> (fake::Machine, &'static fake::Log, &'static User) {
    let log = fake::Log::new(6);
    let user = &*fake::leak(User {
        log,
        is_eager: Cell::new(false),
        heard: RefCell::default(),
    });
    log.set_read_client(user);
    log.set_append_client(user);
    (fake::Machine::new(), log, user)
}

fn append(machine: &fake::Machine, log: &fake::Log, entry: &[u8]) {
    assert!(log.append(entry.to_vec().leak(), entry.len()).is_ok());
    machine.run();
}

#[test]
fn entries_are_read_in_their_order() {
    let (machine, log, user) = log();
    assert!(log.append(fake::leak(*b"onerous"), 3).is_ok());
    assert!(log.entries().is_empty(), "not inside the call");
    machine.run();
    append(&machine, log, b"as");
    for _ in 0..2 {
        assert!(log.read(fake::leak([0; 4]), 3).is_ok());
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
    assert!(log.read(fake::leak([0; 3]), 3).is_ok());
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
        let (error, buffer) = log.append(fake::leak([7; 8]), length).unwrap_err();
        assert_eq!(*buffer, [7; 8]);
        error
    };
    assert_eq!(append_refusal(9), ErrorCode::INVAL);
    assert_eq!(append_refusal(7), ErrorCode::SIZE);
    log.refuse_next(ErrorCode::FAIL);
    assert_eq!(append_refusal(1), ErrorCode::FAIL);
    let read_refusal = |length| log.read(fake::leak([0; 8]), length).unwrap_err().0;
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
    assert!(log.read(fake::leak([0; 3]), 3).is_ok());
    machine.run();
    for start in [LogWrite::sync, LogWrite::erase, |log: &fake::Log| {
        log.seek(0)
    }] {
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
