//! What people are told about memory.

use core::ops::Range;

use bootloader_api::info::{MemoryRegion, MemoryRegionKind};
use capsules_system::shell::{ImageSizes, MemoryRange};
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

/// The sizes of the parts of the image.
pub fn sizes(image: &Image) -> ImageSizes {
    let len = |range: &Range<u64>| range.end - range.start;
    ImageSizes {
        text: len(&image.text),
        constants: len(&image.constants),
        data: len(&image.data),
        stack: len(&image.stack),
    }
}
