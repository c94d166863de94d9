//! What apps write, as a person at the shell's terminal sees it.

use capsules_core::console::DRIVER_NUM;
use chip_fake::{self as fake, App};
use kernel::debug;

use crate::{CONTROL_C, bench::Bench};

/// How long a line may stay without an end.
const LINE_MS: u64 = 50;

/// In which time a few screenfuls are shown.
const SHOWN_MS: u64 = 20;

/// Starts to write `text`.
#[track_caller]
fn write(app: &App<'_>, text: &str) {
    app.allow_ro(DRIVER_NUM, 1, text.as_bytes());
    let answer = app.command(DRIVER_NUM, 1, text.len(), 0);
    assert!(answer.is_success(), "{answer:?}");
}

/// Writes `text`, and waits until it is written.
#[track_caller]
fn print(app: &App<'_>, text: &str) {
    write(app, text);
    assert_eq!(app.yield_for(DRIVER_NUM, 1), [text.len(), 0, 0]);
}

/// The rows above the last one, from row `first` on, when all lines have been shown.
fn rows_from(bench: &Bench, first: usize) -> Vec<String> {
    bench.waits(SHOWN_MS);
    rows_now(bench, first)
}

/// The same at once.
fn rows_now(bench: &Bench, first: usize) -> Vec<String> {
    let mut rows = bench.rows().split_off(first);
    rows.pop();
    rows
}

#[test]
fn an_apps_line_goes_above_the_line_that_is_being_typed() {
    let bench = Bench::new();
    let app = bench.machine.app("tester");
    let first = bench.rows().len() - 1;
    bench.types("echo ha");
    print(&app, "something happened\n");
    assert_eq!(rows_from(&bench, first), ["something happened"]);
    assert_eq!(bench.typed(), "echo ha");
    assert_eq!(bench.answer("lf"), ["half"]);
}

#[test]
fn lines_that_apps_write_in_pieces_stay_whole() {
    let bench = Bench::new();
    let (one, two) = (bench.machine.app("one"), bench.machine.app("two"));
    let first = bench.rows().len() - 1;
    print(&one, "first ");
    write(&two, "second\n");
    bench.waits(10);
    print(&one, "line ");
    bench.waits(10);
    print(&one, "of one\n");
    assert_eq!(two.yield_for(DRIVER_NUM, 1), [7, 0, 0]);
    assert_eq!(rows_from(&bench, first), ["first line of one", "second"]);
}

#[test]
fn a_question_without_a_line_break_is_seen_after_a_moment() {
    let bench = Bench::new();
    let app = bench.machine.app("tester");
    let first = bench.rows().len() - 1;
    bench.types("le");
    print(&app, "your name?");
    bench.waits(LINE_MS - 1);
    assert_eq!(rows_now(&bench, first), [""; 0]);
    bench.waits(1);
    assert_eq!(rows_now(&bench, first), ["your name?"]);
    assert_eq!(bench.typed(), "le");
}

#[test]
fn a_line_of_the_log_does_not_end_an_apps_line() {
    let bench = Bench::new();
    let app = bench.machine.app("tester");
    let first = bench.rows().len() - 1;
    print(&app, "a line ");
    debug!("something happened");
    bench.types("");
    print(&app, "of its own\n");
    let rows = rows_from(&bench, first);
    assert_eq!(rows[1..], ["a line of its own"], "{rows:?}");
    assert!(rows[0].ends_with("] something happened"), "{rows:?}");
}

#[test]
fn a_question_is_seen_after_a_moment_whatever_is_logged_meanwhile() {
    let bench = Bench::new();
    let app = bench.machine.app("tester");
    print(&app, "your name?");
    for _ in 0..5 {
        debug!("something happened");
        bench.waits(LINE_MS / 5);
    }
    assert!(bench.rows().contains(&"your name?".to_owned()));
}

#[test]
fn an_app_that_never_ends_its_line_does_not_keep_others_waiting() {
    let bench = Bench::new();
    let (endless, other) = (bench.machine.app("endless"), bench.machine.app("other"));
    let first = bench.rows().len() - 1;
    print(&endless, "never ");
    write(&other, "other\n");
    for _ in 0..10 {
        bench.waits(10);
        print(&endless, "ends ");
    }
    let rows = rows_from(&bench, first);
    assert!(rows.contains(&"other".to_owned()), "{rows:?}");
}

#[test]
fn an_app_that_ends_in_its_line_leaves_what_it_wrote() {
    let bench = Bench::new();
    let (mortal, other) = (bench.machine.app("mortal"), bench.machine.app("other"));
    let first = bench.rows().len() - 1;
    print(&mortal, "last words");
    mortal.exit_and_restart(0);
    write(&other, "other\n");
    bench.waits(LINE_MS);
    assert_eq!(rows_from(&bench, first), ["last words", "other"]);
}

#[test]
fn text_longer_than_all_room_for_it_is_whole() {
    for room_bytes in [50, 2048] {
        let bench = Bench::with_room_for_text(room_bytes);
        let image = fake::image("tester").minimum_ram(16 * 1024);
        let app = bench.machine.load(&image).unwrap();
        let first = bench.rows().len() - 1;
        let line: String = (0..500).map(|number| format!("{number} ")).collect();
        let text = format!("{line}!\n").repeat(3);
        print(&app, &text);
        assert!(rows_from(&bench, first) == vec![line + "!"; 3]);
        assert_eq!(bench.typed(), "");
    }
}

#[test]
fn a_line_longer_than_can_be_kept_whole_is_all_there_and_others_are_heard() {
    let bench = Bench::new();
    let image = fake::image("endless").minimum_ram(32 * 1024);
    let (endless, other) = (
        bench.machine.load(&image).unwrap(),
        bench.machine.app("other"),
    );
    let first = bench.rows().len() - 1;
    let text: String = (0..4_000).map(|number| format!("{number}.")).collect();
    write(&endless, &text);
    write(&other, "other\n");
    bench.waits(LINE_MS);
    let mut rows = rows_from(&bench, first);
    assert!(rows.contains(&"other".to_owned()));
    rows.retain(|row| row != "other");
    assert_eq!(rows.concat(), text);
}

#[test]
fn a_character_in_two_pieces_is_one_character() {
    let bench = Bench::new();
    let app = bench.machine.app("tester");
    let first = bench.rows().len() - 1;
    let text = "é".repeat(300);
    print(&app, &text);
    for byte in "é\n".bytes() {
        app.allow_ro(DRIVER_NUM, 1, &[byte]);
        app.command(DRIVER_NUM, 1, 1, 0);
        app.yield_for(DRIVER_NUM, 1);
    }
    assert_eq!(rows_from(&bench, first).concat(), text + "é");
}

#[test]
fn a_person_is_heard_while_an_app_writes_without_end() {
    let bench = Bench::new();
    let app = bench
        .machine
        .load(&fake::image("tester").minimum_ram(16 * 1024));
    let app = app.unwrap();
    write(&app, &"y\n".repeat(4_000));
    bench.types("echo heard\r");
    assert!(bench.rows().contains(&"heard".to_owned()));
    bench.waits(SHOWN_MS);
    let lines = bench.rows().iter().filter(|row| *row == "y").count();
    assert_eq!(lines, 4_000);
}

#[test]
fn a_person_is_heard_while_an_app_writes_a_line_without_end() {
    let bench = Bench::new();
    let image = fake::image("endless").minimum_ram(32 * 1024);
    let app = bench.machine.load(&image).unwrap();
    bench.port.hold_transmit();
    write(&app, &"y".repeat(12_000));
    bench.types("");
    bench.types("echo heard\r");
    bench.port.release();
    bench.types("");
    let rows = bench.rows();
    let above = rows.iter().take_while(|row| *row != "heard");
    let shown: usize = above.map(String::len).sum();
    assert!(
        (2_000..5_000).contains(&shown),
        "{shown} bytes are shown before"
    );
}

#[test]
fn what_apps_write_is_shown_while_a_command_runs() {
    let bench = Bench::new();
    let app = bench.machine.app("tester");
    bench.types("sleep 1000\r");
    let first = bench.rows().len() - 1;
    print(&app, "something ");
    bench.waits(10);
    print(&app, "happened\n");
    bench.waits(10);
    assert_eq!(bench.rows()[first..], ["something happened", ""]);
    bench.waits(980);
    assert_eq!(bench.typed(), "");
}

#[test]
fn control_c_loses_nothing_of_what_apps_write() {
    let bench = Bench::with_room_for_text(50);
    let app = bench.machine.app("tester");
    bench.types("sleep 1000\r");
    let first = bench.rows().len() - 1;
    let text: String = (0..60).map(|number| format!("{number:02}.")).collect();
    bench.port.hold();
    write(&app, &format!("{text}\n"));
    bench.types(CONTROL_C);
    bench.port.release();
    bench.types("");
    let shown = rows_from(&bench, first).concat();
    assert!(shown.contains("^C"), "{shown}");
    let shown: String = shown
        .chars()
        .filter(|c| c.is_ascii_digit() || *c == '.')
        .collect();
    assert_eq!(shown, text);
}
