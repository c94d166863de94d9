//! The registers as a trap leaves them: those of the kernel for a panic, those of a process for later.
//!
//! ```text
//!   offset
//!     168   SS           pushed by the processor, 16-byte aligned after it
//!     160   RSP
//!     152   RFLAGS
//!     144   CS
//!     136   RIP
//!     128   error code   pushed by the processor for some exceptions, by the stub for the others
//!     120   vector       pushed by the stub
//!      40   R8, R9, R11, RCX, RBX, RBP, R12 ... R15
//!       0   RAX, RDI, RSI, RDX, R10: the words of a system call
//! ```

use core::{
    arch::asm,
    cell::Cell,
    fmt::{self, Write},
};

use crate::traps::exception_name;

/// See the file's documentation.
#[repr(C)]
pub(crate) struct Frame {
    pub rax: Cell<usize>,
    pub rdi: Cell<usize>,
    pub rsi: Cell<usize>,
    pub rdx: Cell<usize>,
    pub r10: Cell<usize>,
    pub r8: Cell<usize>,
    pub r9: Cell<usize>,
    pub r11: Cell<usize>,
    pub rcx: Cell<usize>,
    pub rbx: Cell<usize>,
    pub rbp: Cell<usize>,
    pub r12: Cell<usize>,
    pub r13: Cell<usize>,
    pub r14: Cell<usize>,
    pub r15: Cell<usize>,
    pub vector: Cell<usize>,
    pub error_code: Cell<usize>,
    pub rip: Cell<usize>,
    pub cs: Cell<usize>,
    pub rflags: Cell<usize>,
    pub rsp: Cell<usize>,
    pub ss: Cell<usize>,
}

/// Pushes the registers of a [`Frame`] that the processor and a stub have begun: RSP is the frame then.
macro_rules! push_registers {
    () => {
        "push r15; push r14; push r13; push r12; push rbp; push rbx; push rcx; push r11; push r9; push r8
         push r10; push rdx; push rsi; push rdi; push rax"
    };
}

/// Takes the registers from the [`Frame`] that RSP points to, up to what `iretq` takes.
macro_rules! pop_registers {
    () => {
        "pop rax; pop rdi; pop rsi; pop rdx; pop r10
         pop r8; pop r9; pop r11; pop rcx; pop rbx; pop rbp; pop r12; pop r13; pop r14; pop r15
         add rsp, 16"
    };
}

pub(crate) use {pop_registers, push_registers};

const PAGE_FAULT: usize = 14;

impl Frame {
    /// Sets every register to zero.
    pub(crate) fn clear(&self) {
        // Every register by name, so that none can be forgotten.
        let Self {
            rax,
            rdi,
            rsi,
            rdx,
            r10,
            r8,
            r9,
            r11,
            rcx,
            rbx,
            rbp,
            r12,
            r13,
            r14,
            r15,
            vector,
            error_code,
            rip,
            cs,
            rflags,
            rsp,
            ss,
        } = self;
        for register in [
            rax, rdi, rsi, rdx, r10, r8, r9, r11, rcx, rbx, rbp, r12, r13, r14, r15, vector,
            error_code, rip, cs, rflags, rsp, ss,
        ] {
            register.set(0);
        }
    }

    /// Writes the registers, several lines.
    pub(crate) fn write_registers(&self, out: &mut dyn Write) -> fmt::Result {
        let rows = [
            [("rax", &self.rax), ("rbx", &self.rbx), ("rcx", &self.rcx)],
            [("rdx", &self.rdx), ("rsi", &self.rsi), ("rdi", &self.rdi)],
            [("r8 ", &self.r8), ("r9 ", &self.r9), ("r10", &self.r10)],
            [("r11", &self.r11), ("r12", &self.r12), ("r13", &self.r13)],
            [("r14", &self.r14), ("r15", &self.r15), ("rbp", &self.rbp)],
        ];
        write!(
            out,
            "  rip {:#018x}  cs {:#06x}  rflags {:#010x}\n  rsp {:#018x}  ss {:#06x}",
            self.rip.get(),
            self.cs.get(),
            self.rflags.get(),
            self.rsp.get(),
            self.ss.get()
        )?;
        for row in rows {
            out.write_str("\n")?;
            for (name, register) in row {
                write!(out, "  {name} {:#018x}", register.get())?;
            }
        }
        Ok(())
    }

    /// Writes the exception that made this frame, in one line. `cr2` is what CR2 was then.
    pub(crate) fn write_exception(&self, cr2: usize, out: &mut dyn Write) -> fmt::Result {
        let (vector, code) = (self.vector.get(), self.error_code.get());
        write!(out, "{} (exception {vector})", exception_name(vector))?;
        if vector == PAGE_FAULT {
            let access = match code {
                _ if code & 0x10 != 0 => "execute",
                _ if code & 0x2 != 0 => "write",
                _ => "read",
            };
            write!(out, ", {access} at {cr2:#x}")?;
        }
        write!(
            out,
            ", error code {code:#x}, by the code at {:#x}",
            self.rip.get()
        )
    }
}

/// What a panic says of an exception of the kernel's own.
impl fmt::Display for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_exception(fault_address(), f)?;
        f.write_str("\n")?;
        self.write_registers(f)
    }
}

/// The address of the last page fault.
pub(crate) fn fault_address() -> usize {
    let address;
    // SAFETY: reading CR2 changes nothing.
    unsafe { asm!("mov {}, cr2", out(reg) address, options(nomem, nostack, preserves_flags)) };
    address
}
