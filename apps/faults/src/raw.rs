//! System calls that no library makes, and the numbers in them.

use core::arch::asm;
use core::cell::UnsafeCell;
use core::mem::offset_of;

pub const YIELD: usize = 0;
pub const SUBSCRIBE: usize = 1;
pub const COMMAND: usize = 2;
pub const LEND_TO_WRITE: usize = 3;
pub const LEND_TO_READ: usize = 4;
pub const MEMOP: usize = 5;
pub const EXIT: usize = 6;
/// The app may read what it lends so, while the driver writes.
pub const LEND_TO_SHOW: usize = 7;

pub const ALARM: usize = 0;
pub const CONSOLE: usize = 1;
pub const IPC: usize = 0x1_0000;
pub const RNG: usize = 0x4_0001;
pub const NOBODY: usize = 0xdead_beef;

pub const FAILURE: usize = 0;
pub const UPCALL_REFUSED: usize = 4;
pub const LOAN_REFUSED: usize = 5;
pub const SUCCESS: usize = 128;
pub const SUBSCRIBED: usize = 134;
pub const LENT: usize = 135;

pub const INVAL: usize = 6;
pub const NOMEM: usize = 9;
pub const NOSUPPORT: usize = 10;
pub const NODEVICE: usize = 11;

/// Where the kernel's image is linked.
pub const KERNEL: usize = 0xffff_ffff_8010_0000;
/// Where the kernel sees the first memory that is not a device's.
pub const PHYSICAL: usize = 0xffff_8000_0010_0000;
/// The first address that no page table can map.
pub const NONCANONICAL: usize = 1 << 47;
/// Where the image of every app starts, and its code, after the header.
pub const IMAGE: usize = 0x40_0000;
pub const CODE: usize = IMAGE + 256;

/// What RFLAGS has in user mode, with no flag of the app's own: a bit that is always set, and interrupts on.
pub const PLAIN_FLAGS: usize = 0x202;

/// All registers of a process but RIP, in the order in which [`call_with`] takes them from memory.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[repr(C)]
pub struct Registers {
    pub flags: usize,
    pub rax: usize,
    pub rdi: usize,
    pub rsi: usize,
    pub rdx: usize,
    pub r10: usize,
    pub rcx: usize,
    pub r8: usize,
    pub r9: usize,
    pub r11: usize,
    pub rbx: usize,
    pub rbp: usize,
    pub r12: usize,
    pub r13: usize,
    pub r14: usize,
    pub r15: usize,
    pub rsp: usize,
}

/// Where assembly finds them while it has no register free, and keeps the stack pointer.
#[repr(C)]
struct Place {
    registers: UnsafeCell<Registers>,
    stack: UnsafeCell<usize>,
}

// SAFETY: an app has one thread.
unsafe impl Sync for Place {}

/// Makes a system call with all registers as given, and tells what they are after it. It must not end the process,
/// and should not wait.
pub fn call_with(registers: &Registers) -> Registers {
    static PLACE: Place = Place {
        registers: UnsafeCell::new(Registers {
            flags: 0,
            rax: 0,
            rdi: 0,
            rsi: 0,
            rdx: 0,
            r10: 0,
            rcx: 0,
            r8: 0,
            r9: 0,
            r11: 0,
            rbx: 0,
            rbp: 0,
            r12: 0,
            r13: 0,
            r14: 0,
            r15: 0,
            rsp: 0,
        }),
        stack: UnsafeCell::new(0),
    };
    // SAFETY: an app has one thread. The compiler gets the stack pointer back, and each register that it keeps.
    unsafe {
        *PLACE.registers.get() = *registers;
        asm!(
            "push rbx",
            "push rbp",
            "mov [rip + {place} + {STACK}], rsp",
            "lea rsp, [rip + {place}]",
            "popfq",
            "pop rax; pop rdi; pop rsi; pop rdx; pop r10; pop rcx; pop r8; pop r9; pop r11",
            "pop rbx; pop rbp; pop r12; pop r13; pop r14; pop r15",
            "pop rsp",
            "syscall",
            "mov [rip + {place} + {RSP}], rsp",
            "lea rsp, [rip + {place} + {RSP}]",
            "push r15; push r14; push r13; push r12; push rbp; push rbx",
            "push r11; push r9; push r8; push rcx; push r10; push rdx; push rsi; push rdi; push rax",
            "pushfq",
            "mov rsp, [rip + {place} + {STACK}]",
            "push 2",
            "popfq",
            "pop rbp",
            "pop rbx",
            place = sym PLACE,
            STACK = const offset_of!(Place, stack),
            RSP = const offset_of!(Registers, rsp),
            out("rax") _,
            out("rdi") _,
            out("rsi") _,
            out("rdx") _,
            out("rcx") _,
            out("r8") _,
            out("r9") _,
            out("r10") _,
            out("r11") _,
            out("r12") _,
            out("r13") _,
            out("r14") _,
            out("r15") _,
        );
        *PLACE.registers.get()
    }
}

/// A system call, with nothing unusual about it but what it asks for.
pub fn call(class: usize, arguments: [usize; 4]) -> [usize; 4] {
    let [rdi, rsi, rdx, r10] = arguments;
    let mut words = [class, rdi, rsi, rdx];
    // SAFETY: none; that is what the kernel is tested with. What is lent and subscribed is in static memory, or is
    // taken back.
    unsafe {
        let [rax, rdi, rsi, rdx] = &mut words;
        asm!(
            "syscall",
            inout("rax") *rax,
            inout("rdi") *rdi,
            inout("rsi") *rsi,
            inout("rdx") *rdx,
            inout("r10") r10 => _,
            out("rcx") _,
            out("r8") _,
            out("r9") _,
            out("r11") _,
        );
    }
    words
}

/// Numbers without a pattern, always the same ones (xorshift64, Marsaglia 2003).
pub struct Garbage(u64);

impl Garbage {
    pub fn new() -> Self {
        Self(0x9e37_79b9_7f4a_7c15)
    }

    pub fn next(&mut self) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 as usize
    }

    /// One of these.
    pub fn one_of(&mut self, choices: &[usize]) -> usize {
        let index = self.next() % choices.len().max(1);
        choices.get(index).copied().unwrap_or_default()
    }
}
