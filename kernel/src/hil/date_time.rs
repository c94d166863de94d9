//! Clocks that know the date.

use crate::ErrorCode;

/// A day of the week.
#[derive(Copy, Clone, Debug, PartialEq)]
#[allow(missing_docs)] // each name says all
pub enum DayOfWeek {
    Sunday,
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
}

/// A month.
#[derive(Copy, Clone, Debug, PartialEq)]
#[allow(missing_docs)] // each name says all
pub enum Month {
    January,
    February,
    March,
    April,
    May,
    June,
    July,
    August,
    September,
    October,
    November,
    December,
}

/// A date and a time of day.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct DateTimeValues {
    /// The year, as in 2026.
    pub year: u16,
    /// The month.
    pub month: Month,
    /// The day of the month, from 1.
    pub day: u8,
    /// The day of the week.
    pub day_of_week: DayOfWeek,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// 0 to 59.
    pub seconds: u8,
}

/// A clock that knows the date. One operation at a time.
pub trait DateTime<'a> {
    /// Asks for date and time: [`DateTimeClient::get_date_time_done`] follows.
    ///
    /// # Errors
    /// `BUSY` if an operation is under way.
    fn get_date_time(&self) -> Result<(), ErrorCode>;

    /// Sets date and time: [`DateTimeClient::set_date_time_done`] follows.
    ///
    /// # Errors
    /// `BUSY` if an operation is under way, `INVAL` for a date that does not exist, `NOSUPPORT` if the
    /// clock can't be set.
    fn set_date_time(&self, date_time: DateTimeValues) -> Result<(), ErrorCode>;

    /// Says who hears of the end of operations.
    fn set_client(&self, client: &'a dyn DateTimeClient);
}

/// Hears of the end of operations of a clock.
pub trait DateTimeClient {
    /// The date, or why it could not be read.
    fn get_date_time_done(&self, datetime: Result<DateTimeValues, ErrorCode>);

    /// Setting the date has ended.
    fn set_date_time_done(&self, result: Result<(), ErrorCode>);
}
