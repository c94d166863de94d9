//! The port without its driver.

use core::fmt;

use kernel::utilities::registers::interfaces::{Readable, Writeable};

use super::ComPort;
use crate::port::Port;

/// Writes to a serial port without its driver, for a panic: waits for the device, as long as it has
/// patience. A device that is stuck uses that up once, not with every byte.
pub struct PanicPort {
    data: Port,
    line_status: Port,
    /// How often the device's status may still be read in vain.
    patience: u32,
}

impl PanicPort {
    /// A byte takes 87 microseconds and a read of a port about one. An emulator's reads are faster, and
    /// who reads its line may have to wait for the emulator's own processor: hence seconds of it.
    const PATIENCE: u32 = 10_000_000;

    /// The port, as its driver has set it up.
    ///
    /// # Safety
    /// Its driver must not run any more.
    pub const unsafe fn new(port: ComPort) -> Self {
        let base = port.base;
        // SAFETY: a PC's serial port or nothing is there, and the caller's promise.
        unsafe {
            Self {
                data: Port::new(base),
                line_status: Port::new(base + 5),
                patience: Self::PATIENCE,
            }
        }
    }
}

impl fmt::Write for PanicPort {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        const HOLDING_EMPTY: u8 = 1 << 5;
        for byte in text.bytes() {
            if byte == b'\n' {
                self.write_str("\r")?;
            }
            while self.line_status.get() & HOLDING_EMPTY == 0 && self.patience > 0 {
                self.patience -= 1;
            }
            self.data.set(byte);
        }
        Ok(())
    }
}
