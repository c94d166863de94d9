//! Keys, as apps see them.

use capsules_core::{
    KeyEvent, Keyboard, Users,
    key_driver::{DRIVER_NUM, KeyDriver},
};
use chip_fake::{self as fake, App, leak};
use kernel::{ErrorCode, hil::keyboard::ScancodeKeyboard as _, syscall::CommandReturn};

const LISTEN: usize = 1;
const STOP: usize = 2;

const SHIFT: u8 = 0x2a;
const CONTROL: u8 = 0x1d;
const A: u8 = 0x1e;
/// Goes before the codes of the keys that later keyboards have.
const EXTENDED: u8 = 0xe0;
/// Added to a make code when the key is released.
const RELEASE: u8 = 0x80;

fn machine() -> (fake::Machine, &'static fake::Keyboard) {
    let (machine, keyboard, _) = machine_with_driver();
    (machine, keyboard)
}

fn machine_with_driver() -> (fake::Machine, &'static fake::Keyboard, &'static KeyDriver) {
    let machine = fake::Machine::new();
    let driver = &*leak(KeyDriver::new(machine.grant(DRIVER_NUM)));
    let keyboard = &*leak(Keyboard::new(leak([KeyEvent::NONE; 64])));
    keyboard.set_apps(driver);
    let hardware = fake::Keyboard::new();
    hardware.set_scancode_client(keyboard);
    (machine.driver(DRIVER_NUM, driver), hardware, driver)
}

#[track_caller]
fn listen(app: &App<'_>) {
    let answer = app.command(DRIVER_NUM, LISTEN, 0, 0);
    assert_eq!(answer, CommandReturn::success());
}

fn told(app: &App<'_>) -> Vec<[usize; 3]> {
    let mut upcalls = Vec::new();
    while app.process(|process| process.has_tasks()) {
        upcalls.push(app.yield_for(DRIVER_NUM, 0));
    }
    upcalls
}

#[test]
fn an_app_can_ask_whether_there_are_keys() {
    let (machine, _) = machine();
    let app = machine.app("tester");
    assert_eq!(app.command(DRIVER_NUM, 0, 0, 0), CommandReturn::success());
    for command in [3, usize::MAX] {
        let answer = app.command(DRIVER_NUM, command, 1, 0);
        assert_eq!(answer, CommandReturn::failure(ErrorCode::NOSUPPORT));
    }
}

#[test]
fn a_key_is_told_by_what_it_means_and_where_it_is() {
    let (machine, keyboard) = machine();
    let app = machine.app("tester");
    listen(&app);
    keyboard.send(&[SHIFT, A, A | RELEASE, SHIFT | RELEASE]);
    let (shift, a) = (usize::from(SHIFT), usize::from(A));
    assert_eq!(
        told(&app),
        [
            [0, shift, 1],
            ['A' as usize, a, 1],
            [0, a | 0x80, 0],
            [0, shift | 0x80, 0]
        ]
    );
}

#[test]
fn a_key_without_a_character_has_a_number_beyond_all_characters() {
    let (machine, keyboard) = machine();
    let app = machine.app("tester");
    for (codes, meaning) in [
        (&[0x3b][..], 0x11_0001),
        (&[0x58], 0x11_000c),
        (&[EXTENDED, 0x52], 0x11_0010),
        (&[EXTENDED, 0x4b], 0x11_0011),
        (&[EXTENDED, 0x4d], 0x11_0012),
        (&[EXTENDED, 0x48], 0x11_0013),
        (&[EXTENDED, 0x50], 0x11_0014),
        (&[EXTENDED, 0x47], 0x11_0015),
        (&[EXTENDED, 0x4f], 0x11_0016),
        (&[EXTENDED, 0x49], 0x11_0017),
        (&[EXTENDED, 0x51], 0x11_0018),
        (&[EXTENDED, 0x53], 127),
        (&[0x0e], 8),
        (&[0x0f], 9),
        (&[0x1c], 10),
        (&[0x01], 27),
    ] {
        listen(&app);
        keyboard.send(codes);
        let scan_code = codes
            .iter()
            .fold(0, |code, byte| code << 8 | usize::from(*byte));
        assert_eq!(told(&app), [[meaning, scan_code, 1]]);
        app.command(DRIVER_NUM, STOP, 0, 0);
    }
}

#[test]
fn the_control_key_makes_the_characters_that_a_terminal_sends() {
    let (machine, keyboard) = machine();
    let app = machine.app("tester");
    keyboard.send(&[CONTROL]);
    listen(&app);
    keyboard.send(&[A]);
    assert_eq!(told(&app), [[1, usize::from(A), 1]]);
}

#[test]
fn only_apps_that_listen_are_told() {
    let (machine, keyboard) = machine();
    let apps = ["a", "b", "c"].map(|name| machine.app(name));
    listen(&apps[0]);
    listen(&apps[1]);
    let stop = |app: &App<'_>| app.command(DRIVER_NUM, STOP, 0, 0);
    assert_eq!(stop(&apps[1]), CommandReturn::success());
    keyboard.send(&[A]);
    let counts = apps.each_ref().map(|app| told(app).len());
    assert_eq!(counts, [1, 0, 0]);
    let already = CommandReturn::failure(ErrorCode::ALREADY);
    assert_eq!(stop(&apps[2]), already);
    assert_eq!(apps[0].command(DRIVER_NUM, LISTEN, 0, 0), already);
}

#[test]
fn an_app_that_ends_listens_no_more() {
    let (machine, keyboard) = machine();
    let (mortal, other) = (machine.app("mortal"), machine.app("other"));
    listen(&mortal);
    listen(&other);
    mortal.exit_and_restart(0);
    keyboard.send(&[A]);
    assert_eq!((told(&mortal).len(), told(&other).len()), (0, 1));
    listen(&mortal);
}

#[test]
fn a_slow_app_loses_keys_and_the_kernel_counts_them() {
    let (machine, keyboard) = machine();
    let app = machine.app("tester");
    listen(&app);
    for _ in 0..30 {
        keyboard.send(&[A]);
    }
    let lost = app.process(|process| process.debug_dropped_upcall_count());
    let told = told(&app).len();
    assert!(lost > 0);
    assert_eq!(told + lost, 30);
}

#[test]
fn only_an_app_that_may_use_the_keyboard_is_told() {
    let (machine, keyboard, driver) = machine_with_driver();
    let apps = ["a", "b"].map(|name| machine.app(name));
    apps.iter().for_each(listen);
    let counts = |users| {
        driver.set_users(users);
        keyboard.send(&[A]);
        apps.each_ref().map(|app| told(app).len())
    };
    assert_eq!(counts(Users::None), [0, 0]);
    assert_eq!(counts(Users::One(apps[1].process_id())), [0, 1]);
    assert_eq!(counts(Users::All), [1, 1]);
    let old = apps[0].process_id();
    apps[0].exit_and_restart(0);
    listen(&apps[0]);
    assert_eq!(
        counts(Users::One(old)),
        [0, 0],
        "another run is another user"
    );
}

#[test]
fn an_app_without_room_for_what_is_kept_of_it_is_told_so() {
    let (machine, keyboard) = machine();
    let machine = machine.with_hungry_drivers();
    let (app, other) = (machine.app("full"), machine.app("other"));
    app.use_all_memory();
    for command in [LISTEN, STOP] {
        let answer = app.command(DRIVER_NUM, command, 0, 0);
        assert_eq!(answer, CommandReturn::failure(ErrorCode::NOMEM));
    }
    listen(&other);
    keyboard.send(&[A]);
    assert_eq!(told(&other).len(), 1);
}

#[test]
fn an_app_may_subscribe_before_it_listens() {
    let (machine, keyboard) = machine();
    let app = machine.app("tester");
    app.subscribe(DRIVER_NUM, 0);
    keyboard.send(&[A]);
    assert_eq!(app.yield_no_wait(), None);
    listen(&app);
    keyboard.send(&[A]);
    let arguments = ['a' as usize, usize::from(A), 1];
    assert_eq!(app.yield_wait().arguments, arguments);
}
