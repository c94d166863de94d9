//! The memory map, as it grows from what the loader tells.

use core::ops::Range;

use bootloader_api::info::{MemoryRegion, MemoryRegionKind};

/// Regions that fit. QEMU reports about ten; each reserved range adds two.
const CAPACITY: usize = 64;

/// What lies below belongs to the BIOS and to devices, whatever the loader says.
const FIRST_USABLE: u64 = 1 << 20;

/// The BIOS's number for usable memory (ACPI specification 6.5, section 15).
const USABLE: u32 = 1;

/// A region as the BIOS reports it, and as both loaders pass it on.
#[repr(C)]
pub struct BiosRegion {
    address: u64,
    size: u64,
    kind: u32,
    reserved: u32,
}

/// Regions of physical memory.
pub struct MemoryMap {
    regions: [MemoryRegion; CAPACITY],
    len: usize,
}

impl MemoryMap {
    pub fn new() -> Self {
        Self {
            regions: [MemoryRegion::empty(); CAPACITY],
            len: 0,
        }
    }

    /// Adds a region. What has no room is memory that goes unused.
    pub fn add(&mut self, region: &BiosRegion) {
        let (start, end) = (region.address, region.address + region.size);
        if region.kind != USABLE {
            return self.push(start..end, MemoryRegionKind::UnknownBios(region.kind));
        }
        self.push(start..end.min(FIRST_USABLE), MemoryRegionKind::Bootloader);
        self.push(start.max(FIRST_USABLE)..end, MemoryRegionKind::Usable);
    }

    /// Takes `reserved` out of the usable memory.
    pub fn reserve(&mut self, reserved: Range<u64>) {
        let before = core::mem::replace(self, Self::new());
        for region in &before.regions[..before.len] {
            let start = region.start.max(reserved.start);
            let end = region.end.min(reserved.end);
            if region.kind != MemoryRegionKind::Usable || start >= end {
                self.push(region.start..region.end, region.kind);
                continue;
            }
            self.push(region.start..start, MemoryRegionKind::Usable);
            self.push(start..end, MemoryRegionKind::Bootloader);
            self.push(end..region.end, MemoryRegionKind::Usable);
        }
    }

    /// The regions, in the order of their addresses as far as the loader gave them so.
    pub fn regions(&mut self) -> &mut [MemoryRegion] {
        &mut self.regions[..self.len]
    }

    fn push(&mut self, range: Range<u64>, kind: MemoryRegionKind) {
        if range.start < range.end && self.len < CAPACITY {
            self.regions[self.len] = MemoryRegion {
                start: range.start,
                end: range.end,
                kind,
            };
            self.len += 1;
        }
    }
}
