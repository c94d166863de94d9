//! `docs`: the book, and the links of all that people read.

mod book;
mod built;
mod links;
mod source_page;

pub use book::build;
pub use links::{list_external, pages};
