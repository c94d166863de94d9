//! Frequencies of clocks, as types.

/// How fast a clock counts.
pub trait Frequency {
    /// Ticks per second.
    fn frequency() -> u32;
}

macro_rules! frequencies {
    ($($(#[$doc:meta])* $name:ident = $hertz:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub enum $name {}

        impl Frequency for $name {
            fn frequency() -> u32 {
                $hertz
            }
        }
    )*};
}

frequencies! {
    /// 600 MHz.
    Freq600MHz = 600_000_000;
    /// 100 MHz.
    Freq100MHz = 100_000_000;
    /// 16 MHz.
    Freq16MHz = 16_000_000;
    /// 10 MHz.
    Freq10MHz = 10_000_000;
    /// 1 MHz: a tick is a microsecond.
    Freq1MHz = 1_000_000;
    /// 32,768 Hz: a watch crystal.
    Freq32KHz = 32_768;
    /// 16 kHz.
    Freq16KHz = 16_000;
    /// 1 kHz: a tick is a millisecond.
    Freq1KHz = 1_000;
}
