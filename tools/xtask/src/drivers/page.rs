//! The book's page of drivers.

use std::fmt::Write as _;
use std::fs;

use super::docs::{self, Driver};
use crate::cli::Result;
use crate::repository::root;

/// Where the page is, from the root.
const PAGE: &str = "docs/src/reference/drivers.md";

const INTRODUCTION: &str = "\
# Drivers

<!-- Written by `cargo xtask drivers` from the docs of the capsules. -->

What apps can call: the commands of each driver, the upcalls it gives, and the buffers it is lent. This is the
documentation of the capsules themselves. A command that a table does not name is answered `NOSUPPORT`; a driver that
a board does not have, `NODEVICE`.
";

/// Writes the page.
pub fn write() -> Result {
    let path = root().join(PAGE);
    fs::write(&path, page(&docs::drivers()?))
        .map_err(|error| format!("{}: {error}", path.display()))
}

fn page(drivers: &[Driver]) -> String {
    let mut page = format!("{INTRODUCTION}\n| number | driver | |\n|---|---|---|\n");
    for driver in drivers {
        let (number, name) = (driver.number, &driver.name);
        let paragraphs = driver.docs.split(String::is_empty);
        let summary = paragraphs.map(|lines| lines.join(" ")).next();
        let summary = summary.unwrap_or_default();
        let _ = writeln!(page, "| `{number:#x}` | [{name}](#{name}) | {summary} |");
    }
    for driver in drivers {
        let (number, name, path) = (driver.number, &driver.name, &driver.path);
        let _ = writeln!(page, "\n## {name}\n\nNumber `{number:#x}`, in `{path}`.\n");
        let mut is_code = false;
        for line in &driver.docs {
            is_code ^= line.starts_with("```");
            page += &if is_code { line.clone() } else { prose(line) };
            page.push('\n');
        }
    }
    page
}

/// A line of a capsule's docs as it is in a page about many: a heading is two levels lower, and a name is no link.
fn prose(line: &str) -> String {
    let line = line.replace("[`", "`").replace("`]", "`");
    if line.starts_with('#') {
        format!("##{line}")
    } else {
        line
    }
}

#[cfg(test)]
mod tests {
    use super::super::docs::tests::lamp_with;
    use super::*;

    #[test]
    fn the_page_on_disk_is_what_the_capsules_say() {
        let on_disk = fs::read_to_string(root().join(PAGE)).unwrap_or_default();
        let page = page(&docs::drivers().unwrap());
        assert!(
            on_disk == page,
            "{PAGE} is not what the capsules' docs say: `cargo xtask drivers` brings it up to date"
        );
    }

    #[test]
    fn a_driver_has_a_row_and_a_section() {
        let docs = "//! # Dimming\n//!\n//! See [`Lamp::dim`].\n//! ```text\n//! # [`a`]\n//! ```\n//! Any other";
        let page = page(&[lamp_with(("//! Any other", docs)).unwrap()]);
        for part in [
            "\n| `0x80000007` | [lamp](#lamp) | A lamp, for apps. |\n",
            "\n## lamp\n\nNumber `0x80000007`, in `capsules/house/src/lamp.rs`.\n\nA lamp, for apps.\n",
            "\n| read-only 3 | the curve |\n",
            "\n### Dimming\n\nSee `Lamp::dim`.\n```text\n# [`a`]\n```\n",
        ] {
            assert!(page.contains(part), "{page}");
        }
    }
}
