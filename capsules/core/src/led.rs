//! Lights, for apps.
//!
//! | command | argument | result | errors |
//! |---|---|---|---|
//! | 0 | | how many lights there are (`u32`) | |
//! | 1 | light | turns it on | `INVAL`: no such light |
//! | 2 | light | turns it off | `INVAL`: no such light |
//! | 3 | light | turns it on if it is off, off if it is on | `INVAL`: no such light |
//! | 4 | light | 1 if it is on, else 0 (`u32`) | `INVAL`: no such light |
//!
//! Lights are counted from 0. Any other command is `NOSUPPORT`.

use kernel::{
    ErrorCode, ProcessId,
    hil::led::Led,
    process,
    syscall::{CommandReturn, SyscallDriver},
};

use crate::driver;

/// The driver's number.
pub const DRIVER_NUM: usize = driver::NUM::Led as usize;

/// The driver.
pub struct LedDriver<'a, L: Led + ?Sized, const NUM_LEDS: usize> {
    leds: &'a [&'a L; NUM_LEDS],
}

impl<'a, L: Led + ?Sized, const NUM_LEDS: usize> LedDriver<'a, L, NUM_LEDS> {
    /// A driver of `leds`, which are turned off.
    pub fn new(leds: &'a [&'a L; NUM_LEDS]) -> Self {
        for led in leds {
            led.init();
            led.off();
        }
        Self { leds }
    }
}

impl<L: Led + ?Sized, const NUM_LEDS: usize> SyscallDriver for LedDriver<'_, L, NUM_LEDS> {
    fn command(&self, command_num: usize, data: usize, _: usize, _: ProcessId) -> CommandReturn {
        if command_num == 0 {
            return CommandReturn::success_u32(NUM_LEDS as u32);
        }
        if command_num > 4 {
            return CommandReturn::failure(ErrorCode::NOSUPPORT);
        }
        let Some(led) = self.leds.get(data) else {
            return CommandReturn::failure(ErrorCode::INVAL);
        };
        match command_num {
            1 => led.on(),
            2 => led.off(),
            3 => led.toggle(),
            _ => return CommandReturn::success_u32(led.read().into()),
        }
        CommandReturn::success()
    }

    fn allocate_grant(&self, _: ProcessId) -> Result<(), process::Error> {
        Ok(())
    }
}
