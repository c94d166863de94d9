//! Address spaces of processes.
//!
//! A process's addresses are below 1 GiB, so one page directory leads to all of its memory. Everything above
//! that is shared: the address space of a process is the kernel's, with the directory entered in one place.
//! What an app wants to have higher up is left out, and it faults there.
//!
//! ```text
//!   kernel's root --0--> user half --0--> the process's directory --> its page tables --> image, RAM
//!       |                                 \_____________ in the process's memory ______________/
//!       '--256...511--> the kernel's half (paging.rs)
//! ```

use core::{cell::Cell, mem, ops::Range, ptr};

use kernel::process::{PAGE_BYTES, ProcessMemory, Window};
use x86_64::{
    registers::control::{Cr3, Cr3Flags},
    structures::paging::{PageTableFlags, PhysFrame},
};

use crate::{
    context::Context,
    paging::{KernelSpace, PHYSICAL_MEMORY},
};

/// Where the addresses that a process can have end.
pub(crate) const USER_END: usize = 1 << 30;

/// Bytes that one page table covers.
const TABLE_REACH: usize = ENTRIES * PAGE_BYTES;
const ENTRIES: usize = PAGE_BYTES / mem::size_of::<usize>();

/// A table of any level.
type Table = [Cell<usize>; ENTRIES];

const PRESENT: usize = PageTableFlags::PRESENT.bits() as usize;
const WRITABLE: usize = PageTableFlags::WRITABLE.bits() as usize;
const USER: usize = PageTableFlags::USER_ACCESSIBLE.bits() as usize;
const NO_EXECUTE: usize = PageTableFlags::NO_EXECUTE.bits() as usize;
/// Of an entry that leads to a table: the rights are those of the pages.
const TABLE: usize = PRESENT | WRITABLE | USER;
/// The bits of an entry that are not rights.
const ADDRESS: usize = 0x000f_ffff_ffff_f000;

/// The lower half of the address space, which belongs to one process at a time.
pub(crate) struct UserHalf {
    /// The kernel's root table.
    root: PhysFrame,
    /// The entry that leads to a process's directory.
    entry: &'static Cell<usize>,
}

impl UserHalf {
    /// The lower half of `space`.
    pub(crate) fn new(space: KernelSpace) -> Self {
        let root = space.root;
        let root_address = root.start_address().as_u64() as usize;
        // SAFETY: `protect` has made both tables for ever, and the first entry of one leads to the other. Nobody
        // else uses that one: there is one space.
        let entry = unsafe { &table(table(root_address)[0].get() & ADDRESS)[0] };
        Self { root, entry }
    }

    /// Shows the memory of the process with this directory.
    #[inline]
    pub(crate) fn show(&self, directory: usize) {
        self.entry.set(directory | TABLE);
        self.flush();
    }

    /// Makes the processor forget what it knows of the user half. The kernel's pages are global.
    #[inline]
    fn flush(&self) {
        // SAFETY: it stays the same root.
        unsafe { Cr3::write(self.root, Cr3Flags::empty()) };
    }

    fn shows(&self, directory: usize) -> bool {
        self.entry.get() & ADDRESS == directory
    }

    /// Makes the tables of a process. It sees its image and no RAM.
    ///
    /// # Safety
    /// As for [`AddressSpaces::create`](kernel::platform::AddressSpaces::create).
    pub(crate) unsafe fn create(&self, context: &Context, memory: &ProcessMemory, tables: *mut u8) {
        let directory = physical(tables);
        let (image, ram) = (memory.image.addresses(), memory.ram.addresses());
        // SAFETY: the caller's promise.
        unsafe { ptr::write_bytes(tables, 0, table_bytes(&image, &ram)) };
        let mut next = directory;
        for number in reach(&image).chain(reach(&ram)) {
            // SAFETY: TABLES, since the bytes are zero now and belong to this process.
            let entry = unsafe { &table(directory)[number] };
            if entry.get() == 0 {
                next += PAGE_BYTES;
                entry.set(next | TABLE);
            }
        }
        context.directory.set(directory);
        context.ram_start.set(memory.ram.addresses().start);
        context.ram.set(memory.ram.kernel_start().as_ptr());
        context.accessible_bytes.set(0);
        let image = touched(memory.image.addresses(), PAGE_BYTES);
        map(context, &memory.image, image, PRESENT | USER);
    }

    /// Forgets the memory of a process that is no more.
    pub(crate) fn hide(&self, context: &Context) {
        if self.shows(context.directory.get()) {
            self.entry.set(0);
            self.flush();
        }
    }

    /// Lets the process access the first `bytes` of its RAM.
    pub(crate) fn set_accessible(&self, context: &Context, memory: &ProcessMemory, bytes: usize) {
        let ram = memory.ram.addresses();
        assert!(bytes <= ram.len() && bytes.is_multiple_of(PAGE_BYTES));
        let end = |bytes: usize| (ram.start + bytes).min(USER_END) / PAGE_BYTES;
        let (old, new) = (end(context.accessible_bytes.replace(bytes)), end(bytes));
        let rights = PRESENT | USER | WRITABLE | NO_EXECUTE;
        map(context, &memory.ram, old..new, rights);
        for page in new..old {
            page_entry(context, page).set(0);
        }
        // What was not there is not remembered (section 4.10.2.3), so growing needs no flush.
        if new < old && self.shows(context.directory.get()) {
            self.flush();
        }
    }
}

/// Bytes that the tables of a process need that has its image and its RAM at these addresses.
pub(crate) fn table_bytes(image: &Range<usize>, ram: &Range<usize>) -> usize {
    let (image, ram) = (reach(image), reach(ram));
    let shared = image
        .end
        .min(ram.end)
        .saturating_sub(image.start.max(ram.start));
    (1 + image.len() + ram.len() - shared) * PAGE_BYTES
}

/// The numbers of the page tables that addresses touch.
fn reach(addresses: &Range<usize>) -> Range<usize> {
    touched(addresses.clone(), TABLE_REACH)
}

/// The numbers of the blocks of `block_bytes` that addresses touch, as far as a process can have them.
fn touched(addresses: Range<usize>, block_bytes: usize) -> Range<usize> {
    let end = addresses.end.min(USER_END);
    if addresses.start >= end {
        return 0..0;
    }
    addresses.start / block_bytes..end.div_ceil(block_bytes)
}

/// Maps the pages of those numbers to where the kernel has the window.
///
/// # Panics
/// If the window starts elsewhere in its page for the kernel.
fn map(context: &Context, window: &Window, pages: Range<usize>, rights: usize) {
    let start = window.addresses().start;
    let kernel_start = physical(window.kernel_start().as_ptr());
    assert!(start % PAGE_BYTES == kernel_start % PAGE_BYTES);
    for page in pages {
        let target = kernel_start + page * PAGE_BYTES - start;
        page_entry(context, page).set(target | rights);
    }
}

/// The entry of page number `page` of a process.
fn page_entry(context: &Context, page: usize) -> &'static Cell<usize> {
    // SAFETY: TABLES.
    unsafe {
        let pages = table(context.directory.get())[page / ENTRIES].get() & ADDRESS;
        &table(pages)[page % ENTRIES]
    }
}

/// The physical address of what the kernel sees at `pointer`.
fn physical(pointer: *const u8) -> usize {
    pointer.addr() - PHYSICAL_MEMORY as usize
}

/// The table at physical address `physical`.
///
/// # Safety
/// A table must be there. That is so, by the invariant TABLES, for the directory of a process and for each
/// table that its entries lead to: `create` was promised these pages for the process alone, and nothing
/// else writes to them, the process can't.
unsafe fn table(physical: usize) -> &'static Table {
    let pointer = ptr::with_exposed_provenance::<Table>(PHYSICAL_MEMORY as usize + physical);
    // SAFETY: the caller's promise; all memory is seen there.
    unsafe { &*pointer }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: usize = 1 << 20;

    fn tables(image: Range<usize>, ram: Range<usize>) -> usize {
        table_bytes(&image, &ram) / PAGE_BYTES
    }

    #[test]
    fn a_process_needs_a_directory_and_a_table_for_each_two_mebibytes_that_it_touches() {
        assert_eq!(tables(4 * MIB..4 * MIB + 100, 8 * MIB..9 * MIB), 3);
        assert_eq!(tables(4 * MIB..6 * MIB + 1, 8 * MIB..12 * MIB), 5);
        assert_eq!(tables(6 * MIB - 1..6 * MIB + 1, 8 * MIB..8 * MIB), 3);
    }

    #[test]
    fn image_and_ram_share_a_table_in_the_same_two_mebibytes() {
        assert_eq!(tables(4 * MIB..5 * MIB, 5 * MIB..6 * MIB), 2);
        assert_eq!(tables(4 * MIB..7 * MIB, 7 * MIB..9 * MIB), 4);
        assert_eq!(tables(7 * MIB..9 * MIB, 4 * MIB..7 * MIB), 4);
    }

    #[test]
    fn addresses_that_a_process_can_not_have_need_no_table() {
        assert_eq!(tables(1023 * MIB..1025 * MIB, 4096 * MIB..4097 * MIB), 2);
        assert_eq!(tables(4 * MIB..5 * MIB, 1024 * MIB..1025 * MIB), 2);
    }
}
