//! Text of apps.

use super::*;

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
fn a_write_of_nothing_has_ended_at_once_and_takes_no_room() {
    let (machine, console) = machine();
    fill(&machine);
    let app = machine.app("tester");
    let write = |len_bytes| app.command(DRIVER_NUM, WRITE, len_bytes, 0);
    assert_eq!(write(5), CommandReturn::success(), "no buffer is shared");
    assert_eq!(written(&app), Some(0));
    app.allow_ro(DRIVER_NUM, BUFFER, b"abc");
    assert_eq!(write(0), CommandReturn::success());
    assert_eq!(written(&app), Some(0));
    assert_eq!(show_rest(console), "");
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
    assert!(!console.has_lines() && !console.is_empty());
    write(&first, "line\n");
    assert!(console.has_lines());
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
    assert_eq!(shown, "x".repeat(ROOM) + "\nother\n");
    assert_eq!(written(&second), Some(6));
}

#[test]
fn a_line_without_an_end_does_not_keep_others_waiting_however_fast_it_is_written() {
    let (machine, console) = machine();
    let (first, second) = (machine.app("first"), machine.app("second"));
    write(&first, &"x".repeat(2 * ROOM));
    write(&second, "other\n");
    let mut shown = String::new();
    for _ in 0..10 {
        shown.extend(show(console));
        if written(&first).is_some() {
            write(&first, &"x".repeat(2 * ROOM));
        }
    }
    assert!(shown.contains("\nother\n"), "{shown}");
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
