//! What processes there are, for an app that people run the machine with.
//!
//! | command | arguments | result | errors |
//! |---|---|---|---|
//! | 0 | | success: the driver is here | `NODEVICE` |
//! | 1 | | how many processes there are (`u32`) | `NODEVICE` |
//! | 2 | | the number of each is put into the buffer; how many there are (`u32`) | `NODEVICE`; `NOMEM` |
//! | 3 | | the number of each one's app, 0 for none, is put into the buffer; how many there are (`u32`) | `NODEVICE`; `NOMEM` |
//! | 4 | process | its name is put into the buffer; the name's length (`u32`) | `INVAL`: no such process; `NODEVICE`; `NOMEM` |
//! | 5 | process | its counters and its state are put into the buffer | `INVAL`: no such process; `NODEVICE`; `NOMEM` |
//! | 6 | process, change | changes its state | `INVAL`: no such process or change; `NODEVICE` |
//!
//! | buffer | holds |
//! |---|---|
//! | read-write 0 | what was asked |
//!
//! Any other command is `NOSUPPORT`. What the buffer has no room for is left out, of a number all or nothing.
//! Numbers are words of 32 bits, the lowest byte first.
//!
//! Command 5 gives time slices used up, system calls, restarts, and the state: 0 running, 1 waiting, 2 waiting
//! for one upcall, 3 stopped, 4 faulted, 5 ended. Changes are: 1 resume, 2 stop, 3 fault, 4 end, 5 start one that
//! has ended.
//!
//! The driver lets its callers do what they like with every process. So it serves only apps whose header names
//! it: to one without permissions, which may call all other drivers, every command is `NODEVICE`.

use kernel::{
    ErrorCode, ProcessId,
    capabilities::{ProcessManagementCapability, ProcessStartCapability},
    grant::{AllowRoCount, AllowRwCount, Grant, UpcallCount},
    process::{self, Process, ProcessTable, ShortId, State},
    processbuffer::{WriteableProcessBuffer, WriteableProcessSlice},
    syscall::{CommandReturn, SyscallDriver},
};

use crate::driver;

/// The driver's number.
pub const DRIVER_NUM: usize = driver::NUM::ProcessInfo as usize;

/// The read-write buffer for what is asked.
const INFO: usize = 0;

/// What the driver keeps in each process that asks.
pub type ProcessInfoGrant = Grant<(), UpcallCount<0>, AllowRoCount<0>, AllowRwCount<1>>;

/// The driver.
pub struct ProcessInfo<C: ProcessManagementCapability + ProcessStartCapability> {
    processes: &'static ProcessTable,
    apps: ProcessInfoGrant,
    capability: C,
}

impl<C: ProcessManagementCapability + ProcessStartCapability> ProcessInfo<C> {
    /// A driver that tells of `processes`.
    pub const fn new(
        processes: &'static ProcessTable,
        grant: ProcessInfoGrant,
        capability: C,
    ) -> Self {
        Self {
            processes,
            apps: grant,
            capability,
        }
    }

    /// Whether an app has this driver among its permissions: one that has permissions, and calls a driver that
    /// they do not name, does not come here.
    fn may_call(&self, caller: ProcessId) -> bool {
        self.processes
            .with_slot(caller.slot(), |process| process.is_restricted())
            .unwrap_or(false)
    }

    fn count(&self) -> u32 {
        let mut count = 0;
        self.processes.each(|_| count += 1);
        count
    }

    /// Calls `visit` with the process of this number.
    fn with<R>(&self, number: usize, visit: impl FnOnce(&dyn Process) -> R) -> Option<R> {
        let (mut visit, mut result) = (Some(visit), None);
        self.processes.each(|process| {
            if process_number(process) as usize == number
                && let Some(visit) = visit.take()
            {
                result = Some(visit(process));
            }
        });
        result
    }

    /// Calls `write` with the buffer that the caller shares.
    fn answer<R>(
        &self,
        caller: ProcessId,
        write: impl FnOnce(&WriteableProcessSlice) -> R,
    ) -> Result<R, ErrorCode> {
        let result = self.apps.enter(caller, |_, data| {
            data.get_readwrite_processbuffer(INFO)?.mut_enter(write)
        })?;
        Ok(result?)
    }

    /// Puts a word of each process into the caller's buffer.
    fn list(&self, caller: ProcessId, word: fn(&dyn Process) -> u32) -> Result<u32, ErrorCode> {
        self.answer(caller, |buffer| {
            let mut words = buffer.chunks(size_of::<u32>());
            self.processes.each(|process| {
                put(words.next(), word(process));
            });
        })?;
        Ok(self.count())
    }

    fn name(&self, caller: ProcessId, number: usize) -> Result<u32, ErrorCode> {
        let len_bytes = self.answer(caller, |buffer| {
            self.with(number, |process| {
                let name = process.get_process_name().as_bytes();
                buffer.copy_from(name.into());
                name.len() as u32
            })
        })?;
        len_bytes.ok_or(ErrorCode::INVAL)
    }

    fn counters(&self, caller: ProcessId, number: usize) -> Result<(), ErrorCode> {
        let found = self.answer(caller, |buffer| {
            self.with(number, |process| {
                let mut words = buffer.chunks(size_of::<u32>());
                put(
                    words.next(),
                    process.debug_timeslice_expiration_count() as u32,
                );
                put(words.next(), process.debug_syscall_count() as u32);
                put(words.next(), process.get_restart_count() as u32);
                put(words.next(), state_number(process.get_state()));
            })
        })?;
        found.ok_or(ErrorCode::INVAL)
    }

    fn change(&self, number: usize, change: usize) -> Result<(), ErrorCode> {
        let changed = self.with(number, |process| {
            match change {
                1 => process.resume(),
                2 => process.stop(),
                3 => process.set_fault_state(),
                4 => process.terminate(None),
                5 if process.get_state() == State::Terminated => process.start(&self.capability),
                5 => {}
                _ => return Err(ErrorCode::INVAL),
            }
            Ok(())
        });
        changed.ok_or(ErrorCode::INVAL)?
    }
}

/// Writes a word, if there is room for it.
fn put(room: Option<&WriteableProcessSlice>, word: u32) {
    if let Some(room) = room {
        // The last piece of a buffer may be too short for a word: then it is left out.
        let _ = room.copy_from_slice_or_err(&word.to_le_bytes());
    }
}

/// The number of a process: after billions of runs of apps, the lowest 32 bits of it.
fn process_number(process: &dyn Process) -> u32 {
    process.processid().id() as u32
}

fn app_number(process: &dyn Process) -> u32 {
    match process.short_app_id() {
        ShortId::LocallyUnique => 0,
        ShortId::Fixed(id) => id.into(),
    }
}

fn state_number(state: State) -> u32 {
    match state {
        State::Running => 0,
        State::Yielded => 1,
        State::YieldedFor(_) => 2,
        State::Stopped(_) => 3,
        State::Faulted => 4,
        State::Terminated => 5,
    }
}

impl<C: ProcessManagementCapability + ProcessStartCapability> SyscallDriver for ProcessInfo<C> {
    fn command(
        &self,
        command_num: usize,
        process: usize,
        change: usize,
        caller: ProcessId,
    ) -> CommandReturn {
        if !self.may_call(caller) {
            return CommandReturn::failure(ErrorCode::NODEVICE);
        }
        let number = match command_num {
            0 => return CommandReturn::success(),
            1 => Ok(self.count()),
            2 => self.list(caller, process_number),
            3 => self.list(caller, app_number),
            4 => self.name(caller, process),
            5 => return self.counters(caller, process).into(),
            6 => return self.change(process, change).into(),
            _ => Err(ErrorCode::NOSUPPORT),
        };
        number.map_or_else(CommandReturn::failure, CommandReturn::success_u32)
    }

    fn allocate_grant(&self, process_id: ProcessId) -> Result<(), process::Error> {
        self.apps.enter(process_id, |_, _| {})
    }
}
