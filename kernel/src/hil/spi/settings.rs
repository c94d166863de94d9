//! How bits are told by the clock.

/// Which bit of a byte goes first.
#[derive(Copy, Clone, Debug)]
pub enum DataOrder {
    /// The most significant.
    MSBFirst,
    /// The least significant.
    LSBFirst,
}

/// The level of the clock at rest (CPOL).
#[derive(Copy, Clone, Debug, PartialEq)]
pub enum ClockPolarity {
    /// Low: CPOL = 0.
    IdleLow,
    /// High: CPOL = 1.
    IdleHigh,
}

/// The edge of the clock at which bits are read (CPHA); they change at the other.
#[derive(Copy, Clone, Debug, PartialEq)]
pub enum ClockPhase {
    /// The first of a pulse, when the clock leaves its level at rest: CPHA = 0.
    SampleLeading,
    /// The second of a pulse, when the clock returns: CPHA = 1.
    SampleTrailing,
}
