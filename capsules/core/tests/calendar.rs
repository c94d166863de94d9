//! The date.

use capsules_core::Calendar;
use chip_fake as fake;
use kernel::{
    ErrorCode,
    hil::date_time::{DateTime as _, DateTimeValues, DayOfWeek, Month},
};

const DATE: DateTimeValues = DateTimeValues {
    year: 2026,
    month: Month::October,
    day: 3,
    day_of_week: DayOfWeek::Saturday,
    hour: 9,
    minute: 5,
    seconds: 0,
};

fn machine() -> (
    fake::Machine,
    &'static fake::DateTime,
    &'static Calendar<'static>,
) {
    let clock = fake::DateTime::new(DATE);
    let calendar = &*fake::leak(Calendar::new(clock));
    clock.set_client(calendar);
    (fake::Machine::new(), clock, calendar)
}

#[test]
fn a_reader_gets_the_date_as_it_is_when_it_asks() {
    let (machine, clock, calendar) = machine();
    let later = DateTimeValues { seconds: 1, ..DATE };
    let dates = machine.task("reads", async move {
        let first = calendar.now().await;
        clock.stand_at(later);
        [first, calendar.now().await]
    });
    machine.run();
    assert_eq!(dates.take(), Some([Ok(DATE), Ok(later)]));
}

#[test]
fn readers_that_ask_at_the_same_time_all_get_a_date() {
    let (machine, clock, calendar) = machine();
    let dates = [(); 5].map(|()| machine.task("reads", calendar.now()));
    machine.run();
    for date in dates {
        assert_eq!(date.take(), Some(Ok(DATE)));
    }
    assert_eq!(clock.times_read(), 5);
}

#[test]
fn a_clock_that_refuses_is_an_error() {
    let (machine, clock, calendar) = machine();
    clock.refuse_next(ErrorCode::OFF);
    let date = machine.task("reads", calendar.now());
    machine.run();
    assert_eq!(date.take(), Some(Err(ErrorCode::OFF)));
}

#[test]
fn a_clock_that_fails_is_an_error_and_can_be_read_again() {
    let (machine, clock, calendar) = machine();
    clock.fail_next(ErrorCode::NOACK);
    let dates = machine.task("reads", async {
        [calendar.now().await, calendar.now().await]
    });
    machine.run();
    assert_eq!(dates.take(), Some([Err(ErrorCode::NOACK), Ok(DATE)]));
}
