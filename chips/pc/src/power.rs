//! Switching the machine off, restarting it, and telling a test runner how it ended.

use kernel::utilities::registers::interfaces::Writeable;
use x86_64::instructions::{
    hlt, interrupts,
    port::{PortGeneric, ReadWriteAccess},
};

use crate::port::Port;

/// Switches the machine off; QEMU ends with status 0.
///
/// The port is that of the power management control register of QEMU's PCs (`hw/acpi/ich9.c` and
/// `piix4.c`, set up by the BIOS), the value "sleep type 0, sleep enable" means soft-off there.
pub fn shutdown() -> ! {
    const CONTROL: u16 = 0x604;
    const SOFT_OFF: u16 = 0x2000;
    let mut control: PortGeneric<u16, ReadWriteAccess> = PortGeneric::new(CONTROL);
    // SAFETY: switches off, or does nothing where the port is not decoded.
    unsafe { control.write(SOFT_OFF) };
    halt()
}

/// Restarts the machine, by the keyboard controller's reset line.
pub fn reset() -> ! {
    const PULSE_RESET: u8 = 0xfe;
    // SAFETY: the keyboard controller's command port; nothing runs after this.
    let command: Port = unsafe { Port::new(0x64) };
    command.set(PULSE_RESET);
    halt()
}

/// Ends QEMU with status `2 * code + 1`, if it has the `isa-debug-exit` device at port 0xf4; else halts.
pub fn exit(code: u8) -> ! {
    // SAFETY: ends QEMU, or does nothing where the port is not decoded.
    let debug_exit: Port = unsafe { Port::new(0xf4) };
    debug_exit.set(code);
    halt()
}

/// Stops the processor for good.
pub fn halt() -> ! {
    interrupts::disable();
    loop {
        hlt();
    }
}
