//! The led driver, as an app sees it: each row of its table.

use capsules_core::led::{DRIVER_NUM, LedDriver};
use chip_fake as fake;
use kernel::{ErrorCode, hil::led::Led as _, syscall::CommandReturn};

type Leds = &'static fake::Leds<3>;

fn machine() -> (fake::Machine, Leds) {
    let leds = fake::Leds::<3>::new();
    let driver = fake::leak(LedDriver::new(leds.as_hil()));
    let machine = fake::Machine::new().driver(DRIVER_NUM, driver);
    (machine, leds)
}

#[test]
fn an_app_can_ask_how_many_lights_there_are() {
    let (machine, _) = machine();
    let answer = machine.app("tester").command(DRIVER_NUM, 0, 0, 0);
    assert_eq!(answer, CommandReturn::success_u32(3));
}

#[test]
fn turning_on_lights_that_light_only() {
    let (machine, leds) = machine();
    let app = machine.app("tester");
    for _ in 0..2 {
        assert_eq!(app.command(DRIVER_NUM, 1, 2, 0), CommandReturn::success());
        assert_eq!(leds.lit(), [false, false, true]);
    }
}

#[test]
fn turning_off_leaves_the_others_on() {
    let (machine, leds) = machine();
    leds.as_hil().iter().for_each(|led| led.on());
    let app = machine.app("tester");
    for _ in 0..2 {
        assert_eq!(app.command(DRIVER_NUM, 2, 1, 0), CommandReturn::success());
        assert_eq!(leds.lit(), [true, false, true]);
    }
}

#[test]
fn toggling_twice_changes_nothing() {
    let (machine, leds) = machine();
    let app = machine.app("tester");
    assert_eq!(app.command(DRIVER_NUM, 3, 0, 0), CommandReturn::success());
    assert_eq!(leds.lit(), [true, false, false]);
    assert_eq!(app.command(DRIVER_NUM, 3, 0, 0), CommandReturn::success());
    assert_eq!(leds.lit(), [false; 3]);
}

#[test]
fn reading_says_one_for_on_and_zero_for_off() {
    let (machine, leds) = machine();
    leds.as_hil()[1].on();
    let app = machine.app("tester");
    let states = [0, 1, 2].map(|light| app.command(DRIVER_NUM, 4, light, 0));
    assert_eq!(states, [0, 1, 0].map(CommandReturn::success_u32));
}

#[test]
fn a_light_that_does_not_exist_is_an_invalid_argument() {
    let (machine, leds) = machine();
    let app = machine.app("tester");
    for command in 1..=4 {
        for light in [3, usize::MAX] {
            let answer = app.command(DRIVER_NUM, command, light, 0);
            assert_eq!(answer, CommandReturn::failure(ErrorCode::INVAL));
        }
    }
    assert_eq!(leds.lit(), [false; 3]);
}

#[test]
fn a_command_that_does_not_exist_is_not_supported() {
    let (machine, _) = machine();
    let app = machine.app("tester");
    for (command, light) in [(5, 0), (5, 3), (usize::MAX, 0)] {
        let answer = app.command(DRIVER_NUM, command, light, 0);
        assert_eq!(answer, CommandReturn::failure(ErrorCode::NOSUPPORT));
    }
}

#[test]
fn every_light_is_prepared_once_and_starts_off() {
    let leds = fake::Leds::<3>::new();
    leds.as_hil().iter().for_each(|led| led.on());
    LedDriver::new(leds.as_hil());
    assert_eq!(leds.lit(), [false; 3]);
    assert!(leds.as_hil().iter().all(|led| led.times_prepared() == 1));
}

#[test]
fn all_apps_have_the_same_lights() {
    let (machine, leds) = machine();
    let apps = ["a", "b"].map(|name| machine.app(name));
    apps[0].command(DRIVER_NUM, 1, 0, 0);
    apps[1].command(DRIVER_NUM, 3, 1, 0);
    assert_eq!(leds.lit(), [true, true, false]);
    apps[0].exit(0);
    assert_eq!(leds.lit(), [true, true, false], "a light outlives its app");
    let state = apps[1].command(DRIVER_NUM, 4, 0, 0);
    assert_eq!(state, CommandReturn::success_u32(1));
    apps[1].command(DRIVER_NUM, 2, 0, 0);
    assert_eq!(leds.lit(), [false, true, false]);
}
