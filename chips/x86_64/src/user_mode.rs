//! Entering and leaving a process.
//!
//! The kernel waits on its stack while a process runs:
//!
//! ```text
//!        return address
//!        RBX RBP R12 R13 R14 R15   what a function must not change
//!   -->  context of the process    KERNEL_STACK, 16-byte aligned
//! ```
//!
//! A trap pushes the process's registers into its [`Context`] and goes on at [`leave`] (traps.rs); a system
//! call calls the kernel on this stack, and either goes back to the process or on at `leave` (doors.rs).

use core::{
    arch::naked_asm,
    mem::offset_of,
    ptr,
    sync::atomic::{AtomicPtr, AtomicUsize, Ordering::Relaxed},
};

use kernel::platform::SystemCallHandler;

use crate::{
    context::{Context, pause},
    doors::resume,
    frame::{Frame, pop_registers},
    segments::USER_CODE_64,
};

/// What the way out of a process needs to know.
///
/// # The invariant ENTERED
///
/// Whenever a process runs, this describes the [`enter`] that started it, which has not returned: the
/// kernel's stack, the process's context, and who serves its system calls. Another `enter` in the middle of a system
/// call would leave it describing that one: [`SystemCallHandler`] rules it out.
///
/// It changes only while interrupts are off, so an interrupt's stub never finds it half changed.
#[repr(C)]
pub(crate) struct Entered {
    /// The kernel's stack pointer.
    kernel_stack: AtomicUsize,
    context: AtomicPtr<Context>,
    /// The function that `syscall` calls, and its argument.
    serve: AtomicPtr<()>,
    handler: AtomicPtr<()>,
}

pub(crate) static ENTERED: Entered = Entered {
    kernel_stack: AtomicUsize::new(0),
    context: AtomicPtr::new(ptr::null_mut()),
    serve: AtomicPtr::new(ptr::null_mut()),
    handler: AtomicPtr::new(ptr::null_mut()),
};

impl Entered {
    pub(crate) const KERNEL_STACK: usize = offset_of!(Entered, kernel_stack);
    pub(crate) const CONTEXT: usize = offset_of!(Entered, context);
    pub(crate) const SERVE: usize = offset_of!(Entered, serve);
    pub(crate) const HANDLER: usize = offset_of!(Entered, handler);
}

/// A function that `syscall` calls. It says whether the process goes on.
type Serve = extern "sysv64" fn(handler: *mut ()) -> bool;

extern "sysv64" fn serve<H: SystemCallHandler>(handler: *mut ()) -> bool {
    // SAFETY: ENTERED: `run` is waiting, and lends its handler.
    unsafe { (*handler.cast::<H>()).system_call() }
}

/// `syscall` is not the door of a process of 32 bits.
extern "sysv64" fn refuse(_: *mut ()) -> bool {
    false
}

/// Runs a process until it is paused. The frame's `vector` says by what; before, it says what paused the process
/// the last time.
///
/// # Safety
/// The context must be that of a process that was started, its address space and its registers that are
/// not in the frame be those of the processor, and traps of the process lead to the end of the frame.
#[inline]
pub(crate) unsafe fn run<H: SystemCallHandler>(context: &Context, calls: &mut H) {
    let serve: Serve = if context.code_segment.get() == usize::from(USER_CODE_64) {
        serve::<H>
    } else {
        refuse
    };
    ENTERED.serve.store(serve as *mut (), Relaxed);
    ENTERED.handler.store(ptr::from_mut(calls).cast(), Relaxed);
    // SAFETY: the caller's promise; ENTERED holds.
    unsafe {
        match context.frame.vector.replace(0) {
            pause::SYSTEM_CALL => resume(context),
            _ => enter(context),
        }
    }
}

/// Saves what the kernel goes on with, with RDI the context of the process. Needs the operands of [`enter`].
macro_rules! wait_for_process {
    () => {
        "push rbx; push rbp; push r12; push r13; push r14; push r15
         push rdi
         mov [rip + {entered} + {CONTEXT}], rdi
         mov [rip + {entered} + {KERNEL_STACK}], rsp"
    };
}
pub(crate) use wait_for_process;

/// Goes to a process, and comes back by [`leave`].
///
/// `iretq` must not fault: the stack is the context then, and the exception would be pushed over what lies before it.
/// It does not, because the instruction, the segments and the flags of a context come from the start of a process, from
/// the processor, or are an upcall's function, which was checked.
#[unsafe(naked)]
unsafe extern "sysv64" fn enter(context: &Context) {
    naked_asm!(
        wait_for_process!(),
        "mov rsp, rdi",
        pop_registers!(),
        "iretq",
        entered = sym ENTERED,
        CONTEXT = const Entered::CONTEXT,
        KERNEL_STACK = const Entered::KERNEL_STACK,
    )
}

/// Returns from [`enter`]. To be jumped to, with the stack that `enter` has left.
#[unsafe(naked)]
pub(crate) extern "sysv64" fn leave() {
    naked_asm!(
        "pop rdi",
        "pop r15; pop r14; pop r13; pop r12; pop rbp; pop rbx",
        "ret",
    )
}

/// Leaves a process whose registers are in its frame. To be jumped to, on any stack.
///
/// An interrupt gate leaves the process's AC flag, with which the kernel might read the memory of a process
/// by mistake, and its direction flag: the kernel's own flags are loaded.
#[unsafe(naked)]
pub(crate) extern "sysv64" fn leave_trap() {
    naked_asm!(
        "mov rsp, [rip + {entered} + {KERNEL_STACK}]",
        "push 2",
        "popfq",
        "jmp {leave}",
        entered = sym ENTERED,
        KERNEL_STACK = const Entered::KERNEL_STACK,
        leave = sym leave,
    )
}

const _: () = assert!(offset_of!(Context, frame) == 0 && offset_of!(Frame, rip) == 17 * 8);
