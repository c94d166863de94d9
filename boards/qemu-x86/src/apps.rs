//! The apps: where their processes live, and the bundle that they come in.

use core::slice;

use bootloader_api::BootInfo;
use chip_x86_64::Processor;
use kernel::{
    boot::BootArena,
    debug,
    process::{MAX_PROCESSES, MemoryPool, ProcessSlot, ProcessTable},
    tbf::Bundle,
};

use crate::choices::Choices;

/// The process table, with `memory` for processes.
pub fn table(
    boot: &BootArena,
    memory: MemoryPool,
    processor: &'static Processor,
    choices: &Choices,
) -> &'static ProcessTable {
    let slots = boot.slice(MAX_PROCESSES, |_| ProcessSlot::new());
    boot.place(ProcessTable::new(
        slots.try_into().expect("there are as many"),
        memory,
        processor,
        choices.scheduler,
        choices.fault_policy,
    ))
}

/// Makes a process of each app that the loader has brought.
pub fn load(table: &'static ProcessTable, info: &BootInfo) {
    let Some(address) = info.ramdisk_addr.into_option() else {
        return;
    };
    // SAFETY: the loader put the bundle there, and `boot` has reserved it.
    let bundle = unsafe { slice::from_raw_parts(address as *const u8, info.ramdisk_len as usize) };
    for image in Bundle::new(bundle) {
        match image {
            Ok(image) => {
                if let Err(error) = table.load(image.bytes()) {
                    debug!("app {} is not loaded: {error}", image.package_name());
                }
            }
            Err((offset, error)) => debug!("app at {offset:#x} of the bundle: {error}"),
        }
    }
}
