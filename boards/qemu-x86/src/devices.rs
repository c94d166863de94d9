//! The devices: one driver for each, who is interrupted, and how they start.

use chip_pc::{
    clock::{self, Clock},
    cmos::Cmos,
    pic::Pic,
    ps2::{self, Ps2Keyboard},
    uart::{self, COM1, COM2, Uart},
    vga::Screen,
};
use chip_x86_64::RandomNumbers;
use kernel::{debug, hil::uart::Configure, platform::InterruptService};

/// The devices.
pub struct Devices {
    pub pic: Pic,
    pub clock: Clock<'static>,
    pub cmos: Cmos<'static>,
    pub serial: Uart<'static>,
    pub install_line: Uart<'static>,
    pub keyboard: Ps2Keyboard<'static>,
    pub screen: Screen,
    pub random: RandomNumbers<'static>,
}

impl Devices {
    pub fn new() -> Self {
        Self {
            pic: Pic::new(),
            clock: Clock::new(),
            cmos: Cmos::new(),
            serial: Uart::new(COM1),
            install_line: Uart::new(COM2),
            keyboard: Ps2Keyboard::new(),
            screen: Screen::new(),
            random: RandomNumbers::new(),
        }
    }

    /// Starts those that interrupt. The machine works without any of them but the clock.
    pub fn start(&self) {
        match self.keyboard.start() {
            Ok(()) => self.pic.enable(ps2::INTERRUPT_LINE as usize),
            Err(error) => debug!("no PS/2 keyboard ({error:?}): the serial line works without it"),
        }
        self.pic.enable(clock::INTERRUPT_LINE as usize);
        if let Err(error) = self.serial.configure(uart::PARAMETERS) {
            debug!("no serial port ({error:?}): the screen works without it");
        }
        self.pic.enable(COM1.interrupt_line as usize);
        if let Err(error) = self.install_line.configure(uart::PARAMETERS) {
            debug!("no second serial port ({error:?}): all works but `cargo xtask install`");
        }
        self.pic.enable(COM2.interrupt_line as usize);
        if !self.random.has_instruction() {
            debug!("no RDRAND: random numbers are good enough for games only");
        }
    }
}

impl InterruptService for Devices {
    fn service_interrupt(&self, line: u32) -> bool {
        const SERIAL: u32 = COM1.interrupt_line;
        const INSTALL_LINE: u32 = COM2.interrupt_line;
        match line {
            clock::INTERRUPT_LINE => self.clock.handle_interrupt(),
            ps2::INTERRUPT_LINE => self.keyboard.handle_interrupt(),
            SERIAL => self.serial.handle_interrupt(),
            INSTALL_LINE => self.install_line.handle_interrupt(),
            _ => return false,
        }
        true
    }
}
