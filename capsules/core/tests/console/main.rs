//! The console driver, as apps and the terminal see it.

mod input;
mod output;

use capsules_core::console::{Console, DRIVER_NUM};
use chip_fake::{self as fake, App, leak};
use kernel::{ErrorCode, syscall::CommandReturn};

const WRITE: usize = 1;
const READ: usize = 2;
const ABORT: usize = 3;
const BUFFER: usize = 1;
const WRITE_DONE: usize = 1;
const READ_DONE: usize = 2;

/// Room for text.
const ROOM: usize = 32;

fn machine() -> (fake::Machine, &'static Console) {
    let machine = fake::Machine::new();
    // And for the end of a line.
    let buffer = leak([0; ROOM + 1]);
    let console = &*leak(Console::new(machine.grant(DRIVER_NUM), buffer));
    (machine.driver(DRIVER_NUM, console), console)
}

/// Shares `text` and starts to write it.
#[track_caller]
fn write(app: &App<'_>, text: &str) {
    app.allow_ro(DRIVER_NUM, BUFFER, text.as_bytes());
    let answer = app.command(DRIVER_NUM, WRITE, text.len(), 0);
    assert_eq!(answer, CommandReturn::success());
}

/// Shares a buffer and starts to read into it.
#[track_caller]
fn read(app: &App<'_>, len_bytes: usize) {
    app.allow_rw(DRIVER_NUM, BUFFER, &vec![b'.'; len_bytes]);
    let answer = app.command(DRIVER_NUM, READ, len_bytes, 0);
    assert_eq!(answer, CommandReturn::success());
}

/// The values of an upcall that has come.
fn upcall(app: &App<'_>, number: usize) -> Option<[usize; 3]> {
    let has_come = app.process(|process| process.has_tasks());
    has_come.then(|| app.yield_for(DRIVER_NUM, number))
}

/// How many bytes the app is told are written, if it is told so.
fn written(app: &App<'_>) -> Option<usize> {
    upcall(app, WRITE_DONE).map(|[len_bytes, ..]| len_bytes)
}

/// What the app is told of its read, if it is: the status and how many bytes.
fn was_read(app: &App<'_>) -> Option<(usize, usize)> {
    upcall(app, READ_DONE).map(|[status, len_bytes, _]| (status, len_bytes))
}

/// What the terminal shows next, of at most 16 bytes.
fn show(console: &Console) -> Option<String> {
    let mut piece = [0; 16];
    let len_bytes = console.peek(&mut piece);
    console.shown(len_bytes);
    (len_bytes > 0).then(|| String::from_utf8_lossy(&piece[..len_bytes]).into_owned())
}

/// All that the terminal shows: a line that has no end is given one.
fn show_all(console: &Console) -> String {
    let mut shown = String::new();
    while !console.is_empty() {
        shown.extend(std::iter::from_fn(|| show(console)));
        console.end_line();
    }
    shown
}

/// An app that has filled the console with `ROOM` bytes.
fn fill<'a>(machine: &'a fake::Machine) -> App<'a> {
    let app = machine.app("filler");
    write(&app, &("x".repeat(ROOM - 1) + "\n"));
    assert_eq!(written(&app), Some(ROOM));
    app
}

/// What is shown after that.
fn show_rest(console: &Console) -> String {
    let shown = show_all(console);
    let (filling, rest) = shown.split_at(ROOM);
    assert_eq!(filling.trim_end(), "x".repeat(ROOM - 1));
    rest.to_owned()
}

#[test]
fn an_app_can_ask_whether_there_is_a_console() {
    let (machine, _) = machine();
    let app = machine.app("tester");
    assert_eq!(app.command(DRIVER_NUM, 0, 0, 0), CommandReturn::success());
    for command in [4, usize::MAX] {
        let answer = app.command(DRIVER_NUM, command, 1, 0);
        assert_eq!(answer, CommandReturn::failure(ErrorCode::NOSUPPORT));
    }
}

#[test]
fn an_app_writes_and_reads_at_the_same_time() {
    let (machine, console) = machine();
    let app = machine.app("tester");
    read(&app, 1);
    write(&app, "?");
    assert_eq!(show_all(console), "?\n");
    console.deliver(app.process_id(), b"!");
    assert_eq!(written(&app), Some(1));
    assert_eq!(was_read(&app), Some((0, 1)));
}

#[test]
fn an_app_without_room_for_what_is_kept_of_it_is_told_so() {
    let machine = machine().0.with_hungry_drivers();
    let app = machine.app("full");
    app.use_all_memory();
    for command in [WRITE, READ, ABORT] {
        let answer = app.command(DRIVER_NUM, command, 1, 0);
        assert_eq!(answer, CommandReturn::failure(ErrorCode::NOMEM));
    }
}
