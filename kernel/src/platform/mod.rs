//! What the kernel asks of a board and its chips.

mod chip;
mod driver_table;
mod resources;

pub use chip::{AddressSpaces, Chip, Entry, InterruptService, Pause, SystemCallHandler, WordSize};

pub use driver_table::{DriverRow, DriverTable};
pub use resources::{
    ContextSwitchCallback, KernelResources, SchedulerTimer, SyscallDriverLookup, SyscallFilter,
};

use crate::machine::machine;

/// Says that interrupt line `line` was raised. The one function of the kernel that an interrupt handler
/// may call. The board's [`InterruptService`] is called with `line` from the kernel loop.
///
/// # Panics
/// If `line` is 64 or more.
#[inline]
pub fn interrupt_raised(line: usize) {
    assert!(
        line < crate::ready::INTERRUPTS,
        "there is no interrupt line {line}"
    );
    machine().ready.set(line);
}
