//! Floating-point and vector registers: a process has its own, and sees no other's.

use core::arch::asm;
use core::arch::x86_64::__cpuid;
use core::hint::black_box;

use capsa::alarm;

/// What `fxsave` and `fxrstor` handle (SDM volume 1, section 10.5.1).
#[derive(Clone, PartialEq, Eq)]
#[repr(C, align(64))]
struct Legacy([u8; 512]);

/// The upper halves of the sixteen registers of AVX.
type Upper = [[u8; 16]; 16];

const CONTROL: usize = 0;
const MXCSR: usize = 24;
/// Eight registers, each ten bytes and six that mean nothing.
const X87: usize = 32;
const XMM: usize = 160;
const XMM_END: usize = 416;

/// How often the registers are filled and looked at, and how long they are left alone between.
const ROUNDS: u8 = 10;
const SPIN: usize = 300_000;

impl Legacy {
    fn new() -> Self {
        Self([0; 512])
    }

    fn saved() -> Self {
        let mut registers = Self::new();
        // SAFETY: it writes 512 bytes, aligned.
        unsafe { asm!("fxsave64 [{}]", in(reg) &raw mut registers) };
        registers
    }

    fn restore(&self) {
        // SAFETY: it reads 512 bytes, aligned, with a valid MXCSR; code for this target uses no register of these.
        unsafe { asm!("fxrstor64 [{}]", in(reg) &raw const *self) };
    }

    /// A register full of `byte` each, and the settings that a process starts with.
    fn filled(byte: u8) -> Self {
        let mut registers = Self::saved();
        registers.registers_mut(|place| *place = byte);
        registers
    }

    fn registers_mut(&mut self, mut act: impl FnMut(&mut u8)) {
        let x87 = |at: usize| at < XMM && (at - X87) % 16 < 10;
        for (at, place) in self.0.iter_mut().enumerate().take(XMM_END).skip(X87) {
            if at >= XMM || x87(at) {
                act(place);
            }
        }
    }

    /// Whether each register is full of `byte`.
    fn is_filled(&self, byte: u8) -> bool {
        let mut all = true;
        self.clone().registers_mut(|place| all &= *place == byte);
        all
    }

    fn has_first_settings(&self) -> bool {
        self.0[CONTROL..][..2] == [0x7f, 0x03] && self.0[MXCSR..][..4] == [0x80, 0x1f, 0, 0]
    }
}

/// Whether the processor has AVX and the kernel has switched it on.
fn has_avx() -> bool {
    const OSXSAVE: u32 = 1 << 27;
    const AVX: u32 = 1 << 28;
    const AVX_STATE: u32 = 1 << 2;
    let features = __cpuid(1).ecx;
    if features & OSXSAVE == 0 || features & AVX == 0 {
        return false;
    }
    let on: u32;
    // SAFETY: apps may execute it, says the first bit.
    unsafe { asm!("xgetbv", in("ecx") 0, out("eax") on, out("edx") _) };
    on & AVX_STATE != 0
}

/// An instruction for each register of AVX.
macro_rules! each_upper {
    ($before:literal, $after:literal, $upper:expr) => {
        // SAFETY: the processor has AVX, and 256 bytes are there.
        unsafe {
            asm!(
                concat!($before, "0", $after), concat!($before, "1", $after),
                concat!($before, "2", $after), concat!($before, "3", $after),
                concat!($before, "4", $after), concat!($before, "5", $after),
                concat!($before, "6", $after), concat!($before, "7", $after),
                concat!($before, "8", $after), concat!($before, "9", $after),
                concat!($before, "10", $after), concat!($before, "11", $after),
                concat!($before, "12", $after), concat!($before, "13", $after),
                concat!($before, "14", $after), concat!($before, "15", $after),
                inout("rdi") $upper => _,
            )
        }
    };
}

fn upper() -> Upper {
    let mut upper = [[0; 16]; 16];
    if has_avx() {
        each_upper!(
            "vextractf128 [rdi], ymm",
            ", 1; add rdi, 16",
            &raw mut upper
        );
    }
    upper
}

fn set_upper(upper: &Upper) {
    if has_avx() {
        // The lower half is set after this.
        each_upper!(
            "vinsertf128 ymm",
            ", ymm0, [rdi], 1; add rdi, 16",
            &raw const *upper
        );
    }
}

/// What it finds first is what a fresh process has, and what it leaves stays: while it spins, while it waits, and while
/// others do the same.
fn keeps(pattern: u8) -> bool {
    let fresh = Legacy::saved();
    if !(fresh.is_filled(0) && fresh.has_first_settings() && upper() == [[0; 16]; 16]) {
        return false;
    }
    (0..ROUNDS).all(|round| {
        let byte = pattern ^ round;
        let mine = if has_avx() {
            [[!byte; 16]; 16]
        } else {
            [[0; 16]; 16]
        };
        set_upper(&mine);
        Legacy::filled(byte).restore();
        for turn in 0..SPIN {
            black_box(turn);
        }
        alarm::sleep_ms(1);
        let kept = Legacy::saved();
        kept.is_filled(byte) && kept.has_first_settings() && upper() == mine
    })
}

pub fn vectors_one() -> bool {
    keeps(0x11)
}

pub fn vectors_two() -> bool {
    keeps(0x22)
}

pub fn vectors_three() -> bool {
    keeps(0x44)
}
