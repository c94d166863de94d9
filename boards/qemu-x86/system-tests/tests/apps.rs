//! Apps: what they do is seen, and what they must not do harms nobody.

use std::thread::sleep;
use std::time::{Duration, Instant};

use qemu::Machine;
use system_tests::{LAST_OF_BOOT, LIMIT, app, iso, kernel, run_on_serial};

/// What the app `hello` prints.
const HELLO: &str = "hello: hello, world";

/// The code that a process ended with. Waits until it has.
#[track_caller]
fn end(machine: &mut Machine, process: &str) -> String {
    let deadline = Instant::now() + LIMIT;
    loop {
        let lines = run_on_serial(machine, &format!("process {process}")).join("\n");
        if let Some((_, code)) = lines.split_once("ended with code ") {
            return code.lines().next().unwrap_or_default().into();
        }
        assert!(Instant::now() < deadline, "{process} goes on:\n{lines}");
    }
}

/// Waits until an app has printed `line`, and the kernel has said what it says at its start: then nothing comes by
/// itself into what a test types.
#[track_caller]
fn wait_for_quiet(machine: &mut Machine, line: &str) {
    let deadline = Instant::now() + LIMIT;
    loop {
        let transcript = machine.transcript();
        if [line, LAST_OF_BOOT]
            .iter()
            .all(|text| transcript.contains(text))
        {
            return;
        }
        assert!(
            Instant::now() < deadline,
            "{line:?} did not come:\n{transcript}"
        );
        sleep(Duration::from_millis(10));
    }
}

#[test]
fn an_app_prints_a_line_and_ends() {
    let mut machine = Machine::boot(kernel().apps([app("hello")]));
    wait_for_quiet(&mut machine, HELLO);
    assert_eq!(end(&mut machine, "hello"), "0");
}

#[test]
fn a_cd_has_its_apps_in_it() {
    Machine::boot(iso()).expect(HELLO, LIMIT);
}

#[test]
fn an_app_that_has_ended_can_start_anew() {
    let mut machine = Machine::boot(kernel().apps([app("hello")]));
    wait_for_quiet(&mut machine, HELLO);
    assert_eq!(end(&mut machine, "hello"), "0");
    machine.send(b"boot hello\n");
    machine.expect(HELLO, LIMIT);
}

#[test]
fn an_app_starts_with_fresh_memory_and_its_panic_is_printed() {
    const PANIC: &str = "the len is 640 but the index is 640";
    let mut machine = Machine::boot(kernel().apps([app("memory")]));
    machine.expect("memory: as it should be", LIMIT);
    machine.expect("memory: panicked at ", LIMIT);
    wait_for_quiet(&mut machine, PANIC);
    assert_eq!(end(&mut machine, "memory"), "101");
    machine.send(b"boot memory\n");
    machine.expect("memory: as it should be", LIMIT);
    machine.expect(PANIC, LIMIT);
}

#[test]
fn an_app_has_the_heap_that_it_asked_for() {
    let mut machine = Machine::boot(kernel().apps([app("primes")]));
    machine.expect("primes: 168 primes are below 1000", LIMIT);
    machine.expect("primes: there is no room for a sieve of 10000", LIMIT);
}
