//! A parser of terminal output: bytes of UTF-8 with a subset of ECMA-48 become [`Action`]s.
//!
//! The parser knows how sequences are written, not what a screen looks like. It follows three rules,
//! so that no output can leave it confused:
//!
//! - A sequence may be split anywhere between two calls; all that is known of it is in the state.
//! - What is not in the subset is swallowed whole, its parameters included. ESC begins a new sequence
//!   and CAN or SUB ends one, wherever they stand, as in a VT100.
//! - A broken UTF-8 sequence becomes one U+FFFD, by the rule that `String::from_utf8_lossy` uses. The
//!   byte that broke it is read again as the beginning of something new.
//!
//! The forms of sequences are those of ECMA-48, section 5.4; the subset is what the terminals of a
//! Linux or BSD system have in common.

use core::char::REPLACEMENT_CHARACTER;

/// What a terminal is asked to do. Columns and rows count from 0 here, from 1 in the sequences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Show this character; it is never a control character.
    Print(char),
    /// Draw attention (BEL).
    Bell,
    /// Go one column to the left (BS).
    Backspace,
    /// Go to the next tab stop (HT).
    Tab,
    /// Go one row down, scrolling on the last (LF).
    LineFeed,
    /// Go to the first column (CR).
    CarriageReturn,
    /// Go up by this many rows, at least 1 (CSI A).
    MoveUp(u16),
    /// Go down by this many rows, at least 1 (CSI B).
    MoveDown(u16),
    /// Go right by this many columns, at least 1 (CSI C).
    MoveRight(u16),
    /// Go left by this many columns, at least 1 (CSI D).
    MoveLeft(u16),
    /// Go to this column of the same row (CSI G).
    MoveToColumn(u16),
    /// Go to this place (CSI H, CSI f).
    MoveTo {
        /// The column.
        column: u16,
        /// The row.
        row: u16,
    },
    /// Blank this part of the screen (CSI J).
    EraseScreen(Extent),
    /// Blank this part of the cursor's row (CSI K).
    EraseRow(Extent),
    /// Change how characters look from now on (CSI m).
    Render(Parameters),
    /// Remember where the cursor is (CSI s).
    SaveCursor,
    /// Go to where the cursor was saved (CSI u).
    RestoreCursor,
    /// Show the cursor or hide it (CSI ?25h, CSI ?25l).
    ShowCursor(bool),
    /// Go back to the state after power-up (ESC c).
    Reset,
}

/// Which part of the screen or of the row an erase concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// From the cursor, included, to the end.
    FromCursor,
    /// From the beginning to the cursor, included.
    ToCursor,
    /// All of it.
    Whole,
}

impl Extent {
    fn from_parameter(value: u16) -> Option<Self> {
        [Self::FromCursor, Self::ToCursor, Self::Whole]
            .get(usize::from(value))
            .copied()
    }
}

/// How many parameters of a sequence are kept; as many as Linux keeps. Those beyond are ignored.
const MAX_PARAMETERS: usize = 16;

/// The numbers of one sequence. A missing one is 0, one too large is [`u16::MAX`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parameters {
    values: [u16; MAX_PARAMETERS],
    /// How many have begun, those that there is no room for included.
    begun: usize,
}

impl Parameters {
    /// The changes that these parameters of a CSI m ask for, in their order.
    ///
    /// Left out are colours beyond the palette of 16, written 38;5;n and 38;2;r;g;b, or with 48: the
    /// numbers that describe such a colour must not be taken for changes.
    pub fn renditions(&self) -> impl Iterator<Item = u16> {
        let mut rest = self.as_slice();
        core::iter::from_fn(move || {
            loop {
                let (&rendition, after) = rest.split_first()?;
                let description = match (rendition, after.first()) {
                    (38 | 48, Some(5)) => 2,
                    (38 | 48, Some(2)) => 4,
                    _ => 0,
                };
                rest = after.get(description..).unwrap_or_default();
                if description == 0 {
                    return Some(rendition);
                }
            }
        })
    }

    fn add_digit(&mut self, digit: u8) {
        self.begun = self.begun.max(1);
        if let Some(value) = self.values.get_mut(self.begun - 1) {
            *value = value.saturating_mul(10).saturating_add(u16::from(digit));
        }
    }

    fn separate(&mut self) {
        self.begun = self.begun.max(1).saturating_add(1);
    }

    /// The parameters, at least one: a sequence without any means the same as one with a 0.
    fn as_slice(&self) -> &[u16] {
        &self.values[..self.begun.clamp(1, MAX_PARAMETERS)]
    }

    /// The parameter at `index` as a count or as a place counted from 1, where 0 means 1.
    fn at_least_one(&self, index: usize) -> u16 {
        self.values[index].max(1)
    }
}

/// A character of several bytes, of which some have come.
#[derive(Clone, Copy, Debug)]
struct PartialCharacter {
    /// The bits that have come.
    value: u32,
    /// How many bytes have yet to come, at least 1.
    missing: u8,
    /// What the next one may be, as low and high bound.
    next: (u8, u8),
}

impl PartialCharacter {
    /// What any byte but the first may be, where the first says nothing narrower.
    const CONTINUATION: (u8, u8) = (0x80, 0xbf);

    /// `None` if no character of several bytes begins with `byte`. The cases are those of the Unicode
    /// standard, table 3-7: they leave out overlong forms, surrogates and what is above U+10FFFF.
    fn begin(byte: u8) -> Option<Self> {
        let (missing, next) = match byte {
            0xc2..=0xdf => (1, Self::CONTINUATION),
            0xe0 => (2, (0xa0, 0xbf)),
            0xed => (2, (0x80, 0x9f)),
            0xe1..=0xef => (2, Self::CONTINUATION),
            0xf0 => (3, (0x90, 0xbf)),
            0xf1..=0xf3 => (3, Self::CONTINUATION),
            0xf4 => (3, (0x80, 0x8f)),
            _ => return None,
        };
        // The length is written as that many ones and a zero; the rest of the byte is the character's.
        let value = u32::from(byte & (0x3f >> missing));
        Some(Self {
            value,
            missing,
            next,
        })
    }

    fn accepts(&self, byte: u8) -> bool {
        (self.next.0..=self.next.1).contains(&byte)
    }

    fn with(self, byte: u8) -> Self {
        Self {
            value: self.value << 6 | u32::from(byte & 0x3f),
            missing: self.missing - 1,
            next: Self::CONTINUATION,
        }
    }
}

/// Which bytes have come and what is expected.
#[derive(Clone, Copy, Debug, Default)]
enum State {
    /// Text.
    #[default]
    Ground,
    /// Some bytes of a character.
    Character(PartialCharacter),
    /// ESC.
    Escape,
    /// CSI and perhaps parameters.
    Control {
        /// Whether the parameters are marked as private by a question mark.
        private: bool,
    },
    /// A sequence outside the subset, of which only the end matters.
    Unknown {
        /// The lowest byte that ends it.
        last: u8,
    },
    /// A string for the terminal, as a window title (OSC, DCS and the like).
    String,
}

/// Turns bytes into actions; see the module's page for how it treats what it does not know.
#[derive(Clone, Debug, Default)]
pub struct Parser {
    state: State,
    parameters: Parameters,
}

impl Parser {
    /// Whether the next byte is text, so that printable ASCII needs no parser.
    pub fn expects_text(&self) -> bool {
        matches!(self.state, State::Ground)
    }

    /// Takes bytes from the front of `bytes` until they ask for something.
    ///
    /// `None` when all are taken and ask for nothing more; an unfinished sequence goes on with the
    /// bytes of the next call.
    pub fn next_action(&mut self, bytes: &mut &[u8]) -> Option<Action> {
        while let Some((&byte, rest)) = bytes.split_first() {
            if let State::Character(partial) = self.state
                && !partial.accepts(byte)
            {
                self.state = State::Ground;
                return Some(Action::Print(REPLACEMENT_CHARACTER));
            }
            *bytes = rest;
            if let Some(action) = self.take(byte) {
                return Some(action);
            }
        }
        None
    }

    fn take(&mut self, byte: u8) -> Option<Action> {
        match byte {
            0x00..=0x1f => return self.take_control_character(byte),
            0x7f => return None,
            _ => {}
        }
        match self.state {
            State::Ground => self.begin_character(byte),
            State::Character(partial) => self.continue_character(partial.with(byte)),
            State::String => None,
            // No sequence has such a byte, so this is the text after a broken one.
            _ if byte >= 0x80 => self.begin_character(byte),
            State::Escape => self.take_escape(byte),
            State::Control { private } => self.take_control(byte, private),
            State::Unknown { last } => {
                if byte >= last {
                    self.state = State::Ground;
                }
                None
            }
        }
    }

    /// Control characters act at once, even in the middle of a sequence, which then goes on.
    fn take_control_character(&mut self, byte: u8) -> Option<Action> {
        const CANCEL: u8 = 0x18;
        const SUBSTITUTE: u8 = 0x1a;
        const ESCAPE: u8 = 0x1b;
        match (byte, self.state) {
            (ESCAPE, _) => self.state = State::Escape,
            (CANCEL | SUBSTITUTE, _) => self.state = State::Ground,
            // A string ends with ESC \ by the standard, with BEL by habit.
            (0x07, State::String) => self.state = State::Ground,
            (_, State::String) => {}
            (0x07, _) => return Some(Action::Bell),
            (0x08, _) => return Some(Action::Backspace),
            (b'\t', _) => return Some(Action::Tab),
            (b'\n', _) => return Some(Action::LineFeed),
            (b'\r', _) => return Some(Action::CarriageReturn),
            _ => {}
        }
        None
    }

    fn begin_character(&mut self, byte: u8) -> Option<Action> {
        self.state = State::Ground;
        if byte.is_ascii() {
            return Some(Action::Print(char::from(byte)));
        }
        match PartialCharacter::begin(byte) {
            Some(partial) => {
                self.state = State::Character(partial);
                None
            }
            None => Some(Action::Print(REPLACEMENT_CHARACTER)),
        }
    }

    fn continue_character(&mut self, partial: PartialCharacter) -> Option<Action> {
        if partial.missing > 0 {
            self.state = State::Character(partial);
            return None;
        }
        self.state = State::Ground;
        let character = char::from_u32(partial.value).unwrap_or(REPLACEMENT_CHARACTER);
        // U+0080 to U+009F are control characters too, none of them in the subset.
        (!character.is_control()).then_some(Action::Print(character))
    }

    fn take_escape(&mut self, byte: u8) -> Option<Action> {
        self.state = match byte {
            b'[' => {
                self.parameters = Parameters::default();
                State::Control { private: false }
            }
            // DCS, SOS, OSC, PM and APC.
            b'P' | b'X' | b']' | b'^' | b'_' => State::String,
            0x20..=0x2f => State::Unknown { last: 0x30 },
            _ => State::Ground,
        };
        (byte == b'c').then_some(Action::Reset)
    }

    fn take_control(&mut self, byte: u8, private: bool) -> Option<Action> {
        match byte {
            b'0'..=b'9' => self.parameters.add_digit(byte - b'0'),
            b';' => self.parameters.separate(),
            b'?' if self.parameters.begun == 0 && !private => {
                self.state = State::Control { private: true };
            }
            0x20..=0x3f => self.state = State::Unknown { last: 0x40 },
            _ => {
                self.state = State::Ground;
                return if private {
                    self.private_action(byte)
                } else {
                    self.action(byte)
                };
            }
        }
        None
    }

    fn private_action(&self, last: u8) -> Option<Action> {
        const CURSOR: u16 = 25;
        match last {
            b'h' | b'l' if self.parameters.as_slice().contains(&CURSOR) => {
                Some(Action::ShowCursor(last == b'h'))
            }
            _ => None,
        }
    }

    fn action(&self, last: u8) -> Option<Action> {
        let count = self.parameters.at_least_one(0);
        let extent = Extent::from_parameter(self.parameters.values[0]);
        Some(match last {
            b'A' => Action::MoveUp(count),
            b'B' => Action::MoveDown(count),
            b'C' => Action::MoveRight(count),
            b'D' => Action::MoveLeft(count),
            b'G' => Action::MoveToColumn(count - 1),
            b'H' | b'f' => Action::MoveTo {
                column: self.parameters.at_least_one(1) - 1,
                row: count - 1,
            },
            b'J' => Action::EraseScreen(extent?),
            b'K' => Action::EraseRow(extent?),
            b'm' => Action::Render(self.parameters),
            b's' => Action::SaveCursor,
            b'u' => Action::RestoreCursor,
            _ => return None,
        })
    }
}
