//! A clock that knows the date.

use std::cell::Cell;

use kernel::{
    ErrorCode,
    deferred_call::DeferredCallClient,
    hil::date_time::{self, DateTimeClient, DateTimeValues, Month},
    utilities::cells::OptionalCell,
};

use crate::{
    faults::{Operation, faults},
    place,
};

/// A clock that stands at a date until it is set.
pub struct DateTime {
    date: Cell<DateTimeValues>,
    times_read: Cell<usize>,
    operation: Operation<Request>,
    client: OptionalCell<&'static dyn DateTimeClient>,
}

#[derive(Clone, Copy)]
enum Request {
    Get,
    Set(DateTimeValues),
}

impl DateTime {
    /// A clock that stands at `date`.
    pub fn new(date: DateTimeValues) -> &'static Self {
        place(Self {
            date: Cell::new(date),
            times_read: Cell::new(0),
            operation: Operation::new(),
            client: OptionalCell::empty(),
        })
    }

    /// Makes it stand at `date`.
    pub fn stand_at(&self, date: DateTimeValues) {
        self.date.set(date);
    }

    /// Where it stands.
    pub fn date(&self) -> DateTimeValues {
        self.date.get()
    }

    /// How often the date was asked for without being refused.
    pub fn times_read(&self) -> usize {
        self.times_read.get()
    }
}

faults!(DateTime);

impl date_time::DateTime<'static> for DateTime {
    fn get_date_time(&self) -> Result<(), ErrorCode> {
        self.operation.try_start(Request::Get)?;
        self.times_read.set(self.times_read.get() + 1);
        Ok(())
    }

    fn set_date_time(&self, date_time: DateTimeValues) -> Result<(), ErrorCode> {
        if !exists(&date_time) {
            return Err(ErrorCode::INVAL);
        }
        self.operation.try_start(Request::Set(date_time))
    }

    fn set_client(&self, client: &'static dyn DateTimeClient) {
        self.client.set(client);
    }
}

impl DeferredCallClient for DateTime {
    fn handle_deferred_call(&self) {
        match self.operation.end() {
            Some((Request::Get, result)) => {
                let date = result.map(|()| self.date.get());
                self.client.map(|client| client.get_date_time_done(date));
            }
            Some((Request::Set(date), result)) => {
                if result.is_ok() {
                    self.date.set(date);
                }
                self.client.map(|client| client.set_date_time_done(result));
            }
            None => {}
        }
    }

    fn register(&'static self) {
        self.operation.register(self);
    }
}

fn exists(date: &DateTimeValues) -> bool {
    let divides = |years| date.year.is_multiple_of(years);
    let is_leap_year = divides(4) && (!divides(100) || divides(400));
    let days = match date.month {
        Month::February => 28 + u8::from(is_leap_year),
        Month::April | Month::June | Month::September | Month::November => 30,
        _ => 31,
    };
    (1..=days).contains(&date.day) && date.hour < 24 && date.minute < 60 && date.seconds < 60
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Machine, leak};
    use kernel::hil::date_time::{DateTime as _, DayOfWeek};
    use std::cell::RefCell;

    const DATE: DateTimeValues = DateTimeValues {
        year: 2028,
        month: Month::February,
        day: 29,
        day_of_week: DayOfWeek::Tuesday,
        hour: 23,
        minute: 59,
        seconds: 59,
    };

    #[derive(Default)]
    struct Client {
        got: RefCell<Vec<Result<DateTimeValues, ErrorCode>>>,
        set: RefCell<Vec<Result<(), ErrorCode>>>,
    }

    impl DateTimeClient for Client {
        fn get_date_time_done(&self, date: Result<DateTimeValues, ErrorCode>) {
            self.got.borrow_mut().push(date);
        }

        fn set_date_time_done(&self, result: Result<(), ErrorCode>) {
            self.set.borrow_mut().push(result);
        }
    }

    fn clock() -> (Machine, &'static DateTime, &'static Client) {
        let (clock, client) = (DateTime::new(DATE), leak(Client::default()));
        clock.set_client(client);
        (Machine::new(), clock, client)
    }

    #[test]
    fn the_date_comes_once_from_the_kernel_loop() {
        let (machine, clock, client) = clock();
        assert_eq!(clock.get_date_time(), Ok(()));
        assert_eq!(clock.get_date_time(), Err(ErrorCode::BUSY));
        assert_eq!(*client.got.borrow(), []);
        machine.run();
        assert_eq!(*client.got.borrow(), [Ok(DATE)]);
    }

    #[test]
    fn only_a_date_that_exists_can_be_set() {
        let (machine, clock, client) = clock();
        let no_leap_year = DateTimeValues { year: 2100, ..DATE };
        assert_eq!(clock.set_date_time(no_leap_year), Err(ErrorCode::INVAL));
        let earlier = DateTimeValues { hour: 0, ..DATE };
        assert_eq!(clock.set_date_time(earlier), Ok(()));
        machine.run();
        assert_eq!(
            (&*client.set.borrow(), clock.date()),
            (&vec![Ok(())], earlier)
        );
    }

    #[test]
    fn a_refusal_has_no_callback_and_a_failure_has_one() {
        let (machine, clock, client) = clock();
        clock.refuse_next(ErrorCode::OFF);
        assert_eq!(clock.get_date_time(), Err(ErrorCode::OFF));
        machine.run();
        assert_eq!(*client.got.borrow(), []);
        clock.fail_next(ErrorCode::NOACK);
        assert_eq!(clock.get_date_time(), Ok(()));
        machine.run();
        assert_eq!(*client.got.borrow(), [Err(ErrorCode::NOACK)]);
    }
}
