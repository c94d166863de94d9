//! A key as a person pressed it, on either terminal.
//!
//! The serial line's bytes and the keyboard's scan codes both become keys; whoever reads keys does not
//! see which of the two a person sits at.

/// What was pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// A key that writes this character.
    Char(char),
    /// The control key together with a lower-case letter or one of `[ \ ] ^ _ @` and space.
    Control(char),
    /// Ends a line.
    Enter,
    /// Moves on, or completes a word.
    Tab,
    /// Deletes to the left.
    Backspace,
    /// Deletes to the right.
    Delete,
    /// Inserts.
    Insert,
    /// Cursor left.
    Left,
    /// Cursor right.
    Right,
    /// Cursor up.
    Up,
    /// Cursor down.
    Down,
    /// To the start.
    Home,
    /// To the end.
    End,
    /// One page up.
    PageUp,
    /// One page down.
    PageDown,
    /// The escape key by itself. Only a keyboard has it: on a serial line its byte starts a sequence.
    Escape,
    /// A function key, counted from 1.
    Function(u8),
}
