//! Lights that exist on a screen only: whoever draws them asks whether they are on.

use core::cell::Cell;

use kernel::hil::led::Led;

/// A light that remembers whether it is on.
pub struct Lamp(Cell<bool>);

impl Lamp {
    /// A light that is off.
    pub const fn new() -> Self {
        Self(Cell::new(false))
    }
}

impl Default for Lamp {
    fn default() -> Self {
        Self::new()
    }
}

impl Led for Lamp {
    fn init(&self) {}

    fn on(&self) {
        self.0.set(true);
    }

    fn off(&self) {
        self.0.set(false);
    }

    fn toggle(&self) {
        self.0.set(!self.0.get());
    }

    fn read(&self) -> bool {
        self.0.get()
    }
}
