//! Alarms, for apps: one for each process, and any number of processes.
//!
//! | command | arguments | result | errors |
//! |---|---|---|---|
//! | 0 | | success: the driver is here | |
//! | 1 | | ticks per second (`u32`) | |
//! | 2 | | the time now (`u32`) | |
//! | 3 | | stops the alarm | `ALREADY`: none was set; `NOMEM` |
//! | 5 | distance | sets the alarm to `distance` ticks from now; that time (`u32`) | `NOMEM` |
//! | 6 | reference, distance | sets the alarm to `distance` ticks after `reference`, which is not after now; that time (`u32`) | `NOMEM` |
//!
//! | upcall | arguments |
//! |---|---|
//! | 0 | the alarm has fired: the time now, the time that it was set to, 0 |
//!
//! Any other command is `NOSUPPORT`: 4 too, which Tock has given up.
//!
//! An app's time is the low 32 bits of the clock's, so it wraps, and a time is before or after another only
//! by its distance from a reference; of an argument of more bits the low 32 count. An app that wants more than
//! one alarm keeps a list of its own, as Tock's libraries do. A process that ends takes its alarm with it.
//!
//! Setting, stopping and firing cost O(log n), n being the processes whose alarm is set: what is kept in order
//! is a deadline for each place of the process table, and the rest is in the grant of the process.

use kernel::{
    ErrorCode, ProcessId,
    grant::{AllowRoCount, AllowRwCount, Grant, UpcallCount},
    hil::time::{Alarm, Frequency, Ticks64},
    process,
    syscall::{CommandReturn, SyscallDriver},
};

use crate::{AlarmDeadlines, ProcessDeadlineClient, ProcessDeadlines, driver};

/// The driver's number.
pub const DRIVER_NUM: usize = driver::NUM::Alarm as usize;

/// The upcall of an alarm that has fired.
const FIRED: usize = 0;

/// What the driver keeps in each process.
pub type AlarmGrant = Grant<AlarmData, UpcallCount<1>, AllowRoCount<0>, AllowRwCount<0>>;

/// A process's alarm.
#[derive(Default)]
pub struct AlarmData {
    /// The time that it is set to, as the app knows it.
    expiration: Option<u32>,
}

/// The driver.
pub struct AlarmDriver<'a, A: Alarm<'a, Ticks = Ticks64>> {
    deadlines: &'a AlarmDeadlines<'a, A>,
    app_alarms: AlarmGrant,
}

impl<'a, A: Alarm<'a, Ticks = Ticks64>> AlarmDriver<'a, A> {
    /// A driver for as many processes as there can be `deadlines`. The board makes it their client.
    pub const fn new(deadlines: &'a AlarmDeadlines<'a, A>, grant: AlarmGrant) -> Self {
        Self {
            deadlines,
            app_alarms: grant,
        }
    }

    /// The time now, as apps know it.
    fn now(&self) -> u32 {
        self.deadlines.now() as u32
    }

    /// Sets the alarm of a process to `distance` ticks after `reference`, or after now.
    fn set(
        &self,
        process_id: ProcessId,
        reference: Option<u32>,
        distance: u32,
    ) -> Result<u32, ErrorCode> {
        let slot = process_id.slot();
        if slot >= self.deadlines.capacity() {
            return Err(ErrorCode::NOMEM);
        }
        let now = self.deadlines.now();
        let reference = reference.unwrap_or(now as u32);
        let elapsed = (now as u32).wrapping_sub(reference);
        let expiration = reference.wrapping_add(distance);
        self.app_alarms
            .enter(process_id, |alarm, _| alarm.expiration = Some(expiration))?;
        let left = distance.saturating_sub(elapsed);
        self.deadlines.set_at(slot, now + u64::from(left));
        Ok(expiration)
    }

    fn stop(&self, process_id: ProcessId) -> Result<(), ErrorCode> {
        let expiration = self
            .app_alarms
            .enter(process_id, |alarm, _| alarm.expiration.take())?;
        expiration.ok_or(ErrorCode::ALREADY)?;
        self.deadlines.clear(process_id.slot());
        Ok(())
    }
}

impl<'a, A: Alarm<'a, Ticks = Ticks64>> ProcessDeadlineClient for AlarmDriver<'a, A> {
    fn deadline(&self, slot: usize) {
        let Some(process) = self.app_alarms.at(slot) else {
            return;
        };
        process.try_enter(|alarm, kernel_data| {
            // A process that is newer than the deadline has set no alarm.
            if let Some(expiration) = alarm.expiration.take() {
                let times = (self.now() as usize, expiration as usize, 0);
                // An upcall that there is no room for is counted by the kernel.
                let _ = kernel_data.schedule_upcall(FIRED, times);
            }
        });
    }
}

impl<'a, A: Alarm<'a, Ticks = Ticks64>> SyscallDriver for AlarmDriver<'a, A> {
    fn command(
        &self,
        command_num: usize,
        data: usize,
        data2: usize,
        process_id: ProcessId,
    ) -> CommandReturn {
        let time = match command_num {
            0 => return CommandReturn::success(),
            1 => Ok(A::Frequency::frequency()),
            2 => Ok(self.now()),
            3 => return self.stop(process_id).into(),
            5 => self.set(process_id, None, data as u32),
            6 => self.set(process_id, Some(data as u32), data2 as u32),
            _ => Err(ErrorCode::NOSUPPORT),
        };
        time.map_or_else(CommandReturn::failure, CommandReturn::success_u32)
    }

    fn allocate_grant(&self, process_id: ProcessId) -> Result<(), process::Error> {
        self.app_alarms.enter(process_id, |_, _| {})
    }
}
