//! The floating-point and vector registers. The kernel uses none: they stay with a process until another
//! one is entered.

use core::arch::{
    asm,
    x86_64::{__cpuid, __cpuid_count},
};

use x86_64::registers::{
    control::{Cr0, Cr0Flags, Cr4, Cr4Flags},
    xcontrol::{XCr0, XCr0Flags},
};

/// Bytes that `fxsave` writes (SDM volume 1, section 10.5).
const LEGACY_BYTES: usize = 512;
/// Where the x87 control word and MXCSR are in them, and what they are at first.
const CONTROL: (usize, u16) = (0, 0x037f);
const MXCSR: (usize, u32) = (24, 0x1f80);

/// How the registers are saved.
pub(crate) struct FloatingPoint {
    /// What `xsave` has to save; `None` where the processor has `fxsave` alone.
    components: Option<u32>,
    /// Bytes that it writes.
    area_bytes: usize,
}

impl FloatingPoint {
    /// Switches on what the processor has of x87, SSE and AVX, for processes to use.
    pub(crate) fn new() -> Self {
        const XSAVE: u32 = 1 << 26;
        const AVX: u32 = 1 << 28;
        let features = __cpuid(1).ecx;
        // SAFETY: the kernel has no code that uses these registers. x87 errors become exceptions
        // (section 2.5); CPUID says that what is switched on exists.
        unsafe {
            Cr0::update(|flags| {
                flags.remove(Cr0Flags::EMULATE_COPROCESSOR | Cr0Flags::TASK_SWITCHED);
                flags.insert(Cr0Flags::MONITOR_COPROCESSOR | Cr0Flags::NUMERIC_ERROR);
            });
            Cr4::update(|flags| flags.insert(Cr4Flags::OSFXSR | Cr4Flags::OSXMMEXCPT_ENABLE));
            if features & XSAVE == 0 {
                return Self {
                    components: None,
                    area_bytes: LEGACY_BYTES,
                };
            }
            let mut components = XCr0Flags::X87 | XCr0Flags::SSE;
            components.set(XCr0Flags::AVX, features & AVX != 0);
            Cr4::update(|flags| flags.insert(Cr4Flags::OSXSAVE));
            XCr0::write(components);
            // Leaf 0xd: how much `xsave` writes with the components that are on (SDM volume 2, CPUID).
            Self {
                components: Some(components.bits() as u32),
                area_bytes: __cpuid_count(0xd, 0).ebx as usize,
            }
        }
    }

    /// Bytes to keep the registers in, a multiple of 64.
    pub(crate) fn area_bytes(&self) -> usize {
        self.area_bytes.next_multiple_of(64)
    }

    /// Makes the registers in `area` those after a reset.
    ///
    /// # Safety
    /// The area must have [`area_bytes`](Self::area_bytes) bytes and be aligned to 64.
    pub(crate) unsafe fn reset(&self, area: *mut u8) {
        // SAFETY: the caller's promise. Zeros say to `xrstor` that every component is as after a reset; it
        // takes MXCSR from memory all the same (SDM volume 1, section 13.8.1).
        unsafe {
            area.write_bytes(0, self.area_bytes());
            area.add(CONTROL.0).cast::<u16>().write(CONTROL.1);
            area.add(MXCSR.0).cast::<u32>().write(MXCSR.1);
        }
    }

    /// Saves the registers.
    ///
    /// # Safety
    /// As for [`reset`](Self::reset).
    pub(crate) unsafe fn save(&self, area: *mut u8) {
        // SAFETY: the caller's promise, and `new` has switched on what is saved.
        unsafe {
            match self.components {
                Some(components) => {
                    asm!("xsave64 [{}]", in(reg) area, in("eax") components, in("edx") 0, options(nostack));
                }
                None => asm!("fxsave64 [{}]", in(reg) area, options(nostack)),
            }
        }
    }

    /// Gives the registers what `area` holds.
    ///
    /// # Safety
    /// As for [`reset`](Self::reset), and the area must have been written by `reset` or `save`.
    pub(crate) unsafe fn restore(&self, area: *const u8) {
        // SAFETY: the caller's promise. `fninit`, because on AMD's processors the addresses of the last x87
        // instruction stay what they were unless an error is pending (AMD64 manual volume 5, FXRSTOR).
        unsafe {
            asm!("fninit", options(nomem, nostack));
            match self.components {
                Some(components) => {
                    asm!("xrstor64 [{}]", in(reg) area, in("eax") components, in("edx") 0, options(nostack));
                }
                None => asm!("fxrstor64 [{}]", in(reg) area, options(nostack)),
            }
        }
    }
}
