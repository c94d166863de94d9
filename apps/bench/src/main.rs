//! Measures system calls and messages in instructions, for `make bench`.
//!
//! Under QEMU's `-icount shift=0` the time-stamp counter counts instructions, plus one for each nanosecond asleep;
//! the kernel's probe tells how long that was, and it is taken out. Each figure is the mean of many rounds, those
//! of the loop around it included, and printed as a line `figure NAME VALUE`.
//!
//! What a process is called decides what it does: `bench.client` measures, and calls `bench.server` for what
//! takes two; `bench.crowd` measures among a thousand `bench.sleeper`.
#![cfg_attr(target_os = "none", no_std, no_main)]

#[cfg(target_os = "none")]
mod calls;
#[cfg(target_os = "none")]
mod measure;
#[cfg(target_os = "none")]
mod server;

capsa::app!(main);

#[cfg(target_os = "none")]
fn main() {
    match capsa::process::name() {
        "bench.client" => measure::all(),
        "bench.server" => server::run(),
        "bench.crowd" => measure::in_a_crowd(),
        _ => calls::sleep_for_ever(),
    }
}

/// On the host there is nothing to measure.
#[cfg(not(target_os = "none"))]
fn main() {}
