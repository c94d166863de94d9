//! The kernel's HIL on the host, for tests.
//!
//! Each fake keeps the promises of its trait to the letter: `Ok` is followed by exactly one callback,
//! from the kernel loop, never from inside the call; `Err` by none. A capsule that works by accident of
//! order fails here. Time moves only when a test says so.
//!
//! A fake is made with `new`, which places it for ever and connects its deferred call, so that it can be
//! handed to a capsule at once. A thread is a machine: tests that run side by side do not meet.
//!
//! A test of a capsule makes its device, puts it on a machine, and lets an app call it:
//!
//! ```
//! use capsules_core::led::{DRIVER_NUM, LedDriver};
//! use chip_fake as fake;
//! use kernel::syscall::CommandReturn;
//!
//! let leds = fake::Leds::<3>::new();
//! let driver = fake::leak(LedDriver::new(leds.as_hil()));
//! let machine = fake::Machine::new().driver(DRIVER_NUM, driver);
//! let app = machine.app("tester");
//! assert_eq!(app.command(DRIVER_NUM, 1, 2, 0), CommandReturn::success());
//! assert_eq!(leds.lit(), [false, false, true]);
//! ```
//!
//! What goes wrong a test says in the same words for every fake: `refuse_next(error)` for the call,
//! `fail_next(error)` for the callback, `hold()` and `release()` for a callback that is late.
//!
//! ```
//! use chip_fake as fake;
//! use kernel::{ErrorCode, hil::uart::Transmit};
//!
//! let (machine, port) = (fake::Machine::new(), fake::Uart::new());
//! port.refuse_next_transmit(ErrorCode::OFF);
//! let (error, buffer) = port.transmit_buffer(fake::leak(*b"hello"), 5).unwrap_err();
//! assert_eq!(error, ErrorCode::OFF);
//! port.transmit_buffer(buffer, 5).unwrap();
//! assert_eq!(port.sent(), b"", "nothing happens inside the call");
//! machine.run();
//! assert_eq!(port.sent(), b"hello");
//! ```
//!
//! The fakes of what this repository has chips for are put to the checks of the crate `promises`, as the chips
//! are. `cargo xtask check` looks that every trait of the HIL has a fake. A new one begins with a short one, such as
//! `proximity.rs`: `faults.rs` has what begins and ends an operation.
#![deny(unsafe_code)]

mod adc;
mod adc_channel;
mod air_quality;
mod alarm;
mod analog_comparator;
mod app;
mod arrivals;
mod ble_advertising;
mod bus8080;
mod buzzer;
mod can;
mod counter;
mod crc;
mod dac;
mod date_time;
mod digest;
mod encryption_with_tag;
mod ethernet;
mod faults;
mod flash;
mod gpio;
mod gpio_async;
mod hasher;
mod hunger;
mod hw_debug;
mod i2c;
mod image;
mod keyboard;
mod kv;
mod led;
mod log;
mod machine;
#[allow(unsafe_code)] // Allocates the pages of processes.
mod memory;
mod nonvolatile_storage;
#[allow(unsafe_code)] // Implements a trait that a chip's promises are part of.
mod processor;
mod proximity;
mod pwm;
mod radio;
mod random;
mod rng;
mod rsa_keys;
mod rsa_math;
mod screen;
mod select_key;
mod sensors;
mod servo;
mod signature;
mod sound_pressure;
mod spi;
mod symmetric_encryption;
mod text_screen;
mod timer;
mod timestamp;
mod touch;
mod turns;
mod uart;
mod usb;
mod usb_hid;
mod waiting;

use kernel::deferred_call::DeferredCallClient;

pub use adc::Adc;
pub use adc_channel::AdcChannel;
pub use air_quality::AirQuality;
pub use alarm::Alarm;
pub use analog_comparator::AnalogComparator;
pub use app::{App, Upcall};
pub use ble_advertising::BleRadio;
pub use bus8080::{Bus8080, BusTransfer};
pub use buzzer::{Buzzer, PwmPin, Tone};
pub use can::{Can, CanFrame};
pub use counter::Counter;
pub use crc::Crc;
pub use dac::DacChannel;
pub use date_time::DateTime;
pub use digest::Digest;
pub use encryption_with_tag::AesWithTag;
pub use ethernet::Ethernet;
pub use flash::{FLASH_PAGE_BYTES, Flash, FlashPage};
pub use gpio::Pin;
pub use gpio_async::AsyncPort;
pub use hasher::Hasher;
pub use hunger::HUNGRY_DRIVERS;
pub use hw_debug::CycleCounter;
pub use i2c::{I2cDevice, I2cMaster, I2cMasterSlave, I2cSlave};
pub use image::{image, image_of_32_bits};
pub use keyboard::Keyboard;
pub use kv::KeyValueStore;
pub use led::{Led, Leds};
pub use log::Log;
pub use machine::{Drivers, Filter, Machine, Switches, Work};
pub use nonvolatile_storage::NonvolatileStorage;
pub use processor::Registers;
pub use proximity::Proximity;
pub use pwm::Pwm;
pub use radio::{Radio, RadioSettings};
pub use random::Random;
pub use rng::{Entropy8, Entropy32, Rng};
pub use rsa_keys::{RsaKeys, RsaKeysMut};
pub use rsa_math::RsaMath;
pub use screen::Screen;
pub use select_key::SelectKey;
pub use sensors::{
    AmbientLight, Distance, Humidity, Moisture, Motion, NineDof, Pressure, RainFall, Temperature,
};
pub use servo::Servo;
pub use signature::Signature;
pub use sound_pressure::SoundPressure;
pub use spi::{SpiDevice, SpiMaster, SpiSlave};
pub use symmetric_encryption::Aes;
pub use text_screen::TextScreen;
pub use timer::Timer;
pub use timestamp::Timestamp;
pub use touch::TouchPanel;
pub use uart::Uart;
pub use usb::{UsbAnswer, UsbController};
pub use usb_hid::UsbHid;
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
