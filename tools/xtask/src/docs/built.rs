//! What must be true of the built book: everything that a page shows or leads to is there, without a network.

use std::fs;
use std::path::Path;

use crate::cli::Result;

/// Checks all pages in the folder `book`.
///
/// # Errors
/// A line for each link to a file or a heading that is missing, and for each picture, script or style that is elsewhere.
pub fn check(book: &Path) -> Result {
    let mut complaints = Vec::new();
    let mut folders = vec![book.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries =
            fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        for entry in entries {
            let path = entry.map_err(|error| error.to_string())?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|extension| extension == "html")
            {
                let text = fs::read_to_string(&path);
                let text = text.map_err(|error| format!("{}: {error}", path.display()))?;
                let name = path.strip_prefix(book).unwrap_or(&path).display();
                let wrong = wrong_references(&text, &folder);
                complaints.extend(
                    wrong.map(|reference| format!("{name}: {reference} is not in the book")),
                );
            }
        }
    }
    complaints.sort_unstable();
    if complaints.is_empty() {
        Ok(())
    } else {
        Err(complaints.join("\n"))
    }
}

/// What the page `text` in `folder` needs and does not have.
fn wrong_references<'a>(text: &'a str, folder: &Path) -> impl Iterator<Item = &'a str> {
    let attribute = |name| {
        text.split(name)
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
    };
    let is_link_away = |reference: &&str| {
        ["https://", "http://", "mailto:"]
            .iter()
            .any(|scheme| reference.starts_with(scheme))
    };
    let links = attribute(" href=\"").filter(move |reference| !is_link_away(reference));
    let all = links.chain(attribute(" src=\""));
    all.filter(|reference| !is_there(reference, text, folder))
}

/// Whether a page `text` in `folder` finds what `reference` names: a file, a place in it, or a place on the page itself.
fn is_there(reference: &str, text: &str, folder: &Path) -> bool {
    let (path, anchor) = reference.split_once('#').unwrap_or((reference, ""));
    let is_on = |page: &str| anchor.is_empty() || page.contains(&format!(" id=\"{anchor}\""));
    if path.is_empty() {
        return is_on(text);
    }
    let path = folder.join(path);
    path.exists() && (anchor.is_empty() || fs::read_to_string(path).is_ok_and(|page| is_on(&page)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repository::root;

    #[test]
    fn what_is_missing_or_elsewhere_is_found() {
        let page = "<a href=\"README.md\"> <a href=\"https://example.org\"> <h1 id=\"a\"> <a href=\"#a\">\
            <a href=\"no.html\"> <a href=\"#b\"> <a href=\"README.md#a\"> <img src=\"docs/src/screen.png\"> <script src=\"https://example.org/a.js\">";
        let wrong: Vec<_> = wrong_references(page, root()).collect();
        assert_eq!(
            wrong,
            ["no.html", "#b", "README.md#a", "https://example.org/a.js"]
        );
    }
}
