//! The driver of random numbers, as apps see it.

use std::cell::Cell;

use capsules_core::rng::{DRIVER_NUM, RngDriver};
use chip_fake::{self as fake, App, leak};
use kernel::{
    ErrorCode,
    errorcode::into_statuscode,
    hil::rng::{Client, Rng},
    syscall::CommandReturn,
};

const GET: usize = 1;
const BUFFER: usize = 0;

fn machine() -> (fake::Machine, &'static fake::Rng) {
    let source = fake::Rng::new();
    let machine = fake::Machine::new();
    let driver = &*leak(RngDriver::new(source, machine.grant(DRIVER_NUM)));
    source.set_client(driver);
    (machine.driver(DRIVER_NUM, driver), source)
}

/// Shares a buffer and asks for it to be filled.
#[track_caller]
fn ask(app: &App<'_>, len_bytes: usize) {
    app.allow_rw(DRIVER_NUM, BUFFER, &vec![b'.'; len_bytes]);
    let answer = app.command(DRIVER_NUM, GET, len_bytes, 0);
    assert_eq!(answer, CommandReturn::success());
}

#[test]
fn an_app_can_ask_whether_there_are_random_numbers() {
    let (machine, _) = machine();
    let app = machine.app("tester");
    assert_eq!(app.command(DRIVER_NUM, 0, 0, 0), CommandReturn::success());
    for command in [2, usize::MAX] {
        let answer = app.command(DRIVER_NUM, command, 1, 0);
        assert_eq!(answer, CommandReturn::failure(ErrorCode::NOSUPPORT));
    }
}

#[test]
fn a_buffer_is_filled_to_the_last_byte_the_lowest_of_a_number_first() {
    let (machine, source) = machine();
    let app = machine.app("tester");
    ask(&app, 6);
    assert_eq!(app.told(DRIVER_NUM, 0), None);
    source.provide(&[0x0403_0201, 0x0807_0605]);
    assert_eq!(app.told(DRIVER_NUM, 0), Some([0, 6, 0]));
    assert_eq!(app.buffer(DRIVER_NUM, BUFFER), [1, 2, 3, 4, 5, 6]);
}

#[test]
fn no_more_is_filled_than_the_app_says_or_shares() {
    let (machine, source) = machine();
    let app = machine.app("tester");
    for (len_bytes, filled) in [(1, "a..."), (usize::MAX, "abcd")] {
        source.provide(&[u32::from_le_bytes(*b"abcd")]);
        app.allow_rw(DRIVER_NUM, BUFFER, b"....");
        app.command(DRIVER_NUM, GET, len_bytes, 0);
        assert_eq!(app.told(DRIVER_NUM, 0), Some([0, len_bytes.min(4), 0]));
        assert_eq!(app.buffer(DRIVER_NUM, BUFFER), filled.as_bytes());
    }
}

#[test]
fn an_app_that_wants_more_than_there_is_waits_for_the_rest() {
    let (machine, source) = machine();
    let app = machine.app("tester");
    ask(&app, 8);
    source.provide(&[0x0403_0201]);
    assert_eq!(app.told(DRIVER_NUM, 0), None);
    source.provide(&[0x0807_0605]);
    assert_eq!(app.told(DRIVER_NUM, 0), Some([0, 8, 0]));
    assert_eq!(app.buffer(DRIVER_NUM, BUFFER), [1, 2, 3, 4, 5, 6, 7, 8]);
}

#[test]
fn an_app_that_wants_nothing_has_it_at_once() {
    let (machine, source) = machine();
    let app = machine.app("tester");
    let get = |len_bytes| app.command(DRIVER_NUM, GET, len_bytes, 0);
    assert_eq!(get(4), CommandReturn::success(), "no buffer is shared");
    assert_eq!(app.told(DRIVER_NUM, 0), Some([0, 0, 0]));
    app.allow_rw(DRIVER_NUM, BUFFER, b"....");
    assert_eq!(get(0), CommandReturn::success());
    assert_eq!(app.told(DRIVER_NUM, 0), Some([0, 0, 0]));
    source.provide(&[1]);
    assert_eq!(app.told(DRIVER_NUM, 0), None);
    assert_eq!(source.left(), 1);
}

#[test]
fn asking_again_takes_the_place_of_what_was_asked_before() {
    let (machine, source) = machine();
    let app = machine.app("tester");
    ask(&app, 8);
    source.provide(&[0x0403_0201]);
    assert_eq!(app.told(DRIVER_NUM, 0), None);
    ask(&app, 2);
    source.provide(&[0x0807_0605]);
    assert_eq!(app.told(DRIVER_NUM, 0), Some([0, 2, 0]));
    assert_eq!(app.buffer(DRIVER_NUM, BUFFER), [5, 6]);
    assert_eq!(app.told(DRIVER_NUM, 0), None);
}

#[test]
fn no_two_apps_get_the_same_number() {
    let (machine, source) = machine();
    let apps = ["a", "b"].map(|name| machine.app(name));
    apps.iter().for_each(|app| ask(app, 4));
    source.provide(&[u32::from_le_bytes(*b"1111"), u32::from_le_bytes(*b"2222")]);
    let mut filled = apps.each_ref().map(|app| {
        assert_eq!(app.told(DRIVER_NUM, 0), Some([0, 4, 0]));
        app.buffer(DRIVER_NUM, BUFFER)
    });
    filled.sort();
    assert_eq!(filled, [b"1111", b"2222"]);
}

#[test]
fn an_app_that_asks_again_and_again_lets_the_others_have_theirs() {
    let (machine, source) = machine();
    let apps = ["a", "b", "c"].map(|name| machine.app(name));
    apps.iter().for_each(|app| ask(app, 4));
    let mut served = [0; 3];
    for _ in 0..9 {
        source.provide(&[7]);
        machine.run();
        for (app, served) in apps.iter().zip(&mut served) {
            if app.told(DRIVER_NUM, 0).is_some() {
                *served += 1;
                ask(app, 4);
            }
        }
    }
    assert_eq!(served, [3, 3, 3]);
}

#[test]
fn an_app_that_asks_anew_before_it_has_what_it_asked_for_lets_the_others_have_theirs() {
    let (machine, source) = machine();
    let apps = ["a", "b", "c"].map(|name| machine.app(name));
    apps.iter().for_each(|app| ask(app, 8));
    for _ in 0..6 {
        source.provide(&[7]);
        machine.run();
        ask(&apps[1], 8);
    }
    for app in [&apps[0], &apps[2]] {
        assert_eq!(app.told(DRIVER_NUM, 0), Some([0, 8, 0]));
    }
    assert_eq!(apps[1].told(DRIVER_NUM, 0), None);
}

#[test]
fn an_error_of_the_source_reaches_all_that_wait_and_not_the_next() {
    let (machine, source) = machine();
    let apps = ["a", "b"].map(|name| machine.app(name));
    apps.iter().for_each(|app| ask(app, 8));
    source.provide(&[1]);
    machine.run();
    source.fail_next(ErrorCode::FAIL);
    let mut filled_bytes = apps.each_ref().map(|app| {
        let [status, len_bytes, _] = app.told(DRIVER_NUM, 0).unwrap();
        assert_eq!(status, into_statuscode(Err(ErrorCode::FAIL)));
        len_bytes
    });
    filled_bytes.sort();
    assert_eq!(filled_bytes, [0, 4]);
    ask(&apps[0], 4);
    source.provide(&[1]);
    assert_eq!(apps[0].told(DRIVER_NUM, 0), Some([0, 4, 0]));
}

#[test]
fn an_app_gets_what_there_is_room_for_in_the_buffer_it_shares_now() {
    let (machine, source) = machine();
    let app = machine.app("tester");
    ask(&app, 8);
    source.provide(&[0x0403_0201]);
    assert_eq!(app.told(DRIVER_NUM, 0), None);
    app.allow_rw(DRIVER_NUM, BUFFER, b".....");
    source.provide(&[0x0807_0605]);
    assert_eq!(app.told(DRIVER_NUM, 0), Some([0, 5, 0]));
    assert_eq!(app.buffer(DRIVER_NUM, BUFFER), b"....\x05");
}

#[test]
fn an_app_that_ends_leaves_the_numbers_to_the_others() {
    let (machine, source) = machine();
    let apps = ["a", "b", "c"].map(|name| machine.app(name));
    apps.iter().for_each(|app| ask(app, 4));
    apps[0].exit_and_restart(0);
    apps[1].remove().unwrap();
    source.provide(&[u32::from_le_bytes(*b"abcd")]);
    assert_eq!(apps[2].told(DRIVER_NUM, 0), Some([0, 4, 0]));
    assert_eq!(apps[2].buffer(DRIVER_NUM, BUFFER), b"abcd");
    assert_eq!(apps[0].told(DRIVER_NUM, 0), None);
}

#[test]
fn a_buffer_that_is_taken_away_gets_nothing() {
    let (machine, source) = machine();
    let (app, other) = (machine.app("tester"), machine.app("other"));
    ask(&app, 8);
    ask(&other, 4);
    app.share_rw(DRIVER_NUM, BUFFER, 0, 0).unwrap();
    source.provide(&[u32::from_le_bytes(*b"abcd")]);
    assert_eq!(app.told(DRIVER_NUM, 0), Some([0, 0, 0]));
    assert_eq!(other.told(DRIVER_NUM, 0), Some([0, 4, 0]));
    assert_eq!(other.buffer(DRIVER_NUM, BUFFER), b"abcd");
}

#[test]
fn an_app_is_told_nothing_of_what_it_asked_in_an_earlier_run() {
    let (machine, source) = machine();
    let (mortal, other) = (machine.app("mortal"), machine.app("other"));
    ask(&mortal, 4);
    ask(&other, 4);
    mortal.exit_and_restart(0);
    mortal.allow_rw(DRIVER_NUM, BUFFER, b"....");
    source.provide(&[u32::from_le_bytes(*b"abcd")]);
    assert_eq!(mortal.told(DRIVER_NUM, 0), None);
    assert_eq!(mortal.buffer(DRIVER_NUM, BUFFER), b"....");
    assert_eq!(other.told(DRIVER_NUM, 0), Some([0, 4, 0]));
}

#[test]
fn an_app_without_room_for_what_is_kept_of_it_is_told_so() {
    let machine = machine().0.with_hungry_drivers();
    let app = machine.app("full");
    app.use_all_memory();
    let answer = app.command(DRIVER_NUM, GET, 4, 0);
    assert_eq!(answer, CommandReturn::failure(ErrorCode::NOMEM));
}

/// A source that refuses.
struct Refuses(Cell<bool>, &'static fake::Rng);

impl Rng<'static> for Refuses {
    fn get(&self) -> Result<(), ErrorCode> {
        if self.0.get() {
            return Err(ErrorCode::OFF);
        }
        self.1.get()
    }

    fn cancel(&self) -> Result<(), ErrorCode> {
        self.1.cancel()
    }

    fn set_client(&'static self, client: &'static dyn Client) {
        self.1.set_client(client);
    }
}

#[test]
fn what_the_source_refuses_is_the_answer_and_another_may_ask_again() {
    let source = fake::Rng::new();
    let refuses = &*leak(Refuses(Cell::new(true), source));
    let machine = fake::Machine::new();
    let driver = &*leak(RngDriver::new(refuses, machine.grant(DRIVER_NUM)));
    refuses.set_client(driver);
    let machine = machine.driver(DRIVER_NUM, driver);
    let (app, other) = (machine.app("tester"), machine.app("other"));
    for app in [&app, &other] {
        app.allow_rw(DRIVER_NUM, BUFFER, b"....");
        let answer = app.command(DRIVER_NUM, GET, 4, 0);
        assert_eq!(answer, CommandReturn::failure(ErrorCode::OFF));
    }
    ask(&app, 0);
    assert_eq!(
        app.told(DRIVER_NUM, 0),
        Some([0, 0, 0]),
        "for nothing no source is asked"
    );
    refuses.0.set(false);
    ask(&other, 4);
    source.provide(&[1, 2]);
    assert_eq!(other.told(DRIVER_NUM, 0), Some([0, 4, 0]));
    assert_eq!(app.told(DRIVER_NUM, 0), None);
    assert_eq!(source.left(), 1);
}
