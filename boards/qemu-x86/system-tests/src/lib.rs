//! What every system test starts from: the images under test, and the two shells as a person sees them.
#![forbid(unsafe_code)]

mod process_list;

pub use process_list::{Row, expect_going_on, list, wait_for_list};

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::thread::sleep;
use std::time::{Duration, Instant};

use qemu::{Machine, Options, Screen};

/// The longest that the machine may take for one thing. It takes milliseconds; a loaded host may not.
pub const LIMIT: Duration = Duration::from_secs(20);

/// What a shell asks with.
pub const PROMPT: &str = "odyssey> ";

/// The screen's first row, which is the status bar's. The shell has all others.
pub const BAR_ROW: usize = 0;

/// What the log says when the clock has been measured. Nothing comes by itself after that, so that
/// what a test types is not drawn again in the middle of it.
pub const LAST_OF_BOOT: &str = "time-stamp counter at ";

/// The time between two looks at the screen.
const LOOK_INTERVAL: Duration = Duration::from_millis(5);

/// A machine that starts the kernel directly, and leaves QEMU with a status when it panics.
#[track_caller]
pub fn kernel() -> Options {
    Options::kernel(image("CAPSA_KERNEL")).command_line("panic=exit")
}

/// A machine that interrupts itself at every instruction of some paths, and counts instructions.
#[track_caller]
pub fn interrupts() -> Options {
    Options::kernel(image("CAPSA_INTERRUPTS"))
        .command_line("panic=exit fault=panic")
        .icount()
}

/// A machine that starts the kernel from a CD, by GRUB.
#[track_caller]
pub fn iso() -> Options {
    Options::iso(image("CAPSA_ISO"))
}

/// The TBF of a process, by its name.
#[track_caller]
pub fn app(process: &str) -> PathBuf {
    apps().join(format!("{process}.tbf"))
}

/// The names of all processes that there are TBFs of.
#[track_caller]
pub fn processes() -> Vec<String> {
    let entries = fs::read_dir(apps()).expect("the folder of apps");
    let names = entries.map(|entry| entry.expect("an app").file_name());
    let name = |file: OsString| Some(file.to_str()?.strip_suffix(".tbf")?.to_owned());
    names.filter_map(name).collect()
}

#[track_caller]
fn apps() -> PathBuf {
    image("CAPSA_APPS")
}

/// A machine that checks its devices instead of being a machine.
#[track_caller]
pub fn promises() -> Options {
    Options::kernel(image("CAPSA_PROMISES"))
        .command_line("panic=exit")
        .flash()
}

#[track_caller]
fn image(variable: &str) -> PathBuf {
    match env::var_os(variable) {
        Some(path) => path.into(),
        None => panic!("{variable} names no image: run these tests with `cargo xtask test`"),
    }
}

/// Starts a machine and waits until both of its shells ask for a command, for good.
#[track_caller]
pub fn start(options: Options) -> Machine {
    let mut machine = Machine::boot(options);
    machine.expect(LAST_OF_BOOT, LIMIT);
    machine.expect(PROMPT, LIMIT);
    machine.expect_screen(LAST_OF_BOOT, LIMIT);
    expect_line(&mut machine, "");
    machine
}

/// Runs a command on the serial line and returns the lines that it printed.
#[track_caller]
pub fn run_on_serial(machine: &mut Machine, command: &str) -> Vec<String> {
    machine.send(format!("{command}\n").as_bytes());
    machine.expect(&format!("{command}\r\n"), LIMIT);
    let mut output = machine.expect(&format!("\r{PROMPT}"), LIMIT);
    output.truncate(output.len() - PROMPT.len() - 1);
    output.lines().map(str::to_owned).collect()
}

/// Runs a command on the serial line and returns the only line that it printed.
#[track_caller]
pub fn line_on_serial(machine: &mut Machine, command: &str) -> String {
    let mut lines = run_on_serial(machine, command);
    assert_eq!(lines.len(), 1, "{command}: {lines:?}");
    lines.remove(0)
}

/// Types a command on the keyboard, runs it, and returns the rows that it printed on the screen.
#[track_caller]
pub fn run_on_screen(machine: &mut Machine, command: &str) -> Vec<String> {
    machine.type_keys(command);
    submit(machine, command)
}

/// Presses Enter once the line on the screen is `command`, and returns the rows that this printed.
#[track_caller]
pub fn submit(machine: &mut Machine, command: &str) -> Vec<String> {
    expect_line(machine, command);
    machine.press(&["ret"]);
    let mut rows = expect_line(machine, "");
    rows.pop();
    let entered = rows.iter().rposition(|row| *row == prompt(command));
    rows.split_off(entered.map_or(0, |row| row + 1))
}

/// Waits until the last row on the screen is a prompt with `line` after it, and returns the shell's rows.
#[track_caller]
pub fn expect_line(machine: &mut Machine, line: &str) -> Vec<String> {
    let expected = prompt(line);
    wait_for(
        machine,
        &format!("{expected:?} in the last row"),
        |screen| {
            let rows = shell_rows(screen);
            (rows.last() == Some(&expected)).then_some(rows)
        },
    )
}

/// Waits until the shell on the screen shows a row that is `row` and nothing else.
#[track_caller]
pub fn expect_row(machine: &mut Machine, row: &str) {
    wait_for(machine, &format!("a row {row:?}"), |screen| {
        shell_rows(screen)
            .iter()
            .any(|shown| shown == row)
            .then_some(())
    });
}

/// Looks at the screen until `look` finds what it looks for, which `what` names, and returns that.
#[track_caller]
pub fn wait_for<T>(
    machine: &mut Machine,
    what: &str,
    mut look: impl FnMut(&Screen) -> Option<T>,
) -> T {
    let deadline = Instant::now() + LIMIT;
    loop {
        let screen = machine.screen();
        if let Some(found) = look(&screen) {
            return found;
        }
        if Instant::now() >= deadline {
            panic!("{what} did not come up on the screen in {LIMIT:?}\n--- screen:\n{screen}");
        }
        sleep(LOOK_INTERVAL);
    }
}

/// The rows of the shell on the screen, without the empty ones at the end.
pub fn shell_rows(screen: &Screen) -> Vec<String> {
    let mut rows: Vec<String> = (BAR_ROW + 1..Screen::ROWS)
        .map(|row| screen.row(row))
        .collect();
    while rows.last().is_some_and(String::is_empty) {
        rows.pop();
    }
    rows
}

/// A row with a prompt and `line` after it, without blanks at the end.
fn prompt(line: &str) -> String {
    format!("{PROMPT}{line}").trim_end().into()
}
