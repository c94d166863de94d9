//! Touch panels. Positions are in pixels from the upper left corner.

use crate::ErrorCode;

/// What a finger does.
#[derive(Debug, Copy, Clone)]
pub enum TouchStatus {
    /// Nothing yet.
    Unstarted,
    /// It came down.
    Pressed,
    /// It was lifted.
    Released,
    /// It moved while down.
    Moved,
}

/// What one or more fingers mean.
#[derive(Debug, Copy, Clone)]
pub enum GestureEvent {
    /// A stroke upwards.
    SwipeUp,
    /// A stroke downwards.
    SwipeDown,
    /// A stroke to the left.
    SwipeLeft,
    /// A stroke to the right.
    SwipeRight,
    /// Two fingers going apart.
    ZoomIn,
    /// Two fingers coming together.
    ZoomOut,
}

/// What one finger did, and where.
#[derive(Copy, Clone)]
pub struct TouchEvent {
    /// What it did.
    pub status: TouchStatus,
    /// How far from the left.
    pub x: u16,
    /// How far from the top.
    pub y: u16,
    /// Which finger: the same number from when it comes down until it is lifted, and no other finger's.
    pub id: usize,
    /// How wide it is, 65,535 being the widest, if the panel knows.
    pub size: Option<u16>,
    /// How hard it presses, 65,535 being the hardest, if the panel knows.
    pub pressure: Option<u16>,
}

/// A panel that sees one finger.
pub trait Touch<'a> {
    /// Turns the panel on, if it is not.
    ///
    /// # Errors
    /// `FAIL` if it does not answer.
    fn enable(&self) -> Result<(), ErrorCode>;

    /// Turns the panel off, if it is not.
    ///
    /// # Errors
    /// `FAIL` if it does not answer.
    fn disable(&self) -> Result<(), ErrorCode>;

    /// Says who hears what the finger does.
    fn set_client(&self, touch_client: &'a dyn TouchClient);
}

/// A panel that sees several fingers.
pub trait MultiTouch<'a> {
    /// Turns the panel on, if it is not.
    ///
    /// # Errors
    /// `FAIL` if it does not answer.
    fn enable(&self) -> Result<(), ErrorCode>;

    /// Turns the panel off, if it is not.
    ///
    /// # Errors
    /// `FAIL` if it does not answer.
    fn disable(&self) -> Result<(), ErrorCode>;

    /// How many fingers the panel sees at most.
    fn get_num_touches(&self) -> usize;

    /// What the finger number `index` does, from 0 on; `None` if there is none. To be called from inside
    /// [`MultiTouchClient::touch_events`] only.
    fn get_touch(&self, index: usize) -> Option<TouchEvent>;

    /// Says who hears what the fingers do.
    fn set_client(&self, multi_touch_client: &'a dyn MultiTouchClient);
}

/// Hears what one finger does.
pub trait TouchClient {
    /// It did something.
    fn touch_event(&self, touch_event: TouchEvent);
}

/// Hears what several fingers do.
pub trait MultiTouchClient {
    /// They did something: the first `len` of `touch_events`.
    fn touch_events(&self, touch_events: &[TouchEvent], len: usize);
}

/// A panel that sees gestures.
pub trait Gesture<'a> {
    /// Says who hears of them.
    fn set_client(&self, gesture_client: &'a dyn GestureClient);
}

/// Hears of gestures.
pub trait GestureClient {
    /// Fingers made a gesture.
    fn gesture_event(&self, gesture_event: GestureEvent);
}
