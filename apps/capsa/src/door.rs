//! The way into the kernel: the `syscall` instruction, or on the host a kernel that is a fake.
//!
//! ```text
//!          class  argument 0  1    2    3          may be changed
//! call     rax    rdi         rsi  rdx  r10        rcx, r8, r9, r10, r11, flags
//! return          rax         rdi  rsi  rdx
//! ```
//! The kernel never touches an app's stack.

/// Arguments or results of a system call.
pub type Words = [usize; 4];

/// What a system call is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[repr(usize)]
pub enum Class {
    Yield = 0,
    Subscribe = 1,
    Command = 2,
    AllowReadWrite = 3,
    AllowReadOnly = 4,
    Memop = 5,
}

/// A function that the kernel has an app call, with three values of the driver's and one of the app's.
pub type Upcall = extern "C" fn(usize, usize, usize, usize);

/// Makes a system call that does not yield with an upcall.
///
/// # Safety
///
/// The kernel writes to memory that it is lent until it gives it back, and the app calls what it subscribes:
/// both must stay valid for as long.
#[cfg(target_os = "none")]
pub unsafe fn call(class: Class, arguments: Words) -> Words {
    let [mut a, mut b, mut c, d] = arguments;
    let mut first = class as usize;
    // SAFETY: registers are used as the kernel's interface says; memory is the caller's promise.
    unsafe {
        core::arch::asm!(
            "syscall",
            inout("rax") first,
            inout("rdi") a,
            inout("rsi") b,
            inout("rdx") c,
            inout("r10") d => _,
            out("rcx") _,
            out("r8") _,
            out("r9") _,
            out("r11") _,
            options(nostack),
        );
    }
    [first, a, b, c]
}

/// Yields, and makes the upcall that the kernel answers with, if it answers with one: function, three values
/// and the app's own word arrive in rax, rdi, rsi, rdx and r10.
#[cfg(target_os = "none")]
pub fn yield_with_upcall(variant: usize, address: usize) {
    // SAFETY: a function arrives only if this app subscribed it, as an `Upcall`. The stack is aligned, because
    // this block does not promise to leave it alone.
    unsafe {
        core::arch::asm!(
            "syscall",
            "test rax, rax",
            "jz 2f",
            "mov rcx, r10",
            "call rax",
            "2:",
            inout("rax") Class::Yield as usize => _,
            inout("rdi") variant => _,
            inout("rsi") address => _,
            clobber_abi("C"),
        );
    }
}

/// Ends the app, in the way of `variant`.
#[cfg(target_os = "none")]
pub fn exit(variant: usize, completion_code: u32) -> ! {
    const EXIT: usize = 6;
    // SAFETY: nothing of this app runs after it.
    unsafe {
        core::arch::asm!(
            "syscall",
            "ud2",
            in("rax") EXIT,
            in("rdi") variant,
            in("rsi") completion_code as usize,
            options(noreturn),
        )
    }
}

#[cfg(not(target_os = "none"))]
pub(crate) use crate::fake::{call, exit, yield_with_upcall};
