//! More drivers that apps call. `cargo xtask new capsule NAME` adds one, made from [`tally`].
#![no_std]
#![forbid(unsafe_code)]

#[cfg(test)]
extern crate std;

pub mod tally;
