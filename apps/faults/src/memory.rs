//! Reaching for memory that is somebody else's, or nobody's.

use core::arch::asm;
use core::hint::black_box;
use core::ptr;

use capsa::{Result, process};

use crate::raw::{CODE, KERNEL, NONCANONICAL, PHYSICAL};

/// Where a PC's text screen is, and not for apps.
const SCREEN: usize = 0xb_8000;
/// Where a stack in the kernel could be.
const KERNEL_STACK: usize = KERNEL + (1 << 20);
const PAGE_BYTES: usize = 4096;
/// Where the RAM of every app starts.
const RAM: usize = 0x50_0000;

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

/// Acts that reach for a fixed address.
macro_rules! reach {
    ($($act:ident $how:ident $address:expr;)*) => {
        $(
            pub fn $act() {
                $how($address);
            }
        )*
    };
}

reach! {
    null_read read 0;
    null_write write 0;
    null_call call 0;
    kernel_read read KERNEL;
    kernel_write write KERNEL;
    kernel_call call KERNEL;
    physical_read read PHYSICAL;
    screen_read read SCREEN;
    noncanonical_read read NONCANONICAL;
    noncanonical_call call NONCANONICAL;
    last_page_call call NONCANONICAL - 2;
    image_write write CODE;
    below_ram_read read RAM - 1;
}

/// Reaches for an address that the kernel tells, and a distance from it.
fn reach_from(how: fn(usize), told: Result<usize>, distance: isize) {
    if let Ok(address) = told {
        how(address.wrapping_add_signed(distance));
    }
}

/// The next app's image may follow in memory, but not in this address space.
pub fn image_end_read() {
    reach_from(read, process::image_end(), 0);
}

/// The first page after the app's own memory.
pub fn gap_read() {
    reach_from(read, process::app_break(), PAGE_BYTES as isize);
}

pub fn grant_read() {
    reach_from(read, process::memory_end(), -1);
}

pub fn grant_write() {
    reach_from(write, process::memory_end(), -1);
}

pub fn ram_end_read() {
    reach_from(read, process::memory_end(), 0);
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

/// Acts with the stack pointer at an address.
macro_rules! with_stack {
    ($($act:ident $address:expr, $instruction:literal;)*) => {
        $(
            pub fn $act() {
                // SAFETY: as in `read`; it does not come back.
                unsafe {
                    asm!("mov rsp, {}", $instruction, in(reg) $address, options(noreturn));
                }
            }
        )*
    };
}

with_stack! {
    stack_lost 8_usize, "push rax";
    stack_in_kernel KERNEL_STACK, "push rax";
    stack_noncanon NONCANONICAL + 64, "push rax";
    trap_in_kernel KERNEL_STACK, "ud2";
    trap_noncanon NONCANONICAL + 64, "ud2";
}
