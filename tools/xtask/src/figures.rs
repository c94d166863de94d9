//! `figures`: writes what was measured into the pages of the book.

use std::fs;
use std::path::Path;

use qemu::Value;

use crate::bench::Figures;
use crate::cli::Result;
use crate::docs::pages;
use crate::repository::{root, target};
use crate::trace::{self, Step};

/// The page with all figures. Each has a row: its name, its value, and what else there is to say.
const FIGURES: &str = "docs/src/reference/figures.md";

/// The page that compares some of them with Tock's.
const COMPARISON: &str = "docs/src/tock/figures.md";

/// The page that follows a system call, and where in it the instructions are.
const SYSTEM_CALL: &str = "docs/src/kernel/system-call.md";
const START: &str = "<!-- made by: cargo xtask figures -->\n";
const END: &str = "<!-- end of the instructions -->";

/// Takes the figures that `bench` has measured, traces a system call, and writes both.
pub fn run() -> Result {
    let figures = measured()?;
    let steps = trace::system_call()?;
    edit(FIGURES, |page| with_all_values(page, &figures))?;
    edit(COMPARISON, |page| Ok(with_values(page, &figures)))?;
    edit(SYSTEM_CALL, |page| with_instructions(page, &steps))?;
    for page in pages(root())? {
        edit(page.path, |text| Ok(with_values_in_text(text, &figures)))?;
    }
    Ok(())
}

fn measured() -> Result<Figures> {
    let path = target("bench.json");
    let missing = |_| "there is no target/bench.json: `make bench` measures first".to_string();
    let json: Value = fs::read_to_string(&path)
        .map_err(missing)?
        .parse()
        .map_err(|error| format!("{}: {error}", path.display()))?;
    let figures = json.as_object().into_iter().flatten();
    Ok(figures
        .filter_map(|(name, value)| Some((name.clone(), value.as_u64()?)))
        .collect())
}

fn edit(page: impl AsRef<Path>, change: impl FnOnce(&str) -> Result<String>) -> Result {
    let (path, page) = (root().join(&page), page.as_ref().display());
    let failed = |error: std::io::Error| format!("{page}: {error}");
    let before = fs::read_to_string(&path).map_err(failed)?;
    let after = change(&before).map_err(|error| format!("{page}: {error}"))?;
    if after == before {
        return Ok(());
    }
    println!("{page} has changed");
    fs::write(path, after).map_err(failed)
}

/// As [`with_values`], for the page that has a row for each figure.
fn with_all_values(page: &str, figures: &Figures) -> Result<String> {
    match figures
        .keys()
        .find(|name| !names(page).any(|other| other == *name))
    {
        Some(name) => Err(format!("there is no row for {name}")),
        None => Ok(with_values(page, figures)),
    }
}

/// The page with each figure's value in the cell after its name.
fn with_values(page: &str, figures: &Figures) -> String {
    let row = |line: &str| {
        let mut cells: Vec<String> = line.split('|').map(String::from).collect();
        for place in 1..cells.len().saturating_sub(1) {
            if let Some(figure) = code(&cells[place - 1]).and_then(|name| figures.get(name)) {
                cells[place] = format!(" {} ", grouped(*figure));
            }
        }
        cells.join("|")
    };
    page.split_inclusive('\n').map(row).collect()
}

/// The page with each figure's value before its name, where that is in brackets: "89 (`task_wake_poll`)".
fn with_values_in_text(page: &str, figures: &Figures) -> String {
    figures.iter().fold(page.into(), |page, (name, figure)| {
        let name = format!(" (`{name}`)");
        let mut pieces = page.split(&name);
        let mut changed: String = pieces.next().into_iter().collect();
        for piece in pieces {
            let number = |c: char| c.is_ascii_digit() || c == ',';
            let before = changed.trim_end_matches(number).len();
            if before < changed.len() {
                changed.replace_range(before.., &grouped(*figure));
            }
            changed += &name;
            changed += piece;
        }
        changed
    })
}

/// What stands in the cells of a page that are code and nothing else.
fn names(page: &str) -> impl Iterator<Item = &str> {
    page.lines()
        .flat_map(|line| line.split('|'))
        .filter_map(code)
}

fn code(cell: &str) -> Option<&str> {
    cell.trim().strip_prefix('`')?.strip_suffix('`')
}

/// A number with a comma before each three digits.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// The page with these instructions, and how many there are of each function.
fn with_instructions(page: &str, steps: &[Step]) -> Result<String> {
    let (before, rest) = page
        .split_once(START)
        .ok_or("there is no place for the instructions")?;
    let (_, after) = rest
        .split_once(END)
        .ok_or("the place for the instructions has no end")?;
    let rows: String = trace::runs(steps)
        .map(|run| format!("| `{}` | {} |\n", run[0].function, run.len()))
        .collect();
    let table = format!(
        "| function | instructions |\n|---|---|\n{rows}| all | {} |\n",
        steps.len()
    );
    let listing = trace::listing(steps);
    Ok(format!(
        "{before}{START}\n{table}\n```text\n{listing}```\n\n{END}{after}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::targets::{TARGETS, Target};

    #[test]
    fn every_figure_of_the_design_has_a_row_with_its_target() {
        let page = fs::read_to_string(root().join(FIGURES)).unwrap();
        for (name, target) in TARGETS {
            let start = format!("| `{name}` | ");
            let row = page.lines().find(|line| line.starts_with(&start));
            let row = row.unwrap_or_else(|| panic!("{FIGURES} has no row for {name}"));
            let target = match target {
                Target::AtMost(limit) => format!("at most {limit}"),
                Target::Near(other) => format!("`{other}` ±10 %"),
            };
            assert!(row.contains(&target), "{row}: {target}");
        }
    }

    #[test]
    fn what_is_compared_with_tock_are_figures() {
        let read = |page| fs::read_to_string(root().join(page)).unwrap();
        let (figures, comparison) = (read(FIGURES), read(COMPARISON));
        let compared: Vec<_> = names(&comparison).collect();
        assert!(compared.len() > 10, "{compared:?}");
        for name in compared {
            assert!(names(&figures).any(|figure| figure == name), "{name}");
        }
    }

    #[test]
    fn values_are_put_into_the_cells_after_their_names_and_the_rest_stays() {
        let page = "# Figures\n\n| `a` | 1 | at most 2 | text |\n| b | `a` | | - |\n`a` is it.\n";
        let figures = Figures::from([("a".into(), 1_234_567)]);
        let changed = "# Figures\n\n| `a` | 1,234,567 | at most 2 | text |\n| b | `a` | 1,234,567 | - |\n`a` is it.\n";
        assert_eq!(with_all_values(page, &figures), Ok(changed.into()));
        let figures = Figures::from([("c".into(), 17)]);
        let error = with_all_values(page, &figures).unwrap_err();
        assert_eq!(error, "there is no row for c");
    }

    #[test]
    fn what_the_book_says_of_a_figure_is_what_its_row_says() {
        let table = fs::read_to_string(root().join(FIGURES)).unwrap();
        let value = |name: &str| {
            let row = table.split_once(&format!("| `{name}` | "))?.1;
            row.split_once(' ')?.0.replace(',', "").parse().ok()
        };
        let figures = names(&table).filter_map(|name| Some((name.into(), value(name)?)));
        let figures: Figures = figures.collect();
        assert!(figures.contains_key("task_wake_poll"), "{figures:?}");
        for page in pages(root()).unwrap() {
            let right = with_values_in_text(&page.text, &figures);
            for (line, right) in page.text.lines().zip(right.lines()) {
                assert_eq!(line, right, "{}", page.path.display());
            }
        }
    }

    #[test]
    fn values_are_put_before_their_names_in_brackets() {
        let page = "From 3 to 1 (`a`), 20,000 (`b`) of (`a`), 5 of `a`, and 7 (`c`).";
        let figures = Figures::from([("a".into(), 1_234), ("b".into(), 2)]);
        let changed = "From 3 to 1,234 (`a`), 2 (`b`) of (`a`), 5 of `a`, and 7 (`c`).";
        assert_eq!(with_values_in_text(page, &figures), changed);
    }

    #[test]
    fn instructions_take_the_place_of_those_before() {
        let step = |function: &str| Step {
            function: function.into(),
            text: "nop".into(),
        };
        let steps = [step("door"), step("door"), step("the app")];
        let page = format!("Before.\n{START}old\n{END}\nAfter.\n");
        let changed = with_instructions(&page, &steps).unwrap();
        assert!(changed.starts_with("Before.\n") && changed.ends_with("\nAfter.\n"));
        assert!(!changed.contains("old"), "{changed}");
        assert!(
            changed.contains("| `door` | 2 |\n| `the app` | 1 |\n| all | 3 |\n"),
            "{changed}"
        );
        assert!(with_instructions("Nothing.", &steps).is_err());
    }
}
