//! Whether each row of a driver's tables has a test, and each capsule that is no driver.
//!
//! The apps of tests note what they have seen of a driver (`chips/fake/src/app/record.rs`), and this compares it with
//! the tables: that every command succeeds in some test and fails with each error that its row names, that every
//! upcall comes and every buffer is shared; and that no test sees anything that the tables do not have. A driver's own
//! tests count alone.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::process::Command;

use super::capsules::{self, Source};
use super::docs::{self, Driver};
use crate::cli::Result;
use crate::repository::{host_cargo, run as run_program, target};

/// Runs the tests of all capsules, and checks what they have seen.
pub fn run() -> Result {
    forget_calls()?;
    let packages = capsules::packages()?;
    let packages = packages.iter().flat_map(|package| ["--package", package]);
    run_program(note_calls_of(host_cargo().arg("test").args(packages)))?;
    check()
}

/// The folder for what apps see.
fn folder() -> PathBuf {
    target("calls")
}

/// Forgets what tests have noted before.
pub fn forget_calls() -> Result {
    match fs::remove_dir_all(folder()) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(format!("{}: {error}", folder().display()))
        }
        _ => Ok(()),
    }
}

/// Makes the tests that `cargo` runs note what their apps see.
pub fn note_calls_of(cargo: &mut Command) -> &mut Command {
    cargo.env("CAPSA_CALLS", folder())
}

/// Checks what the tests have noted.
pub fn check() -> Result {
    let mut complaints = Vec::new();
    for driver in docs::drivers()? {
        let noted = folder().join(&driver.package).join(&driver.name);
        let noted = fs::read_to_string(noted).unwrap_or_default();
        complaints.extend(complaints_about(&driver, &noted));
    }
    let (sources, tests) = (capsules::sources("src")?, capsules::sources("tests")?);
    complaints.extend(unnamed(&sources, &tests));
    if complaints.is_empty() {
        return Ok(());
    }
    Err(format!(
        "what the capsules' docs say and what their tests see differ:\n  {}",
        complaints.join("\n  ")
    ))
}

/// What is wrong between a driver's tables and what its tests noted.
fn complaints_about(driver: &Driver, noted: &str) -> Vec<String> {
    let seen = Seen::new(driver.number, noted);
    let mut complaints = Vec::new();
    for command in &driver.commands {
        let number = command.number;
        let outcomes = seen.outcomes(number);
        let named = command.errors.iter().map(String::as_str);
        for wanted in named.chain(["success"]) {
            if !outcomes.contains(wanted) {
                complaints.push(format!("no test sees `{wanted}` of command {number}"));
            }
        }
        let is_named = |outcome: &str| {
            outcome == "success" || command.errors.iter().any(|error| error == outcome)
        };
        let mut others = outcomes.iter().filter(|outcome| !is_named(outcome));
        match (command.passes_errors_on, others.next()) {
            (true, None) => complaints.push(format!(
                "no test sees an error that command {number} passes on"
            )),
            (false, Some(error)) => complaints.push(format!(
                "command {number} is answered `{error}`, which its row does not name"
            )),
            _ => {}
        }
    }
    let is_in_table = |number| driver.commands.iter().any(|it| it.number == number);
    let others = seen.commands().into_iter().filter(|it| !is_in_table(*it));
    let others: BTreeSet<_> = others.flat_map(|it| seen.outcomes(it)).collect();
    // A driver may be hidden from an app, and then is as if it were not there.
    let is_absent = |outcome: &&str| ["NOSUPPORT", "NODEVICE"].contains(outcome);
    if !others.contains("NOSUPPORT") || !others.iter().all(is_absent) {
        complaints.push(format!(
            "a command that the table does not have is answered `NOSUPPORT`: tests see {others:?}"
        ));
    }
    let upcalls = driver.upcalls.iter().map(|it| format!("upcall {it}"));
    let rows: BTreeSet<_> = upcalls.chain(driver.buffers.iter().cloned()).collect();
    let lines = seen.of_other_kinds();
    let untested = rows.iter().filter(|row| !lines.contains(&***row));
    complaints.extend(untested.map(|row| format!("no test sees {row}")));
    let unknown = lines.iter().filter(|line| !rows.contains(**line));
    complaints.extend(unknown.map(|line| format!("tests see {line}, which no table has")));
    let path = &driver.path;
    complaints
        .into_iter()
        .map(|complaint| format!("{path}: {complaint}"))
        .collect()
}

/// What tests noted of one driver.
struct Seen<'a>(Vec<&'a str>);

impl<'a> Seen<'a> {
    fn new(driver_number: usize, noted: &'a str) -> Self {
        let prefix = format!("{driver_number:#x} ");
        let lines = noted.lines().filter_map(|line| line.strip_prefix(&prefix));
        Self(lines.collect())
    }

    /// Numbers of commands, and how each was answered.
    fn answers(&self) -> impl Iterator<Item = (usize, &'a str)> {
        self.0.iter().filter_map(|line| {
            let (number, outcome) = line.strip_prefix("command ")?.split_once(' ')?;
            Some((number.parse().ok()?, outcome))
        })
    }

    fn commands(&self) -> BTreeSet<usize> {
        self.answers().map(|(number, _)| number).collect()
    }

    fn outcomes(&self, command: usize) -> BTreeSet<&'a str> {
        let answers = self.answers().filter(|(number, _)| *number == command);
        answers.map(|(_, outcome)| outcome).collect()
    }

    /// Upcalls and buffers.
    fn of_other_kinds(&self) -> BTreeSet<&'a str> {
        let lines = self.0.iter().copied();
        lines.filter(|line| !line.starts_with("command ")).collect()
    }
}

/// Complaints about modules without a driver that have public items, none of which a test names.
fn unnamed(sources: &[Source], tests: &[Source]) -> Vec<String> {
    let words: BTreeSet<_> = tests.iter().flat_map(|test| words(&test.text)).collect();
    let is_untested = |source: &&Source| {
        let items = public_items(&source.text);
        let has_own_tests = source.text.contains("\nmod tests {");
        !has_own_tests && !items.is_empty() && items.is_disjoint(&words)
    };
    let untested = sources.iter().filter(is_untested);
    untested
        .map(|source| {
            let items: Vec<_> = public_items(&source.text).into_iter().collect();
            format!("{}: no test names {}", source.path, items.join(" or "))
        })
        .collect()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_')
}

/// The names of the functions, types, traits and values that a file makes public, but for those inside others.
fn public_items(text: &str) -> BTreeSet<&str> {
    let lines = text.lines().filter_map(|line| line.strip_prefix("pub "));
    lines
        .filter_map(|line| {
            let mut words = words(line).skip_while(|word| ["const", "async"].contains(word));
            match words.next()? {
                "fn" | "struct" | "enum" | "trait" | "type" | "static" => words.next(),
                "mod" | "use" => None,
                // `pub const NAME`: its keyword was skipped.
                name => Some(name),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::docs::tests::{lamp, lamp_with};
    use super::*;

    /// All that there is to see of the made-up lamp.
    const ALL: [&str; 8] = [
        "command 0 success",
        "command 1 NOSUPPORT",
        "command 2 success",
        "command 2 BUSY",
        "command 2 NOMEM",
        "command 2 OFF",
        "upcall 1",
        "read-only 3",
    ];

    fn complaints(lines: &[&str]) -> Vec<String> {
        let lines = lines.iter().map(|line| format!("0x80000007 {line}\n"));
        complaints_about(&lamp(), &lines.collect::<String>())
    }

    #[test]
    fn nothing_is_wrong_when_everything_in_the_tables_was_seen_and_nothing_else() {
        assert!(complaints(&ALL).is_empty(), "{:?}", complaints(&ALL));
    }

    #[test]
    fn whatever_no_test_has_seen_is_told_of_by_itself() {
        for (missing, complaint) in [
            (0, "no test sees `success` of command 0"),
            (1, "answered `NOSUPPORT`: tests see {}"),
            (2, "no test sees `success` of command 2"),
            (3, "no test sees `BUSY` of command 2"),
            (4, "no test sees `NOMEM` of command 2"),
            (5, "no test sees an error that command 2 passes on"),
            (6, "no test sees upcall 1"),
            (7, "no test sees read-only 3"),
        ] {
            let mut lines = ALL.to_vec();
            lines.remove(missing);
            let complaints = complaints(&lines);
            assert_eq!(complaints.len(), 1, "{complaints:?}");
            let expected = format!("capsules/house/src/lamp.rs: {complaint}");
            assert!(
                complaints[0].starts_with(&expected) || complaints[0].ends_with(complaint),
                "{complaints:?}"
            );
        }
    }

    #[test]
    fn whatever_is_seen_and_not_in_a_table_is_told_of() {
        for (seen, complaint) in [
            (
                "command 0 BUSY",
                "answered `BUSY`, which its row does not name",
            ),
            (
                "command 3 success",
                "tests see {\"NOSUPPORT\", \"success\"}",
            ),
            ("upcall 0", "tests see upcall 0, which no table has"),
            ("read-write 3", "tests see read-write 3, which no table has"),
        ] {
            let complaints = complaints(&[&ALL[..], &[seen]].concat());
            assert_eq!(complaints.len(), 1, "{complaints:?}");
            assert!(complaints[0].ends_with(complaint), "{complaints:?}");
        }
    }

    #[test]
    fn what_was_seen_of_another_driver_does_not_count() {
        let lines = ALL.map(|line| format!("0x8 {line}\n")).concat();
        assert_eq!(complaints_about(&lamp(), &lines).len(), ALL.len());
    }

    #[test]
    fn a_row_that_is_new_needs_a_test() {
        let row = "//! | 3 | | glows | |\n//!\n//! | upcall";
        let driver = lamp_with(("//!\n//! | upcall", row)).unwrap();
        let lines = ALL.map(|line| format!("0x80000007 {line}\n")).concat();
        assert_eq!(
            complaints_about(&driver, &lines),
            ["capsules/house/src/lamp.rs: no test sees `success` of command 3"]
        );
    }

    fn source(path: &str, text: &str) -> Source {
        Source {
            package: "capsules-house".into(),
            path: path.into(),
            text: text.into(),
        }
    }

    #[test]
    fn a_module_that_no_test_names_is_told_of() {
        let window = "pub const fn open() {}\npub struct Window;\npub(crate) fn close() {}\n";
        let window = source("src/window.rs", window);
        let complaint = ["src/window.rs: no test names Window or open"];
        let tests = [source("tests/x.rs", "reopen(); WindowSill; close()")];
        assert_eq!(unnamed(&[window], &tests), complaint);
    }

    #[test]
    fn a_module_is_tested_by_its_name_in_a_test_or_by_itself_or_is_private() {
        let sources = [
            source("src/a.rs", "pub async fn ring() {}"),
            source(
                "src/b.rs",
                "pub const BELLS: u8 = 1;\n#[cfg(test)]\nmod tests {\n",
            ),
            source("src/c.rs", "pub(crate) struct Clapper;\npub mod d;\n"),
        ];
        let tests = [source("tests/a.rs", "use house::{ring};")];
        assert_eq!(unnamed(&sources, &tests), [""; 0]);
    }
}
