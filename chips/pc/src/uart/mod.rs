//! The 16550 serial port (National Semiconductor PC16550D data sheet).

mod driver;
mod panic_port;
mod registers;

pub use driver::{COM1, COM2, ComPort, PARAMETERS, Uart};
pub use panic_port::PanicPort;
