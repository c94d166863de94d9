//! Traps: what interrupts the kernel or a process.
//!
//! The stack on which a trap finds itself depends on who was interrupted:
//!
//! - the kernel: its own stack. An exception completes a [`Frame`] there and panics with it. An interrupt saves
//!   only what the Rust calling convention lets a function change, because its handler returns to where it
//!   came from.
//! - a process: the end of its [`Context`](crate::context::Context)'s frame, which is completed. The process
//!   is paused; what the trap was is looked at by the kernel's function that entered it.
//!
//! Where the frame is tells the one from the other: the processor changes to the process's only if it was a
//! process. CS does not tell: in QEMU, code of 32 bits can put itself into virtual-8086 mode, where CS is anything.
//!
//! No vector but that of `int 0x40` may be named by a process: `int` with another one is a general protection
//! fault.

use core::{arch::naked_asm, mem::offset_of};

use kernel::platform::interrupt_raised;
use x86_64::{
    PrivilegeLevel, VirtAddr,
    structures::idt::{Entry, EntryOptions, InterruptDescriptorTable},
};

use crate::{
    doors::CALL_VECTOR,
    frame::{Frame, push_registers},
    segments::{DOUBLE_FAULT_STACK, MACHINE_CHECK_STACK, NON_MASKABLE_INTERRUPT_STACK},
    user_mode::{ENTERED, Entered, leave_trap},
};

/// The vector of interrupt line 0: the first one that is not reserved for exceptions (section 6.2).
pub const FIRST_INTERRUPT_VECTOR: u8 = 32;

/// How many interrupt lines lead here.
pub const INTERRUPT_LINES: usize = 16;

/// The interrupt controller, as the trap stubs need it.
pub trait InterruptController {
    /// Tells the controller that the interrupt of `line` has arrived. Returns `false` if there was none
    /// after all. Called from the interrupt handler, so it may touch nothing but the controller.
    fn acknowledge(line: usize) -> bool;
}

/// Whether the processor pushes an error code for exception `vector` (table 6-1).
const fn has_error_code(vector: u8) -> bool {
    matches!(vector, 8 | 10..=14 | 17 | 21 | 29 | 30)
}

extern "sysv64" fn exception(frame: &Frame) -> ! {
    panic!("{frame}");
}

/// Tells the controller and the kernel of an interrupt.
pub(crate) extern "sysv64" fn interrupt<C: InterruptController>(line: usize) {
    if C::acknowledge(line) {
        interrupt_raised(line);
    }
}

/// The stub of exception `VECTOR`, and of `int 0x40`.
#[unsafe(naked)]
extern "sysv64" fn trap_stub<const VECTOR: u8, const HAS_ERROR_CODE: bool>() {
    naked_asm!(
        ".if {has_error_code} == 0",
        "push 0",
        ".endif",
        "push {vector}",
        "jmp {trap}",
        has_error_code = const HAS_ERROR_CODE as u8,
        vector = const VECTOR,
        trap = sym trap,
    )
}

/// Completes the frame and goes on with the kernel's business: a process is paused, the kernel panics.
#[unsafe(naked)]
extern "sysv64" fn trap() {
    naked_asm!(
        push_registers!(),
        "cmp rsp, [rip + {entered} + {CONTEXT}]",
        "je {leave_trap}",
        "jmp {panic}",
        entered = sym ENTERED,
        CONTEXT = const Entered::CONTEXT,
        leave_trap = sym leave_trap,
        panic = sym enter_panic,
    )
}

/// The stub of an exception that is nobody's fault and has a stack of its own. The kernel panics.
#[unsafe(naked)]
extern "sysv64" fn fatal_stub<const VECTOR: u8, const HAS_ERROR_CODE: bool>() {
    naked_asm!(
        ".if {has_error_code} == 0",
        "push 0",
        ".endif",
        "push {vector}",
        push_registers!(),
        "jmp {panic}",
        has_error_code = const HAS_ERROR_CODE as u8,
        vector = const VECTOR,
        panic = sym enter_panic,
    )
}

/// Panics with the frame that RSP points to: 22 words from where the stack was aligned, so it is again.
#[unsafe(naked)]
extern "sysv64" fn enter_panic() {
    naked_asm!("cld", "mov rdi, rsp", "call {exception}", exception = sym exception)
}

/// The stub of interrupt line `LINE`.
#[unsafe(naked)]
extern "sysv64" fn interrupt_stub<C: InterruptController, const LINE: usize>() {
    naked_asm!(
        "push rax",
        "lea rax, [rsp - {REST_OF_FRAME}]", // the frame, if it is a process's
        "cmp rax, [rip + {entered} + {CONTEXT}]",
        "je 2f",
        "push rcx",
        "push rdx",
        "push rsi",
        "push rdi",
        "push r8",
        "push r9",
        "push r10",
        "push r11",
        "cld",
        "mov edi, {line}",
        // 14 words have been pushed since the stack was aligned: it is aligned again.
        "call {interrupt}",
        "pop r11",
        "pop r10",
        "pop r9",
        "pop r8",
        "pop rdi",
        "pop rsi",
        "pop rdx",
        "pop rcx",
        "pop rax",
        "iretq",
        "2:",
        "pop rax",
        "push 0",
        "push {first_vector} + {line}",
        "jmp {trap}",
        line = const LINE,
        REST_OF_FRAME = const offset_of!(Frame, rip) - size_of::<usize>(),
        entered = sym ENTERED,
        CONTEXT = const Entered::CONTEXT,
        first_vector = const FIRST_INTERRUPT_VECTOR,
        interrupt = sym interrupt::<C>,
        trap = sym trap,
    )
}

type Stub = extern "sysv64" fn();

/// Leads a trap to `stub`.
///
/// # Safety
/// The stub must expect the stack that the processor makes for this trap.
#[inline(never)]
unsafe fn lead<F>(entry: &mut Entry<F>, stub: Stub) -> &mut EntryOptions {
    // SAFETY: the caller's promise.
    unsafe { entry.set_handler_addr(VirtAddr::from_ptr(stub as *const ())) }
}

/// From rows of vector, field of the descriptor table and name: the function that names an exception, and
/// the one that leads each to its stub.
macro_rules! exceptions {
    ($($vector:literal $field:ident $name:literal;)*) => {
        pub(crate) fn exception_name(vector: usize) -> &'static str {
            match vector {
                $($vector => $name,)*
                _ => "reserved exception",
            }
        }

        fn fill_exceptions(idt: &mut InterruptDescriptorTable) {
            $(
                // SAFETY: the stub expects the stack that the processor makes for this exception.
                unsafe { lead(&mut idt.$field, trap_stub::<$vector, { has_error_code($vector) }>) };
            )*
        }
    };
}

// Table 6-1, and AMD64 Architecture Programmer's Manual volume 2, table 8-1, for 28 to 30.
exceptions! {
    0 divide_error "divide error";
    1 debug "debug exception";
    2 non_maskable_interrupt "non-maskable interrupt";
    3 breakpoint "breakpoint";
    4 overflow "overflow";
    5 bound_range_exceeded "bound range exceeded";
    6 invalid_opcode "invalid opcode";
    7 device_not_available "device not available";
    8 double_fault "double fault";
    10 invalid_tss "invalid task state segment";
    11 segment_not_present "segment not present";
    12 stack_segment_fault "stack-segment fault";
    13 general_protection_fault "general protection fault";
    14 page_fault "page fault";
    16 x87_floating_point "x87 floating-point error";
    17 alignment_check "alignment check";
    18 machine_check "machine check";
    19 simd_floating_point "SIMD floating-point error";
    20 virtualization "virtualization exception";
    21 cp_protection_exception "control protection exception";
    28 hv_injection_exception "hypervisor injection exception";
    29 vmm_communication_exception "VMM communication exception";
    30 security_exception "security exception";
}

/// Leads every exception and interrupt to its stub.
pub(crate) fn fill<C: InterruptController>(idt: &mut InterruptDescriptorTable) {
    fill_exceptions(idt);
    // SAFETY: as for every exception, and the stacks of these indices are in the task state segment.
    unsafe {
        let double_fault = fatal_stub::<8, { has_error_code(8) }>;
        lead(&mut idt.double_fault, double_fault).set_stack_index(DOUBLE_FAULT_STACK);
        lead(&mut idt.non_maskable_interrupt, fatal_stub::<2, false>)
            .set_stack_index(NON_MASKABLE_INTERRUPT_STACK);
        lead(&mut idt.machine_check, fatal_stub::<18, false>).set_stack_index(MACHINE_CHECK_STACK);
    }
    // SAFETY: a stub of an exception without an error code expects the same stack as an interrupt's.
    let door = unsafe { lead(&mut idt[CALL_VECTOR], trap_stub::<CALL_VECTOR, false>) };
    door.set_privilege_level(PrivilegeLevel::Ring3);
    macro_rules! interrupt_stubs {
        ($($line:literal)*) => { [$(interrupt_stub::<C, $line> as Stub),*] };
    }
    let stubs: [Stub; INTERRUPT_LINES] = interrupt_stubs!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15);
    for (vector, stub) in (FIRST_INTERRUPT_VECTOR..).zip(stubs) {
        // SAFETY: the stub expects the stack that the processor makes for an interrupt.
        unsafe { lead(&mut idt[vector], stub) };
    }
}
