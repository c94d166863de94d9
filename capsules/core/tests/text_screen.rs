//! The text screen driver, as apps see it.

use capsules_core::{
    Users,
    text_screen::{DRIVER_NUM, TextScreen},
};
use chip_fake::{self as fake, App, leak};
use kernel::{
    ErrorCode,
    hil::text_screen::{TextScreen as _, TextScreenClient},
    syscall::CommandReturn,
};

const SIZE: usize = 1;
const ON: usize = 2;
const WRITE: usize = 8;
const CLEAR: usize = 9;
const HOME: usize = 10;
const SET_CURSOR: usize = 11;
const BUFFER: usize = 0;

/// A screen of 80 by 25 whose driver writes 8 bytes at a time.
fn machine() -> (fake::Machine, &'static fake::TextScreen) {
    let (machine, screen, _) = machine_with_driver();
    (machine, screen)
}

type Driver = &'static TextScreen<'static>;

fn machine_with_driver() -> (fake::Machine, &'static fake::TextScreen, Driver) {
    let screen = fake::TextScreen::new(80, 25);
    let machine = fake::Machine::new();
    let driver = &*leak(TextScreen::new(
        screen,
        leak([0; 8]),
        machine.grant(DRIVER_NUM),
    ));
    screen.set_client(Some(driver));
    (machine.driver(DRIVER_NUM, driver), screen, driver)
}

#[track_caller]
fn write(app: &App<'_>, text: &str) -> CommandReturn {
    app.allow_ro(DRIVER_NUM, BUFFER, text.as_bytes());
    app.command(DRIVER_NUM, WRITE, text.len(), 0)
}

/// What the app is told when there is nothing else to do.
#[track_caller]
fn told(machine: &fake::Machine, app: &App<'_>) -> Option<[usize; 3]> {
    machine.run();
    let is_told = app.process(|process| process.has_tasks());
    is_told.then(|| app.yield_for(DRIVER_NUM, 0))
}

/// Gives a command that must be taken and must end well.
#[track_caller]
fn command(machine: &fake::Machine, app: &App<'_>, command: usize, arguments: [usize; 2]) {
    let answer = app.command(DRIVER_NUM, command, arguments[0], arguments[1]);
    assert_eq!(answer, CommandReturn::success());
    assert_eq!(told(machine, app), Some([0, 0, 0]));
}

#[test]
fn an_app_can_ask_whether_there_is_a_screen() {
    let (machine, _) = machine();
    let app = machine.app("tester");
    assert_eq!(app.command(DRIVER_NUM, 0, 0, 0), CommandReturn::success());
    for command in [12, usize::MAX] {
        let answer = app.command(DRIVER_NUM, command, 1, 1);
        assert_eq!(answer, CommandReturn::failure(ErrorCode::NOSUPPORT));
    }
    assert_eq!(told(&machine, &app), None);
}

#[test]
fn the_size_is_told_in_columns_and_rows() {
    let (machine, _) = machine();
    let app = machine.app("tester");
    let answer = app.command(DRIVER_NUM, SIZE, 0, 0);
    assert_eq!(answer, CommandReturn::success());
    assert_eq!(told(&machine, &app), Some([0, 80, 25]));
}

#[test]
fn each_switch_does_what_it_says() {
    let (machine, screen) = machine();
    let app = machine.app("tester");
    let state = || {
        let cursor = (screen.is_cursor_blinking(), screen.is_cursor_shown());
        (screen.is_on(), cursor.0, cursor.1)
    };
    for (number, expected) in [
        (3, (false, false, true)),
        (2, (true, false, true)),
        (4, (true, true, true)),
        (5, (true, false, true)),
        (7, (true, false, false)),
        (6, (true, false, true)),
    ] {
        command(&machine, &app, number, [0, 0]);
        assert_eq!(state(), expected, "command {number}");
    }
}

#[test]
fn the_cursor_goes_where_the_app_says() {
    let (machine, screen) = machine();
    let app = machine.app("tester");
    command(&machine, &app, SET_CURSOR, [79, 24]);
    assert_eq!(screen.cursor(), (79, 24));
    for off in [[80, 0], [0, 25], [usize::MAX, usize::MAX]] {
        let answer = app.command(DRIVER_NUM, SET_CURSOR, off[0], off[1]);
        assert_eq!(answer, CommandReturn::failure(ErrorCode::INVAL));
    }
    command(&machine, &app, HOME, [0, 0]);
    assert_eq!(screen.cursor(), (0, 0));
}

#[test]
fn text_is_written_and_cleared() {
    let (machine, screen) = machine();
    let app = machine.app("tester");
    assert_eq!(write(&app, "hello"), CommandReturn::success());
    assert_eq!(told(&machine, &app), Some([0, 5, 0]));
    assert_eq!(screen.printed(), b"hello");
    command(&machine, &app, CLEAR, [0, 0]);
    assert_eq!(screen.printed(), b"");
}

#[test]
fn the_home_command_leaves_the_text() {
    let (machine, screen) = machine();
    let app = machine.app("tester");
    write(&app, "hello");
    told(&machine, &app);
    command(&machine, &app, HOME, [0, 0]);
    assert_eq!(screen.printed(), b"hello");
}

#[test]
fn a_write_says_how_much_of_a_long_text_it_took() {
    let (machine, screen) = machine();
    let app = machine.app("tester");
    assert_eq!(write(&app, "0123456789"), CommandReturn::success());
    assert_eq!(told(&machine, &app), Some([0, 8, 0]));
    assert_eq!(screen.printed(), b"01234567");
}

#[test]
fn no_more_is_written_than_the_app_says_or_shares() {
    let (machine, screen) = machine();
    let app = machine.app("tester");
    app.allow_ro(DRIVER_NUM, BUFFER, b"abc");
    for (len_bytes, written) in [(1, 1), (5, 3), (usize::MAX, 3)] {
        app.command(DRIVER_NUM, WRITE, len_bytes, 0);
        assert_eq!(told(&machine, &app), Some([0, written, 0]));
    }
    assert_eq!(screen.printed(), b"aabcabc");
}

#[test]
fn there_must_be_something_to_write() {
    let (machine, _) = machine();
    let app = machine.app("tester");
    let nothing = CommandReturn::failure(ErrorCode::NOMEM);
    assert_eq!(app.command(DRIVER_NUM, WRITE, 5, 0), nothing);
    app.allow_ro(DRIVER_NUM, BUFFER, b"abc");
    assert_eq!(app.command(DRIVER_NUM, WRITE, 0, 0), nothing);
    assert_eq!(told(&machine, &app), None);
    assert_eq!(write(&app, "a"), CommandReturn::success());
}

#[test]
fn an_app_has_one_command_under_way() {
    let (machine, _) = machine();
    let app = machine.app("tester");
    let busy = CommandReturn::failure(ErrorCode::BUSY);
    write(&app, "first");
    for command in SIZE..=SET_CURSOR {
        assert_eq!(app.command(DRIVER_NUM, command, 0, 0), busy);
    }
    assert_eq!(told(&machine, &app), Some([0, 5, 0]));
    assert_eq!(told(&machine, &app), None);
}

#[test]
fn apps_have_their_turns() {
    let (machine, screen) = machine();
    let apps = ["a", "b", "c"].map(|name| machine.app(name));
    for app in &apps {
        assert_eq!(write(app, app.name()), CommandReturn::success());
    }
    for app in &apps {
        assert_eq!(told(&machine, app), Some([0, 1, 0]));
    }
    assert_eq!(screen.printed().len(), 3);
}

#[test]
fn what_the_screen_refuses_at_once_is_the_answer() {
    let (machine, screen) = machine();
    let app = machine.app("tester");
    app.allow_ro(DRIVER_NUM, BUFFER, b"a");
    for command in (ON..=SET_CURSOR).chain([WRITE]) {
        screen.refuse_next(ErrorCode::OFF);
        let answer = app.command(DRIVER_NUM, command, 1, 1);
        assert_eq!(answer, CommandReturn::failure(ErrorCode::OFF));
    }
    assert_eq!(told(&machine, &app), None);
    assert_eq!(write(&app, "b"), CommandReturn::success());
    assert_eq!(told(&machine, &app), Some([0, 1, 0]));
    assert_eq!(screen.printed(), b"b");
}

#[test]
fn what_the_screen_refuses_later_is_the_status() {
    let (machine, screen) = machine();
    let apps = ["a", "b", "c"].map(|name| machine.app(name));
    write(&apps[0], "a");
    let off = apps[1].command(DRIVER_NUM, SET_CURSOR, 80, 0);
    assert_eq!(off, CommandReturn::success(), "nobody knows yet");
    write(&apps[2], "c");
    assert_eq!(told(&machine, &apps[0]), Some([0, 1, 0]));
    let refused = Some([ErrorCode::INVAL as usize, 0, 0]);
    assert_eq!(told(&machine, &apps[1]), refused);
    assert_eq!(told(&machine, &apps[2]), Some([0, 1, 0]));
    assert_eq!(screen.printed(), b"ac");
}

#[test]
fn an_app_that_ends_does_not_hold_up_the_others_or_leave_its_answer() {
    let (machine, screen) = machine();
    let apps = ["a", "b", "c"].map(|name| machine.app(name));
    for app in &apps {
        write(app, app.name());
    }
    apps[0].exit_and_restart(0);
    apps[1].remove().unwrap();
    assert_eq!(told(&machine, &apps[2]), Some([0, 1, 0]));
    assert_eq!(screen.printed(), b"ac", "a had the screen, b never had");
    assert_eq!(told(&machine, &apps[0]), None);
    assert_eq!(write(&apps[0], "a"), CommandReturn::success());
    assert_eq!(told(&machine, &apps[0]), Some([0, 1, 0]));
}

#[test]
fn what_an_app_wants_waits_until_it_may_use_the_screen() {
    let (machine, screen, driver) = machine_with_driver();
    let apps = ["a", "b"].map(|name| machine.app(name));
    driver.set_users(Users::None);
    for app in &apps {
        assert_eq!(write(app, app.name()), CommandReturn::success());
        assert_eq!(told(&machine, app), None);
    }
    driver.set_users(Users::One(apps[1].process_id()));
    assert_eq!(told(&machine, &apps[1]), Some([0, 1, 0]));
    write(&apps[1], "B");
    assert_eq!(told(&machine, &apps[1]), Some([0, 1, 0]));
    assert_eq!(told(&machine, &apps[0]), None);
    assert_eq!(screen.printed(), b"bB");
    driver.set_users(Users::All);
    assert_eq!(told(&machine, &apps[0]), Some([0, 1, 0]));
    assert_eq!(screen.printed(), b"bBa");
}

#[test]
fn the_size_is_told_to_an_app_that_may_not_use_the_screen() {
    let (machine, _, driver) = machine_with_driver();
    driver.set_users(Users::None);
    let app = machine.app("tester");
    app.command(DRIVER_NUM, SIZE, 0, 0);
    assert_eq!(told(&machine, &app), Some([0, 80, 25]));
}

#[test]
fn an_app_that_loses_the_screen_ends_what_is_under_way_and_then_waits() {
    let (machine, screen, driver) = machine_with_driver();
    let app = machine.app("tester");
    write(&app, "first");
    driver.set_users(Users::None);
    assert_eq!(told(&machine, &app), Some([0, 5, 0]));
    write(&app, "second");
    assert_eq!(told(&machine, &app), None);
    app.exit_and_restart(0);
    driver.set_users(Users::One(app.process_id()));
    assert_eq!(told(&machine, &app), None);
    assert_eq!(screen.printed(), b"first");
}

#[test]
fn an_app_without_room_for_what_is_kept_of_it_is_told_so() {
    let machine = machine().0.with_hungry_drivers();
    let (app, other) = (machine.app("full"), machine.app("other"));
    app.use_all_memory();
    for command in SIZE..=SET_CURSOR {
        let answer = app.command(DRIVER_NUM, command, 1, 1);
        assert_eq!(answer, CommandReturn::failure(ErrorCode::NOMEM));
    }
    write(&other, "other");
    assert_eq!(told(&machine, &other), Some([0, 5, 0]));
}

/// Tells the driver of everything that has ended that it has failed.
struct Fails(Driver);

impl TextScreenClient for Fails {
    fn command_complete(&self, _: Result<(), ErrorCode>) {
        self.0.command_complete(Err(ErrorCode::FAIL));
    }

    fn write_complete(&self, buffer: &'static mut [u8], _: usize, _: Result<(), ErrorCode>) {
        self.0.write_complete(buffer, 2, Err(ErrorCode::FAIL));
    }
}

#[test]
fn what_fails_in_the_middle_is_told_and_the_next_one_has_its_turn() {
    let (machine, screen, driver) = machine_with_driver();
    let (app, other) = (machine.app("tester"), machine.app("other"));
    app.allow_ro(DRIVER_NUM, BUFFER, b"text");
    for command in ON..=SET_CURSOR {
        screen.set_client(Some(leak(Fails(driver))));
        let answer = app.command(DRIVER_NUM, command, 4, 4);
        assert_eq!(answer, CommandReturn::success());
        assert_eq!(write(&other, "other"), CommandReturn::success());
        let written_bytes = if command == WRITE { 2 } else { 0 };
        let failed = Some([ErrorCode::FAIL as usize, written_bytes, 0]);
        assert_eq!(told(&machine, &app), failed, "command {command}");
        assert_eq!(
            told(&machine, &other),
            Some([ErrorCode::FAIL as usize, 2, 0])
        );
        screen.set_client(Some(driver));
        assert_eq!(write(&other, "other"), CommandReturn::success());
        assert_eq!(told(&machine, &other), Some([0, 5, 0]));
    }
}

#[test]
fn text_that_is_taken_away_before_its_turn_is_nothing_to_write() {
    let (machine, screen) = machine();
    let apps = ["a", "b", "c"].map(|name| machine.app(name));
    for app in &apps {
        assert_eq!(write(app, app.name()), CommandReturn::success());
    }
    apps[0].share_ro(DRIVER_NUM, BUFFER, 0, 0).unwrap();
    apps[1].share_ro(DRIVER_NUM, BUFFER, 0, 0).unwrap();
    assert_eq!(
        told(&machine, &apps[0]),
        Some([0, 1, 0]),
        "it is written already"
    );
    let nothing = Some([ErrorCode::NOMEM as usize, 0, 0]);
    assert_eq!(told(&machine, &apps[1]), nothing);
    assert_eq!(told(&machine, &apps[2]), Some([0, 1, 0]));
    assert_eq!(screen.printed(), b"ac");
}

#[test]
fn text_that_waits_is_what_the_app_shares_when_its_turn_comes() {
    let (machine, screen) = machine();
    let apps = ["a", "b"].map(|name| machine.app(name));
    write(&apps[0], "first");
    write(&apps[1], "old");
    apps[1].allow_ro(DRIVER_NUM, BUFFER, b"newer");
    assert_eq!(told(&machine, &apps[1]), Some([0, 3, 0]));
    assert_eq!(screen.printed(), b"firstnew");
}

#[test]
fn one_that_starts_anew_while_it_waits_has_given_up_its_turn() {
    let (machine, screen) = machine();
    let apps = ["a", "b", "c"].map(|name| machine.app(name));
    for app in &apps {
        write(app, app.name());
    }
    apps[1].restart();
    apps[1].allow_ro(DRIVER_NUM, BUFFER, b"b");
    assert_eq!(told(&machine, &apps[2]), Some([0, 1, 0]));
    assert_eq!(told(&machine, &apps[1]), None);
    assert_eq!(screen.printed(), b"ac");
}

#[test]
fn one_in_the_place_of_the_app_that_may_use_the_screen_may_not() {
    let (machine, screen, driver) = machine_with_driver();
    let old = machine.app("old");
    driver.set_users(Users::One(old.process_id()));
    write(&old, "old");
    let place = old.process_id().slot();
    old.remove().unwrap();
    let new = machine.app("new");
    assert_eq!(new.process_id().slot(), place);
    write(&new, "new");
    assert_eq!(told(&machine, &new), None);
    assert_eq!(screen.printed(), b"old");
    driver.set_users(Users::All);
    assert_eq!(told(&machine, &new), Some([0, 3, 0]));
}
