//! The shell on the serial line: every command, and what a person's terminal sends.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use qemu::{Machine, Screen, json};
use system_tests::{LIMIT, PROMPT, kernel, line_on_serial, run_on_serial, start};

/// What a terminal sends for some keys.
const UP: &str = "\x1b[A";
const HOME: &str = "\x1b[H";
const LEFT: &str = "\x1b[D";
const INTERRUPT: &[u8] = b"\x03";

/// The commands that are tested here and, behind the bar, elsewhere.
const TESTED: &str = "help clear echo history uptime date sleep led keys keymap tasks drivers log mem version \
                      | run list process start stop restart terminate boot fault uninstall kernel status \
                      console-start console-stop panic reset shutdown";

/// The names of all commands, as `help` has them.
fn commands(machine: &mut Machine) -> Vec<String> {
    const GROUP_COLUMNS: usize = 10;
    let help = run_on_serial(machine, "help");
    let (hint, blocks) = help.split_last().expect("help has rows");
    assert!(hint.contains("Ctrl-C"), "{hint:?}");
    let names = blocks
        .iter()
        .flat_map(|row| row[GROUP_COLUMNS..].split_whitespace());
    names.map(str::to_owned).collect()
}

#[test]
fn help_names_every_command() {
    let mut machine = start(kernel());
    let mut named = commands(&mut machine);
    let mut tested: Vec<&str> = TESTED
        .split_whitespace()
        .filter(|word| *word != "|")
        .collect();
    named.sort_unstable();
    tested.sort_unstable();
    assert_eq!(
        named, tested,
        "a command without a test, or a test without its command"
    );
}

#[test]
fn help_fits_the_screen_and_tells_more_of_each_command() {
    let mut machine = start(kernel());
    let rows = run_on_serial(&mut machine, "help");
    assert!(rows.len() < Screen::ROWS - 5, "{rows:?}");
    assert!(
        rows.iter().all(|row| row.len() < Screen::COLUMNS),
        "{rows:?}"
    );
    for name in commands(&mut machine) {
        let help = run_on_serial(&mut machine, &format!("help {name}"));
        let [usage, summary] = help.as_slice() else {
            panic!("{name}: {help:?}")
        };
        assert_eq!(usage.split(' ').next(), Some(name.as_str()));
        assert!(summary.starts_with("  "), "{name}: {summary:?}");
    }
}

#[test]
fn commands_about_the_shell_and_the_machine_answer() {
    let mut machine = start(kernel());
    let version = line_on_serial(&mut machine, "version");
    assert!(version.starts_with("Capsa "), "{version:?}");
    assert!(
        machine.transcript().starts_with(&version),
        "the greeting has the version"
    );

    assert_eq!(
        line_on_serial(&mut machine, "echo two  blanks"),
        "two  blanks"
    );
    assert_eq!(line_on_serial(&mut machine, "echo grüße €"), "grüße €");

    let history = run_on_serial(&mut machine, "history");
    let entered = ["version", "echo two  blanks", "echo grüße €", "history"];
    let expected = entered
        .iter()
        .zip(1..)
        .map(|(line, number)| format!("{number:4}  {line}"));
    assert_eq!(history, expected.collect::<Vec<_>>());

    machine.send(b"clear\n");
    machine.expect("clear\r\n\x1b[2J\x1b[H", LIMIT);
    machine.expect(PROMPT, LIMIT);

    let memory = run_on_serial(&mut machine, "mem");
    let find = |text: &str| memory.iter().find(|line| line.contains(text));
    assert!(
        find("usable").is_some() && find("kernel").is_some(),
        "{memory:?}"
    );
    assert!(find("arena ").unwrap().contains("bytes used"), "{memory:?}");

    let complaint = "hlep: no such command. Did you mean `help`?";
    assert_eq!(line_on_serial(&mut machine, "hlep"), complaint);
    assert_eq!(
        line_on_serial(&mut machine, "quark"),
        "quark: no such command. Try `help`."
    );
}

/// Microseconds since boot, as `uptime` shows them.
#[track_caller]
fn uptime_us(machine: &mut Machine) -> u64 {
    let line = line_on_serial(machine, "uptime");
    let time = line
        .strip_prefix("up ")
        .and_then(|time| time.split_once('.'));
    let (clock, us) = time.unwrap_or_else(|| panic!("{line:?} is no time"));
    assert_eq!(us.len(), 6, "{line:?}");
    let seconds = clock
        .split(':')
        .fold(0, |sum, part| sum * 60 + part.parse::<u64>().unwrap());
    seconds * 1_000_000 + us.parse::<u64>().unwrap()
}

#[test]
fn the_machine_knows_how_long_it_runs_and_sleeps_as_long_as_it_is_told() {
    let mut machine = start(kernel());
    let (before, before_us) = (Instant::now(), uptime_us(&mut machine));
    assert_eq!(run_on_serial(&mut machine, "sleep 500"), [""; 0]);
    let (slept_us, slept) = (uptime_us(&mut machine) - before_us, before.elapsed());
    // By the machine's own clock and by the host's.
    assert!(
        slept_us >= 500_000 && slept < LIMIT,
        "{slept_us} us were {slept:?}"
    );
    assert!(
        u128::from(slept_us) <= slept.as_micros() * 101 / 100,
        "{slept_us} us were {slept:?}"
    );

    let complaint = "sleep: how many milliseconds? As in `sleep 1000`.";
    for wrong in ["sleep", "sleep -1", "sleep a while", "sleep 99999999999"] {
        assert_eq!(line_on_serial(&mut machine, wrong), complaint, "{wrong}");
    }
}

/// Days from 1970-01-01 to a date in the same or a later year.
fn days_since_1970(year: u64, month: usize, day: u64) -> u64 {
    let leap = |year: u64| {
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
    };
    let before_year: u64 = (1970..year).map(|year| 365 + u64::from(leap(year))).sum();
    let months = [
        31,
        28 + u64::from(leap(year)),
        31,
        30,
        31,
        30,
        31,
        31,
        30,
        31,
        30,
        31,
    ];
    before_year + months[..month - 1].iter().sum::<u64>() + day - 1
}

#[test]
fn the_date_is_the_hosts() {
    const DAYS: [&str; 7] = [
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
        "Monday",
        "Tuesday",
        "Wednesday",
    ];
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let mut machine = start(kernel());
    let before = now();
    let date = line_on_serial(&mut machine, "date");
    let after = now();

    let words: Vec<&str> = date.split([' ', '-', ':']).collect();
    let [weekday, numbers @ ..] = words.as_slice() else {
        panic!("{date:?}")
    };
    let numbers: Vec<u64> = numbers
        .iter()
        .map(|number| number.parse().unwrap())
        .collect();
    let [year, month, day, hour, minute, second] = numbers[..] else {
        panic!("{date:?}")
    };
    let days = days_since_1970(year, month as usize, day);
    assert_eq!(*weekday, DAYS[days as usize % 7], "{date:?}");
    let shown = Duration::from_secs(((days * 24 + hour) * 60 + minute) * 60 + second);
    // Neither QEMU's clock nor the line shows fractions of a second.
    let expected = before - Duration::from_secs(2)..=after;
    assert!(
        expected.contains(&shown),
        "{date:?} is {shown:?}, the host has {expected:?}"
    );
}

#[test]
fn commands_that_look_into_the_kernel_show_it() {
    let mut machine = start(kernel());
    let tasks = run_on_serial(&mut machine, "tasks");
    let rows: Vec<(&str, &str)> = tasks[1..].iter().map(|row| row.split_at(14)).collect();
    let names: Vec<&str> = rows.iter().map(|(name, _)| name.trim_end()).collect();
    let expected = ["serial shell", "screen shell", "status bar", "installer"];
    let blinkers = (0..4).map(|number| format!("blinker {number}"));
    assert_eq!(names[..4], expected);
    assert_eq!(names[4..], blinkers.collect::<Vec<_>>());
    for (name, row) in rows {
        let words: Vec<&str> = row.split_whitespace().collect();
        assert!(
            words[1].parse::<u64>().unwrap() > 0,
            "{name} was never polled: {row:?}"
        );
        // The one that asks runs.
        if name.trim_end() == "serial shell" {
            assert_eq!(words[0], "running", "{row:?}");
            continue;
        }
        assert!(["waiting", "ready"].contains(&words[0]), "{name}: {row:?}");
        let (file, line) = words.last().unwrap().split_once(':').unwrap();
        assert!(
            file.ends_with(".rs") && line.parse::<u32>().unwrap() > 0,
            "{name}: {row:?}"
        );
    }

    let drivers = run_on_serial(&mut machine, "drivers");
    let led = drivers.iter().find(|row| row.contains(" led "));
    assert!(
        led.is_some_and(|row| row.starts_with("0x00000002 ")),
        "{drivers:?}"
    );
    let log = run_on_serial(&mut machine, "log");
    assert!(log.iter().all(|line| line.starts_with('[')), "{log:?}");
    assert!(
        log.iter()
            .any(|line| line.contains("] time-stamp counter at ")),
        "{log:?}"
    );
}

#[test]
fn keymap_lists_the_layouts_and_marks_the_one_in_use() {
    let mut machine = start(kernel());
    let layouts = run_on_serial(&mut machine, "keymap");
    assert_eq!(layouts[0], "* us       US English");
    assert!(
        layouts[1..].iter().all(|layout| layout.starts_with("  ")),
        "{layouts:?}"
    );
    assert_eq!(run_on_serial(&mut machine, "keymap fi-se"), [""; 0]);
    let layouts = run_on_serial(&mut machine, "keymap");
    let marked: Vec<&String> = layouts
        .iter()
        .filter(|layout| layout.starts_with('*'))
        .collect();
    assert_eq!(marked, ["* fi-se    Finnish and Swedish"]);
    let complaint = "keymap: there is no layout xx. `keymap` lists them.";
    assert_eq!(line_on_serial(&mut machine, "keymap xx"), complaint);
}

#[test]
fn keys_shows_the_bytes_of_each_key() {
    let mut machine = start(kernel());
    machine.send(b"keys\n");
    machine.expect("keys\r\n", LIMIT);
    for (sent, shown) in [
        ("a", "61  Char('a')"),
        ("é", "c3 a9  Char('é')"),
        ("\r", "0d  Enter"),
        (UP, "1b 5b 41  Up"),
        ("\x1b[15~", "1b 5b 31 35 7e  Function(5)"),
        ("\x03", "03  Control('c')"),
    ] {
        machine.send(sent.as_bytes());
        machine.expect(&format!("{shown}\r\n"), LIMIT);
    }
    // Control-C was the last.
    machine.expect(PROMPT, LIMIT);
    assert_eq!(line_on_serial(&mut machine, "echo over"), "over");
}

#[test]
fn a_line_is_edited_completed_and_recalled() {
    let mut machine = start(kernel());
    machine.send(format!("cho abd{LEFT}\x7fc{LEFT}b{HOME}e\x05d\n").as_bytes());
    machine.expect("\r\nabcdd\r\n", LIMIT);
    machine.send(format!("{UP}\x7f!\n").as_bytes());
    machine.expect("\r\nabcd!\r\n", LIMIT);
    machine.send(b"vers\t\n");
    machine.expect("version \r\nCapsa ", LIMIT);
    machine.send(b"he\t\x15s\t\t");
    machine.expect("\r\nsleep  start  stop  status  shutdown  \r\n", LIMIT);
    machine.send(b"\x15echo 1\x17echo 2\x01\x0becho 3\n");
    machine.expect("\r\n3\r\n", LIMIT);
}

#[test]
fn a_break_on_the_line_is_logged_and_what_is_typed_next_arrives() {
    let mut machine = start(kernel());
    machine.monitor(json!({ "execute": "chardev-send-break", "arguments": { "id": "serial" } }));
    machine.send(b"\n");
    machine.expect("serial line: BreakError\r\n", LIMIT);
    let answer = line_on_serial(&mut machine, "echo still here");
    assert_eq!(answer, "still here");
}

#[test]
fn control_c_gives_up_a_line_and_ends_a_command() {
    let mut machine = start(kernel());
    machine.send(b"echo never");
    machine.expect("echo never", LIMIT);
    machine.send(INTERRUPT);
    machine.expect("^C\r\n", LIMIT);
    machine.expect(PROMPT, LIMIT);
    machine.send(b"sleep 3600000\n");
    machine.expect("sleep 3600000\r\n", LIMIT);
    machine.send(INTERRUPT);
    machine.expect("^C\r\n", LIMIT);
    machine.expect(PROMPT, LIMIT);
    machine.send(b"\x04");
    machine.expect("`shutdown` switches off.", LIMIT);
    assert_eq!(line_on_serial(&mut machine, "echo on"), "on");
    assert!(
        !machine.transcript().contains("\r\nnever\r\n"),
        "{}",
        machine.transcript()
    );
}
