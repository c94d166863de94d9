//! Drivers that apps call, and the adapters that turn callbacks into futures.
//!
//! An adapter stands between a HIL with callbacks and `async` code: [`Clock`] waits for time,
//! [`Output`] for room in a device, [`Keys`] for a key. Each is the client of one device, and dropping one
//! of its futures is always safe.
#![no_std]
#![forbid(unsafe_code)]

#[cfg(test)]
extern crate std;

pub mod alarm;
mod clock;
pub mod console;
mod date;
mod decoder;
pub mod driver;
pub mod ipc;
mod key;
mod key_event;
mod keyboard;
pub mod led;
mod output;
mod process_deadlines;
mod serial_keys;
mod slice_timer;
mod virtual_alarm;

pub use clock::Clock;
pub use date::Calendar;
pub use decoder::KeyDecoder;
pub use key::Key;
pub use key_event::{KeyEvent, Keys};
pub use keyboard::{Keyboard, LAYOUTS};
pub use output::{Device, Output};
pub use process_deadlines::{AlarmDeadlines, ProcessDeadlineClient, ProcessDeadlines};
pub use serial_keys::SerialKeys;
pub use slice_timer::SliceTimer;
pub use virtual_alarm::{AlarmMux, VirtualAlarm};
