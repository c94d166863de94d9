//! Apps: what they do is seen, and what they must not do harms nobody.

use qemu::Machine;
use system_tests::{LIMIT, PROMPT, app, kernel, line_on_serial, processes, run_on_serial};

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

/// What the kernel says about how a process ended.
#[track_caller]
fn end(machine: &mut Machine, process: &str) -> String {
    let lines = run_on_serial(machine, &format!("process {process}"));
    let row = lines.iter().find(|line| line.contains("faulted"));
    let code = lines.iter().find(|line| line.contains("ended with code"));
    let end = code
        .or(row)
        .unwrap_or_else(|| panic!("{process} goes on: {lines:?}"));
    match end.split_once("ended with code ") {
        Some((_, code)) => format!("code {code}"),
        None => "fault".into(),
    }
}

/// Waits until so many processes have faulted: nothing is printed by itself after that.
#[track_caller]
fn wait_for_faults(machine: &mut Machine, count: usize) {
    for _ in 0..count {
        machine.expect(" faulted: ", LIMIT);
    }
    machine.expect(PROMPT, LIMIT);
}

#[test]
fn an_app_prints_a_line_and_ends() {
    let mut machine = Machine::boot(kernel().apps([app("hello")]));
    machine.expect("hello: hello, world", LIMIT);
    machine.expect(PROMPT, LIMIT);
    assert_eq!(end(&mut machine, "hello"), "code 0");
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
    wait_for_faults(&mut machine, names.len() - HARMLESS.len());
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
