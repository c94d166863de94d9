//! The VGA's text screen: 80 columns and 25 rows of characters of code page 437 in sixteen colours.
//!
//! The screen is divided into windows, each a text screen of its own with a cursor, colours and scrolling.
//! What is written to a window is UTF-8 with the usual control sequences; [`emulator`] carries it out.

pub mod ansi;
pub mod code_page_437;
pub mod emulator;
mod screen;

pub use screen::{COLUMNS, PanicScreen, ROWS, Screen, Window};
