//! Measures the ordinary machine from inside: its boot, and for the app `bench` the time asleep.
//!
//! | command | result |
//! |---|---|
//! | 0 | success: the driver is here |
//! | 1 | nanoseconds asleep since boot (`u64`) |
//! | 2 | ends the measurement when all that was printed has reached its device |
//! | 3 | bytes that the kernel keeps of the calling process, page tables included and grants not (`u32`) |

use core::{cell::Cell, fmt::Write};

use capsules_core::{Output, console::Console};
use chip_pc::power;
use chip_x86_64::{Processor, time_stamp};
use kernel::{
    ErrorCode, ProcessId,
    platform::{Chip, Pause, SystemCallHandler},
    process::{self, ProcessTable, StoredState},
    syscall::{CommandReturn, SyscallDriver},
};

use crate::{
    boot,
    debug_console::{DONE, DebugConsole},
};

/// The driver's number.
pub const DRIVER_NUM: usize = 0xb000_0000;

/// The processor, and what was measured.
pub struct Probe {
    processor: &'static Processor,
    processes: &'static ProcessTable,
    outputs: Cell<[Option<&'static Output<'static>>; 2]>,
    /// The console, if it is not the boot that is measured: what apps print counts then.
    console: Cell<Option<&'static Console>>,
    asleep_ns: Cell<u64>,
    is_done: Cell<bool>,
}

impl Probe {
    /// Measures until both prompts are there, or, with `measure=apps` on the command line, until the app says
    /// that it is done.
    pub fn new(processor: &'static Processor, processes: &'static ProcessTable) -> Self {
        Self {
            processor,
            processes,
            outputs: Cell::default(),
            console: Cell::new(None),
            asleep_ns: Cell::new(0),
            is_done: Cell::new(boot::option("measure") != Some("apps")),
        }
    }

    /// Waits for these to be idle before it ends.
    pub fn set_outputs(&self, outputs: [&'static Output<'static>; 2], console: &'static Console) {
        self.outputs.set(outputs.map(Some));
        if !self.is_done.get() {
            self.console.set(Some(console));
        }
    }

    fn is_idle(&self) -> bool {
        let outputs = self.outputs.get();
        let is_shown = self.console.get().is_none_or(Console::is_empty);
        is_shown && outputs.iter().flatten().all(|output| output.is_idle())
    }
}

impl Chip for Probe {
    fn accept_interrupts(&self) {
        self.processor.accept_interrupts();
    }

    fn sleep(&self) {
        if self.is_done.get() && self.is_idle() {
            if self.console.get().is_none() {
                let instructions = time_stamp::read() - first_moment();
                let _ = writeln!(DebugConsole, "boot_to_prompt {instructions}");
            }
            power::exit(DONE);
        }
        let start = time_stamp::read();
        self.processor.sleep();
        let asleep_ns = time_stamp::read() - start;
        self.asleep_ns.set(self.asleep_ns.get() + asleep_ns);
    }

    fn run_process<H: SystemCallHandler>(&self, state: &StoredState, calls: &mut H) -> Pause {
        self.processor.run_process(state, calls)
    }
}

impl SyscallDriver for Probe {
    fn command(&self, command: usize, _: usize, _: usize, caller: ProcessId) -> CommandReturn {
        match command {
            0 => CommandReturn::success(),
            1 => CommandReturn::success_u64(self.asleep_ns.get()),
            2 => {
                self.is_done.set(true);
                CommandReturn::success()
            }
            3 => {
                let bytes = caller.index().and_then(|slot| {
                    self.processes
                        .with_slot(slot, |process| process.get_sizes().total())
                });
                CommandReturn::success_u32(bytes.unwrap_or(0) as u32)
            }
            _ => CommandReturn::failure(ErrorCode::NOSUPPORT),
        }
    }

    fn allocate_grant(&self, _: ProcessId) -> Result<(), process::Error> {
        Ok(())
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
