//! Keys, for apps that the kernel lets see them.

use crate::completion::Completion;
use crate::error::Result;
use crate::syscall::command;

/// Tock has no such driver; this number is Capsa's own.
const DRIVER: usize = 0x8000_0000;

const LISTEN: usize = 1;
const PRESSED: usize = 0;

/// Events that wait for the app: eight keys, typed ahead. Beyond that the newest take the place of the last one.
static EVENTS: Completion<16> = Completion::new();

/// A key that went down or up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KeyEvent {
    /// What it means.
    pub key: Key,
    /// Which key it is: its scan code of set 1, the last four bytes in one word.
    pub scan_code: u32,
    /// Whether it went down.
    pub is_down: bool,
}

/// What a key means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Key {
    /// A character; 8, 9, 10, 27 and 127 are backspace, tab, enter, escape and delete, and the others below 32 are
    /// typed with the control key.
    Character(char),
    /// A function key, by the number on it.
    Function(u32),
    /// Insert.
    Insert,
    /// Cursor left.
    Left,
    /// Cursor right.
    Right,
    /// Cursor up.
    Up,
    /// Cursor down.
    Down,
    /// Home.
    Home,
    /// End.
    End,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// A key without a meaning of its own, such as Shift, or one that was let go.
    Other,
}

impl Key {
    /// From the driver's number for it: Unicode goes up to 0x10ffff, and the rest comes after that.
    fn from_number(number: usize) -> Self {
        const EDITING: [Key; 9] = [
            Key::Insert,
            Key::Left,
            Key::Right,
            Key::Up,
            Key::Down,
            Key::Home,
            Key::End,
            Key::PageUp,
            Key::PageDown,
        ];
        match number {
            0 => Self::Other,
            0x11_0001..=0x11_000c => Self::Function(number as u32 - 0x11_0000),
            0x11_0010..=0x11_0018 => EDITING[number - 0x11_0010],
            _ => char::from_u32(number as u32).map_or(Self::Other, Self::Character),
        }
    }
}

/// From now on, keys are events.
///
/// # Errors
///
/// `NODEVICE` without a keyboard, or where this app may not see it.
pub fn listen() -> Result {
    EVENTS.subscribe(DRIVER, PRESSED)?;
    command(DRIVER, LISTEN, 0, 0).unit()
}

/// Waits for a key to go down or up, after [`listen`]. One task at a time can.
///
/// While an app does something else, eight keys wait for it here and five more in the kernel.
///
/// # Cancellation
///
/// Nothing is lost: who waits next gets the event.
pub async fn next_event() -> KeyEvent {
    let [meaning, scan_code, is_down] = EVENTS.wait().await;
    KeyEvent {
        key: Key::from_number(meaning),
        scan_code: scan_code as u32,
        is_down: is_down != 0,
    }
}

/// Waits for a key to go down.
///
/// # Cancellation
///
/// As [`next_event`].
pub async fn next_key() -> Key {
    loop {
        let event = next_event().await;
        if event.is_down && event.key != Key::Other {
            return event.key;
        }
    }
}
