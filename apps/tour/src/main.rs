//! Calls each driver once, and prints what it answers.
#![cfg_attr(target_os = "none", no_std, no_main)]
#![forbid(unsafe_code)]

use capsa::{alarm, date_time, keyboard, led, low_level_debug, println, rng, syscall, text_screen};

capsa::app!(main, stack_bytes = 4096);

const IPC: usize = 0x1_0000;
const PROCESS_INFO: usize = 0x1_0002;
const TALLY: usize = 0x8000_0100;

fn main() {
    println!("tour: alarm {:?}", alarm::ticks_of_ms(1));
    println!("tour: lights {:?}", led::count());
    println!(
        "tour: low-level debug {:?}",
        low_level_debug::print_two(0xca, 0x95a)
    );
    println!("tour: ipc {:?}", syscall::exists(IPC));
    println!("tour: process info {:?}", syscall::exists(PROCESS_INFO));
    println!("tour: random numbers {:?}", random_numbers_differ());
    println!("tour: screen {:?}", text_screen::size());
    match date_time::now() {
        Ok(now) => println!("tour: date {now}"),
        Err(error) => println!("tour: no date: {error}"),
    }
    println!("tour: tally {:?}", syscall::exists(TALLY));
    println!("tour: keys {:?}", keyboard::listen());
}

/// Whether a hundred numbers are not all the same, nor the bytes of a buffer that is larger than a source gives
/// at a time.
fn random_numbers_differ() -> capsa::Result<bool> {
    let (first, mut bytes) = (rng::number()?, [0; 1000]);
    rng::fill(&mut bytes)?;
    let mut numbers_differ = false;
    for _ in 0..100 {
        numbers_differ |= rng::number()? != first;
    }
    // The end of the buffer too: of a hundred bytes one at least is not 0.
    Ok(numbers_differ && bytes.iter().rev().take(100).any(|byte| *byte != 0))
}

#[cfg(test)]
mod tests {
    use capsa::fake::Kernel;

    #[test]
    fn each_driver_is_called() {
        let kernel = Kernel::new();
        super::main();
        assert!(kernel.console().contains("tour: lights Ok(3)\n"));
    }
}
