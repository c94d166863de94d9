//! One line that a person edits, and how it is drawn.
//!
//! The line stands on one row of a terminal, after a prompt. A line too long for the row is seen through
//! a window that follows the cursor: the row never wraps, so that a terminal of any kind shows the same,
//! and so that everything can be drawn with plain text, `\r`, `ESC [ K` (erase to the end of the row) and
//! `ESC [ n C` and `ESC [ n D` (n columns right and left). Every character counts one column.
//!
//! The editor remembers where the terminal's cursor stands and writes only what an edit changed: a
//! character typed at the end costs that character and nothing else.

use core::{fmt::Write, ops::Range};

use capsules_core::Key;
use heapless::String;

use super::History;

/// Bytes of UTF-8 that a line can hold: three rows of a screen, and more than any command needs.
pub const LINE_BYTES: usize = 256;

/// Columns of a row: what both a PC's text screen and a usual terminal have.
pub const WIDTH: usize = 80;

/// Columns that a prompt can have, so that there is always room for a line.
const PROMPT_COLUMNS: usize = WIDTH / 2;

const BELL: &str = "\x07";

type Line = String<LINE_BYTES>;

/// What a key led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The line may have changed, and is drawn. Nothing is left to do.
    Edited,
    /// Enter: the line is complete and the terminal is on a new row.
    Submitted,
    /// Control-C: the line is to be given up, and the terminal is on a new row.
    Interrupted,
    /// Control-D on an empty line.
    EndOfInput,
    /// Control-L: the screen is to be cleared, and the line drawn again.
    ClearScreen,
    /// Tab: the word before the cursor is to be completed.
    Complete,
}

/// One editable line.
///
/// [`draw`](Self::draw) comes first, and again after `Submitted`, `Interrupted`,
/// [`clear`](Self::clear), [`erase`](Self::erase) and whenever something else was written to the
/// terminal; in between the editor keeps the row up to date. A terminal that fails to write is not
/// noticed: the next `draw` puts things right.
pub struct LineEditor {
    prompt: &'static str,
    prompt_columns: usize,
    text: Line,
    /// In bytes; always on a character boundary.
    cursor: usize,
    /// What was killed last.
    killed: Line,
    /// How many lines back in the history the text was taken from; 0 is the line being typed.
    recalled: usize,
    /// The line being typed, while a recalled one is shown.
    draft: Line,
    /// Characters that are scrolled off to the left.
    scrolled: usize,
    /// Column of the terminal's cursor.
    column: usize,
    /// Columns of the terminal's row that are written.
    written: usize,
}

impl LineEditor {
    /// An empty line after `prompt`, which is plain text; what is longer than half a row is cut off.
    pub fn new(prompt: &'static str) -> Self {
        let prompt = cut(prompt);
        Self {
            prompt,
            prompt_columns: prompt.chars().count(),
            text: Line::new(),
            cursor: 0,
            killed: Line::new(),
            recalled: 0,
            draft: Line::new(),
            scrolled: 0,
            column: 0,
            written: 0,
        }
    }

    /// Changes the prompt. It shows when the line is drawn the next time.
    pub fn set_prompt(&mut self, prompt: &'static str) {
        self.prompt = cut(prompt);
        self.prompt_columns = self.prompt.chars().count();
    }

    /// The line as it is.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How many bytes of [`text`](Self::text) are before the cursor.
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// Does what `key` stands for. A key that asks for what cannot be done rings the bell.
    ///
    /// A line that is submitted and not empty goes into `history`, and stays in
    /// [`text`](Self::text) until [`clear`](Self::clear).
    pub fn handle(&mut self, key: Key, history: &mut History, out: &mut impl Write) -> Event {
        match key {
            Key::Enter | Key::Control('j' | 'm') => {
                history.record(&self.text);
                write(out, "\r\n");
                Event::Submitted
            }
            Key::Control('c') => {
                let shown = self.text.chars().count() - self.scrolled;
                let end = self.prompt_columns + shown.min(self.room());
                self.move_to(end.min(WIDTH - 1 - "^C".len()), out);
                write(out, "^C\r\n");
                Event::Interrupted
            }
            Key::Control('d') if self.text.is_empty() => Event::EndOfInput,
            Key::Control('l') => Event::ClearScreen,
            Key::Tab | Key::Control('i') => Event::Complete,
            _ => {
                if !self.edit(key, history, out) {
                    write(out, BELL);
                }
                Event::Edited
            }
        }
    }

    /// Inserts `text` at the cursor. `false`, and nothing is changed, if it does not fit or contains a
    /// control character.
    pub fn insert_str(&mut self, text: &str, out: &mut impl Write) -> bool {
        self.insert(text, out)
    }

    /// Replaces the line by `text`, with the cursor at its end. `false`, and nothing is changed, if it
    /// does not fit or contains a control character.
    pub fn set_text(&mut self, text: &str, out: &mut impl Write) -> bool {
        self.replace(text, out)
    }

    /// Empties the line, to begin a new one. The terminal is left as it is.
    pub fn clear(&mut self) {
        self.text.clear();
        self.cursor = 0;
        self.recalled = 0;
    }

    /// Draws prompt and line on the row that the terminal's cursor is in.
    pub fn draw(&mut self, out: &mut impl Write) {
        write(out, "\r");
        write(out, self.prompt);
        self.column = self.prompt_columns;
        // Whatever else the row shows is to be erased.
        self.written = WIDTH;
        self.show(Some(0), out);
    }

    /// Removes prompt and line from the terminal and leaves its cursor in the first column, so that
    /// something else can be written there. The line itself stays as it is.
    pub fn erase(&mut self, out: &mut impl Write) {
        write(out, "\r\x1b[K");
    }

    // From here on `out` is a trait object: one copy of the code serves every kind of terminal.

    /// `false` if there is nothing that `key` could do.
    fn edit(&mut self, key: Key, history: &History, out: &mut dyn Write) -> bool {
        let end = self.text.len();
        match key {
            Key::Char(c) => c.is_control() || self.insert(c.encode_utf8(&mut [0; 4]), out),
            Key::Left | Key::Control('b') => self.go(self.before_cursor(), out),
            Key::Right | Key::Control('f') => self.go(self.after_cursor(), out),
            Key::Backspace | Key::Control('h') => {
                self.remove(self.before_cursor()..self.cursor, out)
            }
            Key::Delete | Key::Control('d') => self.remove(self.cursor..self.after_cursor(), out),
            Key::Control('w') => self.kill(self.word_start()..self.cursor, out),
            Key::Control('y') => self.yank(out),
            Key::Up | Key::Control('p') => self.recall(Some(self.recalled + 1), history, out),
            Key::Down | Key::Control('n') => {
                self.recall(self.recalled.checked_sub(1), history, out)
            }
            _ => {
                match key {
                    Key::Home | Key::Control('a') => self.go(0, out),
                    Key::End | Key::Control('e') => self.go(end, out),
                    Key::Control('k') => self.kill(self.cursor..end, out),
                    Key::Control('u') => self.kill(0..self.cursor, out),
                    _ => false,
                };
                // With nothing to do, these four have what they are for, and nobody expects anything
                // of other keys.
                true
            }
        }
    }

    fn insert(&mut self, text: &str, out: &mut dyn Write) -> bool {
        let at = self.cursor_chars();
        if text.contains(char::is_control) || self.text.insert_str(self.cursor, text).is_err() {
            return false;
        }
        self.cursor += text.len();
        self.show(Some(at), out);
        true
    }

    fn replace(&mut self, text: &str, out: &mut dyn Write) -> bool {
        match Line::try_from(text) {
            Ok(line) if !text.contains(char::is_control) => {
                self.cursor = line.len();
                self.text = line;
                self.show(Some(0), out);
                true
            }
            _ => false,
        }
    }

    fn remove(&mut self, range: Range<usize>, out: &mut dyn Write) -> bool {
        if range.is_empty() {
            return false;
        }
        self.cursor = range.start;
        self.text.drain(range);
        self.show(Some(self.cursor_chars()), out);
        true
    }

    /// Removes what can be yanked back.
    fn kill(&mut self, range: Range<usize>, out: &mut dyn Write) -> bool {
        if let Ok(killed) = Line::try_from(&self.text[range.clone()])
            && !killed.is_empty()
        {
            self.killed = killed;
        }
        self.remove(range, out)
    }

    fn yank(&mut self, out: &mut dyn Write) -> bool {
        let killed = self.killed.clone();
        !killed.is_empty() && self.insert(&killed, out)
    }

    /// Shows the line that is `back` lines back in the history. Changes made to a recalled line last
    /// until another one is shown; the line being typed is kept.
    fn recall(&mut self, back: Option<usize>, history: &History, out: &mut dyn Write) -> bool {
        let Some(back) = back else { return false };
        let line = match back.checked_sub(1) {
            None => Some(self.draft.clone()),
            Some(age) => history
                .recent(age)
                .and_then(|line| Line::try_from(line).ok()),
        };
        let Some(line) = line else { return false };
        if self.recalled == 0 {
            self.draft = self.text.clone();
        }
        self.recalled = back;
        self.replace(&line, out)
    }

    fn go(&mut self, to: usize, out: &mut dyn Write) -> bool {
        let moved = to != self.cursor;
        self.cursor = to;
        self.show(None, out);
        moved
    }

    fn before_cursor(&self) -> usize {
        let mut before = self.text[..self.cursor].char_indices();
        before.next_back().map_or(0, |(at, _)| at)
    }

    fn after_cursor(&self) -> usize {
        let next = self.text[self.cursor..].chars().next();
        self.cursor + next.map_or(0, char::len_utf8)
    }

    /// Where the word before the cursor starts; blanks between them count as part of it.
    fn word_start(&self) -> usize {
        let before = self.text[..self.cursor].trim_end_matches(' ');
        before.rfind(' ').map_or(0, |blank| blank + 1)
    }

    fn cursor_chars(&self) -> usize {
        self.text[..self.cursor].chars().count()
    }

    /// Characters of the line that can be seen at once. The last column is never written: terminals
    /// disagree about where the cursor is after that.
    fn room(&self) -> usize {
        WIDTH - 1 - self.prompt_columns
    }

    /// Makes the window contain the cursor and the character before it, and says whether it moved.
    ///
    /// It moves by a quarter at least, so that typing on at an edge does not draw the row each time.
    fn scroll(&mut self) -> bool {
        let room = self.room();
        let cursor = self.cursor_chars();
        let scrolled = if self.text.chars().count() <= room {
            0
        } else if cursor <= self.scrolled {
            cursor.saturating_sub(room / 4)
        } else if cursor > self.scrolled + room {
            cursor - (room - room / 4)
        } else {
            self.scrolled
        };
        core::mem::replace(&mut self.scrolled, scrolled) != scrolled
    }

    /// Draws what is different after an edit: the line from character `changed_from` on, if its text
    /// changed, and the cursor.
    fn show(&mut self, changed_from: Option<usize>, out: &mut dyn Write) {
        let paint_from = if self.scroll() { Some(0) } else { changed_from };
        if let Some(from) = paint_from {
            self.paint(from, out);
        }
        self.move_to(
            self.prompt_columns + self.cursor_chars() - self.scrolled,
            out,
        );
    }

    /// Writes what can be seen of the line from character `from` on.
    fn paint(&mut self, from: usize, out: &mut dyn Write) {
        let from = from.max(self.scrolled);
        let window_end = self.scrolled + self.room();
        self.move_to(self.prompt_columns + from - self.scrolled, out);
        let visible = &self.text[self.byte_of(from)..self.byte_of(window_end)];
        write(out, visible);
        self.column += visible.chars().count();
        if self.column < self.written {
            write(out, "\x1b[K");
        }
        self.written = self.column;
    }

    /// The byte at which the character with this number starts, or the line's end.
    fn byte_of(&self, char_number: usize) -> usize {
        let at = self.text.char_indices().nth(char_number);
        at.map_or(self.text.len(), |(byte, _)| byte)
    }

    fn move_to(&mut self, column: usize, out: &mut dyn Write) {
        // As for `write`, a terminal that fails is not noticed.
        let _ = match self.column {
            now if column < now => write!(out, "\x1b[{}D", now - column),
            now if column > now => write!(out, "\x1b[{}C", column - now),
            _ => Ok(()),
        };
        self.column = column;
    }
}

/// As much of a prompt as there is room for.
fn cut(prompt: &str) -> &str {
    let end = prompt.char_indices().nth(PROMPT_COLUMNS);
    end.map_or(prompt, |(end, _)| &prompt[..end])
}

/// A terminal that fails to write is not noticed, see [`LineEditor`].
fn write(out: &mut dyn Write, text: &str) {
    let _ = out.write_str(text);
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;

    #[test]
    fn an_edit_writes_only_what_it_changes() {
        let mut editor = LineEditor::new("> ");
        editor.draw(&mut std::string::String::new());
        let mut written = |key, expected| {
            let mut out = std::string::String::new();
            editor.handle(key, &mut History::new(), &mut out);
            assert_eq!(out, expected, "{key:?}");
        };
        written(Key::Char('a'), "a");
        written(Key::Char('c'), "c");
        written(Key::Left, "\x1b[1D");
        written(Key::Char('b'), "bc\x1b[1D");
        written(Key::Backspace, "\x1b[1Dc\x1b[K\x1b[1D");
        written(Key::Up, "\x07");
        written(Key::Function(1), "");
    }
}
