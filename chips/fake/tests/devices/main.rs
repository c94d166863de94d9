//! The fakes keep the promises of their HIL: the tests that are too long to stand beside their fake, or that share a
//! client. One program, so that they are linked once.

mod adc;
mod buffer;
mod can;
mod digest;
mod encryption_with_tag;
mod i2c;
mod kv;
mod log;
mod radio;
mod rsa_keys;
mod screen;
mod spi;
mod spi_slave;
mod uart;
mod usb;
