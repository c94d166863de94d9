//! The kernel's HIL on the host, for tests.
//!
//! Each fake keeps the promises of its trait to the letter: `Ok` is followed by exactly one callback,
//! from the kernel loop, never from inside the call; `Err` by none. A capsule that works by accident of
//! order fails here. Time moves only when a test says so.
//!
//! A fake is made with `new`, which places it for ever and connects its deferred call, so that it can be
//! handed to a capsule at once. A thread is a machine: tests that run side by side do not meet.
//!
//! ```
//! use chip_fake as fake;
//! use kernel::hil::uart::Transmit;
//!
//! let machine = fake::Machine::new();
//! let port = fake::Uart::new();
//! port.transmit_buffer(fake::leak(*b"hello"), 5).unwrap();
//! assert_eq!(port.take_text(), "", "nothing happens inside the call");
//! machine.run();
//! assert_eq!(port.take_text(), "hello");
//! ```
#![deny(unsafe_code)]

mod alarm;
mod app;
mod date_time;
mod faults;
mod image;
mod keyboard;
mod led;
mod machine;
#[allow(unsafe_code)] // Allocates the pages of processes.
mod memory;
#[allow(unsafe_code)] // Implements a trait that a chip's promises are part of.
mod processor;
mod rng;
mod text_screen;
mod turns;
mod uart;
mod waiting;

use kernel::deferred_call::DeferredCallClient;

pub use alarm::Alarm;
pub use app::{App, Upcall};
pub use date_time::DateTime;
pub use image::{image, image_of_32_bits};
pub use keyboard::Keyboard;
pub use led::{Led, Leds};
pub use machine::{Drivers, Filter, Machine, Switches, Work};
pub use processor::Registers;
pub use rng::{Entropy, Rng};
pub use text_screen::TextScreen;
pub use uart::Uart;
pub use waiting::{Outcome, poll_once};

/// Places `value` for ever, as a board's boot arena does.
pub fn leak<T>(value: T) -> &'static mut T {
    Box::leak(Box::new(value))
}

/// Places a fake for ever, and connects its deferred call.
fn place<T: DeferredCallClient>(fake: T) -> &'static T {
    let fake = &*leak(fake);
    fake.register();
    fake
}
