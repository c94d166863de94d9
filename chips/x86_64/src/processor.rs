//! The processor as the kernel loop sees it, and the descriptor tables it works from.

use core::arch::asm;

use kernel::{boot::BootArena, platform::Chip};
use x86_64::{
    VirtAddr,
    instructions::tables::load_tss,
    registers::segmentation::{CS, DS, ES, FS, GS, SS, Segment},
    structures::{
        gdt::{Descriptor, GlobalDescriptorTable, SegmentSelector},
        idt::InterruptDescriptorTable,
        tss::TaskStateSegment,
    },
};

use crate::traps::{self, InterruptController};

/// The stack that a double fault is handled on: the cause may be that the kernel's own stack is full.
const DOUBLE_FAULT_STACK_BYTES: usize = 16 * 1024;

/// The processor, with tables and traps set up.
///
/// # The invariant INTERRUPTS-OFF
///
/// Interrupts are off from the first instruction of the kernel. Only [`Chip::accept_interrupts`] and
/// [`Chip::sleep`] switch them on, and off again before they return.
pub struct Processor(());

impl Processor {
    /// Gives the processor its descriptor tables, placed in `boot`, with every exception leading to a panic
    /// that shows the registers, and every interrupt to `C` and then to the kernel.
    pub fn new<C: InterruptController>(boot: &BootArena) -> Self {
        let double_fault_stack = boot.buffer::<DOUBLE_FAULT_STACK_BYTES>().as_ptr_range();
        let tss = boot.place(TaskStateSegment::new());
        tss.interrupt_stack_table[usize::from(traps::DOUBLE_FAULT_STACK)] =
            VirtAddr::from_ptr(double_fault_stack.end).align_down(16u64);

        let gdt = boot.place(GlobalDescriptorTable::new());
        let code = gdt.append(Descriptor::kernel_code_segment());
        let data = gdt.append(Descriptor::kernel_data_segment());
        let task_state = gdt.append(Descriptor::tss_segment(tss));
        gdt.load();
        load_segments(code, data);
        // SAFETY: the selector is that of a task state segment that lives for ever.
        unsafe { load_tss(task_state) };

        let idt = boot.place(InterruptDescriptorTable::new());
        traps::fill::<C>(idt);
        idt.load();
        Self(())
    }
}

fn load_segments(code: SegmentSelector, data: SegmentSelector) {
    let null = SegmentSelector::NULL;
    // SAFETY: both selectors are of flat segments in the table just loaded; in 64-bit mode the others may
    // be null (section 3.4.4).
    unsafe {
        CS::set_reg(code);
        SS::set_reg(data);
        DS::set_reg(null);
        ES::set_reg(null);
        FS::set_reg(null);
        GS::set_reg(null);
    }
}

impl Chip for Processor {
    #[inline]
    fn accept_interrupts(&self) {
        // SAFETY: INTERRUPTS-OFF holds again after `cli`. `sti` takes effect after the instruction that
        // follows it (SDM volume 2, STI), hence the `nop`: the window is one instruction wide.
        unsafe { asm!("sti", "nop", "cli", options(nostack)) };
    }

    #[inline]
    fn sleep(&self) {
        // SAFETY: as above. `sti` takes effect after `hlt` has begun, so an interrupt that arrived since the
        // ready set was looked at ends the sleep at once.
        unsafe { asm!("sti", "hlt", "cli", options(nostack)) };
    }
}
