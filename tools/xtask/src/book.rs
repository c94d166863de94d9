//! `figures`: writes what was measured into the pages of the book.

use std::collections::BTreeMap;
use std::fs;

use qemu::Value;

use crate::cli::Result;
use crate::repository::{root, target};
use crate::trace::{self, Step};

/// The page with all figures. Each has a row: its name, its value, and what else there is to say.
const FIGURES: &str = "docs/src/reference/figures.md";

/// The page that follows a system call, and where in it the instructions are.
const SYSTEM_CALL: &str = "docs/src/kernel/system-call.md";
const START: &str = "<!-- made by: cargo xtask figures -->\n";
const END: &str = "<!-- end of the instructions -->";

/// Takes the figures that `bench` has measured, traces a system call, and writes both.
pub fn run() -> Result {
    let figures = measured()?;
    let steps = trace::system_call()?;
    edit(FIGURES, |page| with_values(page, &figures))?;
    edit(SYSTEM_CALL, |page| with_instructions(page, &steps))
}

fn measured() -> Result<BTreeMap<String, u64>> {
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

fn edit(page: &str, change: impl FnOnce(&str) -> Result<String>) -> Result {
    let path = root().join(page);
    let failed = |error: std::io::Error| format!("{page}: {error}");
    let before = fs::read_to_string(&path).map_err(failed)?;
    let after = change(&before).map_err(|error| format!("{page}: {error}"))?;
    if after == before {
        return Ok(());
    }
    println!("{page} has changed");
    fs::write(path, after).map_err(failed)
}

/// The page with these values in the rows of the figures.
fn with_values(page: &str, figures: &BTreeMap<String, u64>) -> Result<String> {
    let mut left = figures.clone();
    let mut row = |line: &str| -> Option<String> {
        let (name, rest) = line.strip_prefix("| `")?.split_once("` | ")?;
        let (_, rest) = rest.split_once(" | ")?;
        let value = left.remove(name)?;
        Some(format!("| `{name}` | {value} | {rest}"))
    };
    let lines = page
        .split('\n')
        .map(|line| row(line).unwrap_or(line.into()));
    let changed = lines.collect::<Vec<_>>().join("\n");
    match left.keys().next() {
        Some(name) => Err(format!("there is no row for {name}")),
        None => Ok(changed),
    }
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
    fn values_are_put_into_rows_and_the_rest_stays() {
        let page = "# Figures\n\n| `a` | 1 | at most 2 | text |\n| b | 3 | - | - |\n";
        let figures = BTreeMap::from([("a".to_string(), 17)]);
        let changed = "# Figures\n\n| `a` | 17 | at most 2 | text |\n| b | 3 | - | - |\n";
        assert_eq!(with_values(page, &figures), Ok(changed.into()));
        let figures = BTreeMap::from([("c".to_string(), 17)]);
        let error = with_values(page, &figures).unwrap_err();
        assert_eq!(error, "there is no row for c");
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
