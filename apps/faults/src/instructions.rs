//! Instructions that are the kernel's, and those that trap.

use core::arch::asm;

/// A function that executes instructions. What they change does not matter: they are not survived.
macro_rules! acts {
    ($($(#[$doc:meta])* $name:ident: $($instruction:literal),+;)+) => {
        $(
            $(#[$doc])*
            pub fn $name() {
                // SAFETY: none; that is what the kernel is tested with.
                unsafe {
                    asm!(
                        $($instruction),+,
                        out("rax") _,
                        out("rcx") _,
                        out("rdx") _,
                    );
                }
            }
        )+
    };
}

acts! {
    divide_by_zero: "xor ecx, ecx", "xor edx, edx", "div ecx";
    undefined: "ud2";
    breakpoint: "int3";
    /// `int1`, which has no privilege check of its own.
    debug_trap: ".byte 0xf1";
    /// The trap flag.
    single_step: "pushfq", "or qword ptr [rsp], 0x100", "popfq", "nop";
    /// The timer's line.
    interrupt_0x20: "int 0x20";
    interrupt_0x80: "int 0x80";
    interrupts_off: "cli";
    halt: "hlt";
    port_in: "in al, 0x60";
    port_out: "out 0xf4, al";
    read_cr3: "mov rax, cr3";
    read_msr: "mov ecx, 0xc0000080", "rdmsr";
    load_gdt: "lgdt [rsp]";
    /// To the kernel's code segment.
    far_return: "push 8", "lea rax, [rip + 2f]", "push rax", "retfq", "2:";
}
