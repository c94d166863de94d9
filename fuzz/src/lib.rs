//! What is fuzzed. A target is a function that takes any bytes and panics when something does not hold.
//!
//! To add one: a file here with its `run` and its `seeds`, a row in [`TARGETS`], and a file in
//! `fuzz_targets/` with its `[[bin]]` for libFuzzer.
#![forbid(unsafe_code)]

pub mod tbf;

/// A function to fuzz.
pub struct Target {
    /// What it is called on the command line.
    pub name: &'static str,
    /// Takes any bytes.
    pub run: fn(&[u8]),
    /// Well-formed inputs, to start from.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

/// All of them.
pub const TARGETS: [Target; 1] = [Target {
    name: "tbf",
    run: tbf::run,
    seeds: tbf::seeds,
}];
