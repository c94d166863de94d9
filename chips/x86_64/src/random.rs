//! Random numbers: the processor's own (SDM volume 1, section 7.3.17), or else such as are good enough for games.
//!
//! Without the instruction the numbers come from a generator that is stirred with the time-stamp counter. Who knows
//! the algorithm and the time can guess them, as the HIL allows; on a machine whose time is counted
//! instructions they are the same each time.

use core::{
    arch::x86_64::{__cpuid, _rdrand32_step},
    cell::Cell,
    iter,
};

use kernel::{
    ErrorCode,
    deferred_call::{DeferredCall, DeferredCallClient},
    hil::rng::{Client, Continue, Rng},
    utilities::cells::OptionalCell,
};

use crate::time_stamp;

/// How often the instruction may have no number for us until it counts as broken (the same section says so).
const ATTEMPTS: usize = 10;

/// Numbers in one callback, so that one who wants many does not hold up others.
const NUMBERS_AT_A_TIME: usize = 64;

/// The source. A board makes one.
pub struct RandomNumbers<'a> {
    has_instruction: bool,
    /// Of the generator that stands in for the instruction.
    state: Cell<u64>,
    is_asked: Cell<bool>,
    client: OptionalCell<&'a dyn Client>,
    deferred_call: DeferredCall,
}

impl RandomNumbers<'_> {
    /// The best source that the processor has.
    pub fn new() -> Self {
        const RDRAND: u32 = 1 << 30;
        Self {
            has_instruction: __cpuid(1).ecx & RDRAND != 0,
            state: Cell::new(0),
            is_asked: Cell::new(false),
            client: OptionalCell::empty(),
            deferred_call: DeferredCall::new(),
        }
    }

    /// Whether the numbers are the processor's own.
    pub fn has_instruction(&self) -> bool {
        self.has_instruction
    }

    /// A number; `None` if the processor has none.
    fn number(&self) -> Option<u32> {
        if self.has_instruction {
            (0..ATTEMPTS).find_map(|_| from_processor())
        } else {
            Some(self.stir())
        }
    }

    /// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014), whose step is the time.
    fn stir(&self) -> u32 {
        let mut mixed = self
            .state
            .get()
            .wrapping_add(0x9e37_79b9_7f4a_7c15)
            .wrapping_add(time_stamp::read());
        self.state.set(mixed);
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed >> 32) as u32
    }
}

impl Default for RandomNumbers<'_> {
    fn default() -> Self {
        Self::new()
    }
}

fn from_processor() -> Option<u32> {
    let mut number = 0;
    // SAFETY: called only where CPUID says that the processor has the instruction.
    let is_there = unsafe { _rdrand32_step(&mut number) };
    (is_there == 1).then_some(number)
}

impl<'a> Rng<'a> for RandomNumbers<'a> {
    fn get(&self) -> Result<(), ErrorCode> {
        self.is_asked.set(true);
        self.deferred_call.set();
        Ok(())
    }

    fn cancel(&self) -> Result<(), ErrorCode> {
        self.is_asked.set(false);
        Ok(())
    }

    fn set_client(&'a self, client: &'a dyn Client) {
        self.client.set(client);
    }
}

impl DeferredCallClient for RandomNumbers<'_> {
    fn handle_deferred_call(&self) {
        let Some(client) = self.client.get().filter(|_| self.is_asked.take()) else {
            return;
        };
        let first = self.number();
        let result = first.map(drop).ok_or(ErrorCode::FAIL);
        let more = iter::from_fn(|| self.number()).take(NUMBERS_AT_A_TIME - 1);
        let mut numbers = first.into_iter().chain(more);
        if client.randomness_available(&mut numbers, result) == Continue::More {
            self.is_asked.set(true);
            self.deferred_call.set();
        }
    }

    fn register(&'static self) {
        self.deferred_call.register(self);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_without_the_instruction_differ() {
        let source = RandomNumbers {
            has_instruction: false,
            ..RandomNumbers::new()
        };
        let first = source.number();
        assert!(first.is_some());
        // Each of a hundred is the first again once in four milliards.
        assert!((0..100).all(|_| source.number() != first));
    }

    #[test]
    fn the_processor_has_numbers_if_it_says_so() {
        let source = RandomNumbers::new();
        if source.has_instruction() {
            let first = source.number();
            assert!(first.is_some());
            assert!((0..100).any(|_| source.number() != first));
        }
    }
}
