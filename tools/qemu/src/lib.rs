//! Drives the machine from outside, as a person in front of it would: keys by the monitor, bytes by the
//! serial line, the picture from the screen's memory.
//!
//! [`Machine::boot`] starts QEMU; what the machine does is then waited for, always with a limit, and a
//! limit that passes is a panic that shows what was there instead. A `Machine` that goes away takes its
//! QEMU with it, also when the process that owns it is killed.
//!
//! ```no_run
//! use qemu::{Machine, Options};
//! use std::time::Duration;
//!
//! let limit = Duration::from_secs(10);
//! let mut machine = Machine::boot(Options::kernel("capsa.elf").memory_mib(128));
//! machine.expect("> ", limit);
//! machine.send(b"help\n");
//! machine.expect("shutdown", limit);
//! machine.type_keys("led on 1\n");
//! machine.expect_screen("led 1 is on", limit);
//! ```
#![forbid(unsafe_code)]

mod code_page_437;
mod failure;
mod flash;
mod keyboard;
mod machine;
mod monitor;
mod options;
mod pass_through;
mod process;
mod scratch_directory;
mod screen;
mod serial_line;
mod watchdog;

pub use machine::Machine;
pub use options::{BOARD, Options};
pub use pass_through::pass_through;
pub use process::QEMU;
pub use screen::Screen;
pub use serde_json::{Value, json};
