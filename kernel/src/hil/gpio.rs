//! Pins that are high or low, and say so or are told so.

use core::cell::Cell;

use crate::{ErrorCode, utilities::cells::OptionalCell};

/// What an input is pulled to when nothing drives it.
#[derive(Clone, Copy, Debug)]
pub enum FloatingState {
    /// High.
    PullUp,
    /// Low.
    PullDown,
    /// Nothing: it floats.
    PullNone,
}

/// The change of a pin that raises an interrupt.
#[derive(Clone, Copy, Debug)]
pub enum InterruptEdge {
    /// From low to high.
    RisingEdge,
    /// From high to low.
    FallingEdge,
    /// Any.
    EitherEdge,
}

/// What a pin is used as.
#[derive(Clone, Copy, Debug)]
pub enum Configuration {
    /// Nothing: reading it gives nothing of use, writing to it does nothing.
    LowPower,
    /// An input.
    Input,
    /// An output.
    Output,
    /// An input and an output at once.
    InputOutput,
    /// A function of the chip's, a serial line for one. The chip knows which.
    Function,
    /// Something else.
    Other,
}

/// What a pin means, apart from its level: an active light shines, an active button is held down.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum ActivationState {
    /// At rest.
    Inactive = 0,
    /// Active.
    Active = 1,
}

/// The level that means active.
#[derive(Clone, Copy)]
pub enum ActivationMode {
    /// High.
    ActiveHigh,
    /// Low.
    ActiveLow,
}

impl ActivationMode {
    fn level(self, state: ActivationState) -> bool {
        (state == ActivationState::Active) == matches!(self, Self::ActiveHigh)
    }
}

/// A pin that can be input and output.
pub trait Pin: Input + Output + Configure {}

impl<T: Input + Output + Configure> Pin for T {}

/// A [`Pin`] that raises interrupts.
pub trait InterruptPin<'a>: Pin + Interrupt<'a> {}

impl<'a, T: Pin + Interrupt<'a>> InterruptPin<'a> for T {}

/// A [`Pin`] that raises interrupts which say which pin they are from.
pub trait InterruptValuePin<'a>: Pin + InterruptWithValue<'a> {}

impl<'a, T: Pin + InterruptWithValue<'a>> InterruptValuePin<'a> for T {}

/// Sets what a pin is used as. Each change returns what the pin is used as after it, which is not always what
/// was asked for.
pub trait Configure {
    /// What the pin is used as.
    fn configuration(&self) -> Configuration;

    /// Makes the pin an output, besides an input if it is one and can be both.
    fn make_output(&self) -> Configuration;

    /// Makes the pin no output.
    fn disable_output(&self) -> Configuration;

    /// Makes the pin an input, besides an output if it is one and can be both.
    fn make_input(&self) -> Configuration;

    /// Makes the pin no input.
    fn disable_input(&self) -> Configuration;

    /// Puts the pin in whatever state takes the least power. What it was used as is forgotten.
    fn deactivate_to_low_power(&self);

    /// Sets what the pin is pulled to.
    fn set_floating_state(&self, state: FloatingState);

    /// What the pin is pulled to.
    fn floating_state(&self) -> FloatingState;

    /// Whether the pin is an input, and reading it gives its level.
    fn is_input(&self) -> bool {
        matches!(
            self.configuration(),
            Configuration::Input | Configuration::InputOutput
        )
    }

    /// Whether the pin is an output, and writing to it sets its level.
    fn is_output(&self) -> bool {
        matches!(
            self.configuration(),
            Configuration::Output | Configuration::InputOutput
        )
    }
}

/// Sets that a pin is input and output at once, where the chip can do that for sure.
pub trait ConfigureInputOutput: Configure {
    /// Makes the pin both; returns [`Configuration::InputOutput`].
    fn make_input_output(&self) -> Configuration;

    /// Whether the pin is both.
    fn is_input_output(&self) -> bool;
}

/// A pin that can be told its level. While it is no output, telling it does nothing.
pub trait Output {
    /// Makes the pin high.
    fn set(&self);

    /// Makes the pin low.
    fn clear(&self);

    /// Makes the pin high if it is low, and low if it is high. Returns whether it is high now.
    fn toggle(&self) -> bool;

    /// Makes the pin mean `state`, if `mode` is the level that means active.
    fn write_activation(&self, state: ActivationState, mode: ActivationMode) {
        if mode.level(state) {
            self.set();
        } else {
            self.clear();
        }
    }
}

/// A pin that says its level.
pub trait Input {
    /// Whether the pin is high: as an input, as it is driven from outside; as an output, as it was told; as
    /// anything else, without meaning.
    fn read(&self) -> bool;

    /// What the pin means, if `mode` is the level that means active.
    fn read_activation(&self, mode: ActivationMode) -> ActivationState {
        if self.read() == mode.level(ActivationState::Active) {
            ActivationState::Active
        } else {
            ActivationState::Inactive
        }
    }
}

/// A pin that raises interrupts.
pub trait Interrupt<'a>: Input {
    /// Says who hears of them.
    fn set_client(&self, client: &'a dyn Client);

    /// Raises an interrupt at each change `mode` from now on. The pin has to be made an input apart from this.
    fn enable_interrupts(&self, mode: InterruptEdge);

    /// Raises none from now on.
    fn disable_interrupts(&self);

    /// Whether an interrupt was raised that the client has not heard of.
    fn is_pending(&self) -> bool;
}

/// Hears of interrupts.
pub trait Client {
    /// The pin changed as it was waited for.
    fn fired(&self);
}

/// A pin whose interrupts bring a value with them, so that one client can serve many pins.
pub trait InterruptWithValue<'a>: Input {
    /// Says who hears of them.
    fn set_client(&self, client: &'a dyn ClientWithValue);

    /// Raises an interrupt at each change `mode` from now on. The pin has to be made an input apart from this.
    ///
    /// # Errors
    /// `FAIL` if the pin is not ready yet.
    fn enable_interrupts(&self, mode: InterruptEdge) -> Result<(), ErrorCode>;

    /// Raises none from now on.
    fn disable_interrupts(&self);

    /// Whether an interrupt was raised that the client has not heard of.
    fn is_pending(&self) -> bool;

    /// Sets the value that interrupts bring.
    fn set_value(&self, value: u32);

    /// The value that interrupts bring.
    fn value(&self) -> u32;
}

/// Hears of interrupts of many pins.
pub trait ClientWithValue {
    /// The pin with the value `value` changed as it was waited for.
    fn fired(&self, value: u32);
}

/// Adds a value to the interrupts of a pin. In all else it is the pin.
pub struct InterruptValueWrapper<'a, IP: InterruptPin<'a>> {
    value: Cell<u32>,
    client: OptionalCell<&'a dyn ClientWithValue>,
    source: &'a IP,
}

impl<'a, IP: InterruptPin<'a>> InterruptValueWrapper<'a, IP> {
    /// Wraps `pin`. No interrupt arrives before [`Self::finalize`].
    pub fn new(pin: &'a IP) -> Self {
        Self {
            value: Cell::new(0),
            client: OptionalCell::empty(),
            source: pin,
        }
    }

    /// Makes this the one that hears of the pin's interrupts.
    pub fn finalize(&'static self) -> &'static Self {
        self.source.set_client(self);
        self
    }
}

impl<'a, IP: InterruptPin<'a>> InterruptWithValue<'a> for InterruptValueWrapper<'a, IP> {
    fn set_client(&self, client: &'a dyn ClientWithValue) {
        self.client.set(client);
    }

    fn enable_interrupts(&self, mode: InterruptEdge) -> Result<(), ErrorCode> {
        self.source.enable_interrupts(mode);
        Ok(())
    }

    fn disable_interrupts(&self) {
        self.source.disable_interrupts();
    }

    fn is_pending(&self) -> bool {
        self.source.is_pending()
    }

    fn set_value(&self, value: u32) {
        self.value.set(value);
    }

    fn value(&self) -> u32 {
        self.value.get()
    }
}

impl<'a, IP: InterruptPin<'a>> Client for InterruptValueWrapper<'a, IP> {
    fn fired(&self) {
        self.client.map(|client| client.fired(self.value.get()));
    }
}

impl<'a, IP: InterruptPin<'a>> Input for InterruptValueWrapper<'a, IP> {
    fn read(&self) -> bool {
        self.source.read()
    }
}

impl<'a, IP: InterruptPin<'a>> Output for InterruptValueWrapper<'a, IP> {
    fn set(&self) {
        self.source.set();
    }

    fn clear(&self) {
        self.source.clear();
    }

    fn toggle(&self) -> bool {
        self.source.toggle()
    }
}

impl<'a, IP: InterruptPin<'a>> Configure for InterruptValueWrapper<'a, IP> {
    fn configuration(&self) -> Configuration {
        self.source.configuration()
    }

    fn make_output(&self) -> Configuration {
        self.source.make_output()
    }

    fn disable_output(&self) -> Configuration {
        self.source.disable_output()
    }

    fn make_input(&self) -> Configuration {
        self.source.make_input()
    }

    fn disable_input(&self) -> Configuration {
        self.source.disable_input()
    }

    fn deactivate_to_low_power(&self) {
        self.source.deactivate_to_low_power();
    }

    fn set_floating_state(&self, state: FloatingState) {
        self.source.set_floating_state(state);
    }

    fn floating_state(&self) -> FloatingState {
        self.source.floating_state()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Level(Cell<bool>);

    impl Input for Level {
        fn read(&self) -> bool {
            self.0.get()
        }
    }

    impl Output for Level {
        fn set(&self) {
            self.0.set(true);
        }

        fn clear(&self) {
            self.0.set(false);
        }

        fn toggle(&self) -> bool {
            self.0.set(!self.0.get());
            self.0.get()
        }
    }

    #[test]
    fn what_is_active_depends_on_the_level_that_means_it() {
        use {ActivationMode::*, ActivationState::*};
        for (state, mode, is_high) in [
            (Active, ActiveHigh, true),
            (Inactive, ActiveHigh, false),
            (Active, ActiveLow, false),
            (Inactive, ActiveLow, true),
        ] {
            let pin = Level(Cell::new(!is_high));
            pin.write_activation(state, mode);
            assert_eq!(pin.read(), is_high);
            assert!(pin.read_activation(mode) == state);
        }
    }
}
