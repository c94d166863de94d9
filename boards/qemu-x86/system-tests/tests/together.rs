//! Everything at once: two shells, lights that blink, a clock that goes on.

use qemu::{Machine, Screen};
use system_tests::{
    BAR_ROW, LIMIT, PROMPT, expect_line, expect_row, kernel, run_on_screen, run_on_serial, start,
    submit, wait_for,
};

/// Longer than any test waits for anything.
const SLEEP: &str = "sleep 3600000";

/// The colours of the lights in the status bar.
fn lights(screen: &Screen) -> Vec<u8> {
    let columns = 0..Screen::COLUMNS;
    let squares = columns.filter(|column| screen.character(BAR_ROW, *column) == '■');
    squares
        .map(|column| screen.attribute(BAR_ROW, column))
        .collect()
}

/// Waits until the light with this number has another colour than `before`.
#[track_caller]
fn expect_change(machine: &mut Machine, light: usize, before: u8) -> u8 {
    wait_for(
        machine,
        &format!("another colour than {before:#04x} for light {light}"),
        |screen| {
            lights(screen)
                .get(light)
                .copied()
                .filter(|colour| *colour != before)
        },
    )
}

/// Seconds since boot, as the status bar shows them.
fn shown_uptime_s(screen: &Screen) -> Option<u64> {
    let bar = screen.row(BAR_ROW);
    let (_, after) = bar.split_once(" up ")?;
    let parts = after
        .split(' ')
        .next()?
        .split(':')
        .map(|part| part.parse::<u64>().ok());
    parts
        .into_iter()
        .try_fold(0, |sum, part| Some(sum * 60 + part?))
}

#[test]
fn the_status_bar_shows_the_lights_and_the_time() {
    let mut machine = start(kernel());
    let dark = lights(&machine.screen());
    assert_eq!(dark, [dark[0]; 6]);
    for light in 0..dark.len() {
        run_on_serial(&mut machine, &format!("led on {light}"));
        let bright = expect_change(&mut machine, light, dark[light]);
        // The background is the bar's, and no other light has changed.
        assert_eq!(bright & 0xf0, dark[light] & 0xf0);
        let mut expected = dark.clone();
        expected[light] = bright;
        assert_eq!(lights(&machine.screen()), expected);
        run_on_serial(&mut machine, &format!("led off {light}"));
        assert_eq!(expect_change(&mut machine, light, bright), dark[light]);
    }

    let before_s = shown_uptime_s(&machine.screen()).expect("the bar shows a time");
    let then_s = wait_for(&mut machine, "a later time", |screen| {
        shown_uptime_s(screen).filter(|time_s| *time_s > before_s)
    });
    assert!(
        then_s - before_s <= LIMIT.as_secs(),
        "from {before_s} s to {then_s} s"
    );
}

#[test]
fn a_shell_that_sleeps_holds_up_nothing() {
    let mut machine = start(kernel());
    // One light is the keyboard's: what it is sent goes over the line that the keys come from.
    run_on_serial(&mut machine, "led blink 3 120");
    run_on_serial(&mut machine, "led blink 0 50");
    machine.send(format!("{SLEEP}\n").as_bytes());
    machine.expect(&format!("{SLEEP}\r\n"), LIMIT);

    let mut colour = lights(&machine.screen())[3];
    for number in 0..5 {
        assert_eq!(
            run_on_screen(&mut machine, &format!("echo {number}")),
            [number.to_string()]
        );
        colour = expect_change(&mut machine, 3, colour);
    }
    let tasks = run_on_screen(&mut machine, "tasks");
    let sleeper = tasks
        .iter()
        .find(|task| task.starts_with("serial shell"))
        .unwrap();
    assert!(sleeper.contains(" waiting "), "{tasks:?}");
    let transcript = machine.transcript();
    assert!(
        transcript.ends_with(&format!("{SLEEP}\r\n")),
        "{transcript}"
    );

    machine.send(b"\x03");
    machine.expect("^C\r\n", LIMIT);
    machine.expect(PROMPT, LIMIT);
    assert_eq!(run_on_serial(&mut machine, "echo awake"), ["awake"]);
    run_on_serial(&mut machine, "led stop 3");
    run_on_serial(&mut machine, "led stop 0");
}

#[test]
fn control_c_on_the_keyboard_ends_the_command_on_the_screen_only() {
    let mut machine = start(kernel());
    machine.send(format!("{SLEEP}\n").as_bytes());
    machine.expect(&format!("{SLEEP}\r\n"), LIMIT);
    machine.type_keys(SLEEP);
    expect_line(&mut machine, SLEEP);
    machine.press(&["ret"]);
    // What is typed ahead is forgotten with the command.
    machine.type_keys("echo ahead\n");
    machine.press(&["ctrl", "c"]);
    expect_row(&mut machine, "^C");
    assert_eq!(run_on_screen(&mut machine, "echo on"), ["on"]);
    assert!(
        machine.screen().find("ahead").is_none(),
        "{}",
        machine.screen()
    );
    assert!(
        machine.transcript().ends_with(&format!("{SLEEP}\r\n")),
        "{}",
        machine.transcript()
    );
}

#[test]
fn what_is_typed_during_a_command_is_the_next_one() {
    let mut machine = start(kernel());
    machine.type_keys("sleep 300\necho typed ahead");
    assert_eq!(submit(&mut machine, "echo typed ahead"), ["typed ahead"]);
    machine.send(b"sleep 300\necho sent ahead\n");
    machine.expect("sleep 300\r\n", LIMIT);
    machine.expect("\r\nsent ahead\r\n", LIMIT);
}

#[test]
fn output_of_both_shells_at_once_arrives_whole() {
    const ROUNDS: usize = 10;
    let mut machine = start(kernel());
    let help = run_on_serial(&mut machine, "help");
    machine.send("help\n".repeat(ROUNDS).as_bytes());
    machine.type_keys("help");
    expect_line(&mut machine, "help");
    machine.press(&["ret"]);
    let rows = expect_line(&mut machine, "");
    for _ in 0..ROUNDS {
        machine.expect(&format!("help\r\n{}\r\n", help.join("\r\n")), LIMIT);
    }
    assert_eq!(rows[rows.len() - 1 - help.len()..rows.len() - 1], help);
}

/// A line of the log comes when it likes. It goes above the lines that are being typed.
#[test]
fn a_log_line_leaves_the_lines_being_typed_whole() {
    let mut machine = start(kernel());
    machine.send(b"echo half");
    machine.expect("echo half", LIMIT);
    machine.type_keys("echo two");
    expect_line(&mut machine, "echo two");
    // A key that no layout has, of which the log tells.
    machine.press(&["power"]);
    machine.expect("] keyboard: scan code 0xde makes no key", LIMIT);
    machine.expect(&format!("\r{PROMPT}echo half"), LIMIT);
    machine.expect_screen("] keyboard: scan code 0xde makes no key", LIMIT);
    let rows = expect_line(&mut machine, "echo two");
    assert_eq!(
        rows.iter().filter(|row| row.contains("echo two")).count(),
        1,
        "{rows:?}"
    );

    machine.send(b" a line\n");
    machine.expect("\r\nhalf a line\r\n", LIMIT);
    machine.type_keys(" thirds");
    assert_eq!(submit(&mut machine, "echo two thirds"), ["two thirds"]);
}
