//! The ledger of `unsafe`: a page of the book with a row for each file that uses it. The counts are the code's, the
//! reasons a person's.

use std::fs;

use super::Complaint;
use super::sources::{self, Source};
use crate::cli::Result;
use crate::repository::root;

/// The page.
const LEDGER: &str = "docs/src/reference/unsafe.md";

/// What stands above the rows.
const HEAD: &str = "\
| file | blocks | functions | implementations | other | what it is needed for |
|---|--:|--:|--:|--:|---|
";

/// How often a file uses it.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
struct Counts {
    blocks: usize,
    functions: usize,
    implementations: usize,
    /// Attributes, traits, and blocks of foreign functions.
    other: usize,
}

/// A row of the ledger.
#[derive(PartialEq, Eq, Debug)]
struct Row {
    path: String,
    counts: Counts,
    reason: String,
}

/// Compares the ledger with the code.
pub fn check(sources: &[Source]) -> Result<Vec<Complaint>> {
    Ok(compare(&rows(&read()?)?, &count(sources)))
}

/// Brings the ledger's counts up to date. A new file gets a row without a reason, for a person to write.
pub fn update() -> Result {
    let page = read()?;
    let sources = sources::all(root())?;
    fs::write(root().join(LEDGER), updated(&page, count(&sources))?)
        .map_err(|error| format!("{LEDGER}: {error}"))?;
    let unexplained = rows(&read()?)?
        .into_iter()
        .filter(|row| row.reason.is_empty());
    for row in unexplained {
        println!("{LEDGER}: write what {} needs it for", row.path);
    }
    Ok(())
}

fn read() -> Result<String> {
    fs::read_to_string(root().join(LEDGER)).map_err(|error| format!("{LEDGER}: {error}"))
}

fn count(sources: &[Source]) -> Vec<(&str, Counts)> {
    let counted = sources
        .iter()
        .map(|source| (&*source.path, count_in(source)));
    counted
        .filter(|(_, counts)| *counts != Counts::default())
        .collect()
}

fn count_in(source: &Source) -> Counts {
    let mut counts = Counts::default();
    for index in source.places(&["unsafe"]) {
        let next = |distance| source.text(index + distance);
        *match next(1) {
            "{" => &mut counts.blocks,
            "fn" => &mut counts.functions,
            // Between them is the name of the ABI.
            "extern" if next(3) == "fn" => &mut counts.functions,
            "impl" => &mut counts.implementations,
            _ => &mut counts.other,
        } += 1;
    }
    counts
}

fn compare(rows: &[Row], counted: &[(&str, Counts)]) -> Vec<Complaint> {
    const UPDATE: &str = "`cargo xtask unsafe` brings the counts up to date";
    let mut complaints = Vec::new();
    for (path, counts) in counted {
        match rows.iter().find(|row| row.path == *path) {
            None => complaints.push(format!("{LEDGER}: {path} is missing; {UPDATE}")),
            Some(row) if row.counts != *counts => complaints.push(format!(
                "{LEDGER}: {path} has {counts:?}, not {:?}: look at what was added, then {UPDATE}",
                row.counts
            )),
            Some(row) if row.reason.is_empty() => {
                complaints.push(format!("{LEDGER}: {path} has no reason"));
            }
            Some(_) => {}
        }
    }
    let is_gone = |row: &&Row| !counted.iter().any(|(path, _)| row.path == *path);
    let gone = rows.iter().filter(is_gone);
    complaints.extend(gone.map(|row| format!("{LEDGER}: {} uses none; {UPDATE}", row.path)));
    complaints
}

/// The page with the rows that there should be.
fn updated(page: &str, counted: Vec<(&str, Counts)>) -> Result<String> {
    let mut old = rows(page)?;
    let (before, after) = split(page)?;
    let mut text = format!("{before}{HEAD}");
    for (path, counts) in counted {
        let old = old.iter_mut().find(|row| row.path == path);
        let reason = old.map(|row| std::mem::take(&mut row.reason));
        let Counts {
            blocks,
            functions,
            implementations,
            other,
        } = counts;
        let reason = reason.unwrap_or_default();
        text += &format!(
            "| `{path}` | {blocks} | {functions} | {implementations} | {other} | {reason} |\n"
        );
    }
    Ok(text + after)
}

/// What is before the table, and what is after it.
fn split(page: &str) -> Result<(&str, &str)> {
    let (before, table) = page
        .split_once(HEAD)
        .ok_or(format!("{LEDGER}: the table's head is not:\n{HEAD}"))?;
    let rows = table
        .split_inclusive('\n')
        .take_while(|line| line.starts_with('|'));
    let end: usize = rows.map(str::len).sum();
    Ok((before, &table[end..]))
}

fn rows(page: &str) -> Result<Vec<Row>> {
    let (before, after) = split(page)?;
    let table = &page[before.len() + HEAD.len()..page.len() - after.len()];
    let row = |line: &str| parse(line).ok_or(format!("{LEDGER}: no row of the table: {line}"));
    table.lines().map(row).collect()
}

fn parse(line: &str) -> Option<Row> {
    let cells: Vec<&str> = line.split('|').map(str::trim).collect();
    let [
        "",
        path,
        blocks,
        functions,
        implementations,
        other,
        reason,
        "",
    ] = cells[..]
    else {
        return None;
    };
    Some(Row {
        path: path.trim_matches('`').into(),
        counts: Counts {
            blocks: blocks.parse().ok()?,
            functions: functions.parse().ok()?,
            implementations: implementations.parse().ok()?,
            other: other.parse().ok()?,
        },
        reason: reason.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODE: &str = "
        // unsafe { }
        unsafe fn f() { unsafe { g() } }
        unsafe extern \"C\" fn g() {}
        unsafe impl Sync for S {}
        #[unsafe(no_mangle)] fn h() { let _ = \"unsafe { }\"; }
        macro_rules! m { () => { unsafe { f() } } }
    ";
    const COUNTS: Counts = Counts {
        blocks: 2,
        functions: 2,
        implementations: 1,
        other: 1,
    };

    fn page(rows: &str) -> String {
        format!("# Head\n\n{HEAD}{rows}\nTail\n")
    }

    fn complaints(rows_of_page: &str, counted: &[(&str, Counts)]) -> Vec<Complaint> {
        compare(&rows(&page(rows_of_page)).unwrap(), counted)
    }

    #[test]
    fn code_is_counted_and_neither_comments_nor_texts() {
        assert_eq!(count_in(&Source::new("x.rs", CODE).unwrap()), COUNTS);
    }

    #[test]
    fn a_ledger_that_tells_the_truth_passes() {
        assert!(complaints("| `x.rs` | 2 | 2 | 1 | 1 | why |\n", &[("x.rs", COUNTS)]).is_empty());
    }

    #[test]
    fn a_new_file_a_count_and_a_reason_that_is_missing_are_told() {
        let told = |rows, what: &str| {
            let complaints = complaints(rows, &[("x.rs", COUNTS)]);
            assert!(
                complaints.len() == 1 && complaints[0].contains(what),
                "{complaints:?}"
            );
        };
        told("", "x.rs is missing");
        told(
            "| `x.rs` | 1 | 2 | 1 | 1 | why |\n",
            "x.rs has Counts { blocks: 2,",
        );
        told("| `x.rs` | 2 | 2 | 1 | 1 | |\n", "x.rs has no reason");
    }

    #[test]
    fn a_file_that_uses_none_any_more_is_told() {
        let complaints = complaints("| `x.rs` | 2 | 2 | 1 | 1 | why |\n", &[]);
        assert!(complaints[0].contains("x.rs uses none"), "{complaints:?}");
    }

    #[test]
    fn an_update_keeps_reasons_and_leaves_new_ones_to_a_person() {
        let old = page("| `x.rs` | 1 | 0 | 0 | 0 | why |\n| `gone.rs` | 1 | 0 | 0 | 0 | was |\n");
        let new = updated(&old, vec![("a.rs", COUNTS), ("x.rs", COUNTS)]).unwrap();
        let expected = page("| `a.rs` | 2 | 2 | 1 | 1 |  |\n| `x.rs` | 2 | 2 | 1 | 1 | why |\n");
        assert_eq!(new, expected);
    }

    #[test]
    fn what_is_no_row_is_told() {
        assert!(
            rows(&page("| x.rs | many | why |\n"))
                .unwrap_err()
                .contains("many")
        );
        assert!(rows("# No table\n").unwrap_err().contains("head"));
    }
}
