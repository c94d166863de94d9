//! The machine starts, whatever it has and whoever loads it, and ends when told to.

use std::time::Instant;

use qemu::{Machine, json};
use system_tests::{
    LAST_OF_BOOT, LIMIT, PROMPT, app, expect_line, expect_row, iso, kernel, run_on_screen,
    run_on_serial, start,
};

/// How often what depends on the moment is tried.
const ATTEMPTS: usize = 5;

/// The usable memory in the map that `mem` shows, in KiB.
fn usable_kib(machine: &mut Machine) -> u64 {
    let map = run_on_serial(machine, "mem");
    let usable = map
        .iter()
        .filter_map(|line| line.strip_suffix(" KiB  usable"));
    usable
        .map(|line| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap())
        .sum()
}

#[track_caller]
fn starts_with(memory_mib: u32) {
    let mut machine = start(kernel().memory_mib(memory_mib));
    let greeting = machine.transcript();
    assert!(
        greeting.contains(" on the serial line. Try `help`.\r\n"),
        "{greeting}"
    );
    machine.expect_screen(" on the screen. Try `help`.", LIMIT);
    let (usable_kib, all_kib) = (usable_kib(&mut machine), u64::from(memory_mib) * 1024);
    // The first megabyte, the kernel and the BIOS's tables are not for use.
    let fits = all_kib - 4 * 1024..all_kib;
    assert!(
        fits.contains(&usable_kib),
        "{usable_kib} KiB of {all_kib} KiB are usable"
    );
}

#[test]
fn a_machine_with_64_mib_starts_and_shows_its_memory() {
    starts_with(64);
}

#[test]
fn a_machine_with_4_gib_starts_and_shows_its_memory() {
    starts_with(4096);
}

#[test]
fn a_cd_starts_the_same_kernel() {
    let mut direct = start(kernel());
    let mut machine = start(iso());
    let version = run_on_serial(&mut direct, "version");
    assert_eq!(run_on_serial(&mut machine, "version"), version);
    assert!(usable_kib(&mut machine) > 60 * 1024);
    machine.type_keys("version\n");
    expect_row(&mut machine, &version[0]);
}

#[test]
fn without_a_keyboard_the_serial_line_works_and_the_log_says_so() {
    let mut machine = start(kernel().without_keyboard());
    let log = run_on_serial(&mut machine, "log");
    assert!(
        log.iter().any(|line| line.contains("no PS/2 keyboard")),
        "{log:?}"
    );
    assert_eq!(
        run_on_serial(&mut machine, "echo still here"),
        ["still here"]
    );
    machine.send(b"shutdown\n");
    assert_eq!(machine.wait_exit(LIMIT), 0);
}

#[test]
fn without_a_serial_line_apps_that_write_go_on_and_the_log_says_so() {
    let elsewhere = ["-global", "isa-serial.iobase=0x2e8"];
    let options = kernel().without_install_line().arguments(elsewhere);
    let mut machine = Machine::boot(options.apps([app("endless.write")]));
    machine.expect_screen("no serial port", LIMIT);
    machine.expect_screen(LAST_OF_BOOT, LIMIT);
    let deadline = Instant::now() + LIMIT;
    loop {
        let rows = run_on_screen(&mut machine, "list");
        let calls = rows
            .last()
            .and_then(|row| row.split_whitespace().rev().nth(3));
        if calls.is_some_and(|calls| calls.ends_with(['k', 'M'])) {
            break;
        }
        assert!(Instant::now() < deadline, "{rows:?}");
    }
}

#[test]
fn the_serial_shell_switches_the_machine_off() {
    let mut machine = start(kernel());
    machine.send(b"shutdown\n");
    assert_eq!(machine.wait_exit(LIMIT), 0);
    assert!(
        machine.transcript().ends_with("shutdown\r\n"),
        "{:?}",
        machine.transcript()
    );
}

#[test]
fn the_screen_shell_switches_the_machine_off() {
    let mut machine = start(kernel());
    machine.type_keys("shutdown");
    expect_line(&mut machine, "shutdown");
    machine.press(&["ret"]);
    assert_eq!(machine.wait_exit(LIMIT), 0);
}

#[test]
fn a_reset_starts_the_machine_again() {
    let mut machine = start(kernel().reboot());
    run_on_serial(&mut machine, "led on 3");
    machine.send(b"reset\n");
    machine.expect("on the serial line. Try `help`.", LIMIT);
    machine.expect("time-stamp counter", LIMIT);
    machine.expect(PROMPT, LIMIT);
    // Nothing is left of what was before.
    let lights = run_on_serial(&mut machine, "led");
    assert!(
        lights.iter().all(|light| light.ends_with(" off")),
        "{lights:?}"
    );
    assert_eq!(
        run_on_serial(&mut machine, "history"),
        ["   1  led", "   2  history"]
    );
    machine.expect_screen("on the screen. Try `help`.", LIMIT);
}

/// What is sent without waiting for a prompt, as when commands come out of a pipe.
const UNASKED: &str = "echo one\necho two\necho three\necho four\necho five\nshutdown\n";

#[track_caller]
fn expect_answers(mut machine: Machine) {
    for word in ["one", "two", "three", "four", "five"] {
        machine.expect(&format!("\r\n{word}\r\n"), LIMIT);
    }
    assert_eq!(machine.wait_exit(LIMIT), 0);
}

#[test]
fn what_is_sent_before_the_machine_runs_is_not_lost() {
    for _ in 0..ATTEMPTS {
        let mut machine = Machine::boot(kernel().arguments(["-S"]));
        machine.send(UNASKED.as_bytes());
        machine.monitor(json!({ "execute": "cont" }));
        expect_answers(machine);
    }
}

#[test]
fn what_is_sent_while_the_machine_starts_is_not_lost() {
    for _ in 0..ATTEMPTS {
        let mut machine = Machine::boot(kernel());
        machine.send(UNASKED.as_bytes());
        expect_answers(machine);
    }
}
