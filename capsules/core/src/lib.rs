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
pub mod date_time;
mod decoder;
pub mod driver;
pub mod ipc;
mod key;
pub mod key_driver;
mod key_event;
mod keyboard;
pub mod led;
mod line_buffer;
pub mod low_level_debug;
mod output;
mod process_deadlines;
pub mod process_info;
pub mod rng;
mod serial_bytes;
mod serial_keys;
mod slice_timer;
pub mod text_screen;
mod turns;
mod users;
mod virtual_alarm;
mod virtual_date_time;

pub use clock::Clock;
pub use date::Calendar;
pub use decoder::KeyDecoder;
pub use key::Key;
pub use key_event::{KeyEvent, Keys};
pub use keyboard::{Keyboard, LAYOUTS};
pub use output::{Device, Output};
pub use process_deadlines::{AlarmDeadlines, ProcessDeadlineClient, ProcessDeadlines};
pub use serial_bytes::SerialBytes;
pub use serial_keys::SerialKeys;
pub use slice_timer::SliceTimer;
pub use users::Users;
pub use virtual_alarm::{AlarmMux, VirtualAlarm};
pub use virtual_date_time::{DateTimeMux, VirtualDateTime};
