//! Reaching for memory that is somebody else's, or nobody's.

use core::arch::asm;
use core::hint::black_box;
use core::ptr;

use capsa::process;

/// Where the kernel's image is linked.
const KERNEL: usize = 0xffff_ffff_8010_0000;
/// Where the image of every app starts.
const IMAGE: usize = 0x40_0000;
/// The first address that no page table can map.
const NONCANONICAL: usize = 1 << 47;
/// Where a PC's text screen is, and not for apps.
const SCREEN: usize = 0xb_8000;

fn read(address: usize) {
    // SAFETY: none; that is what the kernel is tested with. Assembly, so that the compiler assumes nothing.
    unsafe { asm!("mov al, [{}]", in(reg) address, out("al") _) };
}

fn write(address: usize) {
    // SAFETY: as in `read`.
    unsafe { asm!("mov byte ptr [{}], 0", in(reg) address) };
}

fn call(address: usize) {
    // SAFETY: as in `read`.
    unsafe { asm!("call {}", in(reg) address, clobber_abi("C")) };
}

pub fn null_read() {
    read(0);
}

pub fn null_write() {
    write(0);
}

pub fn null_call() {
    call(0);
}

pub fn kernel_read() {
    read(KERNEL);
}

pub fn kernel_write() {
    write(KERNEL);
}

pub fn kernel_call() {
    call(KERNEL);
}

pub fn low_memory_read() {
    read(SCREEN);
}

pub fn noncanonical_read() {
    read(NONCANONICAL);
}

pub fn noncanonical_call() {
    call(NONCANONICAL);
}

pub fn image_write() {
    write(IMAGE);
}

/// The next app's image may follow in memory, but not in this address space.
pub fn image_end_read() {
    read(process::image_end().unwrap_or_default());
}

pub fn ram_end_read() {
    read(process::memory_end().unwrap_or_default());
}

/// Runs what it has written: a return instruction.
pub fn ram_call() {
    const RETURN: u8 = 0xc3;
    let code = [RETURN; 4];
    call(ptr::from_ref(black_box(&code)).addr());
}

/// The stack is lowest in RAM: what is below it is nobody's.
pub fn stack_overflow() {
    #[expect(unconditional_recursion, reason = "the stack is what ends it")]
    fn deeper(depth: usize) -> usize {
        let frame = black_box([depth; 8]);
        black_box(deeper(depth + 1)) + frame[0]
    }
    black_box(deeper(0));
}

/// Pushes to where no stack can be.
pub fn stack_lost() {
    // SAFETY: as in `read`; it does not come back.
    unsafe { asm!("mov rsp, 8", "push rax", "push rax", options(noreturn)) };
}
