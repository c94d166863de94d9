//! `new capsule`: a file that is a capsule and has its tests, made from one that is in the tree.

use std::path::Path;

use crate::capsules::{self, read, write};
use crate::cli::Result;
use crate::repository::root;
use crate::words;

/// What a new capsule is.
#[derive(Clone, Copy)]
pub enum Kind {
    /// A driver that apps call.
    Driver,
    /// An `async fn` that runs by itself.
    Task,
}

impl Kind {
    /// The crate that it is a module of.
    fn package(self) -> &'static str {
        match self {
            Self::Driver => "extra",
            Self::Task => "system",
        }
    }

    /// The module that it is a copy of.
    fn model(self) -> &'static str {
        match self {
            Self::Driver => "tally",
            Self::Task => "blink",
        }
    }
}

/// Makes the capsule `name`, and says what is left to do.
pub fn make(kind: Kind, name: &str) -> Result {
    print!("{}", make_in(root(), kind, name)?);
    Ok(())
}

pub fn make_in(root: &Path, kind: Kind, name: &str) -> Result<String> {
    check(name)?;
    let modules = capsules::modules(root)?;
    let find = |name| modules.iter().find(|module| module.name == name);
    if let Some(taken) = find(name) {
        let file = taken.file.display();
        return Err(format!("{file} is there already; choose another name"));
    }
    let (model, type_name) = (kind.model(), camel(name));
    let source = find(model).ok_or(format!("the model, {model}, is gone"))?;
    let own_word = match kind {
        Kind::Driver => &type_name,
        Kind::Task => name,
    };
    if words::is_in_code(own_word, &source.text) {
        let file = source.file.display();
        return Err(format!(
            "'{own_word}' means something else in a copy of {file}; choose another name"
        ));
    }
    let number = capsules::next_number(root)?;
    let copy = words::replace(
        &source.text,
        &[
            (model, name),
            (&camel(model), &type_name),
            (
                &source
                    .number(root)?
                    .map(capsules::written)
                    .unwrap_or_default(),
                &capsules::written(number),
            ),
        ],
    );
    let steps = match kind {
        Kind::Driver => steps_of_driver(name, &type_name, number),
        Kind::Task => steps_of_task(root, name)?,
    };
    let sources = root.join("capsules").join(kind.package()).join("src");
    let library = sources.join("lib.rs");
    let with_module = add_module(&read(&library)?, name);
    write(&sources.join(format!("{name}.rs")), &copy)?;
    write(&library, &with_module)?;
    Ok(steps)
}

/// The longest name: with it, no line of a copy is too long.
const MAX_NAME_LEN_BYTES: usize = 19;

/// Words that are lower case, in use or reserved (the Rust reference, "Keywords").
const KEYWORDS: &str = "abstract as async await become box break const continue crate do dyn else enum extern \
    false final fn for gen if impl in let loop macro match mod move mut override priv pub ref return self static \
    struct super trait true try type typeof unsafe unsized use virtual where while yield";

/// Crates that a capsule may name.
const CRATES: &str = "alloc capsules_core chip_fake core kernel std test";

/// A name is that of a file and of a module.
fn check(name: &str) -> Result {
    let is_plain = |c: char| matches!(c, 'a'..='z' | '0'..='9' | '_');
    let is_name = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(is_plain)
        && name.split('_').all(|word| !word.is_empty());
    if !is_name {
        return Err(format!(
            "'{name}' is no name for a capsule: a name is lower-case letters and digits, a letter first, \
             and '_' between words"
        ));
    }
    if name.len() > MAX_NAME_LEN_BYTES {
        let len_bytes = name.len();
        return Err(format!(
            "'{name}' has {len_bytes} characters; a name has at most {MAX_NAME_LEN_BYTES}"
        ));
    }
    let is_among = |words: &str| words.split_whitespace().any(|word| word == name);
    if is_among(KEYWORDS) {
        return Err(format!("'{name}' is a word of Rust; choose another name"));
    }
    if is_among(CRATES) {
        return Err(format!("'{name}' is a crate; choose another name"));
    }
    Ok(())
}

/// `two_words` as the name of a type.
fn camel(name: &str) -> String {
    let words = name.split('_').filter_map(|word| word.split_at_checked(1));
    words
        .map(|(first, rest)| first.to_ascii_uppercase() + rest)
        .collect()
}

/// A `lib.rs` with one more `pub mod`, in its place among the others.
fn add_module(library: &str, name: &str) -> String {
    let added = format!("pub mod {name};");
    let mut lines: Vec<&str> = library.lines().collect();
    let is_module = |line: &str| line.starts_with("pub mod ");
    let next = lines
        .iter()
        .position(|line| is_module(line) && *line > added.as_str());
    let last = lines.iter().rposition(|line| is_module(line));
    let place = next.or(last.map(|last| last + 1)).unwrap_or(lines.len());
    lines.insert(place, &added);
    lines.join("\n") + "\n"
}

/// The file of the board's two lists.
const BOARD: &str = "boards/qemu-x86/src/main.rs";

fn steps_of_driver(name: &str, type_name: &str, number: usize) -> String {
    let model = Kind::Driver.model();
    format!(
        "\
capsules/extra/src/{name}.rs is a driver that counts, as {model}.rs does, until you make it do what you want. Test it:

  cargo test -p capsules-extra {name}

Apps know it as {number:#x}, once this row is in the list of {BOARD}, after that of {model}:

        \"{name}\", extra::{name}::DRIVER_NUM => composer.with_grant(extra::{name}::DRIVER_NUM, extra::{name}::{type_name}::new),

An app that calls it:

  cargo xtask new app NAME --uses {name}
"
    )
}

fn steps_of_task(root: &Path, name: &str) -> Result<String> {
    let board = read(&root.join(BOARD))?;
    let (count, line) = board
        .lines()
        .find_map(|line| {
            let (_, rest) = line.split_once("let clocks = [(); ")?;
            let (count, _) = rest.split_once(']')?;
            Some((count.parse::<usize>().ok()?, line))
        })
        .ok_or(format!("{BOARD} has no clocks for tasks"))?;
    let more = line.replace(&format!("; {count}]"), &format!("; {}]", count + 1));
    Ok(format!(
        "\
capsules/system/src/{name}.rs lets a light blink, as {model}.rs does, until you make it do what you want. Test it:

  cargo test -p capsules-system --lib {name}

It runs by itself, once {BOARD} has one clock more, by this line in the place of the one that begins so:

{more}

and this row in its list of tasks, `tasks! {{ … }}`:

            \"{name}\" => capsules_system::{name}::{name}(lights[5].1, clocks[{count}], 500),
",
        model = Kind::Task.model(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn names_that_cannot_be_are_refused() {
        for name in [
            "", "Bell", "1st", "my-bell", "my bell", "../x", "ü", "_x", "x_", "a__b", "a.b",
        ] {
            let message = check(name).unwrap_err();
            let complaint = format!("'{name}' is no name");
            assert!(message.contains(&complaint), "{message}");
        }
        for (name, complaint) in [
            ("loop", "a word of Rust"),
            ("gen", "a word of Rust"),
            ("kernel", "a crate"),
            (&"a".repeat(20), "20 characters"),
        ] {
            let message = check(name).unwrap_err();
            assert!(message.contains(complaint), "{message}");
        }
        assert_eq!(check("two_words_2"), Ok(()));
        assert_eq!(check(&"a".repeat(19)), Ok(()));
    }

    #[test]
    fn names_that_are_taken_are_refused() {
        for (kind, name, complaint) in [
            (
                Kind::Driver,
                "tally",
                "capsules/extra/src/tally.rs is there already",
            ),
            (
                Kind::Driver,
                "console",
                "capsules/core/src/console.rs is there already",
            ),
            (
                Kind::Driver,
                "shell",
                "capsules/system/src/shell/mod.rs is there already",
            ),
            (
                Kind::Task,
                "console",
                "capsules/core/src/console.rs is there already",
            ),
            (Kind::Driver, "grant", "'Grant' means something else"),
            (
                Kind::Driver,
                "process_id",
                "'ProcessId' means something else",
            ),
            (Kind::Task, "machine", "'machine' means something else"),
        ] {
            let message = make_in(root(), kind, name).unwrap_err();
            assert!(message.contains(complaint), "{message}");
        }
    }

    #[test]
    fn a_module_is_added_in_its_place() {
        let library = "#![no_std]\n\npub mod bell;\npub mod tally;\n\nfn f() {}\n";
        for (name, place) in [("alarm", 2), ("crab", 3), ("zebra", 4)] {
            let added = add_module(library, name);
            assert_eq!(
                added.lines().nth(place),
                Some(format!("pub mod {name};").as_str())
            );
            assert_eq!(added.replace(&format!("pub mod {name};\n"), ""), library);
        }
        assert_eq!(
            add_module("//! Empty.\n", "bell"),
            "//! Empty.\npub mod bell;\n"
        );
    }

    #[test]
    fn the_exercise_shows_what_is_printed() {
        let exercise = read(&root().join("CONTRIBUTING.md")).unwrap();
        for line in steps_of_driver("bell", "Bell", 0x8000_0101).lines() {
            assert!(exercise.contains(line), "{line}");
        }
    }

    /// Puts a line that a person is told of into the board, after the line that has `before` in it.
    fn paste(board: &str, steps: &str, line: &str, before: &str) -> String {
        let line = steps.lines().find(|step| step.trim().starts_with(line));
        let line = line.unwrap_or_else(|| panic!("{steps}"));
        let old = board.lines().find(|line| line.contains(before)).unwrap();
        board.replace(old, &format!("{old}\n{line}"))
    }

    #[test]
    #[ignore = "builds what it makes: a stage of its own"]
    fn new_capsules_pass_their_tests_and_a_board_takes_the_lines_that_are_told() {
        let scratch = Scratch::new("capsule");
        let steps = make_in(&scratch.root, Kind::Driver, "fresh_bell").unwrap();
        let main = scratch.root.join(BOARD);
        let mut board = paste(
            &read(&main).unwrap(),
            &steps,
            "\"fresh_bell\", ",
            "\"tally\", ",
        );

        let steps = make_in(&scratch.root, Kind::Task, "fresh_lantern").unwrap();
        board = paste(&board, &steps, "let clocks = ", "let clocks = ");
        board = paste(&board, &steps, "\"fresh_lantern\" => ", "tasks! {");
        write(&main, &board).unwrap();

        let tests = [
            "test",
            "--package",
            "capsules-extra",
            "--package",
            "capsules-system",
            "--lib",
        ];
        let output = scratch.cargo("", &tests).unwrap();
        for test in [
            "fresh_bell::tests::an_app_that_dies",
            "fresh_lantern::tests::the_light_changes",
        ] {
            assert!(output.contains(&format!("test {test}")), "{output}");
        }
        scratch
            .cargo("", &["check", "--package", "qemu-x86"])
            .unwrap();
    }
}
