//! A short run of each target, always with the same inputs: what a change has to pass.
//!
//! Each input is a seed with a few random changes. This needs neither C++ nor instrumentation, and finds
//! what lies near well-formed inputs; libFuzzer is the thorough one.

use std::panic;

use fuzz::TARGETS;

/// The most changes that one input gets.
const CHANGES: usize = 8;

#[test]
fn tbf_takes_a_million_inputs() {
    fuzz("tbf", 1_000_000);
}

#[test]
fn dispatch_takes_forty_thousand_inputs() {
    fuzz("dispatch", 40_000);
}

/// Runs a target with so many inputs.
///
/// # Panics
/// If the target does; with the input.
fn fuzz(name: &str, inputs: usize) {
    let target = TARGETS.iter().find(|target| target.name == name);
    let target = target.expect("there is such a target");
    let seeds = (target.seeds)();
    let mut random = Random(1);
    for _ in 0..inputs {
        let mut input = seeds[random.below(seeds.len())].clone();
        for _ in 0..=random.below(CHANGES) {
            change(&mut input, &mut random);
        }
        let result = panic::catch_unwind(|| (target.run)(&input));
        result.unwrap_or_else(|_| panic!("{} bytes do it: {input:02x?}", input.len()));
    }
}

/// One change: a byte or a bit, an interesting word, a cut, or a part moved elsewhere.
fn change(input: &mut Vec<u8>, random: &mut Random) {
    if input.is_empty() {
        input.push(random.below(256) as u8);
    }
    let at = random.below(input.len());
    let len = random.below(input.len() - at) + 1;
    match random.below(6) {
        0 => input[at] = random.below(256) as u8,
        1 => input[at] ^= 1 << random.below(8),
        2 => {
            let word = [0, 1, 15, 16, 0x7FFF_FFFF, u32::MAX][random.below(6)].to_le_bytes();
            let len = len.min(word.len());
            input[at..at + len].copy_from_slice(&word[..len]);
        }
        3 => input.truncate(at),
        4 => {
            input.drain(at..at + len);
        }
        _ => {
            let part = input[at..at + len].to_vec();
            let to = random.below(input.len());
            input.splice(to..to, part);
        }
    }
}

/// Xorshift (Marsaglia, 2003): good enough, and the same on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }
}
