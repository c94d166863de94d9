//! Building the book with mdBook, into `target/book`.
//!
//! The book is built from a copy: there the links that lead out of it are changed to pages that show what they lead
//! to, and `mdbook-mermaid` adds what draws the diagrams. So the result can be read without a network, and moved.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::{env, iter};

use super::built;
use super::links::{self, PAGES, Page, Target};
use super::source_page;
use crate::cli::Result;
use crate::repository::{output_of, program, root, target};
use crate::setup;

/// Builds the book, and checks every link before and after. Prints where it starts.
///
/// # Errors
/// Links that lead nowhere, and what the programs complain about.
pub fn build() -> Result {
    let pages = links::check(root())?;
    setup::prepare(&["build", "docs"])?;
    let copy = copy(&pages)?;
    let tools = target("tools").join("bin");
    // `output_of`: both tell more than a person wants to know of what goes well.
    output_of(
        program(tools.join("mdbook-mermaid"))
            .arg("install")
            .arg(&copy),
    )?;
    let book = target("book");
    let mut mdbook = program(tools.join("mdbook"));
    mdbook.arg("build").arg(&copy).arg("--dest-dir").arg(&book);
    // mdBook finds its preprocessor there.
    output_of(mdbook.env("PATH", path_with(&tools)?))?;
    built::check(&book)?;
    println!("{}", book.join("index.html").display());
    Ok(())
}

/// The variable PATH with `folder` before all others.
fn path_with(folder: &Path) -> Result<OsString> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = iter::once(folder.to_owned()).chain(env::split_paths(&path));
    env::join_paths(folders).map_err(|error| error.to_string())
}

/// Makes the copy that the book is built from, and returns its folder.
fn copy(pages: &[Page]) -> Result<PathBuf> {
    let copy = target("book-source");
    let cannot = |error| format!("{}: {error}", copy.display());
    if copy.exists() {
        fs::remove_dir_all(&copy).map_err(cannot)?;
    }
    let sources = copy.join("src");
    copy_folder(&root().join(PAGES), &sources).map_err(cannot)?;
    fs::copy(root().join("docs/book.toml"), copy.join("book.toml")).map_err(cannot)?;
    let mut shown = BTreeSet::new();
    for page in pages {
        if let Ok(place) = page.path.strip_prefix(PAGES) {
            let text = with_links_kept_inside(page, &mut shown)?;
            fs::write(sources.join(place), text).map_err(cannot)?;
        }
    }
    for path in shown {
        source_page::write(root(), &path, &sources)?;
    }
    Ok(copy)
}

/// The text of a page, with the links that lead out of the book changed to pages that show what is there. Adds those
/// paths to `shown`.
fn with_links_kept_inside(page: &Page, shown: &mut BTreeSet<PathBuf>) -> Result<String> {
    let depth = page.path.components().count() - Path::new(PAGES).components().count() - 1;
    let to_start = "../".repeat(depth);
    let mut text = page.text.clone();
    // From the last one, so that places of those before it stay right.
    for link in page.links().into_iter().rev() {
        let Target::Inside(path, _) = page.target(&link)? else {
            continue;
        };
        if path.starts_with(PAGES) {
            continue;
        }
        let destination = format!("{to_start}{}", source_page::place(&path).display());
        let Some(start) = text[link.range.clone()].rfind(&link.destination) else {
            let destination = &link.destination;
            return Err(format!(
                "{}: `{destination}` is not written plainly",
                page.path.display()
            ));
        };
        let start = link.range.start + start;
        text.replace_range(start..start + link.destination.len(), &destination);
        shown.insert(path);
    }
    Ok(text)
}

fn copy_folder(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &to)?;
        } else {
            fs::copy(entry.path(), to)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_out_of_the_book_lead_to_pages_that_show_what_is_there() {
        let page = Page {
            path: "docs/src/async/page.md".into(),
            text: "[a](../kernel/loop.md) [`b`](../../../kernel/src/ready.rs) [c](../../../README.md#capsa)".into(),
        };
        let mut shown = BTreeSet::new();
        assert_eq!(
            with_links_kept_inside(&page, &mut shown).unwrap(),
            "[a](../kernel/loop.md) [`b`](../source/kernel/src/ready_rs.html) [c](../source/README_md.html)"
        );
        assert!(
            shown
                .iter()
                .eq(["README.md", "kernel/src/ready.rs"].map(Path::new))
        );
    }
}
