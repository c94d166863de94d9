//! Comparators: which of two voltages is the higher.

use crate::ErrorCode;

/// Comparators, each with a positive and a negative input.
pub trait AnalogComparator<'a> {
    /// What names a comparator.
    type Channel;

    /// Whether the positive input is the higher one now.
    fn comparison(&self, channel: &Self::Channel) -> bool;

    /// Calls [`Client::fired`] each time the positive input becomes the higher one.
    ///
    /// # Errors
    /// `NOSUPPORT` if the comparator cannot.
    fn start_comparing(&self, channel: &Self::Channel) -> Result<(), ErrorCode>;

    /// Calls no more.
    ///
    /// # Errors
    /// `NOSUPPORT` if the comparator cannot.
    fn stop_comparing(&self, channel: &Self::Channel) -> Result<(), ErrorCode>;

    /// Says who is called.
    fn set_client(&self, client: &'a dyn Client);
}

/// Is called when voltages change places.
pub trait Client {
    /// The positive input of the comparator number `channel` became the higher one.
    fn fired(&self, channel: usize);
}
