//! A whole shell on a serial line: what a person types, and what they see.

mod apps;
mod bench;
mod lent;
mod lights;
mod machine;
mod processes;
mod screen;

use std::iter::repeat_n;

use capsules_system::{line::LINE_BYTES, shell::commands};
use kernel::debug;

use crate::bench::Bench;

const CONTROL_C: &str = "\x03";
const CONTROL_D: &str = "\x04";
const CONTROL_L: &str = "\x0c";
const UP: &str = "\x1b[A";
const TAB: &str = "\t";
const HOME: &str = "\x1b[H";

#[test]
fn a_shell_says_what_it_is_and_asks() {
    let bench = Bench::new();
    assert_eq!(
        bench.rows()[0],
        "Capsa 1.2.3 on the serial line. Try `help`."
    );
    assert_eq!(bench.typed(), "");
}

#[test]
fn help_names_every_command_and_fits_a_screen() {
    let answer = Bench::new().answer("help");
    let names = |line: &String| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let words: Vec<String> = answer.iter().flat_map(names).collect();
    for row in commands::rows() {
        assert!(words.iter().any(|word| word == row.name), "{}", row.name);
    }
    assert!(answer.len() <= 20, "{} rows", answer.len());
    assert!(answer.iter().all(|row| row.len() < 80), "{answer:?}");
}

#[test]
fn help_tells_about_each_command() {
    let bench = Bench::new();
    for row in commands::rows() {
        let answer = bench.answer(&format!("help {}", row.name));
        let usage = format!("{} {}", row.name, row.arguments);
        let expected = [usage.trim_end().to_owned(), format!("  {}", row.summary)];
        assert_eq!(answer, expected);
        assert!(answer.iter().all(|row| row.len() < 80), "{answer:?}");
    }
    assert_eq!(
        bench.answer("help hlep"),
        ["hlep: no such command. Did you mean `help`?"]
    );
}

#[test]
fn an_answer_longer_than_the_room_for_text_is_whole() {
    let expected = Bench::new().answer("help");
    assert_eq!(Bench::with_room_for_text(50).answer("help"), expected);
}

#[test]
fn a_command_that_does_not_exist_is_told_from_one_that_is_near() {
    let bench = Bench::new();
    assert_eq!(
        bench.answer("hlep me"),
        ["hlep: no such command. Did you mean `help`?"]
    );
    assert_eq!(
        bench.answer("xyzzy"),
        ["xyzzy: no such command. Try `help`."]
    );
    assert_eq!(bench.answer("  "), [""; 0], "an empty line is no command");
}

#[test]
fn a_command_without_arguments_does_nothing_if_it_is_given_some() {
    let bench = Bench::new();
    for row in commands::rows().filter(|row| row.arguments.is_empty()) {
        assert_eq!(
            bench.answer(&format!("{} now", row.name)),
            [format!("{}: it takes nothing after its name", row.name)]
        );
    }
}

#[test]
fn echo_prints_its_text() {
    let bench = Bench::new();
    assert_eq!(bench.answer("echo one  two é"), ["one  two é"]);
    assert_eq!(bench.answer("  echo   spaced "), ["spaced"]);
    assert_eq!(bench.answer("echo"), [""]);
}

#[test]
fn lines_entered_before_come_back() {
    let bench = Bench::new();
    bench.answer("echo one");
    bench.answer("echo two");
    bench.types(UP);
    assert_eq!(bench.typed(), "echo two");
    bench.types(UP);
    assert_eq!(bench.typed(), "echo one");
    assert_eq!(bench.answer("!"), ["one!"]);
    let history = bench.answer("history");
    assert_eq!(
        history,
        [
            "   1  echo one",
            "   2  echo two",
            "   3  echo one!",
            "   4  history"
        ]
    );
}

#[test]
fn tab_completes_a_command_and_lists_those_that_fit() {
    let bench = Bench::new();
    bench.types("ver");
    bench.types(TAB);
    assert_eq!(bench.typed(), "version");
    assert_eq!(bench.answer(""), ["Capsa 1.2.3"]);
    bench.types("key");
    bench.types(TAB);
    assert_eq!(bench.typed(), "key");
    bench.types(TAB);
    let listed = |rows: &[String]| rows.iter().filter(|row| *row == "keys  keymap").count();
    assert_eq!(listed(&bench.rows()), 1);
    assert_eq!(bench.typed(), "key");
    bench.types(TAB);
    assert_eq!(listed(&bench.rows()), 2, "as often as it is asked");
    bench.types(CONTROL_C);
    bench.types("help ver");
    bench.types(TAB);
    assert_eq!(bench.typed(), "help version");
}

#[test]
fn a_tab_after_another_key_is_a_first_tab() {
    let bench = Bench::new();
    bench.types("ke");
    bench.types(TAB);
    assert_eq!(bench.typed(), "ke");
    let rows = bench.rows().len();
    bench.types("y");
    bench.types(TAB);
    assert_eq!(bench.rows().len(), rows, "nothing is listed");
}

#[test]
fn tab_completes_the_word_before_the_cursor() {
    let bench = Bench::new();
    bench.types("one");
    bench.types(HOME);
    bench.types("ech");
    bench.types(TAB);
    assert_eq!(bench.typed(), "echo one");
    assert_eq!(
        bench.answer("two "),
        ["two one"],
        "what comes next goes there"
    );
}

#[test]
fn control_c_gives_a_line_up() {
    let bench = Bench::new();
    bench.types("echo never");
    bench.types(HOME);
    bench.types(CONTROL_C);
    assert!(
        bench
            .rows()
            .iter()
            .rev()
            .nth(1)
            .unwrap()
            .ends_with("echo never^C")
    );
    assert_eq!(bench.typed(), "");
    assert_eq!(bench.answer(""), [""; 0]);
}

#[test]
fn control_d_says_how_to_leave_if_the_line_is_empty() {
    let bench = Bench::new();
    bench.types(CONTROL_D);
    let rows = bench.rows();
    let says = "There is nothing above this shell: `shutdown` switches off.";
    assert_eq!(rows[rows.len() - 2..], [says, "odyssey>"]);
    bench.types("x");
    bench.types(CONTROL_D);
    assert_eq!(bench.rows().len(), rows.len());
    assert_eq!(bench.typed(), "x");
}

#[test]
fn the_screen_is_cleared_by_a_command_and_by_a_key_that_keeps_the_line() {
    let bench = Bench::new();
    bench.types("echo half");
    bench.types(CONTROL_L);
    assert_eq!(bench.rows(), ["odyssey> echo half"]);
    assert_eq!(bench.answer("!"), ["half!"]);
    bench.types("clear\r");
    assert_eq!(bench.rows(), ["odyssey>"]);
}

#[test]
fn sleep_takes_its_time_and_what_is_typed_meanwhile_waits() {
    let bench = Bench::new();
    bench.types("sleep 1000\recho awake\r");
    bench.waits(999);
    assert!(bench.rows().last().unwrap().is_empty());
    bench.waits(1);
    let rows = bench.rows();
    assert_eq!(rows[rows.len() - 2], "awake");
}

#[test]
fn sleep_wants_to_know_how_long() {
    let bench = Bench::new();
    for line in ["sleep", "sleep well", "sleep -1", "sleep 4294967296"] {
        let complaint = "sleep: how many milliseconds? As in `sleep 1000`.";
        assert_eq!(bench.answer(line), [complaint], "{line}");
    }
}

#[test]
fn control_c_ends_a_command_and_forgets_what_was_typed_before() {
    let bench = Bench::new();
    bench.types("sleep 1000\r");
    bench.types("echo forgotten\r");
    bench.types(CONTROL_C);
    assert_eq!(bench.rows().iter().rev().nth(1).unwrap(), "^C");
    assert_eq!(bench.typed(), "");
    assert_eq!(bench.answer("echo next"), ["next"]);
}

#[test]
fn a_line_of_the_log_goes_above_the_line_that_is_being_typed() {
    let bench = Bench::new();
    bench.types("echo ha");
    debug!("something happened");
    bench.types("");
    assert_eq!(bench.typed(), "echo ha");
    let rows = bench.rows();
    assert_eq!(rows[rows.len() - 2], "[    0.000000] something happened");
    assert_eq!(
        rows.iter().filter(|row| row.contains("echo")).count(),
        1,
        "it is not left behind"
    );
    assert_eq!(bench.answer("lf"), ["half"]);
}

#[test]
fn the_log_is_shown_while_a_command_runs() {
    let bench = Bench::new();
    bench.types("sleep 1000\r");
    debug!("something happened");
    bench.waits(10);
    let rows = bench.rows();
    assert_eq!(rows[rows.len() - 2], "[    0.000000] something happened");
    bench.waits(990);
    assert_eq!(bench.typed(), "");
}

#[test]
fn a_line_of_the_log_does_not_come_into_a_line_of_an_answer() {
    let expected = Bench::new().answer("help");
    let bench = Bench::with_room_for_text(50);
    let first = bench.rows().len();
    bench.port.hold_transmit();
    bench.types("help\r");
    debug!("something happened");
    bench.types("");
    bench.port.release();
    bench.types("");
    assert_eq!(bench.typed(), "");
    let mut rows = bench.rows().split_off(first);
    rows.pop();
    let logged = rows
        .iter()
        .position(|row| row == "[    0.000000] something happened");
    rows.remove(logged.expect("the line is whole"));
    assert_eq!(rows, expected);
}

#[test]
fn a_log_that_was_written_too_fast_says_how_much_of_it_was_missed() {
    let bench = Bench::new();
    let (lines, line_bytes) = (1_000, "[    0.000000] line 000\n".len());
    let first = bench.rows().len() - 1;
    (0..lines).for_each(|number| debug!("line {number:03}"));
    bench.types("");
    let mut rows = bench.rows().split_off(first);
    assert_eq!(rows.pop().unwrap(), "odyssey>");
    let missed_bytes = (lines - (rows.len() - 1)) * line_bytes;
    assert_eq!(
        rows[0],
        format!("({missed_bytes} bytes of log were missed)")
    );
    assert!(missed_bytes > 0);
    assert_eq!(rows.last().unwrap(), "[    0.000000] line 999");
}

#[test]
fn a_line_that_is_full_rings_the_bell_and_can_still_be_edited() {
    let bench = Bench::new();
    let text: String = "echo "
        .chars()
        .chain(repeat_n('x', LINE_BYTES - 5))
        .collect();
    bench.types(&text);
    assert_eq!(bench.bells(), 0);
    bench.types("yz");
    assert_eq!(bench.bells(), 2);
    bench.types("\x08\x08");
    assert_eq!(
        bench.answer("!"),
        [text[5..text.len() - 2].to_owned() + "!"]
    );
}

#[test]
fn a_line_of_the_log_leaves_no_empty_row_above_it() {
    let bench = Bench::new();
    let before = bench.rows().len();
    debug!("something happened");
    bench.types("");
    assert_eq!(bench.rows().len(), before + 1, "{:?}", bench.rows());
}

#[test]
fn a_stopped_shell_ignores_everything_but_its_start() {
    let bench = Bench::new();
    bench.types("console-stop\r");
    let rows = bench.rows().len();
    bench.types("echo never\rhelp\r\x03\tconsole-start now\r");
    assert_eq!(
        bench.rows().len(),
        rows,
        "nothing is shown: {:?}",
        bench.rows()
    );
    assert_eq!(bench.rows().last().unwrap(), "", "nor does it ask");
    bench.types("not this");
    bench.types(CONTROL_C);
    bench.types("consol\x08le-start \r");
    assert_eq!(bench.typed(), "");
    assert_eq!(bench.answer("echo again"), ["again"]);
    assert_eq!(bench.answer("console-start"), ["this shell is not stopped"]);
}

#[test]
fn a_stopped_shell_still_shows_the_log() {
    let bench = Bench::new();
    bench.types("console-stop\r");
    debug!("something happened");
    bench.types("");
    let rows = bench.rows();
    let expected = ["[    0.000000] something happened", ""];
    assert_eq!(rows[rows.len() - 2..], expected);
}

#[test]
fn a_person_is_heard_while_the_log_goes_on_without_end() {
    let bench = Bench::new();
    (0..200).for_each(|number| debug!("line {number:03}"));
    bench.port.hold_transmit();
    bench.types("");
    bench.types("echo heard\r");
    bench.port.release();
    bench.types("");
    let rows = bench.rows();
    let row = |text| rows.iter().position(|row| row.ends_with(text));
    let (first, last) = (row("line 000"), row("line 199"));
    let heard = row("heard");
    assert!(
        first < heard && heard < last,
        "{first:?} {heard:?} {last:?}"
    );
}
