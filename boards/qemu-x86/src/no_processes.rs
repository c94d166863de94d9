//! A process table without a place for a process, for images that measure or check something else.

use capsules_system::{fault_policy::StopFaultPolicy, scheduler::RoundRobinSched};
use chip_x86_64::Processor;
use kernel::{
    boot::BootArena,
    process::{MemoryPool, ProcessTable},
};

/// The table.
pub fn no_processes(
    boot: &'static BootArena,
    processor: &'static Processor,
) -> &'static ProcessTable {
    boot.place(ProcessTable::new(
        &[],
        MemoryPool::new(),
        processor,
        boot.place(RoundRobinSched::new()),
        boot.place(StopFaultPolicy {}),
    ))
}
