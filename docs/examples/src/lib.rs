//! The code in the book.
//!
//! Every Rust block of every page is a doc test of this crate: `build.rs` finds the pages. A failed one is named by its
//! page and line. What is too long for a page, and the solutions of the exercises, are modules here, with ordinary
//! tests.

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
