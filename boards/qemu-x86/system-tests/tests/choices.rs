//! What a person chooses on the kernel command line: schedulers and fault policies. Commands are given at the
//! screen, because what apps write comes into the serial line.

use qemu::Machine;
use system_tests::{LIMIT, app, kernel, run_on_screen, start, wait_for};

/// A machine with this on its command line and these apps.
#[track_caller]
fn machine(command_line: &str, apps: &[&str]) -> Machine {
    let command_line = format!("panic=exit {command_line}");
    let apps = apps.iter().map(|name| app(name));
    start(kernel().command_line(command_line).apps(apps))
}

/// The columns of an app's row in `list`.
#[track_caller]
fn row(machine: &mut Machine, name: &str) -> Vec<String> {
    let list = run_on_screen(machine, "list");
    let rows = list
        .iter()
        .map(|row| row.split_whitespace().map(str::to_owned));
    let mut rows = rows.map(Iterator::collect::<Vec<_>>);
    let row = rows.find(|row| row[1] == name);
    row.unwrap_or_else(|| panic!("no {name} in {list:?}"))
}

/// Waits until the log has such a line, be it that it has been shown already.
#[track_caller]
fn expect_log(machine: &mut Machine, text: &str) {
    wait_for(machine, text, |screen| screen.find(text));
}

const CALLS: usize = 6;
const RESTARTS: usize = 8;
const SLICES: usize = 9;

#[track_caller]
fn assert_chosen(machine: &mut Machine, choice: &str) {
    let status = run_on_screen(machine, "status");
    assert!(status.iter().any(|line| line == choice), "{status:?}");
}

/// Has `count` made a system call although `hog`, which came first, never waits?
#[track_caller]
fn is_starved_by_a_hog(machine: &mut Machine) -> bool {
    run_on_screen(machine, "sleep 100");
    row(machine, "count")[CALLS] == "0"
}

#[test]
fn round_robin_gives_everyone_turns_and_is_the_default() {
    for command_line in ["", "scheduler=round-robin"] {
        let mut machine = machine(command_line, &["hog", "count"]);
        assert_chosen(&mut machine, "scheduler=round-robin");
        machine.expect("count: 3", LIMIT);
        assert_ne!(row(&mut machine, "hog")[SLICES], "0");
    }
}

#[test]
fn a_cooperative_machine_lets_an_app_run_until_it_waits() {
    let mut machine = machine("scheduler=cooperative", &["hog", "count"]);
    assert_chosen(&mut machine, "scheduler=cooperative");
    assert!(is_starved_by_a_hog(&mut machine));
    assert_eq!(row(&mut machine, "hog")[SLICES], "0");
    run_on_screen(&mut machine, "stop hog");
    machine.expect("count: 2", LIMIT);
}

#[test]
fn with_priorities_the_first_app_goes_before_the_second() {
    let mut hog_first = machine("scheduler=priority", &["hog", "count"]);
    assert!(is_starved_by_a_hog(&mut hog_first));
    let mut hog_last = machine("scheduler=priority", &["count", "hog"]);
    assert_chosen(&mut hog_last, "scheduler=priority");
    hog_last.expect("count: 3", LIMIT);
}

#[test]
fn a_feedback_queue_lets_those_go_first_that_use_little() {
    let mut machine = machine("scheduler=mlfq", &["hog", "count"]);
    assert_chosen(&mut machine, "scheduler=mlfq");
    machine.expect("count: 3", LIMIT);
    assert_ne!(row(&mut machine, "hog")[SLICES], "0");
}

#[test]
fn an_app_that_faults_is_stopped_by_default() {
    for command_line in ["", "fault=stop", "fault=restart:0"] {
        let mut machine = machine(command_line, &["faults.null_read"]);
        expect_log(&mut machine, "process faults.null_read is stopped");
        let row = row(&mut machine, "faults.null_r");
        assert_eq!((row[2].as_str(), row[RESTARTS].as_str()), ("faulted", "0"));
    }
}

#[test]
fn an_app_that_faults_can_be_started_anew_each_time() {
    let options = kernel().command_line("fault=restart");
    let mut machine = Machine::boot(options.apps([app("faults.null_read")]));
    for _ in 0..10 {
        machine.expect("process faults.null_read is started anew", LIMIT);
    }
}

#[test]
fn an_app_that_faults_can_be_started_anew_as_often_as_the_machine_is_told() {
    let mut machine = machine("fault=restart:2", &["faults.null_read"]);
    expect_log(&mut machine, "process faults.null_read is stopped");
    let row = row(&mut machine, "faults.null_r");
    assert_eq!((row[2].as_str(), row[RESTARTS].as_str()), ("faulted", "2"));
}

#[test]
fn an_app_that_faults_can_panic_the_machine() {
    let command_line = "panic=exit fault=panic";
    let options = kernel()
        .command_line(command_line)
        .apps([app("faults.null_read")]);
    let mut machine = Machine::boot(options);
    assert_eq!(machine.wait_exit(LIMIT), 0x20 << 1 | 1);
    assert!(
        machine.transcript().contains("faults.null_read"),
        "{}",
        machine.transcript()
    );
}

#[test]
fn a_word_that_is_no_choice_is_told_and_changes_nothing() {
    let mut machine = machine("scheduler=fair fault=restart:often colour=red quiet", &[]);
    assert_chosen(&mut machine, "scheduler=round-robin");
    assert_chosen(&mut machine, "fault=stop");
    let log = run_on_screen(&mut machine, "log").join("\n");
    for complaint in [
        "command line: scheduler=fair is none of",
        "command line: fault=restart:often is none of",
        "command line: colour=red is none of scheduler=, fault=, panic=",
        "command line: quiet is none of",
    ] {
        assert!(log.contains(complaint), "{log}");
    }
}
