//! The fakes keep the promises of their HIL: the tests that are too long to stand beside their fake. One program, so
//! that they are linked once.

mod can;
mod radio;
mod spi;
mod spi_slave;
mod uart;
mod usb;
