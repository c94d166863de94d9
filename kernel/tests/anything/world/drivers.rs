//! Drivers that do what they are told, to any process, at any time.

use std::cell::{Cell, RefCell};

use kernel::{
    ErrorCode, ProcessId,
    grant::{AllowRoCount, AllowRwCount, Grant, GrantKernelData, UpcallCount},
    process::{self, ProcessTable},
    processbuffer::{
        ReadableProcessBuffer, UserspaceReadableProcessBuffer, WriteableProcessBuffer,
    },
    syscall::{CommandReturn, SyscallDriver, class},
    upcall::UpcallError,
};

use super::model::{Run, SLOTS};

/// The drivers' numbers.
pub const DRIVERS: [usize; 2] = [3, 0x4_0005];

/// Upcalls and buffers of each kind that each driver has.
pub const NUMBERS: u8 = 2;

/// A driver's state.
pub struct Kept<const COUNT: usize> {
    /// A value and, in the second driver, more of it than a page has room for.
    values: [u64; COUNT],
    /// A buffer that the process can go on reading.
    readable: UserspaceReadableProcessBuffer,
}

impl<const COUNT: usize> Default for Kept<COUNT> {
    fn default() -> Self {
        Self {
            values: [0; COUNT],
            readable: UserspaceReadableProcessBuffer::default(),
        }
    }
}

type Apps<const COUNT: usize> =
    Grant<Kept<COUNT>, UpcallCount<NUMBERS>, AllowRoCount<NUMBERS>, AllowRwCount<NUMBERS>>;

/// What a driver can do to a process: the first in its grant, if it can enter that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    Schedule,
    RemoveUpcalls,
    Write,
    WriteReadable,
    CheckReadOnly,
    /// Something else, while it is in the grant.
    Nest,
    Stop,
    Resume,
    Terminate,
    Restart,
    Fault,
    Remove,
}

impl Doing {
    const ALL: [Self; 12] = [
        Self::Schedule,
        Self::RemoveUpcalls,
        Self::Write,
        Self::WriteReadable,
        Self::CheckReadOnly,
        Self::Nest,
        Self::Stop,
        Self::Resume,
        Self::Terminate,
        Self::Restart,
        Self::Fault,
        Self::Remove,
    ];
}

/// What a driver does: what, to the process in which slot, and with which number and value.
#[derive(Clone, Copy, Debug)]
pub struct Action {
    pub doing: Doing,
    pub slot: usize,
    pub number: usize,
    pub value: usize,
}

impl Action {
    /// As the two arguments of a command.
    pub fn of_words(doing: usize, place: usize, value: usize) -> Self {
        Self {
            doing: Doing::ALL[doing % Doing::ALL.len()],
            slot: place % SLOTS,
            number: place / SLOTS % (usize::from(NUMBERS) + 1),
            value,
        }
    }
}

type Written = (ProcessId, (usize, usize), u8);

pub struct Driver<const COUNT: usize> {
    pub number: usize,
    pub apps: Apps<COUNT>,
    pub table: &'static ProcessTable,
    pub runs: &'static RefCell<[Run; SLOTS]>,
    /// What a driver wrote last to a buffer: process, the buffer's address and length, and the byte.
    pub written: &'static Cell<Option<Written>>,
}

impl<const COUNT: usize> Driver<COUNT> {
    /// Does it. A process may be gone, may have ended or may be in use: then nothing happens.
    pub fn act(&self, action: Action, depth: usize) {
        let slot = action.slot;
        let Some(id) = self.table.with_slot(slot, |process| process.processid()) else {
            return;
        };
        let process = |act: &dyn Fn(&dyn process::Process)| {
            self.table.with_slot(slot, act);
        };
        match action.doing {
            Doing::Stop => process(&|process| process.stop()),
            Doing::Resume => process(&|process| {
                let state = process.get_state();
                process.resume();
                self.runs.borrow_mut()[slot].resume(state);
            }),
            Doing::Terminate => process(&|process| process.terminate(None)),
            Doing::Restart => process(&|process| process.try_restart(None)),
            Doing::Fault => process(&|process| process.set_fault_state()),
            Doing::Remove => {
                let _ = self.table.remove(id);
            }
            _ => self.enter(id, action, depth),
        }
        self.notice(slot);
    }

    /// Forgets what ended with a run.
    fn notice(&self, slot: usize) {
        notice(self.table, &mut self.runs.borrow_mut()[slot], slot);
    }

    fn enter(&self, id: ProcessId, action: Action, depth: usize) {
        let was_alive = self.is_alive(id);
        let had_grant = self.runs.borrow()[id.slot()]
            .grants
            .contains_key(&self.number);
        let entered = self.apps.enter(id, |kept, kernel_data| {
            self.note_entered(id, kept);
            let value = action.value as u64 ^ kept.values[0].wrapping_mul(31);
            kept.values = [value; COUNT];
            let mut runs = self.runs.borrow_mut();
            runs[id.slot()].grants.get_mut(&self.number).unwrap().value = value;
            drop(runs);
            self.inside(id, action, &kept.readable, kernel_data, depth);
        });
        match entered {
            Ok(()) => assert!(was_alive),
            Err(process::Error::InactiveApp) => assert!(!was_alive),
            Err(process::Error::OutOfMemory) => assert!(was_alive && !had_grant),
            Err(process::Error::AlreadyInUse) => assert!(depth > 0),
            Err(other) => panic!("{other:?}"),
        }
    }

    /// The driver's state is where it was and what it was.
    fn note_entered(&self, id: ProcessId, kept: &Kept<COUNT>) {
        let start = std::ptr::from_ref(kept).addr();
        let value = kept.values[0];
        assert!(
            kept.values.iter().all(|other| *other == value),
            "somebody wrote to it"
        );
        let place = start..start + size_of::<Kept<COUNT>>();
        self.runs.borrow_mut()[id.slot()].enter(self.number, place, value);
    }

    fn inside(
        &self,
        id: ProcessId,
        action: Action,
        readable: &UserspaceReadableProcessBuffer,
        kernel_data: &GrantKernelData,
        depth: usize,
    ) {
        let Action { number, value, .. } = action;
        match action.doing {
            Doing::Schedule => self.schedule(id, number, value, kernel_data),
            Doing::RemoveUpcalls => self.remove_upcalls(id, number, kernel_data),
            Doing::Write => self.write(id, number, value as u8, kernel_data),
            Doing::WriteReadable => self.write_readable(id, value as u8, readable),
            Doing::CheckReadOnly => self.check_read_only(id, number, kernel_data),
            _ if depth < 2 => {
                let inner = Action::of_words(value, value >> 8, value >> 16);
                self.act(inner, depth + 1);
            }
            _ => {}
        }
    }

    fn schedule(&self, id: ProcessId, number: usize, value: usize, kernel_data: &GrantKernelData) {
        let values = (value, id.id(), number);
        let state = self
            .table
            .with_slot(id.slot(), |process| process.get_state());
        let state = state.unwrap();
        let result = kernel_data.schedule_upcall(number, values);
        let mut runs = self.runs.borrow_mut();
        let run = &mut runs[id.slot()];
        if number >= NUMBERS.into() {
            assert_eq!(result, Err(UpcallError::InvalidSubscribeNum));
        } else if !state.is_alive() {
            assert_eq!(result, Err(UpcallError::KernelError));
            run.dropped += 1;
        } else if run.schedule((self.number, number), values, state) {
            assert_eq!(result, Ok(()));
        } else {
            assert_eq!(result, Err(UpcallError::QueueFull));
        }
    }

    fn remove_upcalls(&self, id: ProcessId, number: usize, kernel_data: &GrantKernelData) {
        let removed = kernel_data.remove_pending_upcalls(number);
        let queue = &mut self.runs.borrow_mut()[id.slot()].queue;
        let before = queue.len();
        queue.retain(|upcall| upcall.id != (self.number, number));
        assert_eq!(removed, before - queue.len());
    }

    /// A process can be ended, but not go on, while its driver is in its grant: what it shared is still there.
    fn write(&self, id: ProcessId, number: usize, byte: u8, kernel_data: &GrantKernelData) {
        let Ok(buffer) = kernel_data.get_readwrite_processbuffer(number) else {
            return assert!(number >= NUMBERS.into());
        };
        if self.is_alive(id) {
            let given = self.check_given(id, class::READ_WRITE_ALLOW, number, &buffer);
            self.written.set(Some((id, given, byte)));
        }
        assert_eq!(fill(&buffer, byte), Ok(()));
    }

    /// What a driver keeps is checked each time that it is used.
    fn write_readable(&self, id: ProcessId, byte: u8, buffer: &UserspaceReadableProcessBuffer) {
        let class = class::USERSPACE_READABLE_ALLOW;
        let key = (class, self.number, 0);
        let was_given = self.runs.borrow()[id.slot()].given.contains_key(&key);
        if !self.is_alive(id) || !was_given {
            assert_eq!(buffer.len(), 0);
            return assert_eq!(fill(buffer, byte), Err(process::Error::NoSuchApp));
        }
        let given = self.check_given(id, class, 0, buffer);
        self.written.set(Some((id, given, byte)));
        assert_eq!(fill(buffer, byte), Ok(()));
    }

    fn check_read_only(&self, id: ProcessId, number: usize, kernel_data: &GrantKernelData) {
        let Ok(buffer) = kernel_data.get_readonly_processbuffer(number) else {
            return assert!(number >= NUMBERS.into());
        };
        if self.is_alive(id) {
            self.check_given(id, class::READ_ONLY_ALLOW, number, &buffer);
        }
        let sum = buffer.enter(|bytes| {
            bytes
                .iter()
                .map(|byte| usize::from(byte.get()))
                .sum::<usize>()
        });
        assert!(sum.is_ok());
    }

    /// A driver is shown what the process has given, and no other memory.
    fn check_given(
        &self,
        id: ProcessId,
        class: usize,
        number: usize,
        buffer: &impl ReadableProcessBuffer,
    ) -> (usize, usize) {
        let given = self.runs.borrow()[id.slot()].given(class, self.number, number);
        assert_eq!(buffer.len(), given.1);
        assert_eq!(buffer.ptr().addr(), if given.1 == 0 { 0 } else { given.0 });
        given
    }

    fn is_alive(&self, id: ProcessId) -> bool {
        let is_alive = |process: &dyn process::Process| process.get_state().is_alive();
        self.table.with_slot(id.slot(), is_alive) == Some(true)
    }
}

fn fill(buffer: &impl WriteableProcessBuffer, byte: u8) -> Result<(), process::Error> {
    buffer.mut_enter(|bytes| bytes.iter().for_each(|cell| cell.set(byte)))
}

/// Forgets what ended with a run of the process in `slot`.
pub fn notice(table: &ProcessTable, run: &mut Run, slot: usize) {
    let now = table.with_slot(slot, |process| {
        (process.processid(), process.get_state().is_alive())
    });
    if run.id != now.map(|(id, _)| id) {
        let dropped = now.and(run.id).map_or(0, |_| run.dropped);
        *run = Run {
            id: now.map(|(id, _)| id),
            dropped,
            ..Run::default()
        };
    } else if now.is_some_and(|(_, is_alive)| !is_alive) {
        run.queue.clear();
        run.got = None;
        run.grants.clear();
        run.given.clear();
    }
}

impl<const COUNT: usize> SyscallDriver for Driver<COUNT> {
    fn command(&self, number: usize, r2: usize, r3: usize, _: ProcessId) -> CommandReturn {
        self.act(Action::of_words(number, r2, r3), 0);
        CommandReturn::failure_u32_u32(ErrorCode::NOACK, r2 as u32, r3 as u32)
    }

    fn allocate_grant(&self, id: ProcessId) -> Result<(), process::Error> {
        self.apps.enter(id, |kept, _| self.note_entered(id, kept))
    }

    fn allow_userspace_readable(
        &self,
        id: ProcessId,
        number: usize,
        buffer: UserspaceReadableProcessBuffer,
    ) -> Result<UserspaceReadableProcessBuffer, (UserspaceReadableProcessBuffer, ErrorCode)> {
        if number > 0 {
            return Err((buffer, ErrorCode::NOSUPPORT));
        }
        let mut buffer = buffer;
        let swapped = self.apps.enter(id, |kept, _| {
            self.note_entered(id, kept);
            std::mem::swap(&mut kept.readable, &mut buffer);
        });
        match swapped {
            Ok(()) => Ok(buffer),
            Err(error) => Err((buffer, error.into())),
        }
    }
}
