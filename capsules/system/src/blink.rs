//! Lights that blink in the background.

use core::convert::Infallible;

use capsules_core::Clock;
use kernel::hil::led::Led;

/// How many lights can blink at a time: as many as there are workers in the board's list of tasks.
pub const BLINKERS: usize = 4;

/// A light that is to blink.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Blink {
    /// Its number.
    pub light: usize,
    /// How long it stays on, and off.
    pub period_ms: u32,
}

/// Toggles `led` every `period_ms` for ever.
///
/// # Cancellation
/// The light stays as it is.
pub async fn blink(led: &dyn Led, clock: &Clock<'_>, period_ms: u32) -> Infallible {
    loop {
        led.toggle();
        clock.after(period_ms).await;
    }
}
