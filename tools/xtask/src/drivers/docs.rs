//! A driver's docs, taken apart.

use super::capsules::{self, Source};
use crate::cli::Result;

/// Names of errors (TRD 104, section 3.3).
const ERRORS: [&str; 13] = [
    "FAIL",
    "BUSY",
    "ALREADY",
    "OFF",
    "RESERVE",
    "INVAL",
    "SIZE",
    "CANCEL",
    "NOMEM",
    "NOSUPPORT",
    "NODEVICE",
    "UNINSTALLED",
    "NOACK",
];

/// The file that gives the drivers their numbers.
const NUMBERS: &str = "capsules/core/src/driver.rs";

/// A driver.
#[derive(Debug, PartialEq)]
pub struct Driver {
    pub package: String,
    /// The file, from the root.
    pub path: String,
    /// The capsule's module.
    pub name: String,
    pub number: usize,
    /// The docs, line by line.
    pub docs: Vec<String>,
    pub commands: Vec<Command>,
    pub upcalls: Vec<usize>,
    /// As `read-only 1`.
    pub buffers: Vec<String>,
}

/// A row of a command table.
#[derive(Debug, PartialEq)]
pub struct Command {
    pub number: usize,
    /// The errors that the row names.
    pub errors: Vec<String>,
    /// Whether other errors come from something below the driver.
    pub passes_errors_on: bool,
}

/// All drivers, by their numbers.
pub fn drivers() -> Result<Vec<Driver>> {
    let sources = capsules::sources("src")?;
    let numbers = sources.iter().find(|source| source.path == NUMBERS);
    let numbers = numbers.map_or("", |source| &source.text);
    let drivers = sources.iter().map(|source| driver(source, numbers));
    let mut drivers = drivers
        .filter_map(Result::transpose)
        .collect::<Result<Vec<_>>>()?;
    drivers.sort_by_key(|driver| driver.number);
    Ok(drivers)
}

/// The driver in a file, if there is one. `numbers` is the text of [`NUMBERS`].
pub fn driver(source: &Source, numbers: &str) -> Result<Option<Driver>> {
    let Some(number) = driver_number(&source.text) else {
        return Ok(None);
    };
    let parsed = parse(source, number, numbers);
    parsed
        .map(Some)
        .map_err(|message| format!("{}: {message}", source.path))
}

/// What the file says that its driver's number is.
fn driver_number(text: &str) -> Option<&str> {
    let line = text.lines().find_map(|line| {
        line.strip_prefix("pub const DRIVER_NUM: usize = ")
            .map(str::trim)
    })?;
    Some(line.trim_end_matches(';'))
}

fn parse(source: &Source, number: &str, numbers: &str) -> Result<Driver> {
    let docs = source.text.lines().map_while(|line| {
        line.strip_prefix("//!")
            .map(|line| line.strip_prefix(' ').unwrap_or(line).to_owned())
    });
    let mut driver = Driver {
        package: source.package.clone(),
        path: source.path.clone(),
        name: source.module().to_owned(),
        number: value(number, numbers)?,
        docs: docs.collect(),
        commands: Vec::new(),
        upcalls: Vec::new(),
        buffers: Vec::new(),
    };
    let tables = driver.docs.split(|line| !line.starts_with('|'));
    for table in tables.filter(|table| !table.is_empty()) {
        let rows: Vec<_> = table.iter().map(|line| cells(line)).collect();
        // The second row rules the first one off.
        let [header, _, rows @ ..] = &rows[..] else {
            return Err(format!("a table of one line: {table:?}"));
        };
        if let Some(row) = rows.iter().find(|row| row.len() != header.len()) {
            return Err(format!("{row:?} is not as wide as its header, {header:?}"));
        }
        let rows = rows.iter();
        match header[..] {
            ["command", "argument" | "arguments", "result", "errors"] => {
                driver.commands = rows.map(|row| command(row)).collect::<Result<_>>()?;
            }
            ["upcall", "arguments"] => {
                driver.upcalls = rows.map(|row| integer(row[0])).collect::<Result<_>>()?;
            }
            ["buffer", "holds"] => {
                driver.buffers = rows.map(|row| buffer(row[0])).collect::<Result<_>>()?;
            }
            ["command" | "upcall" | "buffer", ..] => {
                return Err(format!(
                    "there is no table with the header {header:?}; there are \
                     `command | arguments | result | errors`, `upcall | arguments` and `buffer | holds`"
                ));
            }
            // Of something else.
            _ => {}
        }
    }
    check_for_tables(&driver, &source.text)?;
    Ok(driver)
}

/// A grant with upcalls or buffers is described by a table.
fn check_for_tables(driver: &Driver, text: &str) -> Result {
    let has = |kind: &str| {
        let mut counts = text.split(kind).skip(1);
        counts.any(|count| !count.starts_with("0>"))
    };
    let has_buffers = has("AllowRoCount<") || has("AllowRwCount<");
    for (table, is_needed, is_missing) in [
        ("command", true, driver.commands.is_empty()),
        ("upcall", has("UpcallCount<"), driver.upcalls.is_empty()),
        ("buffer", has_buffers, driver.buffers.is_empty()),
    ] {
        if is_needed && is_missing {
            return Err(format!("the docs have no {table} table"));
        }
    }
    Ok(())
}

fn cells(line: &str) -> Vec<&str> {
    let line = line.trim().trim_start_matches('|');
    let line = line.strip_suffix('|').unwrap_or(line);
    line.split('|').map(str::trim).collect()
}

fn command(row: &[&str]) -> Result<Command> {
    let mut command = Command {
        number: integer(row[0])?,
        errors: Vec::new(),
        passes_errors_on: false,
    };
    for part in row[3].split(';').map(str::trim) {
        let code = part.strip_prefix('`').and_then(|code| code.split_once('`'));
        match code {
            Some((code, _)) if ERRORS.contains(&code) => command.errors.push(code.into()),
            Some((code, _)) => return Err(format!("there is no error `{code}`")),
            None => command.passes_errors_on |= !part.is_empty(),
        }
    }
    Ok(command)
}

fn buffer(cell: &str) -> Result<String> {
    match cell.split_once(' ') {
        Some(("read-only" | "read-write" | "readable", number)) => {
            integer(number)?;
            Ok(cell.into())
        }
        _ => Err(format!(
            "a buffer is `read-only N`, `read-write N` or `readable N`, not `{cell}`"
        )),
    }
}

/// The value of a number that is a literal, or a variant of the enumeration in `numbers`.
fn value(expression: &str, numbers: &str) -> Result<usize> {
    let Some((_, variant)) = expression.split_once("NUM::") else {
        return integer(expression);
    };
    let variant = variant.trim_end_matches(" as usize");
    let mut lines = numbers.lines().map(str::trim);
    let value = lines.find_map(|line| line.strip_prefix(variant)?.strip_prefix(" = "));
    let value = value.ok_or_else(|| format!("{NUMBERS} has no {variant}"))?;
    integer(value.trim_end_matches(','))
}

fn integer(text: &str) -> Result<usize> {
    let digits = text.replace('_', "");
    let number = match digits.strip_prefix("0x") {
        Some(digits) => usize::from_str_radix(digits, 16),
        None => digits.parse(),
    };
    number.map_err(|_| format!("`{text}` is no number"))
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// A made-up capsule.
    pub const LAMP: &str = "\
//! A lamp, for apps.
//!
//! | command | argument | result | errors |
//! |---|---|---|---|
//! | 0 | | success: the driver is here | |
//! | 2 | level | dims it; upcall 1 follows | `BUSY`: it is dimmed already; `NOMEM`; what the lamp says |
//!
//! | upcall | arguments |
//! |---|---|
//! | 1 | it is dim: status, 0, 0 |
//!
//! | buffer | holds |
//! |---|---|
//! | read-only 3 | the curve |
//!
//! Any other command is `NOSUPPORT`.

use kernel::grant::Grant;

pub const DRIVER_NUM: usize = driver::NUM::Lamp as usize;

pub type LampGrant = Grant<App, UpcallCount<2>, AllowRoCount<4>, AllowRwCount<0>>;
";

    pub fn lamp_with(change: (&str, &str)) -> Result<Driver> {
        assert!(LAMP.contains(change.0), "{change:?} changes nothing");
        let source = Source {
            package: "capsules-house".into(),
            path: "capsules/house/src/lamp.rs".into(),
            text: LAMP.replace(change.0, change.1),
        };
        let driver = driver(&source, "    Lamp = 0x8000_0007,\n");
        driver.map(|driver| driver.expect("it has a number"))
    }

    pub fn lamp() -> Driver {
        lamp_with(("", "")).unwrap()
    }

    #[test]
    fn a_driver_is_what_its_tables_say() {
        let lamp = lamp();
        assert_eq!((&*lamp.name, lamp.number), ("lamp", 0x8000_0007));
        assert_eq!(
            lamp.commands,
            [
                Command {
                    number: 0,
                    errors: vec![],
                    passes_errors_on: false
                },
                Command {
                    number: 2,
                    errors: vec!["BUSY".into(), "NOMEM".into()],
                    passes_errors_on: true
                },
            ]
        );
        assert_eq!(lamp.upcalls, [1]);
        assert_eq!(lamp.buffers, ["read-only 3"]);
    }

    #[test]
    fn a_file_without_a_number_is_no_driver() {
        let source = Source {
            package: "capsules-house".into(),
            path: "capsules/house/src/window.rs".into(),
            text: "//! A window.\n".into(),
        };
        assert_eq!(driver(&source, ""), Ok(None));
    }

    #[test]
    fn a_table_of_something_else_is_nobodys_business() {
        let other = "//! | level | percent |\n//! |---|---|\n//! | 1 | 50 |\n//!\n//! Any other";
        assert_eq!(lamp_with(("//! Any other", other)).unwrap().upcalls, [1]);
        let mistyped = lamp_with(("| command |", "| commands |")).unwrap_err();
        assert!(mistyped.contains("have no command table"), "{mistyped}");
    }

    #[test]
    fn a_number_may_be_a_literal() {
        let literal = lamp_with(("driver::NUM::Lamp as usize", "0x9_0001"));
        assert_eq!(literal.unwrap().number, 0x9_0001);
    }

    #[test]
    fn docs_of_another_form_are_told_of_with_their_file() {
        for (change, complaint) in [
            (
                ("| result |", "| what it does |"),
                "no table with the header",
            ),
            (("| 2 | level |", "| 2 |"), "is not as wide as its header"),
            (("`BUSY`", "`LATER`"), "there is no error `LATER`"),
            (("| 2 |", "| two |"), "`two` is no number"),
            (("read-only 3", "shared 3"), "a buffer is `read-only N`"),
            (("NUM::Lamp", "NUM::Lantern"), "has no Lantern"),
            (
                ("//! |---|---|\n//! | read-only", "//!\n//! | read-only"),
                "a table of one line",
            ),
        ] {
            let message = lamp_with(change).unwrap_err();
            let path = "capsules/house/src/lamp.rs: ";
            assert!(message.starts_with(path), "{message}");
            assert!(message.contains(complaint), "{message}");
        }
    }

    #[test]
    fn a_grant_with_upcalls_or_buffers_needs_their_table() {
        for (table, name) in [
            (
                "//! | upcall | arguments |\n//! |---|---|\n//! | 1 | it is dim: status, 0, 0 |\n",
                "upcall",
            ),
            (
                "//! | buffer | holds |\n//! |---|---|\n//! | read-only 3 | the curve |\n",
                "buffer",
            ),
        ] {
            let message = lamp_with((table, "")).unwrap_err();
            assert!(
                message.contains(&format!("have no {name} table")),
                "{message}"
            );
        }
    }
}
