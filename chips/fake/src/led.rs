//! Lights.

use std::cell::Cell;

use kernel::hil::led;

use crate::leak;

/// One light, off at first.
#[derive(Default)]
pub struct Led {
    is_on: Cell<bool>,
    times_prepared: Cell<usize>,
}

impl Led {
    /// A light that is off.
    pub fn new() -> &'static Self {
        leak(Self::default())
    }

    /// How often it was prepared with `init`: once is right.
    pub fn times_prepared(&self) -> usize {
        self.times_prepared.get()
    }
}

impl led::Led for Led {
    fn init(&self) {
        self.times_prepared.set(self.times_prepared.get() + 1);
    }

    fn on(&self) {
        self.is_on.set(true);
    }

    fn off(&self) {
        self.is_on.set(false);
    }

    fn toggle(&self) {
        self.is_on.set(!self.is_on.get());
    }

    fn read(&self) -> bool {
        self.is_on.get()
    }
}

/// A row of lights.
pub struct Leds<const N: usize>([&'static Led; N]);

impl<const N: usize> Leds<N> {
    /// Lights that are off.
    pub fn new() -> &'static Self {
        leak(Self(std::array::from_fn(|_| Led::new())))
    }

    /// The lights as drivers take them.
    pub fn as_hil(&'static self) -> &'static [&'static Led; N] {
        &self.0
    }

    /// Which lights are on.
    pub fn lit(&self) -> [bool; N] {
        self.0.map(led::Led::read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::hil::led::Led as _;

    #[test]
    fn each_light_is_its_own() {
        let leds = Leds::<3>::new();
        leds.as_hil()[1].on();
        leds.as_hil()[2].toggle();
        assert_eq!(leds.lit(), [false, true, true]);
        leds.as_hil()[1].off();
        leds.as_hil()[2].toggle();
        assert_eq!(leds.lit(), [false; 3]);
    }
}
