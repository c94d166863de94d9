//! The date driver, as apps see it.

use capsules_core::{
    Calendar, DateTimeMux,
    date_time::{DRIVER_NUM, DateTimeCapsule},
};
use chip_fake::{self as fake, App, leak};
use kernel::{
    ErrorCode,
    hil::date_time::{DateTime as _, DateTimeValues, DayOfWeek, Month},
    syscall::CommandReturn,
};

const READ: usize = 1;
const SET: usize = 2;

const DATE: DateTimeValues = DateTimeValues {
    year: 2026,
    month: Month::November,
    day: 24,
    day_of_week: DayOfWeek::Tuesday,
    hour: 23,
    minute: 59,
    seconds: 58,
};
const DATE_WORD: usize = 2026 << 9 | 11 << 5 | 24;
const TIME_WORD: usize = 2 << 17 | 23 << 12 | 59 << 6 | 58;

fn machine() -> (fake::Machine, &'static fake::DateTime) {
    let clock = fake::DateTime::new(DATE);
    let machine = fake::Machine::new();
    let driver = &*leak(DateTimeCapsule::new(clock, machine.grant(DRIVER_NUM)));
    clock.set_client(driver);
    (machine.driver(DRIVER_NUM, driver), clock)
}

fn read(app: &App<'_>) -> CommandReturn {
    app.command(DRIVER_NUM, READ, 0, 0)
}

/// Sets another date than that which the clock stands at.
fn set(app: &App<'_>) -> CommandReturn {
    app.command(DRIVER_NUM, SET, 2000 << 9 | 1 << 5 | 1, 6 << 17)
}

#[test]
fn an_app_can_ask_whether_there_is_a_clock() {
    let (machine, _) = machine();
    let app = machine.app("tester");
    assert_eq!(app.command(DRIVER_NUM, 0, 0, 0), CommandReturn::success());
    for command in [3, usize::MAX] {
        let answer = app.command(DRIVER_NUM, command, DATE_WORD, TIME_WORD);
        assert_eq!(answer, CommandReturn::failure(ErrorCode::NOSUPPORT));
    }
}

#[test]
fn date_and_time_come_in_two_words() {
    let (machine, _) = machine();
    let app = machine.app("tester");
    assert_eq!(read(&app), CommandReturn::success());
    assert_eq!(app.told(DRIVER_NUM, 0), Some([0, DATE_WORD, TIME_WORD]));
}

#[test]
fn what_an_app_sets_is_what_the_clock_shows() {
    let (machine, clock) = machine();
    let app = machine.app("tester");
    let months = [
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
    let days_of_week = [
        DayOfWeek::Sunday,
        DayOfWeek::Monday,
        DayOfWeek::Tuesday,
        DayOfWeek::Wednesday,
        DayOfWeek::Thursday,
        DayOfWeek::Friday,
        DayOfWeek::Saturday,
    ];
    for (number, month) in months.into_iter().enumerate() {
        let date = 2000 << 9 | (number + 1) << 5 | 28;
        let day_of_week = number % 7;
        let time = day_of_week << 17 | 1 << 12 | 2 << 6 | 3;
        let answer = app.command(DRIVER_NUM, SET, date, time);
        assert_eq!(answer, CommandReturn::success());
        assert_eq!(app.told(DRIVER_NUM, 0), Some([0, 0, 0]));
        let expected = DateTimeValues {
            year: 2000,
            month,
            day: 28,
            day_of_week: days_of_week[day_of_week],
            hour: 1,
            minute: 2,
            seconds: 3,
        };
        assert_eq!(clock.date(), expected);
        read(&app);
        assert_eq!(app.told(DRIVER_NUM, 0), Some([0, date, time]));
    }
}

#[test]
fn a_date_that_does_not_exist_is_an_invalid_argument() {
    let (machine, clock) = machine();
    let app = machine.app("tester");
    for (date, time) in [
        (2026 << 9 | 24, TIME_WORD),
        (2026 << 9 | 13 << 5 | 24, TIME_WORD),
        (DATE_WORD, 7 << 17),
        (2026 << 9 | 2 << 5 | 30, TIME_WORD),
        (DATE_WORD, 24 << 12),
        (DATE_WORD, 60 << 6),
    ] {
        let answer = app.command(DRIVER_NUM, SET, date, time);
        assert_eq!(answer, CommandReturn::failure(ErrorCode::INVAL));
    }
    assert_eq!(app.told(DRIVER_NUM, 0), None);
    assert_eq!(clock.date(), DATE);
}

#[test]
fn an_app_has_one_command_under_way() {
    let (machine, _) = machine();
    let app = machine.app("tester");
    read(&app);
    assert_eq!(read(&app), CommandReturn::failure(ErrorCode::BUSY));
    assert_eq!(set(&app), CommandReturn::failure(ErrorCode::BUSY));
    assert!(app.told(DRIVER_NUM, 0).is_some());
    assert_eq!(app.told(DRIVER_NUM, 0), None);
    assert_eq!(read(&app), CommandReturn::success());
}

#[test]
fn apps_have_their_turns() {
    let (machine, clock) = machine();
    let apps = ["a", "b", "c"].map(|name| machine.app(name));
    assert_eq!(read(&apps[0]), CommandReturn::success());
    assert_eq!(set(&apps[1]), CommandReturn::success());
    assert_eq!(read(&apps[2]), CommandReturn::success());
    assert_eq!(apps[0].told(DRIVER_NUM, 0), Some([0, DATE_WORD, TIME_WORD]));
    assert_eq!(apps[1].told(DRIVER_NUM, 0), Some([0, 0, 0]));
    let new = [0, 2000 << 9 | 1 << 5 | 1, 6 << 17];
    assert_eq!(apps[2].told(DRIVER_NUM, 0), Some(new));
    assert_eq!(clock.date().year, 2000);
}

#[test]
fn what_the_clock_refuses_at_once_is_the_answer() {
    let (machine, clock) = machine();
    let app = machine.app("tester");
    for command in [read, set] {
        clock.refuse_next(ErrorCode::OFF);
        assert_eq!(command(&app), CommandReturn::failure(ErrorCode::OFF));
    }
    assert_eq!(app.told(DRIVER_NUM, 0), None);
    assert_eq!(read(&app), CommandReturn::success());
}

#[test]
fn what_the_clock_refuses_later_is_the_status() {
    let (machine, clock) = machine();
    let apps = ["a", "b", "c"].map(|name| machine.app(name));
    for app in &apps {
        assert_eq!(read(app), CommandReturn::success());
    }
    clock.refuse_next(ErrorCode::OFF);
    let off = ErrorCode::OFF as usize;
    assert_eq!(apps[0].told(DRIVER_NUM, 0), Some([0, DATE_WORD, TIME_WORD]));
    assert_eq!(apps[1].told(DRIVER_NUM, 0), Some([off, 0, 0]));
    assert_eq!(apps[2].told(DRIVER_NUM, 0), Some([0, DATE_WORD, TIME_WORD]));
}

#[test]
fn a_command_that_fails_says_so() {
    let (machine, clock) = machine();
    let app = machine.app("tester");
    clock.fail_next(ErrorCode::FAIL);
    read(&app);
    let failed = Some([ErrorCode::FAIL as usize, 0, 0]);
    assert_eq!(app.told(DRIVER_NUM, 0), failed);
    clock.fail_next(ErrorCode::FAIL);
    app.command(DRIVER_NUM, SET, DATE_WORD, TIME_WORD);
    assert_eq!(app.told(DRIVER_NUM, 0), failed);
}

#[test]
fn an_app_that_ends_does_not_hold_up_the_others_or_leave_its_answer() {
    let (machine, _) = machine();
    let apps = ["a", "b", "c"].map(|name| machine.app(name));
    apps.iter().for_each(|app| {
        read(app);
    });
    apps[0].exit_and_restart(0);
    apps[0].subscribe(DRIVER_NUM, 0);
    apps[1].remove().unwrap();
    assert_eq!(apps[2].told(DRIVER_NUM, 0), Some([0, DATE_WORD, TIME_WORD]));
    assert_eq!(apps[0].told(DRIVER_NUM, 0), None);
    assert_eq!(read(&apps[0]), CommandReturn::success());
    assert!(apps[0].told(DRIVER_NUM, 0).is_some());
}

#[test]
fn one_that_starts_anew_while_it_waits_has_given_up_its_turn() {
    let (machine, clock) = machine();
    let apps = ["a", "b", "c"].map(|name| machine.app(name));
    assert_eq!(read(&apps[0]), CommandReturn::success());
    assert_eq!(set(&apps[1]), CommandReturn::success());
    assert_eq!(read(&apps[2]), CommandReturn::success());
    apps[1].restart();
    apps[1].subscribe(DRIVER_NUM, 0);
    assert_eq!(apps[2].told(DRIVER_NUM, 0), Some([0, DATE_WORD, TIME_WORD]));
    assert_eq!(apps[1].told(DRIVER_NUM, 0), None);
    assert_eq!(clock.date(), DATE);
}

#[test]
fn an_app_without_room_for_what_is_kept_of_it_is_told_so() {
    let machine = machine().0.with_hungry_drivers();
    let (app, other) = (machine.app("full"), machine.app("other"));
    app.use_all_memory();
    for command in [read, set] {
        assert_eq!(command(&app), CommandReturn::failure(ErrorCode::NOMEM));
    }
    assert_eq!(read(&other), CommandReturn::success());
    assert!(other.told(DRIVER_NUM, 0).is_some());
}

#[test]
fn apps_and_the_kernel_share_one_clock() {
    let clock = fake::DateTime::new(DATE);
    let mux = &*leak(DateTimeMux::<2>::new(clock));
    clock.set_client(mux);
    let [apps_clock, kernels_clock] = [(); 2].map(|()| &*leak(mux.user().unwrap()));
    assert_eq!(mux.user().err(), Some(ErrorCode::NOMEM));
    let machine = fake::Machine::new();
    let driver = &*leak(DateTimeCapsule::new(apps_clock, machine.grant(DRIVER_NUM)));
    apps_clock.set_client(driver);
    let calendar = &*leak(Calendar::new(kernels_clock));
    kernels_clock.set_client(calendar);
    let machine = machine.driver(DRIVER_NUM, driver);
    let app = machine.app("tester");

    assert_eq!(read(&app), CommandReturn::success());
    assert_eq!(kernels_clock.get_date_time(), Err(ErrorCode::BUSY));
    let date = machine.task("kernel", calendar.now());
    assert_eq!(app.told(DRIVER_NUM, 0), Some([0, DATE_WORD, TIME_WORD]));
    assert_eq!(date.take(), Some(Ok(DATE)));

    clock.refuse_next(ErrorCode::OFF);
    assert_eq!(kernels_clock.get_date_time(), Err(ErrorCode::OFF));
    app.command(DRIVER_NUM, SET, DATE_WORD, TIME_WORD);
    assert_eq!(app.told(DRIVER_NUM, 0), Some([0, 0, 0]));
}
