//! Bytes from a serial line become keys.
//!
//! A terminal sends characters as UTF-8, control keys as the first 32 codes of ASCII, and keys without a
//! character as a control sequence: `ESC [` or `ESC O`, parameters, and a final byte (ECMA-48, section
//! 5.4; the final bytes and numbers are those of xterm's "PC-Style Function Keys", the Linux console's
//! `ESC [ [` for F1 to F5 included). Modifiers in the parameters are ignored: control and an arrow is that
//! arrow.
//!
//! What means no key is dropped and counted, a whole sequence at a time. A byte that cannot go on with
//! what came before ends it, and is then taken by itself, so that noise never costs more than itself.
//!
//! There is no escape key here: its byte cannot be told from the start of a sequence without a clock.

use crate::Key;

const ESCAPE: u8 = 0x1b;

/// Takes bytes one at a time; each completes at most one key.
#[derive(Default)]
pub struct KeyDecoder {
    state: State,
    dropped: u32,
}

/// What the bytes so far began.
#[derive(Clone, Copy, Default)]
enum State {
    /// Nothing.
    #[default]
    Ground,
    /// Nothing, but a line feed now belongs to the carriage return before it.
    AfterReturn,
    /// A character of several bytes.
    Character { bytes: [u8; 4], len: usize },
    /// `ESC`
    Escape,
    /// `ESC [`
    Introduced,
    /// `ESC [ [`, from the Linux console: one more byte names a function key.
    LinuxFunction,
    /// `ESC [` and more, or `ESC O`.
    Sequence(Sequence),
}

/// A control sequence before its final byte. Only its first number tells keys apart, so nothing else is
/// kept, and a sequence may be as long as it likes.
#[derive(Clone, Copy)]
struct Sequence {
    first_number: u16,
    part: Part,
}

#[derive(Clone, Copy)]
enum Part {
    /// In the first number.
    First,
    /// After it: modifiers.
    Later,
    /// Something was there that no key sends; the rest only has to be swallowed.
    Unknown,
}

impl KeyDecoder {
    /// A decoder that has seen nothing.
    pub const fn new() -> Self {
        Self {
            state: State::Ground,
            dropped: 0,
        }
    }

    /// The key that `byte` completes, if it completes one.
    pub fn push(&mut self, byte: u8) -> Option<Key> {
        match core::mem::take(&mut self.state) {
            State::AfterReturn if byte == b'\n' => None,
            State::Ground | State::AfterReturn => self.start(byte),
            State::Character { bytes, len } => self.character(bytes, len, byte),
            State::Escape => self.after_escape(byte),
            State::Introduced if byte == b'[' => self.wait_in(State::LinuxFunction),
            State::Introduced => self.sequence(Sequence::START, byte),
            State::LinuxFunction => self.linux_function(byte),
            State::Sequence(sequence) => self.sequence(sequence, byte),
        }
    }

    /// Whether the next byte starts something.
    pub fn is_at_start(&self) -> bool {
        matches!(self.state, State::Ground | State::AfterReturn)
    }

    /// How many characters, sequences and stray bytes meant no key. It stops at its largest value.
    pub fn dropped(&self) -> u32 {
        self.dropped
    }

    fn start(&mut self, byte: u8) -> Option<Key> {
        match byte {
            b'\r' => {
                self.state = State::AfterReturn;
                Some(Key::Enter)
            }
            b'\n' => Some(Key::Enter),
            b'\t' => Some(Key::Tab),
            0x08 | 0x7f => Some(Key::Backspace),
            ESCAPE => self.wait_in(State::Escape),
            // A control key sends its letter's code less 0x40.
            0x00..=0x1f => Some(Key::Control((byte + 0x40).to_ascii_lowercase().into())),
            0x20..=0x7e => Some(Key::Char(byte.into())),
            0x80..=0xff => self.character([0; 4], 0, byte),
        }
    }

    /// `len` of `bytes` began a character, and `byte` should go on with it.
    fn character(&mut self, mut bytes: [u8; 4], len: usize, byte: u8) -> Option<Key> {
        bytes[len] = byte;
        let len = len + 1;
        match core::str::from_utf8(&bytes[..len]) {
            Ok(text) => match text.chars().next() {
                Some(character) if !character.is_control() => Some(Key::Char(character)),
                _ => self.drop_one(),
            },
            Err(error) if error.error_len().is_none() => {
                self.wait_in(State::Character { bytes, len })
            }
            Err(_) if len == 1 => self.drop_one(),
            // The bytes before this one were a good start, so it is this one that does not fit.
            Err(_) => self.drop_before(byte),
        }
    }

    fn after_escape(&mut self, byte: u8) -> Option<Key> {
        match byte {
            b'[' => self.wait_in(State::Introduced),
            b'O' => self.wait_in(State::Sequence(Sequence::START)),
            _ => self.drop_before(byte),
        }
    }

    fn linux_function(&mut self, byte: u8) -> Option<Key> {
        match byte {
            b'A'..=b'E' => Some(Key::Function(byte - b'A' + 1)),
            0x20..=0x7e => self.drop_one(),
            _ => self.drop_before(byte),
        }
    }

    fn sequence(&mut self, sequence: Sequence, byte: u8) -> Option<Key> {
        match byte {
            0x20..=0x3f => self.wait_in(State::Sequence(sequence.with(byte))),
            0x40..=0x7e => sequence.key(byte).or_else(|| self.drop_one()),
            _ => self.drop_before(byte),
        }
    }

    fn wait_in(&mut self, state: State) -> Option<Key> {
        self.state = state;
        None
    }

    fn drop_one(&mut self) -> Option<Key> {
        self.dropped = self.dropped.saturating_add(1);
        None
    }

    /// Drops what came before `byte`, and takes `byte` by itself.
    fn drop_before(&mut self, byte: u8) -> Option<Key> {
        self.drop_one();
        self.start(byte)
    }
}

impl Sequence {
    const START: Self = Self {
        first_number: 0,
        part: Part::First,
    };

    /// Goes on with a parameter byte (0x30 to 0x3f) or an intermediate byte (0x20 to 0x2f).
    fn with(mut self, byte: u8) -> Self {
        match (self.part, byte) {
            (Part::First, b'0'..=b'9') => {
                let digit = u16::from(byte - b'0');
                self.first_number = self.first_number.saturating_mul(10).saturating_add(digit);
            }
            (Part::First | Part::Later, b';') => self.part = Part::Later,
            (Part::Later, b'0'..=b'9') => {}
            _ => self.part = Part::Unknown,
        }
        self
    }

    /// The key that this sequence means with `last` as its final byte.
    fn key(self, last: u8) -> Option<Key> {
        match (self.part, self.first_number, last) {
            (Part::Unknown, ..) => None,
            (_, 0 | 1, b'A') => Some(Key::Up),
            (_, 0 | 1, b'B') => Some(Key::Down),
            (_, 0 | 1, b'C') => Some(Key::Right),
            (_, 0 | 1, b'D') => Some(Key::Left),
            (_, 0 | 1, b'H') | (_, 1 | 7, b'~') => Some(Key::Home),
            (_, 0 | 1, b'F') | (_, 4 | 8, b'~') => Some(Key::End),
            (_, 0 | 1, b'P'..=b'S') => Some(Key::Function(last - b'P' + 1)),
            (_, 2, b'~') => Some(Key::Insert),
            (_, 3, b'~') => Some(Key::Delete),
            (_, 5, b'~') => Some(Key::PageUp),
            (_, 6, b'~') => Some(Key::PageDown),
            (_, number, b'~') => function_key(number).map(Key::Function),
            _ => None,
        }
    }
}

/// The function key with this number: VT220 left gaps where its keyboard had them.
fn function_key(number: u16) -> Option<u8> {
    let gaps = match number {
        11..=15 => 10,
        17..=21 => 11,
        23..=26 => 12,
        28 | 29 => 13,
        31..=34 => 14,
        _ => return None,
    };
    u8::try_from(number - gaps).ok()
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::vec::Vec;

    use super::*;

    /// The keys that `bytes` give, and how much was dropped.
    fn decode(bytes: impl AsRef<[u8]>) -> (Vec<Key>, u32) {
        let mut decoder = KeyDecoder::new();
        let bytes = bytes.as_ref().iter();
        let keys = bytes.filter_map(|&byte| decoder.push(byte)).collect();
        (keys, decoder.dropped())
    }

    #[track_caller]
    fn each_is(key: Key, inputs: &[&str]) {
        for input in inputs {
            assert_eq!(decode(input), (Vec::from([key]), 0), "{input:?}");
        }
    }

    /// Whatever is dropped, what is typed next arrives.
    #[track_caller]
    fn each_is_dropped(inputs: &[&[u8]]) {
        for input in inputs {
            let typed_on = [input, &b"a"[..]].concat();
            assert_eq!(
                decode(typed_on),
                (Vec::from([Key::Char('a')]), 1),
                "{input:x?}"
            );
        }
    }

    #[test]
    fn characters_of_one_to_four_bytes_are_keys() {
        for character in [' ', 'a', '~', 'é', '€', '😀', '\u{10ffff}'] {
            assert_eq!(
                decode(std::format!("{character}")),
                (Vec::from([Key::Char(character)]), 0)
            );
        }
    }

    #[test]
    fn each_way_to_end_a_line_is_one_enter() {
        each_is(Key::Enter, &["\r", "\n", "\r\n"]);
        assert_eq!(decode("\r\r\n\n").0, [Key::Enter; 3]);
        assert_eq!(decode("\ra\n").0, [Key::Enter, Key::Char('a'), Key::Enter]);
    }

    #[test]
    fn control_keys_have_the_name_of_their_letter() {
        each_is(Key::Backspace, &["\x08", "\x7f"]);
        each_is(Key::Tab, &["\t"]);
        for (input, key) in [("\x01", 'a'), ("\x03", 'c'), ("\x1a", 'z'), ("\x00", '@')] {
            each_is(Key::Control(key), &[input]);
        }
        for (input, key) in [("\x1c", '\\'), ("\x1d", ']'), ("\x1e", '^'), ("\x1f", '_')] {
            each_is(Key::Control(key), &[input]);
        }
    }

    #[test]
    fn keys_without_a_character_are_known_in_all_their_forms() {
        each_is(Key::Up, &["\x1b[A", "\x1bOA", "\x1b[1;5A", "\x1b[1;2;3A"]);
        each_is(Key::Down, &["\x1b[B", "\x1bOB"]);
        each_is(Key::Right, &["\x1b[C", "\x1bOC", "\x1b[1;5C"]);
        each_is(Key::Left, &["\x1b[D", "\x1bOD"]);
        each_is(
            Key::Home,
            &["\x1b[H", "\x1bOH", "\x1b[1~", "\x1b[7~", "\x1b[1;2H"],
        );
        each_is(Key::End, &["\x1b[F", "\x1bOF", "\x1b[4~", "\x1b[8~"]);
        each_is(Key::Insert, &["\x1b[2~"]);
        each_is(Key::Delete, &["\x1b[3~", "\x1b[3;5~"]);
        each_is(Key::PageUp, &["\x1b[5~"]);
        each_is(Key::PageDown, &["\x1b[6~"]);
    }

    #[test]
    fn function_keys_are_known_in_all_their_forms() {
        each_is(
            Key::Function(1),
            &["\x1bOP", "\x1b[11~", "\x1b[[A", "\x1b[1;2P"],
        );
        each_is(Key::Function(4), &["\x1bOS", "\x1b[14~", "\x1b[[D"]);
        each_is(Key::Function(5), &["\x1b[15~", "\x1b[[E"]);
        let numbers = (6..=20).zip([17, 18, 19, 20, 21, 23, 24, 25, 26, 28, 29, 31, 32, 33, 34]);
        for (function, number) in numbers {
            each_is(Key::Function(function), &[&std::format!("\x1b[{number}~")]);
        }
    }

    #[test]
    fn what_is_no_character_is_dropped() {
        each_is_dropped(&[b"\x80", b"\xff", b"\xc0", b"\xf5"]);
        each_is_dropped(&[b"\xc3", b"\xe2\x82", b"\xf0\x9f\x98"]);
        each_is_dropped(&["\u{80}".as_bytes(), "\u{9b}".as_bytes()]);
        // Each byte of an overlong form, of a surrogate, or of a number too large is a stray one.
        assert_eq!(
            decode(b"\xc0\xaf\xe0\x80\xaf\xed\xa0\x80\xf4\x90\x80\x80").1,
            12
        );
    }

    #[test]
    fn what_is_no_known_sequence_is_swallowed_to_its_end() {
        each_is_dropped(&[
            b"\x1b[Z",
            b"\x1bOj",
            b"\x1b[99~",
            b"\x1b[327683~",
            b"\x1b[5A",
            b"\x1b[[F",
            b"\x1b[200~",
        ]);
        each_is_dropped(&[
            b"\x1b[?3~",
            b"\x1b[3$~",
            b"\x1b[3:1~",
            b"\x1b[ A",
            b"\x1b[24;80R",
        ]);
        let over_long = [&b"\x1b["[..], &b"1234;".repeat(1000), b"~"].concat();
        each_is_dropped(&[&over_long]);
    }

    #[test]
    fn a_byte_that_breaks_a_sequence_is_taken_by_itself() {
        for broken in ["\x1b", "\x1b[", "\x1bO", "\x1b[[", "\x1b[1;5"] {
            for (next, key) in [
                ("\r", Key::Enter),
                ("\x7f", Key::Backspace),
                ("\x1b[A", Key::Up),
                ("é", Key::Char('é')),
            ] {
                assert_eq!(decode([broken, next].concat()), (Vec::from([key]), 1));
            }
        }
        assert_eq!(decode("\x1ba"), (Vec::from([Key::Char('a')]), 1));
        assert_eq!(
            decode(b"\xe2\x82\xc3\xa9"),
            (Vec::from([Key::Char('é')]), 1)
        );
    }
}
