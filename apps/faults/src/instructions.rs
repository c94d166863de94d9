//! Instructions that are the kernel's, and those that trap.

use core::arch::asm;

/// A function that executes instructions. What they change does not matter: they are not survived.
macro_rules! instructions {
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
                        out("rdi") _,
                        out("rsi") _,
                    );
                }
            }
        )+
    };
}

instructions! {
    cli: "cli";
    sti: "sti";
    hlt: "hlt";
    /// The keyboard's.
    port_in: "in al, 0x60";
    /// The serial line's.
    port_in_dx: "mov edx, 0x3f8", "in al, dx";
    /// Past the end of any bitmap of ports.
    port_in_last: "mov edx, 0xffff", "in eax, dx";
    /// The one that ends QEMU.
    port_out: "out 0xf4, al";
    port_ins: "lea rdi, [rsp - 256]", "mov edx, 0x60", "mov ecx, 1", "rep insb";
    port_outs: "mov rsi, rsp", "mov edx, 0xf4", "mov ecx, 1", "rep outsb";
    read_cr0: "mov rax, cr0";
    read_cr2: "mov rax, cr2";
    read_cr3: "mov rax, cr3";
    read_cr4: "mov rax, cr4";
    read_cr8: "mov rax, cr8";
    write_cr0: "xor eax, eax", "mov cr0, rax";
    write_cr2: "xor eax, eax", "mov cr2, rax";
    write_cr3: "xor eax, eax", "mov cr3, rax";
    write_cr4: "xor eax, eax", "mov cr4, rax";
    write_cr8: "xor eax, eax", "mov cr8, rax";
    read_dr0: "mov rax, dr0";
    read_dr7: "mov rax, dr7";
    write_dr0: "xor eax, eax", "mov dr0, rax";
    write_dr7: "mov eax, 1", "mov dr7, rax";
    /// EFER.
    rdmsr: "mov ecx, 0xc0000080", "rdmsr";
    /// LSTAR: where system calls lead.
    wrmsr: "mov ecx, 0xc0000082", "xor eax, eax", "xor edx, edx", "wrmsr";
    rdpmc: "xor ecx, ecx", "rdpmc";
    xsetbv: "xor ecx, ecx", "xgetbv", "xsetbv";
    lgdt: "lgdt [rsp]";
    lidt: "lidt [rsp]";
    lldt: "xor eax, eax", "lldt ax";
    ltr: "mov eax, 0x30", "ltr ax";
    lmsw: "xor eax, eax", "lmsw ax";
    clts: "clts";
    sgdt: "sgdt [rsp - 256]";
    sidt: "sidt [rsp - 256]";
    sldt: "sldt eax";
    str_: "str eax";
    smsw: "smsw eax";
    invd: "invd";
    wbinvd: "wbinvd";
    invlpg: "invlpg [rsp]";
    swapgs: "swapgs";
    sysretq: "lea rcx, [rip + 2f]", "sysretq", "2:";
    sysexit: "lea rdx, [rip + 2f]", "mov rcx, rsp", "sysexit", "2:";
    sysenter: "sysenter";
    /// As the kernel itself would: on the same stack, with its flags, in its code segment.
    iretq_to_kernel: "mov rax, rsp", "push 0x10", "push rax", "push 2", "push 8", "lea rcx, [rip + 2f]",
        "push rcx", "iretq", "2:";
    retf_to_kernel: "push 8", "lea rax, [rip + 2f]", "push rax", "retfq", "2:";
    jump_to_kernel: "push 0", "mov byte ptr [rsp + 4], 8", "jmp fword ptr [rsp]";
    call_to_kernel: "push 0", "mov byte ptr [rsp + 4], 8", "call fword ptr [rsp]";
    /// A return from a nested task, of which there are none in 64-bit mode.
    nested_iretq: "mov rax, rsp", "push 0x23", "push rax", "push 0x202", "push 0x2b", "lea rcx, [rip + 2f]",
        "push rcx", "pushfq", "or qword ptr [rsp], 0x4000", "popfq", "iretq", "2:";
    monitor: "mov rax, rsp", "xor ecx, ecx", "xor edx, edx", "monitor";
    stac: "stac";
    wrfsbase: "xor eax, eax", "wrfsbase rax";
    wrpkru: "xor eax, eax", "xor ecx, ecx", "xor edx, edx", "wrpkru";
    vmmcall: "vmmcall";
    vmcall: "vmcall";
    rsm: "rsm";
    ud2: "ud2";
    /// The kernel must not copy backwards because an app does.
    ud2_backwards: "std", "ud2";
    int3: "int3";
    /// The one that has no privilege check of its own.
    int1: ".byte 0xf1";
    /// The timer's line.
    int_0x20: "int 0x20";
    /// The door of apps of 32 bits.
    int_0x40: "int 0x40";
    int_0x80: "int 0x80";
    single_step: "pushfq", "or qword ptr [rsp], 0x100", "popfq", "nop";
    step_into_call: "mov eax, 2", "mov edi, 1", "xor esi, esi", "pushfq", "or qword ptr [rsp], 0x100", "popfq",
        "syscall";
    divide_by_zero: "xor ecx, ecx", "xor edx, edx", "div ecx";
    divide_overflow: "mov ecx, -1", "mov eax, 0x80000000", "cdq", "idiv ecx";
    /// 1 / 0 without a mask, and an instruction that waits for the result.
    x87_error: "fninit", "push 0x33b", "fldcw [rsp]", "fld1", "fldz", "fdivp", "fwait", "pop rax";
    /// Without a way to let interrupts in again.
    interrupts_off: "pushfq", "and qword ptr [rsp], ~0x200", "popfq", "2:", "jmp 2b";
}

/// 1 / 0 without a mask.
pub fn simd_error() -> bool {
    // SAFETY: the registers are nobody else's: code for this target uses none of them.
    unsafe {
        asm!(
            "push 0x1d80",
            "ldmxcsr [rsp]",
            "mov eax, 1",
            "cvtsi2sd xmm0, eax",
            "xorpd xmm1, xmm1",
            "divsd xmm0, xmm1",
            "pop rax",
            out("rax") _,
        );
    }
    true
}

/// An access that is not aligned, by an app that wants to be told of it: the kernel does not let it be told.
pub fn unaligned() -> bool {
    let words = [0x0706_0504_0302_0100_u64, 0x0f0e_0d0c_0b0a_0908];
    let word: u64;
    // SAFETY: it reads the array, and leaves the flags as they were.
    unsafe {
        asm!(
            "pushfq",
            "or qword ptr [rsp], 0x40000",
            "popfq",
            "mov {}, [{} + 1]",
            "pushfq",
            "and qword ptr [rsp], ~0x40000",
            "popfq",
            out(reg) word,
            in(reg) &raw const words,
        );
    }
    word == 0x0807_0605_0403_0201
}
