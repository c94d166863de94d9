//! Which driver serves which interrupt line.

use chip_pc::{
    clock::{self, Clock},
    ps2::{self, Ps2Keyboard},
    uart::{COM1, Uart},
};
use kernel::platform::InterruptService;

/// The drivers that are interrupted.
pub struct Interrupts {
    pub clock: &'static Clock<'static>,
    pub keyboard: &'static Ps2Keyboard<'static>,
    pub serial: &'static Uart<'static>,
}

impl InterruptService for Interrupts {
    fn service_interrupt(&self, line: u32) -> bool {
        const SERIAL: u32 = COM1.interrupt_line;
        match line {
            clock::INTERRUPT_LINE => self.clock.handle_interrupt(),
            ps2::INTERRUPT_LINE => self.keyboard.handle_interrupt(),
            SERIAL => self.serial.handle_interrupt(),
            _ => return false,
        }
        true
    }
}
