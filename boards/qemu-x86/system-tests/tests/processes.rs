//! The commands about apps, with apps that run. They are given at the screen, because what apps write comes
//! into the serial line.

use qemu::{Machine, Screen};
use system_tests::{
    LIMIT, PROMPT, app, expect_line, expect_row, kernel, run_on_screen, start, wait_for,
};

/// Columns of `list`.
const NAME: usize = 1;
const STATE: usize = 2;
const RESTARTS: usize = 8;

#[track_caller]
fn machine(apps: &[&str]) -> Machine {
    start(kernel().apps(apps.iter().map(|name| app(name))))
}

#[track_caller]
fn line_on_screen(machine: &mut Machine, command: &str) -> String {
    let mut rows = run_on_screen(machine, command);
    assert_eq!(rows.len(), 1, "{command}: {rows:?}");
    rows.remove(0)
}

/// The rows of `list`, in columns.
#[track_caller]
fn list(machine: &mut Machine) -> Vec<Vec<String>> {
    let rows = run_on_screen(machine, "list");
    assert!(
        rows.iter().all(|row| row.len() < Screen::COLUMNS),
        "{rows:?}"
    );
    let columns = |row: &String| row.split_whitespace().map(str::to_owned).collect();
    rows[1..].iter().map(columns).collect()
}

#[track_caller]
fn state(machine: &mut Machine, name: &str) -> String {
    let list = list(machine);
    let row = list.iter().find(|row| row[NAME] == name);
    row.unwrap_or_else(|| panic!("no {name} in {list:?}"))[STATE].clone()
}

#[test]
fn list_shows_what_each_app_has_and_did() {
    let mut machine = machine(&["count", "hog", "faults.null_read"]);
    machine.expect("count: 2", LIMIT);
    wait_for(&mut machine, "a fault", |screen| screen.find(" faulted: "));
    let rows = list(&mut machine);
    let of = |column: usize| {
        rows.iter()
            .map(|row| row[column].as_str())
            .collect::<Vec<_>>()
    };
    assert_eq!(of(NAME), ["count", "hog", "faults.null_r"]);
    assert_eq!(of(STATE), ["waiting", "running", "faulted"]);
    let numbers = |row: &[String]| row[3..].iter().map(|word| word.parse().unwrap()).collect();
    let [used, given, grants, calls, queued, restarts, _]: [u64; 7] =
        <Vec<u64>>::try_into(numbers(&rows[0])).unwrap();
    assert!(0 < used && used <= given && given < 10_000, "{rows:?}");
    assert!(grants == 2 && calls >= 6, "alarm and console: {rows:?}");
    assert_eq!((queued, restarts), (0, 0), "{rows:?}");
    assert_ne!(
        rows[1].last().unwrap(),
        "0",
        "a hog uses up its slices: {rows:?}"
    );
    let status = run_on_screen(&mut machine, "status");
    assert_eq!(
        status[..2],
        ["processes           3", "active              2"]
    );
    let slices = status[2].strip_prefix("time slices used up ").unwrap();
    assert!(slices.parse::<u64>().unwrap() > 0, "{status:?}");
}

#[test]
fn process_shows_all_about_one() {
    let mut machine = machine(&["count"]);
    machine.expect("count: 1", LIMIT);
    let all = run_on_screen(&mut machine, "process count");
    assert!(all.iter().all(|row| row.len() < Screen::COLUMNS), "{all:?}");
    let all = all.join("\n");
    for part in [
        "has not ended",
        "grants",
        "the app's memory",
        "rip",
        "driver 0x0 upcall 0",
        "driver 0x1 read-only 1",
    ] {
        assert!(all.contains(part), "no {part} in {all}");
    }
    let complaint = "no app is called quark: `list` lists them";
    assert_eq!(line_on_screen(&mut machine, "process quark"), complaint);
    assert_eq!(
        line_on_screen(&mut machine, "process"),
        "which app? `list` lists them"
    );
}

#[test]
fn an_app_is_stopped_and_goes_on() {
    let mut machine = machine(&["count", "hog"]);
    let stopped = line_on_screen(&mut machine, "stop hog");
    assert!(stopped.starts_with("stopped process "), "{stopped:?}");
    assert_eq!(state(&mut machine, "hog"), "stopped");
    assert_eq!(state(&mut machine, "count"), "waiting");
    line_on_screen(&mut machine, "start hog");
    assert_eq!(state(&mut machine, "hog"), "running");
}

#[test]
fn an_app_is_ended_and_started_anew() {
    let mut machine = machine(&["count"]);
    machine.expect("count: 3", LIMIT);
    line_on_screen(&mut machine, "terminate count");
    assert_eq!(state(&mut machine, "count"), "ended");
    // Nothing to go on with.
    line_on_screen(&mut machine, "start count");
    assert_eq!(state(&mut machine, "count"), "ended");
    for command in ["boot count", "restart count"] {
        line_on_screen(&mut machine, command);
        machine.expect("count: 1\r\n", LIMIT);
    }
    let rows = list(&mut machine);
    assert_eq!(rows[0][RESTARTS], "2", "{rows:?}");
}

#[test]
fn an_app_is_treated_as_if_it_had_faulted_and_is_removed() {
    let mut machine = machine(&["count", "count", "hog"]);
    let faulted = run_on_screen(&mut machine, "fault count");
    let told = faulted
        .iter()
        .filter(|line| line.starts_with("faulted process "));
    assert_eq!(told.count(), 2, "both of that name: {faulted:?}");
    assert_eq!(state(&mut machine, "count"), "faulted");
    assert_eq!(run_on_screen(&mut machine, "uninstall count").len(), 2);
    let rows = list(&mut machine);
    assert_eq!(
        rows.iter()
            .map(|row| row[NAME].as_str())
            .collect::<Vec<_>>(),
        ["hog"]
    );
    // By its number, too.
    let id = &rows[0][0];
    run_on_screen(&mut machine, &format!("uninstall {id}"));
    assert_eq!(list(&mut machine).len(), 0);
}

#[test]
fn tab_completes_the_name_of_an_app() {
    let mut machine = machine(&["count", "calculator"]);
    machine.type_keys("process co\t.");
    expect_line(&mut machine, "process count .");
    machine.press(&["ctrl", "u"]);
    machine.type_keys("stop c\t\t");
    expect_row(&mut machine, "count  calculator");
    machine.type_keys("a\t\n");
    machine.expect_screen("stopped process 2", LIMIT);
}

#[test]
fn a_stopped_console_ignores_all_but_its_start() {
    let mut machine = machine(&["count"]);
    // Nothing of it comes into what is typed: what it has written is shown long before that sleep ends.
    line_on_screen(&mut machine, "stop count");
    run_on_screen(&mut machine, "sleep 300");
    machine.send(b"console-stop\n");
    machine.expect("console-stop\r\n", LIMIT);
    machine.send(b"echo never\nhelp\nconsole-start now\n");
    // Apps are still seen, and the other shell still works.
    line_on_screen(&mut machine, "start count");
    machine.expect("count: ", LIMIT);
    let transcript = machine.transcript();
    let (_, ignored) = transcript.split_once("console-stop\r\n").unwrap();
    let typed = ["never", "Ctrl-C", PROMPT.trim_end()];
    assert!(
        !typed.iter().any(|text| ignored.contains(text)),
        "{ignored:?}"
    );
    machine.send(b"console-start\n");
    machine.expect(PROMPT, LIMIT);
    assert_eq!(line_on_screen(&mut machine, "echo again"), "again");
    assert_eq!(
        line_on_screen(&mut machine, "console-start"),
        "this shell is not stopped"
    );
}

#[test]
fn kernel_shows_its_version_and_its_parts() {
    let mut machine = machine(&[]);
    let version = line_on_screen(&mut machine, "version");
    let kernel = run_on_screen(&mut machine, "kernel");
    assert_eq!(kernel[0], version);
    for (row, part) in kernel[1..]
        .iter()
        .zip(["text", "constants", "data", "stack"])
    {
        assert!(
            row.starts_with("0xffffffff8") && row.ends_with(part),
            "{kernel:?}"
        );
    }
    assert_eq!(kernel.len(), 5, "{kernel:?}");
}
