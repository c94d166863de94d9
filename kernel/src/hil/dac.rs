//! Digital to analog converters: numbers as voltages.

use crate::ErrorCode;

/// One channel of a converter.
pub trait DacChannel {
    /// Sets the voltage, from 0 to the most that the converter's number of bits can say.
    ///
    /// # Errors
    /// `INVAL` if the value has too many bits, `OFF` without power.
    fn set_value(&self, value: usize) -> Result<(), ErrorCode>;
}
