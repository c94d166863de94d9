//! Hardware interface layer: the traits that chips implement and capsules use, with Tock's names and
//! signatures, so that a capsule runs on any chip and a chip serves any capsule.
//!
//! What every trait here promises: `Ok` from a call that starts an operation means exactly one callback
//! later, never from inside the call; `Err` means no callback, and hands the buffer back.

pub mod adc;
pub mod date_time;
pub mod digest;
pub mod flash;
pub mod gpio;
pub mod i2c;
pub mod keyboard;
pub mod led;
pub mod nonvolatile_storage;
pub mod radio;
pub mod rng;
pub mod screen;
pub mod sensors;
pub mod spi;
pub mod symmetric_encryption;
pub mod text_screen;
pub mod time;
pub mod uart;
