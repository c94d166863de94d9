//! What people are told about memory.

use bootloader_api::info::{MemoryRegion, MemoryRegionKind};
use capsules_system::shell::MemoryRange;
use chip_x86_64::paging::Image;
use kernel::boot::BootArena;

/// The memory map, for people.
pub fn map(boot: &BootArena, regions: &[MemoryRegion]) -> &'static [MemoryRange] {
    boot.slice(regions.len(), |index| {
        let MemoryRegion { start, end, kind } = regions[index];
        let purpose = match kind {
            MemoryRegionKind::Usable => "usable",
            MemoryRegionKind::Bootloader => "kernel, apps and loader",
            _ => "reserved by the BIOS",
        };
        MemoryRange {
            start,
            end,
            purpose,
        }
    })
}

/// The parts of the kernel's image, for people.
pub fn image(boot: &BootArena, image: &Image) -> &'static [MemoryRange] {
    let parts = [
        (&image.text, "text"),
        (&image.constants, "constants"),
        (&image.data, "data"),
        (&image.stack, "stack"),
    ];
    boot.place(parts.map(|(range, purpose)| MemoryRange {
        start: range.start,
        end: range.end,
        purpose,
    }))
}
