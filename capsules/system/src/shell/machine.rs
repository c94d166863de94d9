//! What the commands of a shell can reach. The board fills it in.

use capsules_core::{Calendar, Keyboard};
use kernel::{
    Kernel, boot::BootArena, capabilities::ProcessStartCapability, hil::led::Led,
    platform::DriverTable, pool::Pool,
};

/// How many lights can blink at a time: as many as there are workers in the board's list of tasks.
pub const BLINKERS: usize = 4;

/// A light that is to blink.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Blink {
    /// Its number.
    pub light: usize,
    /// How long it stays on, and off.
    pub period_ms: u32,
}

/// A machine, as its shells see it.
pub struct Machine<'a> {
    /// What the machine calls itself, with its version.
    pub version: &'a str,
    /// What was chosen when it was started: names and values.
    pub choices: &'a [(&'a str, &'a str)],
    /// The kernel, for its tasks and processes.
    pub kernel: &'a Kernel,
    /// The right to start processes.
    pub may_start: &'a dyn ProcessStartCapability,
    /// What apps may call.
    pub drivers: &'a DriverTable<'a>,
    /// The lights and their names.
    pub lights: &'a [(&'a str, &'a dyn Led)],
    /// Makes lights blink in the background.
    pub blinkers: &'a Pool<Blink, BLINKERS>,
    /// The keyboard, for its layout.
    pub keyboard: &'a Keyboard<'a>,
    /// The clock that knows the date.
    pub calendar: &'a Calendar<'a>,
    /// Physical memory, in the order of its addresses.
    pub memory: &'a [MemoryRange],
    /// The parts of the kernel's image.
    pub image: &'a [MemoryRange],
    /// Where drivers and capsules were placed.
    pub arena: &'a BootArena,
    /// Restarts the machine.
    pub reset: fn() -> !,
    /// Switches the machine off.
    pub shutdown: fn() -> !,
}

/// A range of memory and what it is for.
#[derive(Clone, Copy)]
pub struct MemoryRange {
    /// Its first address.
    pub start: u64,
    /// The address after its last.
    pub end: u64,
    /// What it is for.
    pub purpose: &'static str,
}
