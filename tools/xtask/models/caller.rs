//! Calls a capsule: `capsules/extra/src/tally.rs`, whose table says what it can do.
#![cfg_attr(target_os = "none", no_std, no_main)]
#![forbid(unsafe_code)]

use capsa::{println, process, syscall};

capsa::app!(main);

/// The capsule's number.
const DRIVER: usize = 0x8000_0100;

fn main() {
    let name = process::name();
    match syscall::exists(DRIVER) {
        // Go on from here.
        Ok(()) => println!("{name}: driver {DRIVER:#x} is there"),
        Err(error) => println!("{name}: there is no driver {DRIVER:#x} for it: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use capsa::fake::{Kernel, Reply};

    #[test]
    fn the_capsule_is_looked_for() {
        let kernel = Kernel::new();
        // Some capsules the fake kernel has by itself.
        if syscall::exists(DRIVER).is_err() {
            kernel.add_driver(DRIVER, |_, _, _| Reply::success());
        }
        main();
        assert!(kernel.console().ends_with(" is there\n"));
    }
}
