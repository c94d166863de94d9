//! Physical memory while the machine is composed: the boot arena and pages for page tables.

use core::{mem::MaybeUninit, ops::Range, ptr::NonNull, slice};

use bootloader_api::info::{MemoryRegion, MemoryRegionKind};
use chip_x86_64::paging::{self, Image, KernelSpace, PAGE_BYTES};
use kernel::{boot::BootArena, process::MemoryPool};

/// Memory for what is placed at boot.
const ARENA_BYTES: usize = 512 * 1024;

/// What lies below is device memory and the BIOS's; the VGA's text is there.
const LOW_MEMORY: Range<u64> = 0..1 << 20;

/// The flash chip that the system test gives the machine, and its BIOS's: QEMU has them below 4 GiB
/// (hw/i386/pc_sysfw.c).
#[cfg(feature = "promises")]
const FLASH_CHIPS: [Range<u64>; 2] = [0xffec_0000..0xfffc_0000, 0xfffc_0000..0x1_0000_0000];

/// Takes pages from the start of the first usable region that is large enough for all that boot needs.
pub struct BootPages {
    next: u64,
    end: u64,
}

impl BootPages {
    /// # Panics
    /// If the machine has no memory for the kernel.
    pub fn new(regions: &[MemoryRegion]) -> Self {
        const ENOUGH: u64 = 1 << 20;
        let usable = |region: &&MemoryRegion| {
            region.kind == MemoryRegionKind::Usable && region.end - region.start >= ENOUGH
        };
        let region = regions
            .iter()
            .find(usable)
            .expect("too little memory: the kernel needs a mebibyte in one piece");
        Self {
            next: region.start.next_multiple_of(PAGE_BYTES),
            end: region.end,
        }
    }

    fn take(&mut self, bytes: u64) -> u64 {
        let start = self.next;
        self.next += bytes.next_multiple_of(PAGE_BYTES);
        assert!(self.next <= self.end, "memory for the kernel is used up");
        start
    }

    /// Makes the boot arena.
    pub fn arena(&mut self) -> &'static BootArena {
        let start =
            (paging::PHYSICAL_MEMORY + self.take(ARENA_BYTES as u64)) as *mut MaybeUninit<u8>;
        // SAFETY: usable memory, taken once, seen through the physical map for ever.
        BootArena::new(unsafe { slice::from_raw_parts_mut(start, ARENA_BYTES) })
    }

    /// What is left, for processes.
    #[cfg_attr(any(feature = "bench", feature = "promises"), allow(dead_code))] // other images have no processes
    pub fn pool(self, regions: &[MemoryRegion]) -> MemoryPool {
        let pool = MemoryPool::new();
        let usable = regions
            .iter()
            .filter(|region| region.kind == MemoryRegionKind::Usable);
        for region in usable {
            // The region that boot took from starts where that ended.
            let start = if region.end == self.end {
                self.next
            } else {
                region.start
            };
            let address = (paging::PHYSICAL_MEMORY + start) as *mut u8;
            if let Some(address) = NonNull::new(address) {
                // SAFETY: usable memory that nobody has taken, seen through the physical map for ever.
                unsafe { pool.add(address, (region.end - start) as usize) };
            }
        }
        pool
    }

    /// Switches to the kernel's own page tables.
    pub fn protect(&mut self, image: &Image, regions: &[MemoryRegion]) -> KernelSpace {
        let memory = regions.iter().filter(|region| is_memory(region));
        let ranges = memory.map(|region| region.start..region.end);
        // SAFETY: each `main` calls this once; the image is where the linker script says; pages are taken once;
        // device memory of this board is in low memory.
        unsafe {
            let ranges = [LOW_MEMORY].into_iter().chain(ranges);
            #[cfg(feature = "promises")]
            let ranges = ranges.chain(FLASH_CHIPS);
            paging::protect(image, ranges, &mut || self.take(PAGE_BYTES))
        }
    }
}

/// The flash chips, once [`BootPages::protect`] has mapped them.
#[cfg(feature = "promises")]
#[allow(dead_code)] // the ordinary image has no use for them, with that feature too
pub fn flash_chips() -> [&'static [chip_pc::flash::Byte]; 2] {
    FLASH_CHIPS.map(|chip| {
        let start = (paging::PHYSICAL_MEMORY + chip.start) as *const _;
        // SAFETY: nothing else is there, and nothing of the kernel's.
        unsafe { slice::from_raw_parts(start, (chip.end - chip.start) as usize) }
    })
}

fn is_memory(region: &MemoryRegion) -> bool {
    matches!(
        region.kind,
        MemoryRegionKind::Usable | MemoryRegionKind::Bootloader
    )
}
