//! Pins that are high for a part of the time: pulse width modulation.

use crate::ErrorCode;

/// A controller with pins.
pub trait Pwm {
    /// What names a pin.
    type Pin;

    /// Makes a pin go high `frequency_hz` times a second, each time for the part
    /// `duty_cycle / get_maximum_duty_cycle()` of the period.
    ///
    /// # Errors
    /// `INVAL` if the frequency or the part is more than there is, `FAIL` otherwise.
    fn start(
        &self,
        pin: &Self::Pin,
        frequency_hz: usize,
        duty_cycle: usize,
    ) -> Result<(), ErrorCode>;

    /// Makes a pin stay low.
    ///
    /// # Errors
    /// `FAIL` if it does not.
    fn stop(&self, pin: &Self::Pin) -> Result<(), ErrorCode>;

    /// The highest frequency in hertz.
    fn get_maximum_frequency_hz(&self) -> usize;

    /// The number that stands for all of the period. How fine the parts are depends on it.
    fn get_maximum_duty_cycle(&self) -> usize;
}

/// One pin of a controller.
pub trait PwmPin {
    /// As [`Pwm::start`].
    ///
    /// # Errors
    /// Those of [`Pwm::start`].
    fn start(&self, frequency_hz: usize, duty_cycle: usize) -> Result<(), ErrorCode>;

    /// As [`Pwm::stop`].
    ///
    /// # Errors
    /// Those of [`Pwm::stop`].
    fn stop(&self) -> Result<(), ErrorCode>;

    /// The highest frequency in hertz.
    fn get_maximum_frequency_hz(&self) -> usize;

    /// The number that stands for all of the period.
    fn get_maximum_duty_cycle(&self) -> usize;
}
