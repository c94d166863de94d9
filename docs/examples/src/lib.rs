//! The code in the book.
//!
//! Every Rust block of every page is a doc test of this crate: `build.rs` finds the pages. A failed one is named by its
//! page and line. What is too long for a page, and the solutions of the exercises, are modules here, with ordinary
//! tests.
#![deny(unsafe_code)]

pub mod by_hand;
pub mod efficient_executor;
pub mod queue_executor;
pub mod simple_executor;
pub mod solutions;

/// The pages.
#[cfg(doctest)]
mod pages {
    include!(concat!(env!("OUT_DIR"), "/pages.rs"));
}

/// Whether `page` shows the item of `file` that starts with `start` as it is. It ends with a line that is `}`.
#[cfg(test)]
fn shows(page: &str, file: &str, start: &str) -> bool {
    let item = &file[file.find(start).expect("the file has it")..];
    let end = item.find("\n}\n").expect("it ends");
    page.contains(&item[..end])
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_page_of_the_book_is_a_module() {
        let modules = include_str!(concat!(env!("OUT_DIR"), "/pages.rs"));
        let summary = include_str!("../../src/SUMMARY.md");
        let pages = summary.split("](").skip(1);
        let mut pages = pages.filter_map(|rest| rest.split(')').next()).peekable();
        assert!(pages.peek().is_some());
        for page in pages {
            assert!(modules.contains(page), "{page} was not found by build.rs");
        }
    }
}
