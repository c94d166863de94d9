//! Lights that are on or off.

/// One light. Every operation takes effect before it returns, as seen through [`Led::read`].
pub trait Led {
    /// Prepares the light. Called once, before anything else.
    fn init(&self);
    /// Turns the light on.
    fn on(&self);
    /// Turns the light off.
    fn off(&self);
    /// Turns the light on if it is off, and off if it is on.
    fn toggle(&self);
    /// Whether the light is on.
    fn read(&self) -> bool;
}
