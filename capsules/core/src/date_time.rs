//! The date, for apps.
//!
//! | command | arguments | result | errors |
//! |---|---|---|---|
//! | 0 | | success: the driver is here | |
//! | 1 | | reads date and time; upcall 0 follows | `BUSY`: a command is under way; `NOMEM`; what the clock says |
//! | 2 | date, time | sets date and time; upcall 0 follows | `INVAL`: there is no such date; `BUSY`: a command is under way; `NOMEM`; what the clock says |
//!
//! | upcall | arguments |
//! |---|---|
//! | 0 | the command has ended: status, date, time (0, 0 after setting or failing) |
//!
//! Any other command is `NOSUPPORT`. Date and time are two words, of which the low 32 bits count:
//!
//! ```text
//!   date    year, 12 bits | month from 1, 4 bits | day from 1, 5 bits
//!   time    day of the week from Sunday = 0, 3 bits | hour, 5 bits | minute, 6 bits | second, 6 bits
//! ```
//!
//! While the clock does what one app wants, others wait their turn. What the clock then says against it is
//! the status of the upcall.

use kernel::{
    ErrorCode, ProcessId,
    errorcode::into_statuscode,
    grant::{AllowRoCount, AllowRwCount, Grant, GrantKernelData, UpcallCount},
    hil::date_time::{DateTime, DateTimeClient, DateTimeValues, DayOfWeek, Month},
    process,
    syscall::{CommandReturn, SyscallDriver},
};

use crate::{driver, turns::Turns};

/// The driver's number.
pub const DRIVER_NUM: usize = driver::NUM::DateTime as usize;

/// The upcall of a command that has ended.
const DONE: usize = 0;

/// What the driver keeps in each process.
pub type DateTimeGrant = Grant<App, UpcallCount<1>, AllowRoCount<0>, AllowRwCount<0>>;

/// What a process wants.
#[derive(Default)]
pub struct App {
    command: Option<Command>,
}

#[derive(Clone, Copy)]
enum Command {
    Read,
    Set(DateTimeValues),
}

/// The driver.
pub struct DateTimeCapsule<'a, D: DateTime<'a>> {
    date_time: &'a D,
    apps: DateTimeGrant,
    turns: Turns,
}

impl<'a, D: DateTime<'a>> DateTimeCapsule<'a, D> {
    /// A driver of the clock `date_time`. The board makes it the clock's client.
    pub const fn new(date_time: &'a D, grant: DateTimeGrant) -> Self {
        Self {
            date_time,
            apps: grant,
            turns: Turns::new(),
        }
    }

    fn enqueue(&self, process_id: ProcessId, command: Command) -> Result<(), ErrorCode> {
        self.apps.enter(process_id, |app, _| {
            if app.command.is_some() {
                return Err(ErrorCode::BUSY);
            }
            if self.turns.is_taken() {
                self.turns.wait(process_id);
            } else {
                self.start(command)?;
                self.turns.begin(process_id);
            }
            app.command = Some(command);
            Ok(())
        })?
    }

    fn start(&self, command: Command) -> Result<(), ErrorCode> {
        match command {
            Command::Read => self.date_time.get_date_time(),
            Command::Set(date_time) => self.date_time.set_date_time(date_time),
        }
    }

    /// Ends the command that is under way, and starts the next.
    fn end(&self, result: Result<(u32, u32), ErrorCode>) {
        if let Some(process_id) = self.turns.end() {
            // It may be gone.
            let _ = self
                .apps
                .enter(process_id, |app, data| app.end(data, result));
        }
        while !self.turns.is_taken()
            && let Some(slot) = self.turns.next()
        {
            self.start_next(slot);
        }
    }

    fn start_next(&self, slot: usize) {
        let Some(process) = self.apps.at(slot) else {
            return;
        };
        let process_id = process.processid();
        process.try_enter(|app, data| {
            let Some(command) = app.command else {
                return;
            };
            match self.start(command) {
                Ok(()) => self.turns.begin(process_id),
                Err(error) => app.end(data, Err(error)),
            }
        });
    }
}

impl App {
    fn end(&mut self, data: &GrantKernelData, result: Result<(u32, u32), ErrorCode>) {
        self.command = None;
        let status = into_statuscode(result.map(|_| ()));
        let (date, time) = result.unwrap_or_default();
        // An upcall that there is no room for is counted by the kernel.
        let _ = data.schedule_upcall(DONE, (status, date as usize, time as usize));
    }
}

/// Date and time as an app knows them.
fn to_words(values: &DateTimeValues) -> (u32, u32) {
    let date = u32::from(values.year) << 9 | (values.month as u32 + 1) << 5 | u32::from(values.day);
    let time = (values.day_of_week as u32) << 17
        | u32::from(values.hour) << 12
        | u32::from(values.minute) << 6
        | u32::from(values.seconds);
    (date, time)
}

/// Date and time from what an app says; `INVAL` if it names no month or no day of the week. The rest is
/// the clock's to check.
fn from_words(date: u32, time: u32) -> Result<DateTimeValues, ErrorCode> {
    let bits = |word: u32, lowest: u32, count: u32| word >> lowest & ((1 << count) - 1);
    let month = bits(date, 5, 4).checked_sub(1).ok_or(ErrorCode::INVAL)?;
    let month = MONTHS.get(month as usize).ok_or(ErrorCode::INVAL)?;
    let day_of_week = DAYS_OF_WEEK
        .get(bits(time, 17, 3) as usize)
        .ok_or(ErrorCode::INVAL)?;
    Ok(DateTimeValues {
        year: bits(date, 9, 12) as u16,
        month: *month,
        day: bits(date, 0, 5) as u8,
        day_of_week: *day_of_week,
        hour: bits(time, 12, 5) as u8,
        minute: bits(time, 6, 6) as u8,
        seconds: bits(time, 0, 6) as u8,
    })
}

const MONTHS: [Month; 12] = [
    Month::January,
    Month::February,
    Month::March,
    Month::April,
    Month::May,
    Month::June,
    Month::July,
    Month::August,
    Month::September,
    Month::October,
    Month::November,
    Month::December,
];

const DAYS_OF_WEEK: [DayOfWeek; 7] = [
    DayOfWeek::Sunday,
    DayOfWeek::Monday,
    DayOfWeek::Tuesday,
    DayOfWeek::Wednesday,
    DayOfWeek::Thursday,
    DayOfWeek::Friday,
    DayOfWeek::Saturday,
];

impl<'a, D: DateTime<'a>> DateTimeClient for DateTimeCapsule<'a, D> {
    fn get_date_time_done(&self, datetime: Result<DateTimeValues, ErrorCode>) {
        self.end(datetime.map(|values| to_words(&values)));
    }

    fn set_date_time_done(&self, result: Result<(), ErrorCode>) {
        self.end(result.map(|()| (0, 0)));
    }
}

impl<'a, D: DateTime<'a>> SyscallDriver for DateTimeCapsule<'a, D> {
    fn command(
        &self,
        command_num: usize,
        date: usize,
        time: usize,
        process_id: ProcessId,
    ) -> CommandReturn {
        let result = match command_num {
            0 => Ok(()),
            1 => self.enqueue(process_id, Command::Read),
            2 => from_words(date as u32, time as u32)
                .and_then(|values| self.enqueue(process_id, Command::Set(values))),
            _ => Err(ErrorCode::NOSUPPORT),
        };
        result.into()
    }

    fn allocate_grant(&self, process_id: ProcessId) -> Result<(), process::Error> {
        self.apps.enter(process_id, |_, _| {})
    }
}
