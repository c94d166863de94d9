//! The links in the book, in README.md and in CONTRIBUTING.md.
//!
//! A link to a place in the repository is relative, so that it works wherever the repository is looked at; it must
//! exist, with its heading. A link to another site is never fetched here: [`list_external`] lists them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::ops::Range;
use std::path::{Component, Path, PathBuf};

use pulldown_cmark::{Event, LinkType, Parser, Tag, TagEnd};

use crate::cli::Result;
use crate::repository::root;

/// Where the pages of the book are.
pub const PAGES: &str = "docs/src";

/// The order of the pages.
const SUMMARY: &str = "docs/src/SUMMARY.md";

/// What people read beside the book.
const BESIDE_THE_BOOK: [&str; 2] = ["README.md", "CONTRIBUTING.md"];

/// A file of Markdown.
pub struct Page {
    /// Its path in the repository.
    pub path: PathBuf,
    /// What is in it.
    pub text: String,
}

/// A link or an image.
pub struct Link {
    /// Where it leads, as it is written.
    pub destination: String,
    /// Where it is in the text.
    pub range: Range<usize>,
    /// Whether the destination is written in the link itself, rather than elsewhere on the page.
    is_inline: bool,
}

/// Where a link leads.
#[derive(Debug, PartialEq)]
pub enum Target {
    /// To another site.
    External,
    /// To a path in the repository, and a heading.
    Inside(PathBuf, Option<String>),
}

impl Page {
    /// Reads the page at `path` in the folder `root`.
    fn read(root: &Path, path: PathBuf) -> Result<Self> {
        let text = fs::read_to_string(root.join(&path));
        let text = text.map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Self { path, text })
    }

    /// Whether it is part of the book.
    pub fn is_in_book(&self) -> bool {
        self.path.starts_with(PAGES)
    }

    /// The links, in order.
    pub fn links(&self) -> Vec<Link> {
        let links = Parser::new(&self.text).into_offset_iter();
        let link = |(event, range)| match event {
            Event::Start(
                Tag::Link {
                    link_type,
                    dest_url,
                    ..
                }
                | Tag::Image {
                    link_type,
                    dest_url,
                    ..
                },
            ) => Some(Link {
                destination: dest_url.into_string(),
                range,
                is_inline: link_type == LinkType::Inline,
            }),
            _ => None,
        };
        links.filter_map(link).collect()
    }

    /// The anchors of the headings, as mdBook and the forges make them.
    fn anchors(&self) -> BTreeSet<String> {
        let mut anchors = BTreeSet::new();
        let mut heading: Option<String> = None;
        for event in Parser::new(&self.text) {
            match event {
                Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
                Event::Text(text) | Event::Code(text) => {
                    if let Some(heading) = &mut heading {
                        heading.push_str(&text);
                    }
                }
                Event::End(TagEnd::Heading(_)) => {
                    let anchor = anchor(&heading.take().unwrap_or_default());
                    let again = |number| format!("{anchor}-{number}");
                    let is_new = |anchor: &String| !anchors.contains(anchor);
                    let mut names = [anchor.clone()].into_iter().chain((1..).map(again));
                    anchors.extend(names.find(is_new));
                }
                _ => {}
            }
        }
        anchors
    }

    /// Where `link` leads.
    ///
    /// # Errors
    /// A path that leaves the repository.
    pub fn target(&self, link: &Link) -> Result<Target> {
        let destination = &link.destination;
        if destination.contains(':') {
            return Ok(Target::External);
        }
        let (path, anchor) = match destination.split_once('#') {
            Some((path, anchor)) => (path, Some(anchor.to_owned())),
            None => (destination.as_str(), None),
        };
        if path.is_empty() {
            return Ok(Target::Inside(self.path.clone(), anchor));
        }
        let mut target = self.path.parent().map(PathBuf::from).unwrap_or_default();
        for component in Path::new(path).components() {
            match component {
                Component::CurDir => {}
                Component::Normal(name) => target.push(name),
                Component::ParentDir if target.pop() => {}
                _ => {
                    let wish = "write it relative to the page, and inside the repository";
                    return Err(format!("leads out of the repository; {wish}"));
                }
            }
        }
        Ok(Target::Inside(target, anchor))
    }

    /// The number of the line that `link` is on.
    pub fn line(&self, link: &Link) -> usize {
        self.text[..link.range.start].matches('\n').count() + 1
    }
}

/// The anchor of the first heading with this text.
fn anchor(heading: &str) -> String {
    let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    let kept = heading.trim().chars().filter(kept).collect::<String>();
    kept.to_lowercase().replace(' ', "-")
}

/// Reads all pages of the folder `root`.
///
/// # Errors
/// What cannot be read.
pub fn pages(root: &Path) -> Result<Vec<Page>> {
    let mut paths = BESIDE_THE_BOOK.map(PathBuf::from).to_vec();
    let mut folders = vec![PathBuf::from(PAGES)];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(root.join(&folder));
        for entry in entries.map_err(|error| format!("{}: {error}", folder.display()))? {
            let path = folder.join(entry.map_err(|error| error.to_string())?.file_name());
            if root.join(&path).is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                paths.push(path);
            }
        }
    }
    paths.sort();
    let read = |path| Page::read(root, path);
    paths.into_iter().map(read).collect()
}

/// Checks all links of the folder `root`, and that the summary names every page of the book.
///
/// # Errors
/// A line for each complaint: the page, the line, what is wrong and what would be right.
pub fn check(root: &Path) -> Result<Vec<Page>> {
    let pages = pages(root)?;
    let mut complaints = Vec::new();
    for page in &pages {
        for link in page.links() {
            if let Err(complaint) = check_link(root, &pages, page, &link) {
                let (path, line) = (page.path.display(), page.line(&link));
                let destination = &link.destination;
                complaints.push(format!(
                    "{path}:{line}: the link `{destination}` {complaint}"
                ));
            }
        }
    }
    complaints.extend(not_in_summary(&pages));
    if complaints.is_empty() {
        Ok(pages)
    } else {
        Err(complaints.join("\n"))
    }
}

fn check_link(root: &Path, pages: &[Page], page: &Page, link: &Link) -> Result {
    let Target::Inside(path, anchor) = page.target(link)? else {
        return Ok(());
    };
    if !root.join(&path).exists() {
        return Err(format!("leads to {}, which is not there", path.display()));
    }
    if page.is_in_book() && !path.starts_with(PAGES) && !link.is_inline {
        return Err("leads out of the book; write it in one piece: `[text](path)`".into());
    }
    let Some(anchor) = anchor else {
        return Ok(());
    };
    let Some(page) = pages.iter().find(|page| page.path == path) else {
        let path = path.display();
        return Err(format!(
            "has a `#`, but {path} has no headings; name what is meant in the text"
        ));
    };
    let anchors = page.anchors();
    if anchors.contains(&anchor) {
        return Ok(());
    }
    let anchors: Vec<_> = anchors.iter().map(|anchor| format!("#{anchor}")).collect();
    let (path, anchors) = (path.display(), anchors.join(" "));
    Err(format!("leads to no heading of {path}; it has {anchors}"))
}

/// A complaint for each page of the book that is not in its summary.
fn not_in_summary(pages: &[Page]) -> Vec<String> {
    let summary = Path::new(SUMMARY);
    let Some(summary) = pages.iter().find(|page| page.path == summary) else {
        return vec![format!("{SUMMARY} is not there")];
    };
    let listed: Vec<_> = summary
        .links()
        .iter()
        .map(|link| summary.target(link))
        .collect();
    let is_missing = |page: &&Page| {
        let target = Ok(Target::Inside(page.path.clone(), None));
        page.is_in_book() && page.path != summary.path && !listed.contains(&target)
    };
    let missing = pages.iter().filter(is_missing);
    let complaint = |page: &Page| format!("{}: not in {SUMMARY}", page.path.display());
    missing.map(complaint).collect()
}

/// Prints the links to other sites, and the pages that have them.
///
/// # Errors
/// What cannot be read.
pub fn list_external() -> Result {
    let mut places = BTreeMap::<String, Vec<String>>::new();
    for page in pages(root())? {
        for link in page.links() {
            if page.target(&link) == Ok(Target::External) {
                let place = format!("{}:{}", page.path.display(), page.line(&link));
                places.entry(link.destination).or_default().push(place);
            }
        }
    }
    for (destination, places) in places {
        println!("{destination}  {}", places.join(" "));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repository::target;

    /// A repository whose book has one page, with this text; README.md has the heading "Two words".
    fn repository(name: &str, page: &str) -> PathBuf {
        let root = target("link-tests").join(name);
        fs::create_dir_all(root.join("docs/src/part")).unwrap();
        fs::create_dir_all(root.join("kernel")).unwrap();
        for (path, text) in [
            (
                "README.md",
                "# Two *words*\n\n## `Same`, again!\n\n## Same again\n",
            ),
            ("CONTRIBUTING.md", ""),
            ("docs/src/SUMMARY.md", "[A page](part/page.md)"),
            ("docs/src/part/page.md", page),
            ("kernel/lib.rs", ""),
        ] {
            fs::write(root.join(path), text).unwrap();
        }
        root
    }

    fn complaint(name: &str, page: &str) -> String {
        check(&repository(name, page)).err().unwrap_or_default()
    }

    #[test]
    fn every_link_of_this_repository_leads_somewhere() {
        if let Err(complaints) = check(root()) {
            panic!("\n{complaints}");
        }
    }

    #[test]
    fn links_that_are_right_are_not_complained_about() {
        let page = "# Here\n[a](../../../README.md#two-words) [b](#here) [c](../../../kernel/lib.rs) \
            [d](../../../kernel/) [e](https://example.org/#none) [f](./page.md#here) [g]\n\n[g]: #here\n\
            ```text\n[no link](missing.md)\n```\n[h](../../../README.md#same-again-1)";
        assert_eq!(complaint("right", page), "");
    }

    #[test]
    fn a_link_to_a_missing_file_is_named_with_its_line() {
        let complaint = complaint("missing", "# Here\n\nText [a](../missing.md).\n");
        let expected =
            "docs/src/part/page.md:3: the link `../missing.md` leads to docs/src/missing.md";
        assert!(complaint.starts_with(expected), "{complaint}");
    }

    #[test]
    fn an_image_is_a_link() {
        let complaint = complaint("image", "![a](screen.png)");
        assert!(
            complaint.contains("docs/src/part/screen.png, which is not there"),
            "{complaint}"
        );
    }

    #[test]
    fn a_link_to_a_missing_heading_is_answered_with_those_that_there_are() {
        let complaint = complaint("heading", "[a](../../../README.md#three-words)");
        assert!(
            complaint.ends_with("it has #same-again #same-again-1 #two-words"),
            "{complaint}"
        );
    }

    #[test]
    fn a_line_of_a_source_file_is_no_heading() {
        let complaint = complaint("line", "[a](../../../kernel/lib.rs#L1)");
        assert!(
            complaint.contains("kernel/lib.rs has no headings"),
            "{complaint}"
        );
    }

    #[test]
    fn a_link_leaves_neither_the_repository_nor_in_two_pieces_the_book() {
        let complaint = complaint(
            "out",
            "[a](../../../../x) [b](/x) [c]\n\n[c]: ../../../README.md",
        );
        let lines: Vec<_> = complaint.lines().collect();
        assert_eq!(lines.len(), 3, "{complaint}");
        assert!(
            lines[0].contains("`../../../../x` leads out of the repository"),
            "{complaint}"
        );
        assert!(
            lines[1].contains("`/x` leads out of the repository"),
            "{complaint}"
        );
        assert!(lines[2].contains("in one piece"), "{complaint}");
    }

    #[test]
    fn a_page_that_the_summary_does_not_name_is_found() {
        let root = repository("summary", "");
        fs::write(root.join("docs/src/part/forgotten.md"), "").unwrap();
        let complaint = check(&root).err().unwrap();
        assert_eq!(
            complaint,
            "docs/src/part/forgotten.md: not in docs/src/SUMMARY.md"
        );
    }
}
