//! The kernel panics: what is left tells why, and the machine does what it was told to do then.

use std::thread::sleep;
use std::time::{Duration, Instant};

use qemu::{Machine, Options, json};
use system_tests::{LIMIT, PROMPT, kernel, start, wait_for};

/// What `panic` panics with.
const MESSAGE: &str = "KERNEL PANIC: a person asked for it";

/// The last line of a dump.
const LAST_LINE: &str = "The machine is stopped.";

/// The processor's flag that lets interrupts in.
const INTERRUPTS_ON: u32 = 1 << 9;

/// The serial line's part of the dump, from its heading to its end.
#[track_caller]
fn panic_on_serial(options: Options) -> (Machine, String) {
    let mut machine = start(options);
    machine.send(b"panic\n");
    machine.expect(MESSAGE, LIMIT);
    let dump = machine.expect(LAST_LINE, LIMIT);
    (machine, dump)
}

/// The source file and line that a dump names.
fn place(dump: &str) -> Option<(&str, u32)> {
    let line = dump.lines().find_map(|line| line.strip_prefix("  at "))?;
    let (file, line) = line.split_once(':')?;
    Some((file, line.parse().ok()?))
}

#[track_caller]
fn assert_dump(dump: &str) {
    let (file, line) = place(dump).unwrap_or_else(|| panic!("no place in {dump:?}"));
    assert!(
        file.ends_with("shell/commands/kernel.rs") && line > 0,
        "{file}:{line}"
    );
    assert!(
        dump.contains(" shell: is running") && dump.contains("blinker 0: waits"),
        "no tasks in {dump:?}"
    );
    assert!(dump.contains("  [    0."), "no log in {dump:?}");
    assert!(
        dump.contains("] time-stamp counter at "),
        "no log in {dump:?}"
    );
}

#[test]
fn a_panic_is_dumped_on_both_terminals_and_stops_the_machine() {
    let (mut machine, dump) = panic_on_serial(kernel().command_line(""));
    assert_dump(&dump);
    let dump = wait_for(&mut machine, "the end of the dump", |screen| {
        screen.find(LAST_LINE).map(|_| screen.text())
    });
    let (_, dump) = dump
        .split_once(MESSAGE)
        .expect("the dump begins with its message");
    assert_dump(dump);
    // QEMU still runs, for a debugger, but the processor has stopped for good.
    let registers = wait_until_halted(&mut machine);
    let (_, flags) = registers
        .split_once("RFL=")
        .expect("the processor has flags");
    let flags = u32::from_str_radix(&flags[..8], 16).unwrap();
    assert_eq!(flags & INTERRUPTS_ON, 0, "an interrupt would wake it");
}

/// Waits until the processor has halted, and returns its registers as QEMU shows them.
#[track_caller]
fn wait_until_halted(machine: &mut Machine) -> String {
    let arguments = json!({ "command-line": "info registers" });
    let command = json!({ "execute": "human-monitor-command", "arguments": arguments });
    let deadline = Instant::now() + LIMIT;
    loop {
        let registers = machine.monitor(command.clone());
        let registers = registers.as_str().unwrap_or_default();
        if registers.contains("HLT=1") {
            return registers.to_owned();
        }
        assert!(
            Instant::now() < deadline,
            "the processor still runs:\n{registers}"
        );
        sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_panic_typed_on_the_keyboard_ends_qemu_with_a_status() {
    let mut machine = start(kernel());
    machine.type_keys("panic\n");
    assert_eq!(machine.wait_exit(LIMIT), 0x20 << 1 | 1);
    let transcript = machine.transcript();
    let (_, dump) = transcript
        .split_once(MESSAGE)
        .expect("the dump begins with its message");
    assert_dump(dump);
    assert!(dump.trim_end().ends_with(LAST_LINE), "{dump:?}");
}

#[test]
fn a_panic_can_restart_the_machine() {
    let (mut machine, dump) = panic_on_serial(kernel().command_line("panic=reset").reboot());
    assert_dump(&dump);
    machine.expect(" on the serial line. Try `help`.", LIMIT);
    machine.expect(PROMPT, LIMIT);
}
