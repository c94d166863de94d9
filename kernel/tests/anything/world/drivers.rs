//! Drivers that do what they are told, to any process, at any time.

use std::cell::{Cell, RefCell};

use kernel::{
    ErrorCode, ProcessId,
    grant::{AllowRoCount, AllowRwCount, Grant, GrantKernelData, UpcallCount},
    process::{self, ProcessTable},
    processbuffer::{ReadableProcessBuffer, WriteableProcessBuffer},
    syscall::{CommandReturn, SyscallDriver, class},
    upcall::UpcallError,
};

use super::model::{Run, SLOTS};

/// The drivers' numbers.
pub const DRIVERS: [usize; 2] = [3, 0x4_0005];

/// Upcalls and buffers of each kind that each driver has.
pub const NUMBERS: u8 = 2;

/// A driver's state: a value and, in the second driver, more of it than a page has room for.
pub struct Kept<const COUNT: usize>([u64; COUNT]);

impl<const COUNT: usize> Default for Kept<COUNT> {
    fn default() -> Self {
        Self([0; COUNT])
    }
}

type Apps<const COUNT: usize> =
    Grant<Kept<COUNT>, UpcallCount<NUMBERS>, AllowRoCount<NUMBERS>, AllowRwCount<NUMBERS>>;

/// What a driver does: what, to the process in which slot, and with which number and value.
#[derive(Clone, Copy, Debug)]
pub struct Action {
    pub what: u8,
    pub slot: usize,
    pub number: usize,
    pub value: usize,
}

impl Action {
    /// As the two arguments of a command.
    pub fn of_words(what: usize, place: usize, value: usize) -> Self {
        Self {
            what: what as u8,
            slot: place % SLOTS,
            number: place / SLOTS % (usize::from(NUMBERS) + 1),
            value,
        }
    }
}

pub struct Driver<const COUNT: usize> {
    pub number: usize,
    pub apps: Apps<COUNT>,
    pub table: &'static ProcessTable,
    pub runs: &'static RefCell<[Run; SLOTS]>,
    /// What a driver wrote last to a buffer: process, address, length and byte.
    pub written: &'static Cell<Option<(ProcessId, usize, usize, u8)>>,
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
        match action.what % 12 {
            0..=5 => self.enter(id, action, depth),
            6 => process(&|process| process.stop()),
            7 => process(&|process| {
                let state = process.get_state();
                process.resume();
                self.runs.borrow_mut()[slot].resume(state);
            }),
            8 => process(&|process| process.terminate(None)),
            9 => process(&|process| process.try_restart(None)),
            10 => process(&|process| process.set_fault_state()),
            _ => {
                let _ = self.table.remove(id);
            }
        }
        self.notice(slot);
    }

    /// Forgets what ended with a run.
    fn notice(&self, slot: usize) {
        notice(self.table, &mut self.runs.borrow_mut()[slot], slot);
    }

    fn enter(&self, id: ProcessId, action: Action, depth: usize) {
        let is_alive = |process: &dyn process::Process| process.get_state().is_alive();
        let was_alive = self.table.with_slot(id.slot(), is_alive).unwrap();
        let had_grant = self.runs.borrow()[id.slot()]
            .grants
            .contains_key(&self.number);
        let entered = self.apps.enter(id, |kept, kernel_data| {
            let start = std::ptr::from_ref(&**kept).addr();
            let value = kept.0[0];
            assert!(
                kept.0.iter().all(|other| *other == value),
                "somebody wrote to it"
            );
            let place = start..start + size_of::<Kept<COUNT>>();
            self.runs.borrow_mut()[id.slot()].enter(self.number, place, value);
            let value = action.value as u64 ^ value.wrapping_mul(31);
            kept.0 = [value; COUNT];
            let mut runs = self.runs.borrow_mut();
            runs[id.slot()].grants.get_mut(&self.number).unwrap().value = value;
            drop(runs);
            self.inside(id, action, kernel_data, depth);
        });
        match entered {
            Ok(()) => assert!(was_alive),
            Err(process::Error::InactiveApp) => assert!(!was_alive),
            Err(process::Error::OutOfMemory) => assert!(was_alive && !had_grant),
            Err(process::Error::AlreadyInUse) => assert!(depth > 0),
            Err(other) => panic!("{other:?}"),
        }
    }

    fn inside(&self, id: ProcessId, action: Action, kernel_data: &GrantKernelData, depth: usize) {
        let Action { number, value, .. } = action;
        match action.what % 12 {
            0 | 1 => self.schedule(id, number, value, kernel_data),
            2 => self.write(id, number, value as u8, kernel_data),
            3 => self.check_read_only(id, number, kernel_data),
            4 => {
                let removed = kernel_data.remove_pending_upcalls(number);
                let mut runs = self.runs.borrow_mut();
                let queue = &mut runs[id.slot()].queue;
                let before = queue.len();
                queue.retain(|upcall| upcall.id != (self.number, number));
                assert_eq!(removed, before - queue.len());
            }
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

    /// A process can be ended, but not go on, while its driver is in its grant: what it shared is still there.
    fn write(&self, id: ProcessId, number: usize, byte: u8, kernel_data: &GrantKernelData) {
        let Ok(buffer) = kernel_data.get_readwrite_processbuffer(number) else {
            return assert!(number >= NUMBERS.into());
        };
        let given = self.given(id, class::READ_WRITE_ALLOW, number);
        let shown = (
            if buffer.is_empty() {
                given.0
            } else {
                buffer.ptr().addr()
            },
            buffer.len(),
        );
        let is_alive = self
            .table
            .with_slot(id.slot(), |process| process.get_state().is_alive());
        if is_alive == Some(true) {
            assert_eq!(shown, given);
            self.written.set(Some((id, shown.0, shown.1, byte)));
        }
        let written = buffer.mut_enter(|bytes| bytes.iter().for_each(|cell| cell.set(byte)));
        assert_eq!(written, Ok(()));
    }

    fn check_read_only(&self, id: ProcessId, number: usize, kernel_data: &GrantKernelData) {
        let Ok(buffer) = kernel_data.get_readonly_processbuffer(number) else {
            return assert!(number >= NUMBERS.into());
        };
        let given = self.given(id, class::READ_ONLY_ALLOW, number);
        let is_alive = self
            .table
            .with_slot(id.slot(), |process| process.get_state().is_alive());
        if is_alive == Some(true) {
            assert_eq!(buffer.len(), given.1);
            assert!(buffer.is_empty() || buffer.ptr().addr() == given.0);
        }
        let sum = buffer.enter(|bytes| {
            bytes
                .iter()
                .map(|byte| usize::from(byte.get()))
                .sum::<usize>()
        });
        assert!(sum.is_ok());
    }

    fn given(&self, id: ProcessId, class: usize, number: usize) -> (usize, usize) {
        self.runs.borrow()[id.slot()].given(class, self.number, number)
    }
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
        self.apps.enter(id, |kept, _| {
            let start = std::ptr::from_ref(&**kept).addr();
            let place = start..start + size_of::<Kept<COUNT>>();
            self.runs.borrow_mut()[id.slot()].enter(self.number, place, kept.0[0]);
        })
    }
}
