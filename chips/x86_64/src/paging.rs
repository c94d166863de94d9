//! The kernel's address space: what may be executed can't be written, and what may be written can't be
//! executed.
//!
//! ```text
//!   0xffff_ffff_8000_0000   the kernel's image, page by page with the rights of each section;
//!                           the page below the stack is left out, so an overflow faults
//!   0xffff_8000_0000_0000   all memory, at its physical address plus this; read and write
//!   0                       what the process that runs sees (address_space.rs); nothing of the kernel
//! ```

use core::{arch::x86_64::__cpuid, ops::Range};

use x86_64::{
    PhysAddr,
    registers::{
        control::{Cr0, Cr0Flags, Cr3, Cr3Flags, Cr4, Cr4Flags},
        model_specific::{Efer, EferFlags},
    },
    structures::paging::{PageTable, PageTableFlags, PhysFrame},
};

/// Where physical address 0 is seen.
pub const PHYSICAL_MEMORY: u64 = 0xffff_8000_0000_0000;

/// What the kernel's image is linked at, less the physical address that it is loaded to.
pub const IMAGE_OFFSET: u64 = 0xffff_ffff_8000_0000;

/// Bytes of a page, and of a page table.
pub const PAGE_BYTES: u64 = 4096;
const LARGE_PAGE_BYTES: u64 = 2 << 20;
const HUGE_PAGE_BYTES: u64 = 1 << 30;
/// Entries of a page table.
const ENTRIES: u64 = 512;

/// The parts of the kernel's image, as virtual addresses. Each starts a page; what lies between them is not
/// mapped.
pub struct Image {
    /// Executed.
    pub text: Range<u64>,
    /// Read.
    pub constants: Range<u64>,
    /// Read and written: variables.
    pub data: Range<u64>,
    /// Read and written: the stack. The page below it is not mapped.
    pub stack: Range<u64>,
}

/// The kernel's address space, made by [`protect`]. [`Processor::new`](crate::Processor::new) takes it, so there is one
/// processor, and none before.
pub struct KernelSpace {
    pub(crate) root: PhysFrame,
}

/// The tables under construction.
struct Tables<'a> {
    /// Gives a page of memory that nobody else uses.
    allocate: &'a mut dyn FnMut() -> u64,
    huge_pages: bool,
}

/// Makes the kernel's own address space and switches to it.
///
/// `memory` are the ranges of physical memory to see at [`PHYSICAL_MEMORY`]; `allocate` gives the physical
/// addresses of unused pages, which must be seen there already.
///
/// # Safety
/// It must be called once. `image` must be where the running kernel is. The pages from `allocate` must be used by nobody else, and
/// memory outside `image` and `memory` must not be used any more.
pub unsafe fn protect(
    image: &Image,
    memory: impl Iterator<Item = Range<u64>>,
    allocate: &mut dyn FnMut() -> u64,
) -> KernelSpace {
    let rights = PageTableFlags::PRESENT | PageTableFlags::GLOBAL;
    let writable = rights | PageTableFlags::WRITABLE | PageTableFlags::NO_EXECUTE;
    let mut tables = Tables {
        allocate,
        huge_pages: has_huge_pages(),
    };
    let root = tables.new_table();
    for range in memory {
        tables.map_memory(root, range, writable);
    }
    tables.map_image(root, &image.text, rights);
    tables.map_image(root, &image.constants, rights | PageTableFlags::NO_EXECUTE);
    tables.map_image(root, &image.data, writable);
    tables.map_image(root, &image.stack, writable);
    tables.make_user_half(root);
    let root = PhysFrame::containing_address(PhysAddr::new(root));

    // SAFETY: the kernel goes on at the same addresses, with the rights that it needs there. Without
    // write protection the kernel could write to its own text (section 4.6).
    unsafe {
        Efer::update(|flags| flags.insert(EferFlags::NO_EXECUTE_ENABLE));
        Cr0::update(|flags| flags.insert(Cr0Flags::WRITE_PROTECT));
        Cr3::write(root, Cr3Flags::empty());
        Cr4::update(|flags| flags.insert(Cr4Flags::PAGE_GLOBAL));
    }
    KernelSpace { root }
}

/// Whether pages of 1 GiB exist (SDM volume 2, CPUID, leaf 0x8000_0001).
fn has_huge_pages() -> bool {
    const HUGE_PAGES: u32 = 1 << 26;
    __cpuid(0x8000_0001).edx & HUGE_PAGES != 0
}

impl Tables<'_> {
    /// An empty table's physical address.
    fn new_table(&mut self) -> u64 {
        let address = (self.allocate)();
        table(address).zero();
        address
    }

    /// The table that `entry` of the table at `parent` leads to, made if there is none.
    fn descend(&mut self, parent: u64, entry: u64) -> u64 {
        let flags = PageTableFlags::PRESENT | PageTableFlags::WRITABLE;
        if table(parent)[entry as usize].is_unused() {
            let child = self.new_table();
            table(parent)[entry as usize].set_addr(PhysAddr::new(child), flags);
        }
        table(parent)[entry as usize].addr().as_u64()
    }

    /// Makes the table for the half that belongs to processes, without any.
    fn make_user_half(&mut self, root: u64) {
        self.descend(root, 0);
        let flags = table(root)[0].flags();
        table(root)[0].set_flags(flags | PageTableFlags::USER_ACCESSIBLE);
    }

    fn map_image(&mut self, root: u64, range: &Range<u64>, flags: PageTableFlags) {
        for address in range.clone().step_by(PAGE_BYTES as usize) {
            let pages = self.page_table(root, address);
            let physical = PhysAddr::new(address - IMAGE_OFFSET);
            table(pages)[index(address, PAGE_BYTES)].set_addr(physical, flags);
        }
    }

    fn page_table(&mut self, root: u64, address: u64) -> u64 {
        let upper = self.descend(root, index(address, ENTRIES * HUGE_PAGE_BYTES) as u64);
        let lower = self.descend(upper, index(address, HUGE_PAGE_BYTES) as u64);
        self.descend(lower, index(address, LARGE_PAGE_BYTES) as u64)
    }

    /// Maps the large pages that `range` touches, and huge ones where it fills them.
    fn map_memory(&mut self, root: u64, range: Range<u64>, flags: PageTableFlags) {
        let flags = flags | PageTableFlags::HUGE_PAGE;
        let mut physical = range.start & !(LARGE_PAGE_BYTES - 1);
        while physical < range.end {
            let address = PHYSICAL_MEMORY + physical;
            let upper = self.descend(root, index(address, ENTRIES * HUGE_PAGE_BYTES) as u64);
            let huge = &mut table(upper)[index(address, HUGE_PAGE_BYTES)];
            let fits =
                physical.is_multiple_of(HUGE_PAGE_BYTES) && range.end - physical >= HUGE_PAGE_BYTES;
            if self.huge_pages && fits && huge.is_unused() {
                huge.set_addr(PhysAddr::new(physical), flags);
                physical += HUGE_PAGE_BYTES;
                continue;
            }
            let lower = self.descend(upper, index(address, HUGE_PAGE_BYTES) as u64);
            table(lower)[index(address, LARGE_PAGE_BYTES)].set_addr(PhysAddr::new(physical), flags);
            physical += LARGE_PAGE_BYTES;
        }
    }
}

/// Which entry leads to `address` in a table whose entries cover `entry_bytes` each.
fn index(address: u64, entry_bytes: u64) -> usize {
    (address / entry_bytes % ENTRIES) as usize
}

/// The page table at `physical`.
fn table(physical: u64) -> &'static mut PageTable {
    let pointer = (PHYSICAL_MEMORY + physical) as *mut PageTable;
    // SAFETY: only `protect` comes here, with pages that its caller gave to it alone, and no two references
    // to one table are alive at a time.
    unsafe { &mut *pointer }
}
