//! The drivers, as an app calls them, and who has the keyboard, the screen and the serial line.

use std::time::Instant;

use qemu::{Machine, Options};
use system_tests::{
    BAR_ROW, LAST_OF_BOOT, LIMIT, PROMPT, app, expect_line, expect_row, kernel, run_on_screen,
    run_on_serial, shell_rows, start, wait_for,
};

/// What asks for a line that is for an app.
const APP_PROMPT: &str = "\r> ";

/// Plain 64 bits: no RDRAND, none of the protections that came later.
const PLAIN: [&str; 2] = ["-cpu", "qemu64"];

#[track_caller]
fn expect_tour(options: Options) -> Machine {
    let mut machine = Machine::boot(options.apps([app("tour")]));
    for line in [
        "tour: alarm Ok(",
        "tour: lights Ok(6)",
        "tour: low-level debug Ok(())",
        "tour: ipc Ok(())",
        // This app has no permission that names it.
        "tour: process info Err(NODEVICE)",
        "tour: random numbers Ok(true)",
        "tour: screen Ok((80, 24))",
        "tour: date 20",
        "tour: tally Ok(())",
        "tour: keys Ok(())",
    ] {
        machine.expect(line, LIMIT);
    }
    machine.expect_screen(LAST_OF_BOOT, LIMIT);
    machine
}

#[test]
fn every_driver_answers_an_app_and_is_counted() {
    let mut machine = expect_tour(kernel());
    let drivers = run_on_screen(&mut machine, "drivers");
    let called = |name: &str| {
        let row = drivers.iter().find(|row| row.contains(name));
        let calls = row.and_then(|row| row.split_whitespace().last());
        calls.is_some_and(|calls| calls.parse::<u64>().unwrap() > 0)
    };
    for name in [
        "alarm",
        "console",
        "led",
        "low-level debug",
        "ipc",
        "process info",
        "rng",
        "text screen",
        "date and time",
        "keyboard",
        "tally",
    ] {
        assert!(called(name), "{name}: {drivers:?}");
    }
    let log = run_on_screen(&mut machine, "log");
    assert!(
        log.iter().any(|line| line.ends_with(": 0xca 0x95a")),
        "{log:?}"
    );
    assert!(!log.iter().any(|line| line.contains("RDRAND")), "{log:?}");
}

#[test]
fn the_plainest_64_bit_processor_does_and_the_log_says_what_it_lacks() {
    let mut machine = expect_tour(kernel().arguments(PLAIN));
    let log = run_on_screen(&mut machine, "log");
    assert!(
        log.iter().any(|line| line.contains("] no RDRAND: ")),
        "{log:?}"
    );
    expect_state(&mut machine, "tour", "ended");
    machine.send(b"boot tour\n");
    machine.expect("tour: keys Ok(())", LIMIT);
}

#[test]
fn an_app_may_do_what_its_header_names_and_no_more() {
    let mut machine = Machine::boot(kernel().apps([app("warden"), app("hello")]));
    for line in [
        "warden: processes Ok(2)",
        "warden: change Err(NODEVICE)",
        "warden: lights Err(NODEVICE)",
        "warden: debug Err(NODEVICE)",
    ] {
        machine.expect(line, LIMIT);
    }
}

#[test]
fn lines_typed_on_the_serial_line_are_for_the_app_that_has_it() {
    let mut machine = start(kernel().apps([app("parrot")]));
    machine.send(b"run parrot\n");
    machine.expect(APP_PROMPT, LIMIT);
    for line in ["hello", "help", "grüße"] {
        machine.send(format!("{line}\n").as_bytes());
        machine.expect(&format!("parrot: {line}\r\n"), LIMIT);
        machine.expect(APP_PROMPT, LIMIT);
    }
    // It ends with an empty line, and the shell is back.
    machine.send(b"\n");
    machine.expect(PROMPT, LIMIT);
    assert_eq!(run_on_serial(&mut machine, "echo back"), ["back"]);
    // It can be run again, and be left.
    machine.send(b"run parrot\n");
    machine.expect("parrot: say something", LIMIT);
    machine.expect(APP_PROMPT, LIMIT);
    machine.send(b"half\x03");
    machine.expect(PROMPT, LIMIT);
    assert_eq!(run_on_serial(&mut machine, "echo back"), ["back"]);
    expect_state(&mut machine, "parrot", "waiting");
}

#[test]
fn an_app_that_does_not_read_is_left_by_control_c() {
    let mut machine = start(kernel().apps([app("hog")]));
    machine.send(b"run hog\n");
    machine.expect(APP_PROMPT, LIMIT);
    machine.send(b"nobody reads this\n\x03");
    machine.expect("^C\r\n", LIMIT);
    machine.expect(PROMPT, LIMIT);
    assert_eq!(run_on_serial(&mut machine, "echo back"), ["back"]);
}

/// Waits until an app is in a state.
#[track_caller]
fn expect_state(machine: &mut Machine, name: &str, state: &str) {
    let deadline = Instant::now() + LIMIT;
    loop {
        let list = run_on_screen(machine, "list");
        let mut rows = list.iter().map(|row| row.split_whitespace());
        if rows.any(|row| row.skip(1).take(2).eq([name, state])) {
            return;
        }
        assert!(Instant::now() < deadline, "{name} is not {state}: {list:?}");
    }
}

/// Lends screen and keyboard to the typewriter, and types a line there.
#[track_caller]
fn type_on_typewriter(machine: &mut Machine) {
    machine.type_keys("run typewriter\n");
    expect_row(machine, "Type something; Escape ends.");
    machine.type_keys("Hello");
    expect_row(machine, "Hello");
}

#[test]
fn the_screen_and_the_keys_are_the_apps_until_it_ends_and_the_shells_as_they_were() {
    let mut machine = start(kernel().apps([app("typewriter")]));
    run_on_screen(&mut machine, "echo before");
    type_on_typewriter(&mut machine);
    let rows = shell_rows(&machine.screen());
    assert_eq!(rows, ["Type something; Escape ends.", "Hello"]);
    let bar = machine.screen().row(BAR_ROW);
    assert!(bar.contains("Capsa"), "{bar:?}");
    machine.press(&["esc"]);
    let rows = expect_line(&mut machine, "");
    let expected = ["odyssey> echo before", "before", "odyssey> run typewriter"];
    assert!(
        rows[..rows.len() - 1].ends_with(&expected.map(String::from)),
        "{rows:?}"
    );
    assert_eq!(run_on_screen(&mut machine, "echo after"), ["after"]);
}

#[test]
fn control_c_takes_screen_and_keys_from_an_app_which_goes_on_where_it_was() {
    let mut machine = start(kernel().apps([app("typewriter")]));
    type_on_typewriter(&mut machine);
    machine.press(&["ctrl", "c"]);
    expect_line(&mut machine, "");
    assert_eq!(run_on_screen(&mut machine, "echo mine"), ["mine"]);
    machine.type_keys("run typewriter\n");
    expect_row(&mut machine, "Hello");
    machine.type_keys("!");
    expect_row(&mut machine, "Hello!");
}

#[test]
fn an_app_that_is_ended_or_faults_gives_screen_and_keys_back() {
    let mut machine = start(kernel().apps([app("typewriter")]));
    for command in [
        "terminate typewriter",
        "fault typewriter",
        "uninstall typewriter",
    ] {
        type_on_typewriter(&mut machine);
        run_on_serial(&mut machine, command);
        expect_line(&mut machine, "");
        assert_eq!(
            run_on_screen(&mut machine, "echo back"),
            ["back"],
            "{command}"
        );
    }
}

#[test]
fn an_app_that_draws_unasked_waits_and_the_shell_keeps_its_screen() {
    let mut machine = start(kernel().apps([app("clock")]));
    expect_state(&mut machine, "clock", "waiting");
    assert_eq!(run_on_screen(&mut machine, "echo mine"), ["mine"]);
    machine.type_keys("run clock\n");
    wait_for(&mut machine, "a date under the time", |screen| {
        let rows = shell_rows(screen);
        rows.last()
            .is_some_and(|row| row.contains("day 20"))
            .then_some(())
    });
    machine.press(&["ctrl", "c"]);
    assert_eq!(run_on_screen(&mut machine, "echo mine"), ["mine"]);
}
