//! Converters of numbers to voltages.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
};

use kernel::{ErrorCode, hil::dac};

/// The highest value of a [`DacChannel`], which has 12 bits.
const MAXIMUM_VALUE: usize = (1 << 12) - 1;

/// A channel of 12 bits.
#[derive(Default)]
pub struct DacChannel {
    value: Cell<usize>,
    refusals: RefCell<VecDeque<ErrorCode>>,
}

impl DacChannel {
    /// A channel at 0 V.
    pub fn new() -> &'static Self {
        crate::leak(Self::default())
    }

    /// The voltage, as the value that it was set to.
    pub fn value(&self) -> usize {
        self.value.get()
    }

    /// The next call fails with `error`, and changes nothing. Said several times, as many calls do.
    pub fn refuse_next(&self, error: ErrorCode) {
        self.refusals.borrow_mut().push_back(error);
    }
}

impl dac::DacChannel for DacChannel {
    fn set_value(&self, value: usize) -> Result<(), ErrorCode> {
        self.refusals.borrow_mut().pop_front().map_or(Ok(()), Err)?;
        if value > MAXIMUM_VALUE {
            return Err(ErrorCode::INVAL);
        }
        self.value.set(value);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::hil::dac::DacChannel as _;

    #[test]
    fn a_channel_takes_what_has_as_many_bits_as_it_has() {
        let channel = DacChannel::new();
        assert_eq!((channel.set_value(4_095), channel.value()), (Ok(()), 4_095));
        assert_eq!(channel.set_value(4_096), Err(ErrorCode::INVAL));
        assert_eq!(channel.value(), 4_095);
    }

    #[test]
    fn a_value_that_is_refused_changes_nothing() {
        let channel = DacChannel::new();
        channel.refuse_next(ErrorCode::OFF);
        assert_eq!(channel.set_value(1), Err(ErrorCode::OFF));
        assert_eq!(channel.value(), 0);
        assert_eq!((channel.set_value(1), channel.value()), (Ok(()), 1));
    }
}
