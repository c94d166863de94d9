//! The two instructions by which a process calls the kernel.
//!
//! | instruction | process | class in | arguments in | handled in |
//! |---|---|---|---|---|
//! | `syscall` | 64 bits | RAX | RDI, RSI, RDX, R10 | this file |
//! | `int 0x40` | 32 bits | AL | four words on the stack | compatibility.rs |
//!
//! `syscall` leaves the stack to the kernel, puts RIP in RCX and RFLAGS in R11, and clears the flags that
//! SFMASK names. This ABI also gives R8 and R9 away: the kernel has two registers to begin with, and they
//! come back as zero. The results are in RAX, RDI, RSI, RDX and R10; every other register and the flags are
//! as they were, but for DS, ES, FS and GS, which are null after another process has run.

use core::{arch::naked_asm, mem::offset_of};

use x86_64::{
    VirtAddr,
    registers::{
        model_specific::{Efer, EferFlags, LStar, Msr, SFMask, Star},
        rflags::RFlags,
    },
};

use crate::{
    context::{Context, pause},
    frame::{Frame, push_registers},
    segments::{KERNEL_CODE, USER_CODE_32, USER_CODE_64, USER_DATA},
    user_mode::{ENTERED, Entered, leave, leave_trap, wait_for_process},
};

/// The vector of `int 0x40`.
pub(crate) const CALL_VECTOR: u8 = 0x40;

/// Where `syscall` of code of 32 bits leads (AMD64 manual volume 2, section 6.1.1).
const CSTAR: u32 = 0xc000_0083;
/// The code segment of `sysenter`; with 0 the instruction faults.
const SYSENTER_CS: u32 = 0x174;

/// Makes `syscall` lead here.
pub(crate) fn open() {
    // `sysretq` loads CS with this and 16, and SS with this and 8 (SDM volume 2, SYSRET).
    const SYSRET_BASE: u16 = USER_CODE_32;
    const { assert!(SYSRET_BASE + 8 == USER_DATA && SYSRET_BASE + 16 == USER_CODE_64) };
    // SAFETY: the segments are as both instructions expect, and the stubs expect what `syscall` leaves.
    unsafe {
        Star::write_raw(SYSRET_BASE, KERNEL_CODE);
        LStar::write(VirtAddr::from_ptr(system_call as *const ()));
        Msr::new(CSTAR).write(wrong_system_call as *const () as u64);
        Msr::new(SYSENTER_CS).write(0);
        Efer::update(|flags| flags.insert(EferFlags::SYSTEM_CALL_EXTENSIONS));
    }
    SFMask::write(RFlags::all());
}

/// Goes back to a process from its `syscall`: R8 is its context. For [`with_registers`].
///
/// `sysretq` needs no look at RCX: a process executes below 1 GiB, so the address after its `syscall` is no
/// higher, and not one of those that make `sysretq` fault in the kernel.
macro_rules! return_to_process {
    () => {
        "mov rax, [r8 + {RAX}]
         mov rdi, [r8 + {RDI}]
         mov rsi, [r8 + {RSI}]
         mov rdx, [r8 + {RDX}]
         mov r10, [r8 + {R10}]
         mov rcx, [r8 + {RIP}]
         mov r11, [r8 + {RFLAGS}]
         mov rsp, [r8 + {RSP}]
         xor r8d, r8d
         xor r9d, r9d
         sysretq"
    };
}

/// As `naked_asm`, with the operands by which both ways into a process find its registers; more come after `;`.
macro_rules! with_registers {
    ($($line:expr),+; $($operands:tt)*) => {
        naked_asm!(
            $($line),+,
            entered = sym ENTERED,
            CONTEXT = const Entered::CONTEXT,
            KERNEL_STACK = const Entered::KERNEL_STACK,
            RAX = const offset_of!(Frame, rax),
            RDI = const offset_of!(Frame, rdi),
            RSI = const offset_of!(Frame, rsi),
            RDX = const offset_of!(Frame, rdx),
            R10 = const offset_of!(Frame, r10),
            RSP = const offset_of!(Frame, rsp),
            RIP = const offset_of!(Frame, rip),
            RFLAGS = const offset_of!(Frame, rflags),
            RBX = const offset_of!(Frame, rbx),
            RBP = const offset_of!(Frame, rbp),
            R12 = const offset_of!(Frame, r12),
            R13 = const offset_of!(Frame, r13),
            R14 = const offset_of!(Frame, r14),
            R15 = const offset_of!(Frame, r15),
            $($operands)*
        )
    };
}

/// Where `syscall` leads. What the kernel's function must not change stays in its register, so only a
/// process that does not go on has all of them saved.
#[unsafe(naked)]
extern "sysv64" fn system_call() {
    with_registers!(
        "mov r8, [rip + {entered} + {CONTEXT}]",
        "mov [r8 + {RSP}], rsp",
        "mov rsp, [rip + {entered} + {KERNEL_STACK}]",
        "mov [r8 + {RIP}], rcx",
        "mov [r8 + {RFLAGS}], r11",
        "mov [r8 + {RAX}], rax",
        "mov [r8 + {RDI}], rdi",
        "mov [r8 + {RSI}], rsi",
        "mov [r8 + {RDX}], rdx",
        "mov [r8 + {R10}], r10",
        "mov rdi, [rip + {entered} + {HANDLER}]",
        "call [rip + {entered} + {SERVE}]",
        "mov r8, [rsp]",
        "test al, al",
        "jz 2f",
        return_to_process!(),
        "2:",
        "cmp qword ptr [r8 + {VECTOR}], 0", // not so if the kernel has started the process anew
        "jne {leave}",
        "mov [r8 + {RBX}], rbx",
        "mov [r8 + {RBP}], rbp",
        "mov [r8 + {R12}], r12",
        "mov [r8 + {R13}], r13",
        "mov [r8 + {R14}], r14",
        "mov [r8 + {R15}], r15",
        "mov qword ptr [r8 + {VECTOR}], {SYSTEM_CALL}",
        "jmp {leave}";
        HANDLER = const Entered::HANDLER,
        SERVE = const Entered::SERVE,
        VECTOR = const offset_of!(Frame, vector),
        SYSTEM_CALL = const pause::SYSTEM_CALL,
        leave = sym leave,
    )
}

/// Goes on with a process that `syscall` has paused, as [`enter`](crate::user_mode::enter) does with others.
#[unsafe(naked)]
pub(crate) unsafe extern "sysv64" fn resume(context: &Context) {
    with_registers!(
        wait_for_process!(),
        "mov r8, rdi",
        "mov rbx, [r8 + {RBX}]",
        "mov rbp, [r8 + {RBP}]",
        "mov r12, [r8 + {R12}]",
        "mov r13, [r8 + {R13}]",
        "mov r14, [r8 + {R14}]",
        "mov r15, [r8 + {R15}]",
        return_to_process!();
    )
}

/// Completes the frame of a process that `syscall` has paused, for people: [`resume`] needs no more of it.
pub(crate) fn complete(context: &Context) {
    let frame = &context.frame;
    frame.rcx.set(frame.rip.get());
    frame.r11.set(frame.rflags.get());
    frame.r8.set(0);
    frame.r9.set(0);
    frame.cs.set(usize::from(USER_CODE_64));
    frame.ss.set(usize::from(USER_DATA));
}

/// Where `syscall` of code of 32 bits leads: makes the frame that a trap would have made.
#[unsafe(naked)]
extern "sysv64" fn wrong_system_call() {
    naked_asm!(
        "mov r8, rsp",
        "mov rsp, [rip + {entered} + {CONTEXT}]",
        "add rsp, {FRAME_BYTES}",
        "push {DATA}",
        "push r8",
        "push r11",
        "push {CODE}",
        "push rcx",
        "push 0",
        "push {WRONG_DOOR}",
        push_registers!(),
        "jmp {leave_trap}",
        entered = sym ENTERED,
        CONTEXT = const Entered::CONTEXT,
        FRAME_BYTES = const size_of::<Frame>(),
        DATA = const USER_DATA,
        CODE = const USER_CODE_32,
        WRONG_DOOR = const pause::WRONG_DOOR,
        leave_trap = sym leave_trap,
    )
}
