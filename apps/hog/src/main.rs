//! Spins, and makes no system call: other apps and the shell must not notice.
#![cfg_attr(target_os = "none", no_std, no_main)]
#![forbid(unsafe_code)]

capsa::app!(main);

fn main() {
    loop {
        core::hint::spin_loop();
    }
}
