//! The commands about apps.

use capsules_core::console;
use chip_fake::App;
use kernel::process::State;

use crate::{CONTROL_C, TAB, bench::Bench};

/// The columns of each row of `list`, without its heading.
fn list(bench: &Bench) -> Vec<Vec<String>> {
    let rows = bench.answer("list");
    let columns = |row: &String| row.split_whitespace().map(str::to_owned).collect();
    rows[1..].iter().map(columns).collect()
}

/// The number of an app's process, as a person types it.
fn number(app: &App<'_>) -> String {
    app.process_id().id().to_string()
}

#[test]
fn list_has_a_row_for_each_app() {
    let bench = Bench::new();
    let (one, two) = (bench.machine.app("one"), bench.machine.app("two"));
    one.command(console::DRIVER_NUM, 0, 0, 0);
    two.exit(3);
    let rows = list(&bench);
    let expected = [
        [&number(&one), "one", "running", "0"],
        [&number(&two), "two", "ended", "0"],
    ];
    for (row, [number, name, state, restarts]) in rows.iter().zip(expected) {
        assert_eq!(
            [&row[0], &row[1], &row[2], &row[8]],
            [number, name, state, restarts]
        );
        let (used, given) = (
            row[3].parse::<u32>().unwrap(),
            row[4].parse::<u32>().unwrap(),
        );
        assert!(0 < used && used <= given, "{row:?}");
    }
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0][6], "1", "one system call");
}

#[test]
fn a_row_of_the_list_is_never_longer_than_a_row_of_the_terminal() {
    let bench = Bench::new();
    let app = bench.machine.app("an-app-with-a-very-long-name\x1b[2J");
    // A long number, and more calls than there are columns for.
    for _ in 0..100_100 {
        app.exit_and_restart(0);
    }
    let rows = bench.answer("list");
    assert!(rows.iter().all(|row| row.len() < 80), "{rows:?}");
    assert!(
        rows[1].starts_with("100101 an-app-with- running "),
        "{rows:?}"
    );
    let columns: Vec<&str> = rows[1].split_whitespace().collect();
    assert_eq!((columns[6], columns[8]), ("100k", "100k"), "{rows:?}");
}

#[test]
fn a_number_of_more_than_four_digits_is_given_in_thousands() {
    let bench = Bench::new();
    let app = bench.machine.app("tester");
    for (calls, shown) in [(9_999, "9999"), (1, "10k"), (2_000, "12k")] {
        for _ in 0..calls {
            app.command(console::DRIVER_NUM, 0, 0, 0);
        }
        assert_eq!(list(&bench)[0][6], shown);
    }
}

#[test]
fn process_shows_one_app() {
    let bench = Bench::new();
    let app = bench.machine.app("tester");
    app.allow_ro(console::DRIVER_NUM, 1, b"text");
    for wanted in ["tester", &number(&app)] {
        let all = bench.answer(&format!("process {wanted}")).join("\n");
        for part in [
            "has not ended",
            "grants",
            "the app's binary",
            "driver 0x1 read-only 1",
        ] {
            assert!(all.contains(part), "no {part} in {all}");
        }
    }
    assert!(!bench.answer("process tester").join("").contains("starts"));
    let start = app.addresses().sram_start;
    app.memop(10, start + 0x200).unwrap();
    app.memop(11, start + 0x300).unwrap();
    let rows = bench.answer("process tester");
    for row in [
        format!("{:#010x} its stack starts, growing down", start + 0x200),
        format!("{:#010x} its heap starts", start + 0x300),
    ] {
        assert!(rows.contains(&row), "no {row} in {rows:?}");
    }
    app.exit(7);
    let ended = |how: &str| {
        let row = format!("upcalls dropped 0, ended {how}");
        let rows = bench.answer("process tester");
        assert!(rows.contains(&row), "no {row} in {rows:?}");
    };
    ended("with code 7");
    bench.answer("boot tester");
    bench.answer("terminate tester");
    ended("without a code");
    let complaint = "no app is called other: `list` lists them";
    assert_eq!(bench.answer("process other"), [complaint]);
    assert_eq!(bench.answer("process"), ["which app? `list` lists them"]);
}

/// The rows of an app's memory map, from the highest address down: start, end, bytes and purpose.
fn map(bench: &Bench) -> Vec<(usize, usize, usize, String)> {
    let rows = bench.answer("process tester");
    let address = |word: &str| usize::from_str_radix(word.strip_prefix("0x")?, 16).ok();
    let part = |row: &String| {
        let (range, purpose) = row.split_once(" bytes  ")?;
        let mut words = range.split_whitespace();
        let (start, end) = (address(words.next()?)?, address(words.next()?)?);
        Some((start, end, words.next()?.parse().ok()?, purpose.to_owned()))
    };
    rows.iter().filter_map(part).collect()
}

#[test]
fn the_map_of_an_apps_memory_is_without_gaps_and_list_sums_it_up() {
    let bench = Bench::new();
    let app = bench.machine.app("tester");
    let grants_bytes = || {
        let map = map(&bench);
        assert!(
            map.iter()
                .all(|(start, end, bytes, _)| end - start == *bytes)
        );
        let (memory, binary) = map.split_at(4);
        for parts in [memory, binary] {
            assert!(
                parts.is_sorted_by(|upper, lower| upper.0 == lower.1),
                "{map:?}"
            );
        }
        let [kernel, grants, unused, own] = memory else {
            unreachable!()
        };
        assert_eq!(own.0, app.addresses().sram_start);
        assert_eq!(kernel.1, app.addresses().sram_end);
        let used = kernel.2 + grants.2 + own.2;
        let row = &list(&bench)[0];
        assert_eq!(row[3..5], [used.to_string(), (used + unused.2).to_string()]);
        grants.2
    };
    assert_eq!(grants_bytes(), 0);
    app.allow_ro(console::DRIVER_NUM, 1, b"text");
    assert!(grants_bytes() > 0);
    assert_eq!(list(&bench)[0][5], "1");
}

#[test]
fn an_app_is_stopped_and_goes_on() {
    let bench = Bench::new();
    let app = bench.machine.app("tester");
    let id = number(&app);
    assert_eq!(
        bench.answer("start tester"),
        [format!("not stopped: process {id}")]
    );
    assert_eq!(
        bench.answer("stop tester"),
        [format!("stopped process {id}")]
    );
    assert!(matches!(app.state(), State::Stopped(_)));
    assert_eq!(
        bench.answer("stop tester"),
        [format!("not running: process {id}")]
    );
    assert_eq!(
        bench.answer("start tester"),
        [format!("resumed process {id}")]
    );
    assert_eq!(app.state(), State::Running);
}

#[test]
fn an_app_is_ended_and_started_anew() {
    let bench = Bench::new();
    let app = bench.machine.app("tester");
    let id = number(&app);
    assert_eq!(
        bench.answer("boot tester"),
        [format!("not ended: process {id}")]
    );
    assert_eq!(
        bench.answer("terminate tester"),
        [format!("ended process {id}")]
    );
    assert_eq!(app.state(), State::Terminated);
    assert_eq!(
        bench.answer("terminate tester"),
        [format!("ended already: process {id}")]
    );
    let mut runs = vec![id];
    for (command, done) in [("boot", "started"), ("restart", "restarted")] {
        let answer = bench.answer(&format!("{command} tester"));
        let id = number(&app);
        assert_eq!(answer, [format!("{done} process {id}")]);
        assert_eq!(app.state(), State::Running);
        assert!(!runs.contains(&id), "it is another run");
        runs.push(id);
    }
}

#[test]
fn a_command_is_for_all_apps_of_a_name_or_for_one_number() {
    let bench = Bench::new();
    let apps = ["same", "same", "other"].map(|name| bench.machine.app(name));
    let states = || apps.each_ref().map(|app| app.state().is_alive());
    let id = number(&apps[1]);
    let faulted = bench.answer(&format!("fault {id}"));
    assert!(
        faulted.contains(&format!("faulted process {id}")),
        "{faulted:?}"
    );
    assert_eq!(states(), [true, false, true]);
    assert_eq!(bench.answer("terminate same").len(), 2);
    assert_eq!(states(), [false, false, true]);
    assert_eq!(bench.answer("uninstall same").len(), 2);
    assert_eq!(list(&bench).len(), 1);
    assert_eq!(bench.answer("uninstall same").len(), 1, "there is none");
}

#[test]
fn tab_completes_the_names_of_apps() {
    let bench = Bench::new();
    let _apps = ["count", "counter", "other"].map(|name| bench.machine.app(name));
    bench.types("stop o");
    bench.types(TAB);
    assert_eq!(bench.typed(), "stop other");
    bench.types(CONTROL_C);
    bench.types("run c");
    bench.types(TAB);
    bench.types(TAB);
    assert_eq!(bench.rows().iter().rev().nth(1).unwrap(), "count  counter");
    bench.types(CONTROL_C);
    bench.types("echo o");
    bench.types(TAB);
    assert_eq!(bench.typed(), "echo o", "no app is meant");
    bench.types(CONTROL_C);
    bench.types("  stop   o");
    bench.types(TAB);
    assert_eq!(bench.typed(), "stop   other", "there may be more blanks");
}
