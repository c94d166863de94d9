//! What a terminal's input gives: keys, and how they came.

use core::{
    fmt,
    future::Future,
    task::{Context, Poll},
};

use kernel::task::leaf;
use pc_keyboard::KeyCode;

use crate::Key;

/// Bytes that are kept of what made an event. No key of either terminal takes more.
const BYTES: usize = 8;

/// Something that happened to a key.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KeyEvent {
    /// What it means, if it means something by itself: releasing a key or pressing Shift does not.
    pub key: Option<Key>,
    /// Which key of a PC keyboard; `None` for what comes over a serial line.
    pub code: Option<KeyCode>,
    /// Whether the key went down.
    pub is_press: bool,
    bytes: [u8; BYTES],
    len: u8,
}

impl KeyEvent {
    /// Nothing happened: what an empty queue is filled with.
    pub const NONE: Self = Self {
        key: None,
        code: None,
        is_press: false,
        bytes: [0; BYTES],
        len: 0,
    };

    /// An event that means `key` and was made by `bytes`, of which the last eight are kept.
    pub fn new(key: Option<Key>, code: Option<KeyCode>, is_press: bool, bytes: &[u8]) -> Self {
        let mut event = Self {
            key,
            code,
            is_press,
            bytes: [0; BYTES],
            len: 0,
        };
        for byte in &bytes[bytes.len().saturating_sub(BYTES)..] {
            event.bytes[usize::from(event.len)] = *byte;
            event.len += 1;
        }
        event
    }

    /// The scan codes, or the bytes from the serial line, that made the event.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }
}

impl fmt::Display for KeyEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.bytes() {
            write!(f, "{byte:02x} ")?;
        }
        if let Some(code) = self.code {
            write!(f, " {code:?} {}", if self.is_press { "down" } else { "up" })?;
        }
        self.key.map_or(Ok(()), |key| write!(f, " {key:?}"))
    }
}

/// A source of keys, for one task.
pub trait Keys {
    /// The next event. Use [`next`](trait.Keys.html#method.next) on `dyn Keys`.
    fn poll_next(&self, context: &Context<'_>) -> Poll<KeyEvent>;

    /// Ready once for each Ctrl-C, which is then taken out. What was typed before a Ctrl-C is forgotten when it
    /// comes, as a terminal does.
    fn poll_interrupt(&self, context: &Context<'_>) -> Poll<()>;
}

impl dyn Keys + '_ {
    /// Waits for the next event.
    ///
    /// # Cancellation
    /// Nothing is lost: the event stays in the queue.
    #[track_caller]
    pub fn next(&self) -> impl Future<Output = KeyEvent> {
        leaf(|context| self.poll_next(context))
    }

    /// Waits for Ctrl-C, and leaves every other key where it is.
    ///
    /// # Cancellation
    /// Nothing is lost.
    #[track_caller]
    pub fn interrupt(&self) -> impl Future<Output = ()> {
        leaf(|context| self.poll_interrupt(context))
    }
}
