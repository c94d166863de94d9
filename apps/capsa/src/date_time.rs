//! The date and the time of day, as the machine's clock has them.

use core::fmt;

use crate::error::{ErrorCode, Result};
use crate::syscall::{command, wait_for};

const DRIVER: usize = 0x90007;

const GET: usize = 1;
const SET: usize = 2;
const DONE: usize = 0;

/// A date and a time of day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DateTime {
    /// Such as 2026.
    pub year: u16,
    /// From 1.
    pub month: u8,
    /// From 1.
    pub day: u8,
    /// From Sunday, which is 0.
    pub day_of_week: u8,
    /// From 0.
    pub hour: u8,
    /// From 0.
    pub minute: u8,
    /// From 0.
    pub second: u8,
}

impl DateTime {
    /// From the driver's two words: year (12 bits), month (4), day (5), lowest last; and day of the week (3), hour
    /// (5), minute (6), second (6).
    fn from_words(date: usize, time: usize) -> Self {
        let bits = |word: usize, at: u32, count: u32| (word >> at & ((1 << count) - 1)) as u8;
        Self {
            year: (date >> 9 & 0xfff) as u16,
            month: bits(date, 5, 4),
            day: bits(date, 0, 5),
            day_of_week: bits(time, 17, 3),
            hour: bits(time, 12, 5),
            minute: bits(time, 6, 6),
            second: bits(time, 0, 6),
        }
    }

    /// The driver's two words. `None` where a field has no room there, and would become another date.
    fn to_words(self) -> Option<(usize, usize)> {
        let word = |fields: &[(u16, u32)]| {
            fields.iter().try_fold(0, |word, (value, count)| {
                let fits = value >> count == 0;
                fits.then_some(word << count | usize::from(*value))
            })
        };
        let date = [
            (self.year, 12),
            (self.month.into(), 4),
            (self.day.into(), 5),
        ];
        let time = [
            (self.day_of_week.into(), 3),
            (self.hour.into(), 5),
            (self.minute.into(), 6),
            (self.second.into(), 6),
        ];
        Some((word(&date)?, word(&time)?))
    }
}

/// As in ISO 8601, with a blank between date and time.
impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            year,
            month,
            day,
            hour,
            minute,
            second,
            ..
        } = self;
        write!(
            f,
            "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"
        )
    }
}

/// The date and the time now.
///
/// # Errors
///
/// `NODEVICE` without a clock; what the clock says otherwise.
pub fn now() -> Result<DateTime> {
    let (date, time) = perform(GET, (0, 0))?;
    Ok(DateTime::from_words(date, time))
}

/// Sets the machine's clock.
///
/// # Errors
///
/// `INVAL` if there is no such date or time; and as [`now`].
pub fn set(date_time: DateTime) -> Result {
    let words = date_time.to_words().ok_or(ErrorCode::INVAL)?;
    perform(SET, words).map(drop)
}

fn perform(number: usize, (first, second): (usize, usize)) -> Result<(usize, usize)> {
    command(DRIVER, number, first, second).unit()?;
    let [status, date, time] = wait_for(DRIVER, DONE);
    ErrorCode::from_status(status).map(|()| (date, time))
}
