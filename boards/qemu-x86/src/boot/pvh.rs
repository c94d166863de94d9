//! What QEMU tells a kernel that it enters by the PVH protocol (Xen, `public/arch-x86/hvm/start_info.h`).

use super::{Loaded, MemoryMap, at, memory_map::BiosRegion, text_at};
use chip_x86_64::paging::PAGE_BYTES;

#[repr(C)]
struct StartInfo {
    magic: u32,
    version: u32,
    flags: u32,
    modules: u32,
    module_list: u64,
    command_line: u64,
    rsdp: u64,
    memory_map: u64,
    memory_map_entries: u32,
    reserved: u32,
}

#[repr(C)]
struct Module {
    address: u64,
    size: u64,
    command_line: u64,
    reserved: u64,
}

/// Reads the start info at `physical`.
pub fn read(physical: u64) -> Loaded {
    // SAFETY: the protocol puts a start info there, with lists of the lengths that it gives.
    let (info, command_line) = unsafe {
        let info = at::<StartInfo>(physical);
        (info, text_at(info.command_line))
    };
    let mut memory = MemoryMap::new();
    for index in 0..u64::from(info.memory_map_entries) {
        let size = size_of::<BiosRegion>() as u64;
        // SAFETY: as above.
        let entry = unsafe { at::<BiosRegion>(info.memory_map + index * size) };
        memory.add(entry);
    }
    // The loader's own tables may be in usable memory; the command line is read later.
    memory.reserve(physical & !(PAGE_BYTES - 1)..(physical | (PAGE_BYTES - 1)) + 1);
    let command_line_end = info.command_line + command_line.len() as u64 + 1;
    memory
        .reserve(info.command_line & !(PAGE_BYTES - 1)..(command_line_end | (PAGE_BYTES - 1)) + 1);
    let ramdisk = (info.modules > 0).then(|| {
        // SAFETY: as above.
        let module = unsafe { at::<Module>(info.module_list) };
        module.address..module.address + module.size
    });
    Loaded {
        memory,
        ramdisk,
        rsdp: (info.rsdp != 0).then_some(info.rsdp),
        command_line,
    }
}
