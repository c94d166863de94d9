//! Hardware interface layer: the traits that chips implement and capsules use, with Tock's names and
//! signatures, so that a capsule runs on any chip and a chip serves any capsule.
//!
//! What every trait here promises: `Ok` from a call that starts an operation means exactly one callback
//! later, never from inside the call; `Err` means no callback, and hands the buffer back. The callback may start
//! the next operation.
//!
//! The crate `promises` has a suite of checks for each trait that a chip here implements. Fakes and chips are put to
//! the same ones, so what a doc comment here promises is what a capsule's test and the machine do.

pub mod adc;
pub mod analog_comparator;
pub mod ble_advertising;
pub mod bus8080;
pub mod buzzer;
pub mod can;
pub mod crc;
pub mod dac;
pub mod date_time;
pub mod digest;
pub mod entropy;
pub mod ethernet;
pub mod flash;
pub mod gpio;
pub mod gpio_async;
pub mod hasher;
pub mod hw_debug;
pub mod i2c;
pub mod keyboard;
pub mod kv;
pub mod led;
pub mod log;
pub mod nonvolatile_storage;
pub mod public_key_crypto;
pub mod pwm;
pub mod radio;
pub mod rng;
pub mod screen;
pub mod sensors;
pub mod servo;
pub mod spi;
pub mod symmetric_encryption;
pub mod text_screen;
pub mod time;
pub mod touch;
pub mod uart;
pub mod usb;
pub mod usb_hid;
