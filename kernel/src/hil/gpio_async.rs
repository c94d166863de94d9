//! Pins that are far away, behind a bus: what is asked of them takes its time.

use crate::{
    ErrorCode,
    hil::gpio::{FloatingState, InterruptEdge},
};

/// Pins with numbers from 0 on. Each operation that starts ends with [`Client::done`]. Errors that any of
/// them may start with: `INVAL` if there is no such pin, `NOSUPPORT` if it cannot do that, `BUSY` if an operation
/// is under way.
pub trait Port {
    /// Makes a pin neither input nor output.
    ///
    /// # Errors
    /// Those of the trait.
    fn disable(&self, pin: usize) -> Result<(), ErrorCode>;

    /// Makes a pin an output.
    ///
    /// # Errors
    /// Those of the trait.
    fn make_output(&self, pin: usize) -> Result<(), ErrorCode>;

    /// Makes a pin an input that is pulled to `mode`.
    ///
    /// # Errors
    /// Those of the trait.
    fn make_input(&self, pin: usize, mode: FloatingState) -> Result<(), ErrorCode>;

    /// Asks for the level of an input: 0 or 1, which [`Client::done`] brings.
    ///
    /// # Errors
    /// Those of the trait.
    fn read(&self, pin: usize) -> Result<(), ErrorCode>;

    /// Makes an output high if it is low, and low if it is high.
    ///
    /// # Errors
    /// Those of the trait.
    fn toggle(&self, pin: usize) -> Result<(), ErrorCode>;

    /// Makes an output high.
    ///
    /// # Errors
    /// Those of the trait.
    fn set(&self, pin: usize) -> Result<(), ErrorCode>;

    /// Makes an output low.
    ///
    /// # Errors
    /// Those of the trait.
    fn clear(&self, pin: usize) -> Result<(), ErrorCode>;

    /// Calls [`Client::fired`] at each change `mode` of an input.
    ///
    /// # Errors
    /// Those of the trait.
    fn enable_interrupt(&self, pin: usize, mode: InterruptEdge) -> Result<(), ErrorCode>;

    /// Calls no more for an input.
    ///
    /// # Errors
    /// Those of the trait.
    fn disable_interrupt(&self, pin: usize) -> Result<(), ErrorCode>;

    /// Whether an input changed and the client was not called yet.
    fn is_pending(&self, pin: usize) -> bool;
}

/// Hears of changes, and that operations end.
pub trait Client {
    /// An input of the port number `identifier` changed as it was waited for.
    fn fired(&self, pin: usize, identifier: usize);

    /// The operation ended; `value` is the level, if that was asked for.
    fn done(&self, value: usize);
}
