//! The shell's `list`, read.

use std::thread::sleep;
use std::time::{Duration, Instant};

use qemu::Machine;

use crate::{LIMIT, PROMPT};

/// The time between two lists.
const LOOK_INTERVAL: Duration = Duration::from_millis(200);

/// The longest that hundreds of processes may take, with all that both shells have to show of them.
const CROWD_LIMIT: Duration = Duration::from_secs(60);

/// What `list` says of a process.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row {
    /// Its name, or as much of it as there is room for.
    name: String,
    /// Such as `ended`.
    pub state: String,
    /// Of its memory in bytes: what it uses, and what it was given. As all numbers here, it is rounded down.
    pub memory: (usize, usize),
    /// System calls that it has made.
    pub calls: usize,
    /// How often it was started anew.
    pub restarts: usize,
}

impl Row {
    /// Reads a line of the list. Whatever else came in between is none.
    fn read(line: &str) -> Option<Self> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [_id, name, state, numbers @ ..] = &words[..] else {
            return None;
        };
        let numbers: Vec<usize> = numbers
            .iter()
            .map(|word| number(word))
            .collect::<Option<_>>()?;
        let [used, given, _grants, calls, _queued, restarts, _slices] = numbers[..] else {
            return None;
        };
        Some(Self {
            name: (*name).into(),
            state: (*state).into(),
            memory: (used, given),
            calls,
            restarts,
        })
    }

    /// Whether it is that of a process of this name.
    pub fn is_of(&self, name: &str) -> bool {
        name.starts_with(&self.name)
    }
}

/// A number, and the letter for thousands or more that may be after it.
fn number(word: &str) -> Option<usize> {
    let digits = word.trim_end_matches(char::is_alphabetic);
    let unit = match &word[digits.len()..] {
        "" => 1,
        "k" => 1_000,
        "M" => 1_000_000,
        _ => return None,
    };
    digits.parse::<usize>().ok().map(|number| number * unit)
}

/// All processes in the order in which they were loaded, as `list` has them. Apps may write and fault meanwhile: the line that a test types may be drawn
/// again in the middle, the heading of the list comes whole.
#[track_caller]
pub fn list(machine: &mut Machine) -> Vec<Row> {
    machine.send(b"list\n");
    machine.expect(" SLICES\r\n", LIMIT);
    let lines = machine.expect(&format!("\r{PROMPT}"), LIMIT);
    lines.lines().filter_map(Row::read).collect()
}

/// Looks at the list until `look` finds in it what it looks for, and returns that. It says what it misses.
#[track_caller]
pub fn wait_for_list<T>(machine: &mut Machine, look: impl Fn(&[Row]) -> Result<T, String>) -> T {
    let deadline = Instant::now() + CROWD_LIMIT;
    loop {
        match look(&list(machine)) {
            Ok(found) => return found,
            Err(missing) if Instant::now() >= deadline => {
                panic!("after {CROWD_LIMIT:?}: {missing}")
            }
            Err(_) => sleep(LOOK_INTERVAL),
        }
    }
}

/// Waits until each process of this name goes on: it has made a system call after this was called, and another one
/// after that.
#[track_caller]
pub fn expect_going_on(machine: &mut Machine, name: &str) {
    let calls = |rows: &[Row]| -> Vec<usize> {
        let named = rows.iter().filter(|row| row.is_of(name));
        named.map(|row| row.calls).collect()
    };
    let before = calls(&list(machine));
    assert!(!before.is_empty(), "there is no process {name}");
    wait_for_list(machine, |rows| {
        let now = calls(rows);
        assert_eq!(now.len(), before.len(), "processes called {name}");
        let go_on = now
            .iter()
            .zip(&before)
            .all(|(now, before)| *now >= before + 2);
        go_on
            .then_some(())
            .ok_or(format!("{name} has made {before:?} calls, then {now:?}"))
    });
}
