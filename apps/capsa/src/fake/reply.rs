//! What a driver of a test's own answers.

use super::state::{failure, number, unit};
use crate::door::Words;
use crate::error::ErrorCode;

/// The answer to a command, and the upcalls that follow.
pub struct Reply {
    pub(super) words: Words,
    pub(super) upcalls: Vec<(usize, [usize; 3])>,
}

impl Reply {
    /// Success without a value.
    pub fn success() -> Self {
        Self::new(unit(Ok(())))
    }

    /// Success with a number.
    pub fn number(value: u32) -> Self {
        Self::new(number(value))
    }

    /// A failure.
    pub fn failure(error: ErrorCode) -> Self {
        Self::new(failure(error))
    }

    fn new(words: Words) -> Self {
        Self {
            words,
            upcalls: Vec::new(),
        }
    }

    /// Has the driver make an upcall of this number, too.
    #[must_use]
    pub fn and_upcall(mut self, number: usize, values: [usize; 3]) -> Self {
        self.upcalls.push((number, values));
        self
    }
}
