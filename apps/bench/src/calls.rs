//! System calls without anything around them.

use core::arch::asm;

pub const YIELD: usize = 0;
pub const SUBSCRIBE: usize = 1;
pub const COMMAND: usize = 2;
pub const ALLOW_READ_WRITE: usize = 3;
pub const ALLOW_READ_ONLY: usize = 4;
pub const MEMOP: usize = 5;

pub const ALARM: usize = 0;
pub const CONSOLE: usize = 1;
pub const IPC: usize = 0x1_0000;
pub const PROBE: usize = 0xb000_0000;

/// A system call that is answered with values. Returns the first two.
#[inline(always)]
pub fn call(class: usize, [mut a, b, c, d]: [usize; 4]) -> [usize; 2] {
    let mut first = class;
    // SAFETY: registers are used as the kernel's interface says. What is shared or subscribed here are statics.
    unsafe {
        asm!(
            "syscall",
            inout("rax") first,
            inout("rdi") a,
            inout("rsi") b => _,
            inout("rdx") c => _,
            inout("r10") d => _,
            out("rcx") _,
            out("r8") _,
            out("r9") _,
            out("r11") _,
            options(nostack),
        );
    }
    [first, a]
}

/// What a yield comes back with: a function and its four arguments, or the values of one upcall.
#[inline(always)]
pub fn yield_now(variant: usize, driver: usize, subscription: usize) -> [usize; 5] {
    let [mut first, mut a, mut b, mut c, mut d] = [YIELD, variant, driver, subscription, 0];
    // SAFETY: as above.
    unsafe {
        asm!(
            "syscall",
            inout("rax") first,
            inout("rdi") a,
            inout("rsi") b,
            inout("rdx") c,
            inout("r10") d,
            out("rcx") _,
            out("r8") _,
            out("r9") _,
            out("r11") _,
            options(nostack),
        );
    }
    [first, a, b, c, d]
}

/// Waits for the next upcall.
#[inline(always)]
pub fn wait() -> [usize; 5] {
    yield_now(1, 0, 0)
}

/// Waits for one upcall.
#[inline(always)]
pub fn wait_for(driver: usize, subscription: usize) -> [usize; 5] {
    yield_now(2, driver, subscription)
}

/// The time-stamp counter.
#[inline(always)]
pub fn now() -> u64 {
    // SAFETY: every x86-64 processor has the instruction, and the kernel lets processes execute it.
    unsafe { core::arch::x86_64::_rdtsc() }
}

/// Nanoseconds that the machine was asleep.
pub fn asleep_ns() -> u64 {
    let [_, ns] = call(COMMAND, [PROBE, 1, 0, 0]);
    ns as u64
}

pub fn sleep_for_ever() {
    loop {
        wait();
    }
}
