//! Measures the boot of the ordinary machine: from the kernel's first instruction to both prompts.

use core::fmt::Write;

use capsules_core::Output;
use chip_pc::power;
use chip_x86_64::{Processor, time_stamp};
use kernel::{
    platform::{Chip, Pause, SystemCallHandler},
    process::StoredState,
};

use crate::debug_console::{DONE, DebugConsole};

/// The processor, up to the moment when all that the shells print first has reached their devices.
pub struct BootProbe {
    pub processor: Processor,
    pub outputs: [&'static Output<'static>; 2],
}

impl Chip for BootProbe {
    fn accept_interrupts(&self) {
        self.processor.accept_interrupts();
    }

    fn sleep(&self) {
        if self.outputs.iter().all(|output| output.is_idle()) {
            let instructions = time_stamp::read() - first_moment();
            let _ = writeln!(DebugConsole, "boot_to_prompt {instructions}");
            power::exit(DONE);
        }
        self.processor.sleep();
    }

    fn run_process<H: SystemCallHandler>(&self, state: &StoredState, calls: &mut H) -> Pause {
        self.processor.run_process(state, calls)
    }
}

/// The time-stamp counter at the kernel's first instruction.
fn first_moment() -> u64 {
    unsafe extern "C" {
        static first_moment: u64;
    }
    // SAFETY: entry.s has written it and nothing does after that.
    unsafe { first_moment }
}
