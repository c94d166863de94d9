//! Lights that are on or off.

use crate::hil::gpio::Pin;

/// One light. Every operation takes effect before it returns, as seen through [`Led::read`].
pub trait Led {
    /// Prepares the light. Called once, before anything else.
    fn init(&self);
    /// Turns the light on.
    fn on(&self);
    /// Turns the light off.
    fn off(&self);
    /// Turns the light on if it is off, and off if it is on.
    fn toggle(&self);
    /// Whether the light is on.
    fn read(&self) -> bool;
}

/// A light that is on while its pin is high.
pub struct LedHigh<'a, P: Pin> {
    /// The pin.
    pub pin: &'a P,
}

impl<'a, P: Pin> LedHigh<'a, P> {
    /// The light at `p`.
    pub fn new(p: &'a P) -> Self {
        Self { pin: p }
    }
}

impl<P: Pin> Led for LedHigh<'_, P> {
    fn init(&self) {
        self.pin.make_output();
    }

    fn on(&self) {
        self.pin.set();
    }

    fn off(&self) {
        self.pin.clear();
    }

    fn toggle(&self) {
        self.pin.toggle();
    }

    fn read(&self) -> bool {
        self.pin.read()
    }
}

/// A light that is on while its pin is low.
pub struct LedLow<'a, P: Pin> {
    /// The pin.
    pub pin: &'a P,
}

impl<'a, P: Pin> LedLow<'a, P> {
    /// The light at `p`.
    pub fn new(p: &'a P) -> Self {
        Self { pin: p }
    }
}

impl<P: Pin> Led for LedLow<'_, P> {
    fn init(&self) {
        self.pin.make_output();
    }

    fn on(&self) {
        self.pin.clear();
    }

    fn off(&self) {
        self.pin.set();
    }

    fn toggle(&self) {
        self.pin.toggle();
    }

    fn read(&self) -> bool {
        !self.pin.read()
    }
}
