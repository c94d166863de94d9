//! Buzzers: one tone for a while.

use crate::ErrorCode;

/// Hears that a tone ended.
pub trait BuzzerClient {
    /// The tone ended, by itself or because it was stopped.
    fn buzzer_done(&self, status: Result<(), ErrorCode>);
}

/// A buzzer.
pub trait Buzzer<'a> {
    /// Plays a tone of `frequency_hz` for `duration_ms`. One that is playing is replaced.
    /// [`BuzzerClient::buzzer_done`] follows.
    ///
    /// # Errors
    /// `FAIL` if it does not.
    fn buzz(&self, frequency_hz: usize, duration_ms: usize) -> Result<(), ErrorCode>;

    /// Stops the tone. [`BuzzerClient::buzzer_done`] follows.
    ///
    /// # Errors
    /// `OFF` if there is none, `FAIL` otherwise.
    fn stop(&self) -> Result<(), ErrorCode>;

    /// Says who hears that a tone ended.
    fn set_client(&self, client: &'a dyn BuzzerClient);
}
