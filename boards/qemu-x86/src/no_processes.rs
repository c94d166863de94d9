//! A process table that stays empty, for images that measure or check something else.

use capsules_system::{fault_policy::StopFaultPolicy, scheduler::RoundRobinSched};
use chip_x86_64::Processor;
use kernel::{
    boot::BootArena,
    process::{MAX_PROCESSES, MemoryPool, ProcessSlot, ProcessTable},
};

/// The table.
pub fn no_processes(
    boot: &'static BootArena,
    processor: &'static Processor,
) -> &'static ProcessTable {
    let slots = boot.slice(MAX_PROCESSES, |_| ProcessSlot::new());
    boot.place(ProcessTable::new(
        slots.try_into().expect("there are as many"),
        MemoryPool::new(),
        processor,
        boot.place(RoundRobinSched::new()),
        boot.place(StopFaultPolicy {}),
    ))
}
