//! Checks what its memory is like at its start, spoils it, and panics: so a second start shows that all is made anew.
#![cfg_attr(target_os = "none", no_std, no_main)]
#![forbid(unsafe_code)]

use core::hint::black_box;
use core::sync::atomic::{AtomicU64, Ordering::Relaxed};

use capsa::{println, process};

// More than the page that an app starts with, each.
capsa::app!(main, stack_bytes = 8192);

const WORDS: usize = 640;
const START: u64 = 7;

/// Variables that start as zero, which are not in the image.
static ZEROES: [AtomicU64; WORDS] = [const { AtomicU64::new(0) }; WORDS];
/// Variables with another start, which are.
static SEVENS: [AtomicU64; WORDS] = [const { AtomicU64::new(START) }; WORDS];

fn main() {
    let name = process::name();
    if is_fresh() && has_stack() {
        println!("{name}: as it should be");
    } else {
        println!("{name}: not as it should be");
    }
    spoil();
    let words = black_box(WORDS);
    println!("{}", ZEROES[words].load(Relaxed));
}

fn is_fresh() -> bool {
    let are_all = |words: &[AtomicU64], value| words.iter().all(|word| word.load(Relaxed) == value);
    are_all(&ZEROES, 0) && are_all(&SEVENS, START)
}

fn spoil() {
    let words = ZEROES.iter().chain(&SEVENS);
    words.for_each(|word| word.store(u64::MAX, Relaxed));
}

/// Whether the stack has room for this much, and is no part of the variables.
fn has_stack() -> bool {
    let ones = black_box([1_u8; 6000]);
    ones.iter().all(|one| *one == 1) && is_fresh()
}

#[cfg(test)]
mod tests {
    use super::*;
    use capsa::fake::Kernel;

    #[test]
    #[should_panic(expected = "the index is 640")]
    fn memory_is_fresh_once() {
        let kernel = Kernel::new();
        let first = std::panic::catch_unwind(|| kernel.run(main));
        assert_eq!(kernel.console(), "app: as it should be\n");
        assert!(!is_fresh());
        std::panic::resume_unwind(first.unwrap_err());
    }
}
