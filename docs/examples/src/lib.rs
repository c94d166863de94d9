//! The code in the book.
//!
//! Every Rust block of every page is a doc test of this crate: `build.rs` finds the pages. A failed one is named by its
//! page, with the line in it. What is too long for a page, and the solutions of the exercises, are modules here, with
//! ordinary tests.

/// The pages.
#[cfg(doctest)]
mod pages {
    include!(concat!(env!("OUT_DIR"), "/pages.rs"));
}
