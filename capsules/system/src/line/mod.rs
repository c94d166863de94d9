//! Reading a line from a person: keys edit a line, words get completed or corrected.
//!
//! Everything here is plain data and text: no kernel, no waiting. [`LineEditor`] turns keys into a line
//! and draws it, [`History`] keeps the lines that were entered. [`Completion`] and [`nearest`] compare a
//! word with the names that exist.

mod completion;
mod editor;
mod history;
mod nearest;

pub use completion::Completion;
pub use editor::{Event, LINE_BYTES, LineEditor, WIDTH};
pub use history::{HISTORY_BYTES, History};
pub use nearest::nearest;
