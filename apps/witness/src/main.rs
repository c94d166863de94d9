//! Watches that its registers, its memory and the time stay its own, whatever others do. It ends only if one does
//! not; so a test that runs it beside others looks whether it goes on, and makes more system calls.
#![cfg_attr(target_os = "none", no_std, no_main)]

use core::arch::asm;
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use capsa::{alarm, println, process};

capsa::app!(main);

/// How long it sleeps between two looks.
const PERIOD_MS: u32 = 50;
/// How long it keeps its registers busy: for some turns of a loop, in which others may interrupt it.
const TURNS: usize = 200_000;

/// More than a page.
const WORDS: usize = 1024;
static MEMORY: [AtomicUsize; WORDS] = [const { AtomicUsize::new(0) }; WORDS];

fn main() {
    let mut looks = 0;
    loop {
        if let Err(what) = look(looks) {
            println!("{}: {what} changed after {looks} looks", process::name());
            process::exit(1);
        }
        looks += 1;
    }
}

/// Fills memory and registers, waits, and looks whether they are as they were.
///
/// # Errors
///
/// What is not.
fn look(number: usize) -> Result<(), &'static str> {
    let before = alarm::now().map_err(|_| "the clock")?;
    for (index, word) in MEMORY.iter().enumerate() {
        word.store(number ^ index, Relaxed);
    }
    let given = core::array::from_fn(|index| number.wrapping_mul(0x9e37_79b9).wrapping_add(index));
    if keep(given) != given {
        return Err("a register");
    }
    alarm::sleep_ms(PERIOD_MS);
    let is_kept = |(index, word): (usize, &AtomicUsize)| word.load(Relaxed) == number ^ index;
    if !MEMORY.iter().enumerate().all(is_kept) {
        return Err("its memory");
    }
    let after = alarm::now().map_err(|_| "the clock")?;
    let slept = alarm::ticks_of_ms(PERIOD_MS).map_err(|_| "the clock")?;
    if after < before + slept {
        return Err("the time");
    }
    Ok(())
}

/// Gives the registers that code may use these values, spins, and tells what they are then.
fn keep(given: [usize; 11]) -> [usize; 11] {
    let [
        mut a,
        mut b,
        mut c,
        mut d,
        mut e,
        mut f,
        mut g,
        mut h,
        mut i,
        mut j,
        mut k,
    ] = given;
    // SAFETY: nothing changes but a register that is named.
    unsafe {
        asm!(
            "2:",
            "dec rcx",
            "jnz 2b",
            inout("rcx") TURNS => _,
            inout("rax") a,
            inout("rdx") b,
            inout("rsi") c,
            inout("rdi") d,
            inout("r8") e,
            inout("r9") f,
            inout("r10") g,
            inout("r11") h,
            inout("r12") i,
            inout("r13") j,
            inout("r14") k,
            options(nomem, nostack),
        );
    }
    [a, b, c, d, e, f, g, h, i, j, k]
}

#[cfg(test)]
mod tests {
    use super::*;
    use capsa::fake::Kernel;

    #[test]
    fn nothing_changes_where_nobody_else_is() {
        let kernel = Kernel::new();
        assert_eq!((0..3).try_for_each(look), Ok(()));
        assert!(kernel.now_ms() >= 3 * u64::from(PERIOD_MS));
    }
}
