//! The shell: a person types a line, a command answers. One instance a terminal.
//!
//! [`run`] is the loop. [`Machine`] is what commands can reach. A command is a row in the table of its
//! group, in [`commands`], and an `async fn`.

mod app_lines;
mod candidates;
pub mod commands;
mod foreground;
mod machine;
mod news;
mod run;

pub use foreground::{AppScreen, Foreground};
pub use machine::{BLINKERS, Blink, Machine, MemoryRange};
use news::LOG_LINE_BYTES;
pub use run::{Terminal, run};
