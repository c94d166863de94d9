//! Input that no person types: too much, too long, too fast, or not text at all.

use qemu::Machine;
use system_tests::{
    LIMIT, PROMPT, expect_line, expect_row, kernel, run_on_screen, run_on_serial, start,
};

/// How many bytes are pasted.
const PASTE_LEN_BYTES: usize = 10_000;

/// The longest line that a shell takes.
const LINE_LEN_BYTES: usize = 256;

/// More keys than wait for a reader, two events each.
const TOO_MANY_KEYS: usize = 100;

const BELL: char = '\x07';

/// Pastes lines whose numbers are in order, and waits until all of them have been answered so.
#[track_caller]
fn paste(machine: &mut Machine) {
    let line = |number| format!("{number:05} {}", "abcdefghij".repeat(number % 4));
    let mut bytes = String::new();
    let mut pasted = Vec::new();
    while bytes.len() < PASTE_LEN_BYTES {
        let text = line(pasted.len());
        bytes += &format!("echo {text}\n");
        pasted.push(text.trim_end().to_owned());
    }
    machine.send(bytes.as_bytes());
    machine.send(b"echo the end\n");
    let received = machine.expect("\r\nthe end\r\n", LIMIT);
    let answers: Vec<&str> = received
        .lines()
        .map(str::trim_end)
        .filter(|row| row.starts_with(|first: char| first.is_ascii_digit()))
        .collect();
    assert_eq!(answers, pasted);
}

#[test]
fn ten_thousand_pasted_bytes_arrive_complete_and_in_order() {
    let mut machine = start(kernel());
    paste(&mut machine);
}

#[test]
fn what_is_pasted_while_nobody_reads_waits_and_is_not_lost() {
    let mut machine = start(kernel());
    machine.send(b"sleep 500\n");
    machine.expect("sleep 500\r\n", LIMIT);
    paste(&mut machine);
}

/// Sends one line that is longer than a line can be, without its end.
#[track_caller]
fn overfill(machine: &mut Machine) {
    machine.send(b"echo ");
    machine.send("x".repeat(LINE_LEN_BYTES).as_bytes());
    for _ in 0.."echo ".len() {
        machine.expect(&BELL.to_string(), LIMIT);
    }
}

#[test]
fn a_line_that_is_too_long_rings_the_bell_and_stays_editable() {
    let mut machine = start(kernel());
    assert!(!machine.transcript().contains(BELL));
    overfill(&mut machine);
    machine.send(b"\x15");
    assert_eq!(run_on_serial(&mut machine, "echo empty"), ["empty"]);

    overfill(&mut machine);
    machine.send(b"\x7f\x7f\x7fend\n");
    let kept = LINE_LEN_BYTES - "echo ".len() - 3;
    machine.expect(&format!("\r\n{}end\r\n", "x".repeat(kept)), LIMIT);
    assert_eq!(
        machine.transcript().matches(BELL).count(),
        2 * "echo ".len()
    );
}

/// Sends `bytes` and Enter, which ends whatever they begin, and returns what comes up to the next prompt.
#[track_caller]
fn enter(machine: &mut Machine, bytes: &[u8]) -> String {
    machine.send(&[bytes, b"\r"].concat());
    machine.expect(PROMPT, LIMIT)
}

#[test]
fn bytes_that_mean_nothing_do_nothing() {
    let mut machine = start(kernel());
    let nothing = enter(&mut machine, b"");
    for (number, noise) in [
        // Not UTF-8: stray bytes, characters cut short, an overlong form, a surrogate.
        &b"\x80\xff\xfe"[..],
        b"\xc3\xe2\x82\xf0\x9f\x98",
        b"\xc0\xaf\xed\xa0\x80",
        // Control sequences that no key sends, one without an end that a terminal would wait for.
        b"\x1b[?25h\x1b[99~\x1b[38;5;1m\x1b[200~",
        b"\x1b[1;2;3;4;5;6;7;8;9;10;11;12;13;14;15;16;17;18;19;20Z",
        b"\x1bOz\x1b[[Z\x1b[",
        // Keys that a shell has no use for.
        b"\x00\x1c\x1d\x1e\x1f\x1b[5~\x1b[6~\x1b[2~\x1b[24~",
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(enter(&mut machine, noise), nothing, "{noise:x?}");
        assert_eq!(
            run_on_serial(&mut machine, &format!("echo {number}")),
            [number.to_string()]
        );
    }
    let log = run_on_serial(&mut machine, "log");
    assert!(
        !log.iter().any(|line| line.contains("serial line")),
        "{log:?}"
    );
}

#[test]
fn keys_that_nobody_reads_are_dropped_and_the_log_says_so() {
    let mut machine = start(kernel());
    machine.type_keys("sleep 3600000");
    expect_line(&mut machine, "sleep 3600000");
    machine.press(&["ret"]);
    machine.send(b"echo half");
    machine.expect("echo half", LIMIT);
    for _ in 0..TOO_MANY_KEYS {
        machine.press(&["x"]);
    }
    // The line being typed on the other terminal is drawn again, under the log's.
    machine.expect(
        "keyboard: the key queue is full, keys are dropped\r\n",
        LIMIT,
    );
    machine.expect(&format!("\r{PROMPT}echo half"), LIMIT);
    machine.send(b" a line");
    machine.expect(" a line", LIMIT);
    machine.press(&["ctrl", "c"]);
    machine.expect(" key events were dropped\r\n", LIMIT);
    machine.expect(&format!("\r{PROMPT}echo half a line"), LIMIT);
    machine.send(b"\n");
    machine.expect("\r\nhalf a line\r\n", LIMIT);

    let log = run_on_serial(&mut machine, "log");
    let dropped = log
        .iter()
        .filter(|line| line.contains("] keyboard: "))
        .count();
    assert_eq!(
        dropped, 2,
        "one line for the first key, one for the sum: {log:?}"
    );
    expect_row(&mut machine, "^C");
    expect_line(&mut machine, "");
    assert_eq!(run_on_screen(&mut machine, "echo on"), ["on"]);
}
