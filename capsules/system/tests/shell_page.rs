//! The book's page about the shell.

use std::{env, fmt::Write, fs};

use capsules_system::shell::commands::{GROUPS, Group};

const PAGE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../docs/src/reference/shell.md"
);

/// Writes the tables anew.
const MEND: &str = "UPDATE_PAGES=1 cargo test -p capsules-system --test shell_page";

const END: &str = "<!-- end of the tables -->";

/// A table for each group of commands.
fn tables() -> String {
    let mut tables = String::new();
    for Group { name, rows } in GROUPS {
        write!(tables, "\n### {name}\n\n| command | does |\n|---|---|\n").unwrap();
        for row in *rows {
            let usage = format!("{} {}", row.name, row.arguments);
            writeln!(tables, "| `{}` | {} |", usage.trim_end(), row.summary).unwrap();
        }
    }
    tables
}

#[test]
fn the_books_page_has_every_command_as_help_tells_it() {
    let page = fs::read_to_string(PAGE).unwrap();
    let start = format!("<!-- made by: {MEND} -->\n");
    let (before, rest) = page.split_once(&start).expect("the page has tables");
    let (_, after) = rest.split_once(END).expect("the tables end");
    let mended = format!("{before}{start}{}\n{END}{after}", tables());
    if env::var_os("UPDATE_PAGES").is_some() {
        fs::write(PAGE, mended).unwrap();
    } else {
        assert!(
            page == mended,
            "docs/src/reference/shell.md is not what the tables of commands say. This writes it anew:\n{MEND}"
        );
    }
}
