//! What is fuzzed. A target is a function that takes any bytes and panics when something does not hold.
//!
//! `make fuzz` fuzzes all of them with libFuzzer. What that learns is kept in `corpus/`, what it finds in
//! `artifacts/`; `cargo xtask fuzz TARGET FILE` runs a target with what is in a file. `make test` has a
//! short run of each, the same each time (`tests/short.rs`).
//!
//! To add one: a file here with its `run` and its `seeds`, a row in [`TARGETS`], a test in
//! `tests/short.rs`, and a file in `fuzz_targets/` with its `[[bin]]` for libFuzzer.
#![forbid(unsafe_code)]

pub mod dispatch;
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
pub const TARGETS: [Target; 2] = [
    Target {
        name: "tbf",
        run: tbf::run,
        seeds: tbf::seeds,
    },
    Target {
        name: "dispatch",
        run: dispatch::run,
        seeds: dispatch::seeds,
    },
];
