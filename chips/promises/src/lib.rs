//! What the kernel's HIL promises, as checks that any chip can be put to.
//!
//! There is a suite for each trait that a chip here implements. Its checks are written against the trait alone
//! and run as a task, so the same check looks at a fake on the host, where time passes when a test says so,
//! and at the device in the machine. What a check is called is what is promised; the doc comments in
//! `kernel/src/hil` say it in more words.
//!
//! A suite is its device's client for as long as it lives. What has to come from outside the machine, bytes on
//! a line or keys, it asks [`Outside`] for. Where a promise leaves a choice, as `NOSUPPORT` does, either is
//! right.
//!
//! To put a device to the checks, place a suite for it, start it, and check each of its promises by name, or make
//! a test of each with the suite's macro, which hands the names to one of yours. `chips/fake/tests/promises`
//! and `boards/qemu-x86/src/promises.rs` do so.
#![no_std]
#![forbid(unsafe_code)]

/// Makes the checks of a suite, which are its methods, known by their names.
macro_rules! by_name {
    ($($promise:ident)*) => {
        /// What is promised.
        pub fn promises(&self) -> &'static [&'static str] {
            &[$(stringify!($promise)),*]
        }

        /// Checks one of [`Self::promises`].
        ///
        /// # Errors
        /// In what way the promise is not kept.
        pub async fn check(&'static self, promise: &str) -> Verdict {
            match promise {
                $(name if name == stringify!($promise) => self.$promise().await,)*
                _ => Err("there is no such promise"),
            }
        }
    };
}

pub mod alarm;
mod callbacks;
pub mod date_time;
pub mod flash;
pub mod keyboard;
pub mod led;
mod pace;
pub mod rng;
pub mod text_screen;
pub mod uart_receive;
pub mod uart_transmit;

pub use pace::Pace;

/// Whether a promise is kept, or else in what way it is not.
pub type Verdict = Result<(), &'static str>;

/// What comes from outside the machine. It may take its time, but comes in order.
pub trait Outside {
    /// Sends `bytes`, which are letters, to the line.
    fn send(&self, bytes: &[u8]);

    /// Presses and releases keys one after the other, by QEMU's names of them.
    fn press(&self, keys: &[&str]);
}

/// `why` if it is not so.
fn ensure(is_so: bool, why: &'static str) -> Verdict {
    if is_so { Ok(()) } else { Err(why) }
}
