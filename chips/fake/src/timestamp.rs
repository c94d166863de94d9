//! A clock that stands still.

use std::marker::PhantomData;

use kernel::hil::time::{self, Freq1MHz, Frequency, Ticks, Ticks64};

use crate::leak;

/// A moment, in ticks of any width and frequency.
pub struct Timestamp<T: Ticks = Ticks64, F: Frequency = Freq1MHz> {
    ticks: T,
    frequency: PhantomData<F>,
}

impl<T: Ticks, F: Frequency> Timestamp<T, F> {
    /// The moment at which a clock reads `ticks`.
    pub fn new(ticks: T) -> &'static Self {
        leak(Self {
            ticks,
            frequency: PhantomData,
        })
    }
}

impl<T: Ticks, F: Frequency> time::Time for Timestamp<T, F> {
    type Frequency = F;
    type Ticks = T;

    fn now(&self) -> T {
        self.ticks
    }
}

impl<T: Ticks, F: Frequency> time::Timestamp for Timestamp<T, F> {}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::hil::time::{ConvertTicks as _, Freq1KHz, Ticks32};

    /// A capsule's function of a moment.
    fn milliseconds(moment: &impl time::Timestamp) -> u32 {
        moment.ticks_to_ms(moment.now())
    }

    #[test]
    fn a_moment_is_what_the_test_says() {
        let moment = Timestamp::<Ticks32, Freq1KHz>::new(70.into());
        assert_eq!([(); 2].map(|()| milliseconds(moment)), [70; 2]);
    }
}
