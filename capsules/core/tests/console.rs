//! The console driver, as apps and the terminal see it.

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
fn a_write_has_ended_when_all_of_it_is_taken() {
    let (machine, console) = machine();
    let app = machine.app("tester");
    write(&app, "hello, terminal\n and more");
    assert_eq!(written(&app), Some(25));
    assert_eq!(show(console).unwrap(), "hello, terminal\n");
    assert_eq!(show(console), None, "the line has no end yet");
    write(&app, "!\n");
    assert_eq!(written(&app), Some(2));
    assert_eq!(show_all(console), " and more!\n");
    assert_eq!(written(&app), None);
}

#[test]
fn an_app_waits_while_there_is_no_room() {
    let (machine, console) = machine();
    fill(&machine);
    let app = machine.app("tester");
    write(&app, "waits\n");
    assert_eq!(written(&app), None);
    let shown = show(console).unwrap();
    assert_eq!(written(&app), Some(6));
    assert_eq!(
        shown + &show_all(console),
        "x".repeat(ROOM - 1) + "\nwaits\n"
    );
}

#[test]
fn an_app_can_subscribe_to_the_end_of_a_write() {
    let (machine, _) = machine();
    let app = machine.app("tester");
    app.subscribe(DRIVER_NUM, WRITE_DONE);
    write(&app, "a");
    assert_eq!(app.yield_wait().arguments, [1, 0, 0]);
}

#[test]
fn text_longer_than_the_room_is_all_there() {
    let (machine, console) = machine();
    let app = machine.app("tester");
    let text = "0123456789abcdef".repeat(20) + "!";
    write(&app, &text);
    assert_eq!(written(&app), None);
    assert_eq!(show_all(console), text.clone() + "\n");
    assert_eq!(written(&app), Some(text.len()));
}

#[test]
fn what_is_to_be_shown_stays_until_it_was() {
    let (machine, console) = machine();
    write(&machine.app("tester"), "one\ntwo\n");
    let mut piece = [0; 6];
    for _ in 0..2 {
        assert_eq!(console.peek(&mut piece), 6);
        assert_eq!(&piece, b"one\ntw");
    }
    console.shown(2);
    assert_eq!(show_all(console), "e\ntwo\n");
}

#[test]
fn no_more_is_written_than_the_app_says_or_shares() {
    let (machine, console) = machine();
    let app = machine.app("tester");
    app.allow_ro(DRIVER_NUM, BUFFER, b"abcdef");
    for (len_bytes, text) in [(3, "abc"), (7, "abcdef"), (usize::MAX, "abcdef")] {
        app.command(DRIVER_NUM, WRITE, len_bytes, 0);
        assert_eq!(show_all(console).trim_end(), text);
        assert_eq!(written(&app), Some(text.len()));
    }
}

#[test]
fn a_write_of_nothing_has_ended_at_once() {
    let (machine, console) = machine();
    let app = machine.app("tester");
    let write = |len_bytes| app.command(DRIVER_NUM, WRITE, len_bytes, 0);
    assert_eq!(write(5), CommandReturn::success(), "no buffer is shared");
    assert_eq!(written(&app), Some(0));
    app.allow_ro(DRIVER_NUM, BUFFER, b"abc");
    assert_eq!(write(0), CommandReturn::success());
    assert_eq!(written(&app), Some(0));
    assert!(console.is_empty());
}

#[test]
fn a_second_write_waits_for_the_first() {
    let (machine, console) = machine();
    fill(&machine);
    let app = machine.app("tester");
    write(&app, "first");
    let second = || app.command(DRIVER_NUM, WRITE, 5, 0);
    assert_eq!(second(), CommandReturn::failure(ErrorCode::BUSY));
    assert_eq!(show_rest(console), "first\n");
    assert_eq!(second(), CommandReturn::success());
}

#[test]
fn apps_that_wait_have_their_turns_line_by_line() {
    let (machine, console) = machine();
    fill(&machine);
    let apps = ["a", "b", "c"].map(|name| machine.app(name));
    for app in &apps {
        let name = app.name();
        write(app, &format!("{name}1\n{name}2\n"));
    }
    let shown = show_rest(console);
    let mut lines: Vec<&str> = shown.lines().collect();
    lines[..3].sort();
    lines[3..].sort();
    assert_eq!(lines, ["a1", "b1", "c1", "a2", "b2", "c2"]);
}

#[test]
fn an_app_whose_line_has_no_end_writes_alone() {
    let (machine, console) = machine();
    let (first, second) = (machine.app("first"), machine.app("second"));
    write(&first, "half a ");
    assert_eq!(written(&first), Some(7));
    write(&second, "other\n");
    assert_eq!((show(console), written(&second)), (None, None));
    write(&first, "line\n");
    assert_eq!(written(&second), Some(6));
    assert_eq!(show_all(console), "half a line\nother\n");
}

#[test]
fn a_line_that_is_given_an_end_lets_the_others_write() {
    let (machine, console) = machine();
    let (first, second) = (machine.app("first"), machine.app("second"));
    write(&first, "half a ");
    write(&second, "other\n");
    console.end_line();
    assert_eq!(written(&second), Some(6));
    write(&first, "line\n");
    console.end_line();
    assert_eq!(show_all(console), "half a \nother\nline\n");
}

#[test]
fn a_line_that_fills_the_console_can_still_be_given_an_end() {
    let (machine, console) = machine();
    let (first, second) = (machine.app("first"), machine.app("second"));
    write(&first, &"x".repeat(ROOM));
    write(&second, "other\n");
    assert!(console.has_lines(), "there can't be more of it");
    console.end_line();
    assert_eq!(show_all(console), "x".repeat(ROOM) + "\nother\n");
}

#[test]
fn a_line_too_long_to_be_kept_whole_does_not_keep_others_waiting() {
    let (machine, console) = machine();
    let (first, second) = (machine.app("first"), machine.app("second"));
    write(&first, &"x".repeat(ROOM));
    write(&second, "other\n");
    let shown: String = std::iter::from_fn(|| show(console)).collect();
    assert_eq!(shown, "x".repeat(ROOM) + "other\n");
    assert_eq!(written(&second), Some(6));
}

#[test]
fn a_write_ends_early_when_the_buffer_is_taken_away() {
    let (machine, console) = machine();
    let app = machine.app("tester");
    write(&app, &"y".repeat(ROOM + 8));
    app.share_ro(DRIVER_NUM, BUFFER, 0, 0).unwrap();
    assert_eq!(written(&app), None);
    assert_eq!(show_all(console), "y".repeat(ROOM));
    assert_eq!(written(&app), Some(ROOM));
    write(&app, "again");
    assert_eq!(show_all(console), "again\n");
}

#[test]
fn a_write_ends_where_a_shorter_buffer_does() {
    let (machine, console) = machine();
    let app = machine.app("tester");
    write(&app, &"y".repeat(ROOM + 8));
    app.allow_ro(DRIVER_NUM, BUFFER, "z".repeat(ROOM + 2).as_bytes());
    assert_eq!(show_all(console), "y".repeat(ROOM) + "zz\n");
    assert_eq!(written(&app), Some(ROOM + 2));
}

#[test]
fn an_app_that_ends_in_the_middle_does_not_hold_up_the_others() {
    let (machine, console) = machine();
    fill(&machine);
    let apps = ["a", "b", "c"].map(|name| machine.app(name));
    apps.iter().for_each(|app| write(app, "1\n2\n"));
    apps[0].exit_and_restart(0);
    apps[1].remove().unwrap();
    assert_eq!(show_rest(console), "1\n2\n");
    assert_eq!(written(&apps[2]), Some(4));
    write(&apps[0], "anew\n");
    assert_eq!(show_all(console), "anew\n");
}

#[test]
fn an_app_does_not_go_on_with_the_line_of_one_that_was_in_its_place() {
    let (machine, console) = machine();
    let old = machine.app("old");
    write(&old, "half a ");
    old.remove().unwrap();
    let new = machine.app("new");
    write(&new, "line\n");
    assert_eq!((show(console), written(&new)), (None, None));
    console.end_line();
    assert_eq!(show_all(console), "half a \nline\n");
}

#[test]
fn the_terminal_is_woken_by_text_and_when_there_is_no_room_for_more() {
    let (machine, console) = machine();
    let text = machine.task("text", console.wait_for_text());
    let full = machine.task("full", console.wait_until_full());
    machine.run();
    assert!(!text.is_there());
    let app = machine.app("tester");
    write(&app, "a\n");
    machine.run();
    assert!(text.is_there() && !full.is_there());
    written(&app);
    write(&app, &"b".repeat(ROOM));
    machine.run();
    assert!(full.is_there());
}

#[test]
fn a_read_has_ended_when_it_has_as_much_as_the_app_wants() {
    let (machine, console) = machine();
    let app = machine.app("tester");
    let id = app.process_id();
    read(&app, 5);
    assert_eq!(console.deliver(id, b"ab"), 2);
    assert_eq!(was_read(&app), None);
    assert_eq!(console.deliver(id, b"cdefg"), 3);
    assert_eq!(was_read(&app), Some((0, 5)));
    assert_eq!(app.buffer(DRIVER_NUM, BUFFER), b"abcde");
    assert_eq!(console.deliver(id, b"fg"), 0, "nobody reads");
    assert_eq!(app.buffer(DRIVER_NUM, BUFFER), b"abcde");
}

#[test]
fn no_more_is_read_than_the_app_says_or_shares() {
    let (machine, console) = machine();
    let app = machine.app("tester");
    app.allow_rw(DRIVER_NUM, BUFFER, b"......");
    for (len_bytes, read_bytes) in [(2, 2), (7, 6), (usize::MAX, 6)] {
        app.command(DRIVER_NUM, READ, len_bytes, 0);
        assert_eq!(console.deliver(app.process_id(), b"abcdefghi"), read_bytes);
        assert_eq!(was_read(&app), Some((0, read_bytes)));
    }
}

#[test]
fn a_read_of_nothing_has_ended_at_once() {
    let (machine, _) = machine();
    let app = machine.app("tester");
    let read = |len_bytes| app.command(DRIVER_NUM, READ, len_bytes, 0);
    assert_eq!(read(5), CommandReturn::success(), "no buffer is shared");
    assert_eq!(was_read(&app), Some((0, 0)));
    app.allow_rw(DRIVER_NUM, BUFFER, b"...");
    assert_eq!(read(0), CommandReturn::success());
    assert_eq!(was_read(&app), Some((0, 0)));
}

#[test]
fn a_second_read_waits_for_the_first() {
    let (machine, _) = machine();
    let app = machine.app("tester");
    read(&app, 5);
    let second = app.command(DRIVER_NUM, READ, 1, 0);
    assert_eq!(second, CommandReturn::failure(ErrorCode::BUSY));
}

#[test]
fn a_read_that_is_ended_says_what_has_come() {
    let (machine, console) = machine();
    let app = machine.app("tester");
    let abort = || app.command(DRIVER_NUM, ABORT, 0, 0);
    assert_eq!(abort(), CommandReturn::success());
    assert_eq!(was_read(&app), None, "nothing was under way");
    read(&app, 5);
    console.deliver(app.process_id(), b"ab");
    assert_eq!(abort(), CommandReturn::success());
    assert_eq!(was_read(&app), Some((ErrorCode::CANCEL as usize, 2)));
    assert_eq!(app.buffer(DRIVER_NUM, BUFFER), b"ab...");
    assert_eq!(console.deliver(app.process_id(), b"c"), 0);
}

#[test]
fn a_read_fails_when_the_buffer_is_taken_away() {
    let (machine, console) = machine();
    let app = machine.app("tester");
    read(&app, 5);
    assert_eq!(console.deliver(app.process_id(), b"ab"), 2);
    app.allow_rw(DRIVER_NUM, BUFFER, b"x");
    assert_eq!(console.deliver(app.process_id(), b"cde"), 0);
    assert_eq!(was_read(&app), Some((ErrorCode::SIZE as usize, 2)));
    assert_eq!(app.buffer(DRIVER_NUM, BUFFER), b"x");
}

#[test]
fn each_app_reads_what_is_meant_for_it() {
    let (machine, console) = machine();
    let apps = ["a", "b"].map(|name| machine.app(name));
    apps.iter().for_each(|app| read(app, 1));
    for app in apps.iter().rev() {
        console.deliver(app.process_id(), app.name().as_bytes());
    }
    for app in &apps {
        assert_eq!(was_read(app), Some((0, 1)));
        assert_eq!(app.buffer(DRIVER_NUM, BUFFER), app.name().as_bytes());
    }
}

#[test]
fn an_app_that_is_gone_or_never_asked_takes_nothing() {
    let (machine, console) = machine();
    let (mortal, other) = (machine.app("mortal"), machine.app("other"));
    read(&mortal, 5);
    let id = mortal.process_id();
    mortal.exit_and_restart(0);
    read(&mortal, 5);
    assert_eq!(console.deliver(id, b"ab"), 0);
    assert_eq!(console.deliver(other.process_id(), b"ab"), 0);
    let grants = other.process(|process| process.grant_allocated_count());
    assert_eq!(grants, Some(0), "nothing is taken from an app unasked");
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
fn whoever_has_bytes_is_woken_when_the_app_reads() {
    let (machine, console) = machine();
    let app = machine.app("tester");
    let woken = machine.task("typist", console.wait_for_reader(app.process_id()));
    machine.run();
    assert!(!woken.is_there());
    read(&app, 1);
    machine.run();
    assert!(woken.is_there());
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

#[test]
fn an_app_that_ends_while_it_reads_reads_nothing_in_its_next_run() {
    let (machine, console) = machine();
    let (mortal, other) = (machine.app("mortal"), machine.app("other"));
    read(&mortal, 5);
    read(&other, 1);
    mortal.exit_and_restart(0);
    mortal.allow_rw(DRIVER_NUM, BUFFER, b".....");
    assert_eq!(console.deliver(mortal.process_id(), b"ab"), 0);
    assert_eq!(was_read(&mortal), None);
    assert_eq!(mortal.buffer(DRIVER_NUM, BUFFER), b".....");
    assert_eq!(console.deliver(other.process_id(), b"c"), 1);
    assert_eq!(was_read(&other), Some((0, 1)));
}

#[test]
fn a_read_goes_on_in_the_buffer_that_the_app_shares_now() {
    let (machine, console) = machine();
    let app = machine.app("tester");
    read(&app, 4);
    console.deliver(app.process_id(), b"ab");
    app.allow_rw(DRIVER_NUM, BUFFER, b"......");
    assert_eq!(console.deliver(app.process_id(), b"cdef"), 2);
    assert_eq!(was_read(&app), Some((0, 4)));
    assert_eq!(app.buffer(DRIVER_NUM, BUFFER), b"..cd..");
}

#[test]
fn an_app_that_writes_in_its_next_run_has_nothing_of_the_last_one() {
    let (machine, console) = machine();
    fill(&machine);
    let (mortal, other) = (machine.app("mortal"), machine.app("other"));
    write(&mortal, "old\n");
    write(&other, "other\n");
    mortal.exit_and_restart(0);
    mortal.allow_ro(DRIVER_NUM, BUFFER, b"new\n");
    assert_eq!(show_rest(console), "other\n");
    assert_eq!(written(&mortal), None);
}
