//! Clocks that know the date: [`kernel::hil::date_time::DateTime`].

use core::cell::Cell;

use kernel::{
    ErrorCode,
    hil::date_time::{DateTime, DateTimeClient, DateTimeValues, DayOfWeek, Month},
};

use crate::{Pace, Verdict, callbacks::Callbacks, ensure};

/// Hands the names of this suite's promises to the macro `$each`.
#[macro_export]
macro_rules! date_time_promises {
    ($each:ident) => {
        $each! {
            the_date_comes_once_from_the_kernel_loop
            hours_minutes_and_seconds_are_in_their_ranges
            a_second_request_meanwhile_is_refused_with_busy
            a_date_that_was_set_is_read_back_or_it_is_not_supported
            a_date_that_does_not_exist_is_refused
            the_client_may_ask_again_from_within_the_callback
        }
    };
}

/// A leap day.
const DATE: DateTimeValues = DateTimeValues {
    year: 2028,
    month: Month::February,
    day: 29,
    day_of_week: DayOfWeek::Tuesday,
    hour: 12,
    minute: 30,
    seconds: 15,
};

/// The suite.
pub struct Suite {
    clock: &'static dyn DateTime<'static>,
    pace: &'static dyn Pace,
    got: Callbacks<Result<DateTimeValues, ErrorCode>>,
    set: Callbacks<Result<(), ErrorCode>>,
    /// How many requests the client makes from within its callback.
    again: Cell<usize>,
}

impl DateTimeClient for Suite {
    fn get_date_time_done(&self, datetime: Result<DateTimeValues, ErrorCode>) {
        let more = self.again.get();
        let asked = if more > 0 {
            self.again.set(more - 1);
            self.clock.get_date_time()
        } else {
            Ok(())
        };
        self.got.note(asked.and(datetime));
    }

    fn set_date_time_done(&self, result: Result<(), ErrorCode>) {
        self.set.note(result);
    }
}

impl Suite {
    /// The suite for `clock`.
    pub fn new(clock: &'static dyn DateTime<'static>, pace: &'static dyn Pace) -> Self {
        Self {
            clock,
            pace,
            got: Callbacks::new(),
            set: Callbacks::new(),
            again: Cell::new(0),
        }
    }

    /// Becomes the clock's client.
    pub fn start(&'static self) {
        self.clock.set_client(self);
    }

    date_time_promises!(by_name);

    fn ask(&self) -> Verdict {
        let asked = self.got.during(|| self.clock.get_date_time());
        ensure(asked.is_ok(), "an idle clock refuses a request")
    }

    async fn date(&self) -> Result<DateTimeValues, &'static str> {
        self.ask()?;
        let date = self.got.one(self.pace).await?;
        date.map_err(|_| "the date can't be read")
    }

    async fn the_date_comes_once_from_the_kernel_loop(&'static self) -> Verdict {
        self.date().await?;
        ensure(self.set.count() == 0, "it comes by the other callback, too")
    }

    async fn hours_minutes_and_seconds_are_in_their_ranges(&'static self) -> Verdict {
        let date = self.date().await?;
        ensure(date.hour < 24, "the hour is not below 24")?;
        ensure(date.minute < 60, "the minute is not below 60")?;
        ensure(date.seconds < 60, "the second is not below 60")?;
        ensure((1..=31).contains(&date.day), "there is no such day")
    }

    async fn a_second_request_meanwhile_is_refused_with_busy(&'static self) -> Verdict {
        self.ask()?;
        let refused = self.got.during(|| self.clock.get_date_time());
        let first = self.got.one(self.pace).await?;
        ensure(refused == Err(ErrorCode::BUSY), "it is not")?;
        ensure(first.is_ok(), "the first one fails")
    }

    async fn a_date_that_was_set_is_read_back_or_it_is_not_supported(&'static self) -> Verdict {
        match self.set.during(|| self.clock.set_date_time(DATE)) {
            Err(ErrorCode::NOSUPPORT) => self.set.none(self.pace).await,
            Err(_) => Err("an idle clock refuses a date"),
            Ok(()) => {
                let result = self.set.one(self.pace).await?;
                ensure(result.is_ok(), "setting the date fails")?;
                // The seconds may have gone on.
                let mut date = self.date().await?;
                date.seconds = DATE.seconds;
                ensure(date == DATE, "another date is read")
            }
        }
    }

    async fn a_date_that_does_not_exist_is_refused(&'static self) -> Verdict {
        let no_leap_year = DateTimeValues { year: 2100, ..DATE };
        match self.set.during(|| self.clock.set_date_time(no_leap_year)) {
            Err(ErrorCode::INVAL | ErrorCode::NOSUPPORT) => self.set.none(self.pace).await,
            Err(_) => Err("it is refused with another error"),
            Ok(()) => Err("it is accepted"),
        }
    }

    async fn the_client_may_ask_again_from_within_the_callback(&'static self) -> Verdict {
        const MORE: usize = 3;
        self.again.set(MORE);
        self.ask()?;
        let date = self.got.last_of(MORE + 1, self.pace).await?;
        ensure(date.is_ok(), "the last one fails")
    }
}
