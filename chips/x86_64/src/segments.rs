//! The segments of the kernel and of processes, and the stacks of traps.
//!
//! All segments are flat; they say who runs, and how wide its registers are. `syscall` and `sysretq` want
//! them in this order (SDM volume 2, SYSRET).

use core::{arch::asm, ptr};

use kernel::boot::BootArena;
use x86_64::{
    VirtAddr,
    instructions::tables::load_tss,
    registers::{
        model_specific::{FsBase, GsBase},
        segmentation::{CS, DS, ES, FS, GS, SS, Segment, SegmentSelector},
    },
    structures::{
        gdt::{Descriptor, DescriptorFlags, GlobalDescriptorTable},
        tss::TaskStateSegment,
    },
};

use crate::frame::Frame;

/// The kernel's code; the kernel's data is the next one.
pub(crate) const KERNEL_CODE: u16 = 0x08;
const KERNEL_DATA: u16 = 0x10;
/// Code of a process of 32 bits.
pub(crate) const USER_CODE_32: u16 = 0x1b;
/// Data of every process.
pub(crate) const USER_DATA: u16 = 0x23;
/// Code of a process of 64 bits.
pub(crate) const USER_CODE_64: u16 = 0x2b;

/// A stack of their own have the traps that may come when the kernel's stack is not usable: it is full, or
/// a system call has just begun on the stack of the process.
const TRAP_STACK_BYTES: usize = 16 * 1024;

/// Index of the double fault's stack in the task state segment.
pub(crate) const DOUBLE_FAULT_STACK: u16 = 0;
/// Index of the non-maskable interrupt's.
pub(crate) const NON_MASKABLE_INTERRUPT_STACK: u16 = 1;
/// Index of the machine check's.
pub(crate) const MACHINE_CHECK_STACK: u16 = 2;
const TRAP_STACKS: usize = 3;

/// The task state segment, where the processor finds the stacks of traps. It has no bitmap of ports, so a
/// process can use none.
pub(crate) struct TrapStacks {
    segment: *mut TaskStateSegment,
}

impl TrapStacks {
    /// Gives the processor its segments and the stacks of traps, placed in `boot`.
    pub(crate) fn new(boot: &BootArena) -> Self {
        let segment = boot.place(TaskStateSegment::new());
        let mut stacks = segment.interrupt_stack_table;
        for stack in &mut stacks[..TRAP_STACKS] {
            let bytes = boot.buffer::<TRAP_STACK_BYTES>().as_ptr_range();
            *stack = VirtAddr::from_ptr(bytes.end).align_down(16_u64);
        }
        segment.interrupt_stack_table = stacks;
        let segment = ptr::from_mut(segment);
        // SAFETY: placed for ever. The processor reads it, and only `interrupt_to` changes it.
        let descriptor = Descriptor::tss_segment(unsafe { &*segment });
        load(boot, descriptor);
        Self { segment }
    }

    /// Makes a trap that interrupts a process push its frame to where `end` is the end of it.
    #[inline]
    pub(crate) fn interrupt_to(&self, end: *const Frame) {
        // SAFETY: a pointer's address is canonical. The segment was placed for ever, its fields are not aligned,
        // and nothing in Rust reads them.
        unsafe {
            let stack = VirtAddr::new_unsafe(end.addr() as u64);
            (&raw mut (*self.segment).privilege_stack_table[0]).write_unaligned(stack);
        }
    }
}

fn load(boot: &BootArena, task_state: Descriptor) {
    let gdt = boot.place(GlobalDescriptorTable::new());
    let segments = [
        (Descriptor::kernel_code_segment(), KERNEL_CODE),
        (Descriptor::kernel_data_segment(), KERNEL_DATA),
        (
            Descriptor::UserSegment(DescriptorFlags::USER_CODE32.bits()),
            USER_CODE_32,
        ),
        (Descriptor::user_data_segment(), USER_DATA),
        (Descriptor::user_code_segment(), USER_CODE_64),
    ];
    for (descriptor, selector) in segments {
        assert_eq!(gdt.append(descriptor).0, selector);
    }
    let task_state = gdt.append(task_state);
    gdt.load();
    let null = SegmentSelector::NULL;
    // SAFETY: the selectors are of flat segments in the table just loaded; in 64-bit mode the others may be
    // null (section 3.4.4). The task state segment lives for ever.
    unsafe {
        CS::set_reg(SegmentSelector(KERNEL_CODE));
        SS::set_reg(SegmentSelector(KERNEL_DATA));
        DS::set_reg(null);
        ES::set_reg(null);
        FS::set_reg(null);
        GS::set_reg(null);
        // Not every processor does so when the selector is null.
        FsBase::write(VirtAddr::zero());
        GsBase::write(VirtAddr::zero());
        load_tss(task_state);
        // After a reset the local table is at address 0 and valid (section 10.1.1): a process that has memory
        // there would write its own descriptors.
        asm!("lldt {:x}", in(reg) 0_u16, options(nostack, preserves_flags));
    }
}

/// DS, ES, FS and GS as they are.
pub(crate) fn data_segments() -> [u16; 4] {
    [
        DS::get_reg().0,
        ES::get_reg().0,
        FS::get_reg().0,
        GS::get_reg().0,
    ]
}

/// Sets DS, ES, FS and GS.
///
/// # Safety
/// Each must be null or of a segment of data or code that a process may use. The kernel uses none of them.
#[inline(always)]
pub(crate) unsafe fn load_data_segments(selectors: [u16; 4]) {
    let [ds, es, fs, gs] = selectors.map(SegmentSelector);
    // SAFETY: the caller's promise. The bases of all of these segments are zero.
    unsafe {
        DS::set_reg(ds);
        ES::set_reg(es);
        FS::set_reg(fs);
        GS::set_reg(gs);
    }
}
