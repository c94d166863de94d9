//! The line that says that a slave is meant, and the level it does so with.

use crate::hil::gpio::Output;

/// The level that means the slave.
#[derive(Copy, Clone)]
pub enum Polarity {
    /// High.
    High,
    /// Low.
    Low,
}

mod private {
    pub trait Sealed {}
}

/// A [`Polarity`] as a type: [`ActiveLow`] or [`ActiveHigh`].
pub trait ChipSelectActivePolarity: private::Sealed {
    /// The same as a value.
    const POLARITY: Polarity;
}

/// The slave is meant while the line is low.
pub enum ActiveLow {}

impl private::Sealed for ActiveLow {}

impl ChipSelectActivePolarity for ActiveLow {
    const POLARITY: Polarity = Polarity::Low;
}

/// The slave is meant while the line is high.
pub enum ActiveHigh {}

impl private::Sealed for ActiveHigh {}

impl ChipSelectActivePolarity for ActiveHigh {
    const POLARITY: Polarity = Polarity::High;
}

/// What can be the line `T` of a bus for a slave that needs the polarity `POLARITY`.
///
/// A driver asks for this with the polarity of its slave, so that a bus which cannot do it is refused by
/// the compiler: such a bus implements it for one polarity only.
pub trait IntoChipSelect<T, POLARITY> {
    /// The line.
    fn into_cs(self) -> T;
}

/// A pin as such a line, for either polarity.
pub struct ChipSelectPolar<'a, P: Output> {
    /// The pin.
    pub pin: &'a P,
    /// The level that means the slave.
    pub polarity: Polarity,
}

impl<P: Output> ChipSelectPolar<'_, P> {
    /// Says that the slave is meant.
    pub fn activate(&self) {
        match self.polarity {
            Polarity::Low => self.pin.clear(),
            Polarity::High => self.pin.set(),
        }
    }

    /// Says that the slave is not meant.
    pub fn deactivate(&self) {
        match self.polarity {
            Polarity::Low => self.pin.set(),
            Polarity::High => self.pin.clear(),
        }
    }
}

impl<P: Output> Clone for ChipSelectPolar<'_, P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P: Output> Copy for ChipSelectPolar<'_, P> {}

impl<'a, P: Output, A: ChipSelectActivePolarity> IntoChipSelect<ChipSelectPolar<'a, P>, A>
    for &'a P
{
    fn into_cs(self) -> ChipSelectPolar<'a, P> {
        ChipSelectPolar {
            pin: self,
            polarity: A::POLARITY,
        }
    }
}
