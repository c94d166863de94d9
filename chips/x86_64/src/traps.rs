//! Traps: exceptions, which are kernel bugs, and interrupts, which become bits of the ready set.
//!
//! The processor pushes the first frame below; our stubs add the second. An exception then panics with
//! all registers in the message. An interrupt saves only what the Rust calling convention lets a
//! function change, because its handler returns to where it came from.
//!
//! ```text
//!   SS           pushed by the processor, 16-byte aligned before it
//!   RSP
//!   RFLAGS
//!   CS
//!   RIP
//!   error code   pushed by the processor for some exceptions, by the stub for the others
//!   vector       pushed by the stub
//!   RAX ... R15  pushed by `enter`: RSP points here when Rust is called
//! ```

use core::{arch::naked_asm, fmt};

use kernel::platform::interrupt_raised;
use x86_64::{
    VirtAddr,
    registers::control::Cr2,
    structures::idt::{Entry, EntryOptions, InterruptDescriptorTable},
};

/// Index of the double fault's stack in the task state segment.
pub(crate) const DOUBLE_FAULT_STACK: u16 = 0;

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

/// The registers at the time of an exception.
#[repr(C)]
struct Frame {
    r15: u64,
    r14: u64,
    r13: u64,
    r12: u64,
    r11: u64,
    r10: u64,
    r9: u64,
    r8: u64,
    rbp: u64,
    rdi: u64,
    rsi: u64,
    rdx: u64,
    rcx: u64,
    rbx: u64,
    rax: u64,
    vector: u64,
    error_code: u64,
    rip: u64,
    cs: u64,
    rflags: u64,
    rsp: u64,
    ss: u64,
}

/// Whether the processor pushes an error code for exception `vector` (table 6-1).
const fn has_error_code(vector: u8) -> bool {
    matches!(vector, 8 | 10..=14 | 17 | 21 | 29 | 30)
}

const PAGE_FAULT: u64 = 14;

impl fmt::Display for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} (exception {}), error code {:#x}",
            exception_name(self.vector),
            self.vector,
            self.error_code
        )?;
        if self.vector == PAGE_FAULT {
            let access = match self.error_code {
                code if code & 0x10 != 0 => "execute",
                code if code & 0x2 != 0 => "write",
                _ => "read",
            };
            writeln!(f, "  {access} at cr2 {:#018x}", Cr2::read_raw())?;
        }
        writeln!(
            f,
            "  rip {:#018x}  cs {:#06x}  rflags {:#010x}",
            self.rip, self.cs, self.rflags
        )?;
        writeln!(
            f,
            "  rsp {:#018x}  ss {:#06x}  rbp {:#018x}",
            self.rsp, self.ss, self.rbp
        )?;
        writeln!(
            f,
            "  rax {:#018x}  rbx {:#018x}  rcx {:#018x}",
            self.rax, self.rbx, self.rcx
        )?;
        writeln!(
            f,
            "  rdx {:#018x}  rsi {:#018x}  rdi {:#018x}",
            self.rdx, self.rsi, self.rdi
        )?;
        writeln!(
            f,
            "  r8  {:#018x}  r9  {:#018x}  r10 {:#018x}",
            self.r8, self.r9, self.r10
        )?;
        writeln!(
            f,
            "  r11 {:#018x}  r12 {:#018x}  r13 {:#018x}",
            self.r11, self.r12, self.r13
        )?;
        write!(f, "  r14 {:#018x}  r15 {:#018x}", self.r14, self.r15)
    }
}

extern "sysv64" fn exception(frame: &Frame) -> ! {
    panic!("{frame}");
}

extern "sysv64" fn interrupt<C: InterruptController>(line: usize) {
    if C::acknowledge(line) {
        interrupt_raised(line);
    }
}

/// The stub of exception `VECTOR`.
#[unsafe(naked)]
extern "sysv64" fn exception_stub<const VECTOR: u8, const HAS_ERROR_CODE: bool>() {
    naked_asm!(
        ".if {has_error_code} == 0",
        "push 0",
        ".endif",
        "push {vector}",
        "jmp {enter}",
        has_error_code = const HAS_ERROR_CODE as u8,
        vector = const VECTOR,
        enter = sym enter,
    )
}

#[unsafe(naked)]
extern "sysv64" fn enter() {
    naked_asm!(
        "push rax",
        "push rbx",
        "push rcx",
        "push rdx",
        "push rsi",
        "push rdi",
        "push rbp",
        "push r8",
        "push r9",
        "push r10",
        "push r11",
        "push r12",
        "push r13",
        "push r14",
        "push r15",
        "cld",
        "mov rdi, rsp",
        // 22 words have been pushed since the stack was aligned: it is aligned again.
        "call {exception}",
        exception = sym exception,
    )
}

/// The stub of interrupt line `LINE`.
#[unsafe(naked)]
extern "sysv64" fn interrupt_stub<C: InterruptController, const LINE: usize>() {
    naked_asm!(
        "push rax",
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
        line = const LINE,
        interrupt = sym interrupt::<C>,
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
        fn exception_name(vector: u64) -> &'static str {
            match vector {
                $($vector => $name,)*
                _ => "reserved exception",
            }
        }

        fn fill_exceptions(idt: &mut InterruptDescriptorTable) {
            $(
                // SAFETY: the stub expects the stack that the processor makes for this exception.
                unsafe { lead(&mut idt.$field, exception_stub::<$vector, { has_error_code($vector) }>) };
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
    let double_fault = exception_stub::<8, { has_error_code(8) }>;
    // SAFETY: as for every exception, and the stack of that index is set up in the task state segment.
    unsafe { lead(&mut idt.double_fault, double_fault).set_stack_index(DOUBLE_FAULT_STACK) };
    macro_rules! interrupt_stubs {
        ($($line:literal)*) => { [$(interrupt_stub::<C, $line> as Stub),*] };
    }
    let stubs: [Stub; INTERRUPT_LINES] = interrupt_stubs!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15);
    for (vector, stub) in (FIRST_INTERRUPT_VECTOR..).zip(stubs) {
        // SAFETY: the stub expects the stack that the processor makes for an interrupt.
        unsafe { lead(&mut idt[vector], stub) };
    }
}
