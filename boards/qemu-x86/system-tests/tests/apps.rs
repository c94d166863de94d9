//! Apps: what they do is seen, and what they must not do harms nobody.

use std::iter;
use std::thread::sleep;
use std::time::{Duration, Instant};

use qemu::Machine;
use system_tests::{
    LAST_OF_BOOT, LIMIT, app, iso, kernel, line_on_serial, processes, run_on_serial,
};

/// Acts of the app `faults` that are answered with an error, or that do nothing; all others must fault.
const HARMLESS: [&str; 13] = [
    "no_stack",
    "direction_flag",
    "alignment_flag",
    "lend_kernel",
    "lend_beyond",
    "lend_wrapping",
    "lend_image_to_write",
    "subscribe_kernel",
    "break_beyond",
    "break_below",
    "no_driver",
    "unknown_exit",
    "yield_to_kernel",
];

/// What the app `hello` prints.
const HELLO: &str = "hello: hello, world";

/// How a process ended, as the kernel says it: with a code, or by a fault. Waits until it has.
#[track_caller]
fn end(machine: &mut Machine, process: &str) -> String {
    let deadline = Instant::now() + LIMIT;
    loop {
        let lines = run_on_serial(machine, &format!("process {process}")).join("\n");
        if let Some((_, code)) = lines.split_once("ended with code ") {
            return format!("code {}", code.lines().next().unwrap_or_default());
        }
        if lines.contains(" faulted ") {
            return "fault".into();
        }
        assert!(Instant::now() < deadline, "{process} goes on:\n{lines}");
    }
}

/// Waits until an app has printed `line`, so many processes have faulted, and the kernel has said what it says at
/// its start: then nothing comes by itself into what a test types.
#[track_caller]
fn wait_for_quiet(machine: &mut Machine, line: &str, faults: usize) {
    let deadline = Instant::now() + LIMIT;
    loop {
        let transcript = machine.transcript();
        let faulted = transcript.matches(" faulted: ").count();
        if faulted == faults
            && [line, LAST_OF_BOOT]
                .iter()
                .all(|text| transcript.contains(text))
        {
            return;
        }
        assert!(
            Instant::now() < deadline,
            "{line:?} and {faults} faults did not come:\n{transcript}"
        );
        sleep(Duration::from_millis(10));
    }
}

#[test]
fn an_app_prints_a_line_and_ends() {
    let mut machine = Machine::boot(kernel().apps([app("hello")]));
    wait_for_quiet(&mut machine, HELLO, 0);
    assert_eq!(end(&mut machine, "hello"), "code 0");
}

#[test]
fn a_cd_has_its_apps_in_it() {
    Machine::boot(iso()).expect(HELLO, LIMIT);
}

#[test]
fn an_app_that_has_ended_can_start_anew() {
    let mut machine = Machine::boot(kernel().apps([app("hello")]));
    wait_for_quiet(&mut machine, HELLO, 0);
    assert_eq!(end(&mut machine, "hello"), "code 0");
    machine.send(b"boot hello\n");
    machine.expect(HELLO, LIMIT);
}

#[test]
fn an_app_starts_with_fresh_memory_and_its_panic_is_printed() {
    const PANIC: &str = "the len is 640 but the index is 640";
    let mut machine = Machine::boot(kernel().apps([app("memory")]));
    machine.expect("memory: as it should be", LIMIT);
    machine.expect("memory: panicked at ", LIMIT);
    wait_for_quiet(&mut machine, PANIC, 0);
    assert_eq!(end(&mut machine, "memory"), "code 101");
    machine.send(b"boot memory\n");
    machine.expect("memory: as it should be", LIMIT);
    machine.expect(PANIC, LIMIT);
}

#[test]
fn an_app_that_spins_stops_neither_the_shell_nor_other_apps() {
    let mut machine = Machine::boot(kernel().apps([app("hog"), app("count"), app("hog")]));
    machine.expect("count: 2", LIMIT);
    machine.send(b"help\n");
    machine.expect("Ctrl-C ends", LIMIT);
}

#[test]
fn apps_call_each_other() {
    // The client comes first, and waits for its server.
    let mut machine = Machine::boot(kernel().apps([app("ask"), app("calculator")]));
    machine.expect("ask: 6 * 7 = 42", LIMIT);
    machine.expect("ask: 1 / 0: INVAL", LIMIT);
}

#[test]
fn an_app_has_the_heap_that_it_asked_for() {
    let mut machine = Machine::boot(kernel().apps([app("primes")]));
    machine.expect("primes: 168 primes are below 1000", LIMIT);
    machine.expect("primes: there is no room for a sieve of 10000", LIMIT);
}

#[test]
fn a_thousand_apps_run_side_by_side() {
    const APPS: usize = 1000;
    let apps = iter::repeat_n(app("count"), APPS);
    let mut machine = Machine::boot(kernel().memory_mib(128).apps(apps));
    for _ in 0..APPS {
        machine.expect("count: 2", LIMIT);
    }
}

#[test]
fn nothing_that_an_app_does_harms_the_kernel_or_another_app() {
    let names: Vec<String> = processes()
        .into_iter()
        .filter(|name| name.starts_with("faults."))
        .collect();
    assert!(names.len() > 40, "{names:?}");
    let apps = names.iter().map(|name| app(name)).chain([app("hello")]);
    let mut machine = Machine::boot(kernel().apps(apps));
    let is_harmless = |name: &String| HARMLESS.iter().any(|act| *name == format!("faults.{act}"));
    wait_for_quiet(&mut machine, HELLO, names.len() - HARMLESS.len());
    let mut wrong = Vec::new();
    for name in &names {
        let expected = if is_harmless(name) { "code 0" } else { "fault" };
        let end = end(&mut machine, name);
        if end != expected {
            wrong.push(format!("{name}: {end}, not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(end(&mut machine, "hello"), "code 0");
    assert_eq!(
        line_on_serial(&mut machine, "echo still here"),
        "still here"
    );
}
