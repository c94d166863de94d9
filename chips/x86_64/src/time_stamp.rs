//! The time-stamp counter: it counts at a constant rate from reset on (section 18.17).

use core::arch::x86_64::{__cpuid, _rdtsc};

/// Reads the counter.
#[inline]
pub fn read() -> u64 {
    // SAFETY: every x86-64 processor has the instruction, and the kernel may execute it.
    unsafe { _rdtsc() }
}

/// How many times a second it counts, where the processor or the hypervisor says so.
pub fn frequency_hz() -> Option<u64> {
    from_crystal().or_else(from_hypervisor)
}

/// Leaf 0x15: the ratio to a crystal and the crystal's frequency, each 0 if unknown (SDM volume 2, CPUID).
fn from_crystal() -> Option<u64> {
    const LEAF: u32 = 0x15;
    if __cpuid(0).eax < LEAF {
        return None;
    }
    let leaf = __cpuid(LEAF);
    let ticks_per_crystal = u64::from(leaf.ebx).checked_mul(u64::from(leaf.ecx))?;
    (ticks_per_crystal != 0).then(|| ticks_per_crystal.checked_div(u64::from(leaf.eax)))?
}

/// Leaf 0x4000_0010: the counter's frequency in kHz, as KVM and VMware tell it.
fn from_hypervisor() -> Option<u64> {
    const HYPERVISOR_PRESENT: u32 = 1 << 31;
    const FIRST_LEAF: u32 = 0x4000_0000;
    const LEAF: u32 = 0x4000_0010;
    if __cpuid(1).ecx & HYPERVISOR_PRESENT == 0 {
        return None;
    }
    if !(LEAF..LEAF + 0x100).contains(&__cpuid(FIRST_LEAF).eax) {
        return None;
    }
    let khz = u64::from(__cpuid(LEAF).eax);
    (khz != 0).then_some(khz * 1_000)
}
