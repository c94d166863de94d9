//! Segments, and the modes that they lead to.

use core::arch::asm;
use core::ops::RangeInclusive;

use capsa::alarm;

/// Selectors that an app may load, each with any privilege level asked for: code of 32 bits, data, code of 64 bits.
const LOADABLE: RangeInclusive<u16> = 0x18..=0x2b;
/// And write through.
const DATA: RangeInclusive<u16> = 0x20..=0x23;

/// Goes to the code segment of 32 bits, executes instructions there, and comes back with EAX.
///
/// By far jumps: QEMU 7.2 lets no process return to another segment where it has SMAP. Code there finds the address of label 3 in ESI, and may leave anything in the registers but EBP and EDI.
macro_rules! narrow {
    ($($instruction:literal),+) => {{
        let result: u32;
        // SAFETY: none where the kernel must stop it; else no register that the compiler keeps changes.
        unsafe {
            asm!(
                "push rbx",
                "push rbp",
                "mov rbp, rsp",
                "lea rdi, [rip + 4f]",
                "lea rsi, [rip + 3f]",
                "lea rax, [rip + 2f]",
                "push rax",
                "mov dword ptr [rsp + 4], 0x1b",
                "jmp fword ptr [rsp]",
                ".code32",
                "2:",
                $($instruction,)+
                "3:",
                "mov esp, ebp",
                "push 0x2b",
                "push edi",
                "jmp fword ptr [esp]",
                ".code64",
                "4:",
                "mov rsp, rbp",
                "pop rbp",
                "pop rbx",
                out("eax") result,
                out("ecx") _,
                out("edx") _,
                out("esi") _,
                out("edi") _,
                out("r8") _,
                out("r9") _,
                out("r10") _,
                out("r11") _,
                out("r12") _,
                out("r13") _,
                out("r14") _,
                out("r15") _,
            );
        }
        result
    }};
}

/// Acts in code of 32 bits.
macro_rules! narrow_acts {
    ($($act:ident: $($instruction:literal),+;)+) => {
        $(
            pub fn $act() {
                narrow!($($instruction),+);
            }
        )+
    };
}

narrow_acts! {
    // With the words of a command that would be served on the stack.
    narrow_int_0x40: "mov eax, 2", "push 0", "push 0", "push 0", "push 1", "int 0x40";
    narrow_syscall: "mov eax, 2", "mov edi, 1", "syscall";
    narrow_sysenter: "sysenter";
    narrow_int_0x80: "int 0x80";
    narrow_into: "mov al, 127", "add al, 1", ".byte 0xce";
    narrow_bound: "push 1", "push 0", "mov eax, 2", ".byte 0x62, 0x04, 0x24";
}

/// It may be there, for long enough to be interrupted.
pub fn narrow_code() -> bool {
    const TURNS: u32 = 20_000_000;
    let turns = narrow!(
        "xor eax, eax",
        "5:",
        "inc eax",
        "cmp eax, 20000000",
        "jne 5b"
    );
    turns == TURNS
}

/// A return from an interrupt to virtual-8086 mode, which a processor that knows its manual takes for one to where it
/// is.
pub fn virtual_8086() -> bool {
    narrow!(
        "xor eax, eax",
        "push eax; push eax; push eax; push eax", // GS, FS, DS, ES
        "push 0x23",
        "push esp",
        "push 0x20202", // flags, with the one for that mode
        "push 0x1b",
        "push esi",
        "iretd"
    ) == 0
}

/// DS, ES, FS and GS.
fn data_segments() -> [u16; 4] {
    let (ds, es, fs, gs): (u16, u16, u16, u16);
    // SAFETY: it reads them.
    unsafe {
        asm!(
            "mov {0:x}, ds", "mov {1:x}, es", "mov {2:x}, fs", "mov {3:x}, gs",
            out(reg) ds, out(reg) es, out(reg) fs, out(reg) gs,
        );
    }
    [ds, es, fs, gs]
}

/// They are null at first, and null again when another process has run: never what that one has made them.
fn finds_null(given: [u16; 4]) -> bool {
    const ROUNDS: usize = 20;
    let [ds, es, fs, gs] = given;
    data_segments() == [0; 4]
        && (0..ROUNDS).all(|_| {
            // SAFETY: in 64-bit mode these registers change nothing, and all segments are flat.
            unsafe {
                asm!(
                    "mov ds, {0:x}", "mov es, {1:x}", "mov fs, {2:x}", "mov gs, {3:x}",
                    in(reg) ds, in(reg) es, in(reg) fs, in(reg) gs,
                );
            }
            alarm::sleep_ms(1);
            [given, [0; 4]].contains(&data_segments())
        })
}

pub fn segments_one() -> bool {
    finds_null([0x23, 0x1b, 0x2b, 0x23])
}

pub fn segments_two() -> bool {
    finds_null([0x1b, 0x2b, 0, 0x1b])
}

/// Of all selectors there are, only those that are for apps can be read or written through.
pub fn all_selectors() -> bool {
    (0..=u16::MAX).all(|selector| {
        let (readable, writable): (u8, u8);
        // SAFETY: it changes the flags.
        unsafe {
            asm!(
                "verr {0:x}", "setz {1}", "verw {0:x}", "setz {2}",
                in(reg) selector, out(reg_byte) readable, out(reg_byte) writable,
            );
        }
        (readable != 0) == (LOADABLE.contains(&selector) && selector & 4 == 0)
            && (writable != 0) == DATA.contains(&selector)
    })
}
