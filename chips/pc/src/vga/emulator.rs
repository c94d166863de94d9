//! A terminal on a rectangle of character cells: output as for a VT100 becomes glyphs and colours.
//!
//! The emulator owns the cursor, the colours and what has come of an unfinished sequence. The cells
//! are somebody else's: whoever writes lends them, so the same code draws on the adapter's memory, on
//! a part of it, and on an array in a test. [`ansi`](super::ansi) says which sequences it knows.
//!
//! What holds between any two calls: the cursor is inside the rectangle. Every index handed to
//! [`Cells`] is made from the cursor or from the rectangle's size, and so is below columns × rows.
//!
//! As on a VT100, a character in the last column leaves the cursor there; the wrap to the next row is
//! *pending* until another character follows. So a text of exactly one row needs no scrolling, and
//! a return and a line feed after it leave no empty row. Whatever moves the cursor or erases drops
//! the wrap.

use core::ops::Range;

use super::ansi::{Action, Extent, Parameters, Parser};
use super::code_page_437::{self, REPLACEMENT};

/// The cells of a text screen, row by row from the top left.
///
/// A cell is the adapter's word: in the low byte the glyph, by its place in code page 437; in the high
/// byte the foreground (bits 0 to 3), the background (bits 4 to 6) and a bit that makes the glyph
/// blink, which the emulator never sets.
pub trait Cells {
    /// The cell at `index`.
    fn get(&self, index: usize) -> u16;

    /// Makes the cell at `index` show `cell`.
    fn set(&self, index: usize, cell: u16);

    /// Copies the cells `from` to the place that begins at `to`, which is before `from`; the two may
    /// overlap. Called once for each row scrolled, with all rows but the first.
    fn copy_back(&self, from: Range<usize>, to: usize) {
        for (offset, index) in from.enumerate() {
            self.set(to + offset, self.get(index));
        }
    }

    /// Makes all cells of `range` show `cell`.
    fn fill(&self, range: Range<usize>, cell: u16) {
        for index in range {
            self.set(index, cell);
        }
    }
}

/// Where the next character goes.
#[derive(Clone, Copy, Debug, Default)]
struct Cursor {
    /// Below the number of columns.
    column: usize,
    /// Below the number of rows.
    row: usize,
    /// The last column has been written: the next character goes to the row below. Only ever set in
    /// the last column.
    wrap_pending: bool,
}

/// How characters look.
#[derive(Clone, Copy, Debug)]
struct Look {
    /// A colour of the adapter, 0 to 15.
    foreground: u8,
    /// A colour of the adapter, 0 to 7.
    background: u8,
    bold: bool,
    reversed: bool,
}

/// The bit of a foreground that makes it bright.
const BRIGHT: u8 = 0x08;

impl Look {
    /// Light grey on black, as the adapter's firmware leaves the screen.
    const PLAIN: Self = Self {
        foreground: 7,
        background: 0,
        bold: false,
        reversed: false,
    };

    /// Makes one change, by its number in "select graphic rendition": ECMA-48, section 8.3.117, and
    /// from 90 on aixterm's bright colours. Numbers that mean nothing here change nothing.
    fn change(&mut self, rendition: u16) {
        match rendition {
            0 => *self = Self::PLAIN,
            1 => self.bold = true,
            // The adapter has nothing fainter than normal.
            2 | 22 => self.bold = false,
            7 => self.reversed = true,
            27 => self.reversed = false,
            30..=37 => self.foreground = adapter_colour(rendition - 30),
            39 => self.foreground = Self::PLAIN.foreground,
            40..=47 => self.background = adapter_colour(rendition - 40),
            49 => self.background = Self::PLAIN.background,
            90..=97 => self.foreground = adapter_colour(rendition - 90) | BRIGHT,
            // There are no bright backgrounds while the adapter can blink: the dark one is nearest.
            100..=107 => self.background = adapter_colour(rendition - 100),
            _ => {}
        }
    }

    /// The high byte of a character's cell. Brightness belongs to the text, also when reversed, so
    /// that two colours that differ never become one.
    fn of_text(self) -> u16 {
        let brightness = if self.bold {
            BRIGHT
        } else {
            self.foreground & BRIGHT
        };
        let hue = self.foreground & !BRIGHT;
        let (front, back) = if self.reversed {
            (self.background, hue)
        } else {
            (hue, self.background)
        };
        u16::from(back << 4 | brightness | front) << 8
    }

    /// The cell that an erase leaves. It keeps the foreground, in which the adapter draws its cursor.
    fn of_blank(self) -> u16 {
        u16::from(self.background << 4 | self.foreground) << 8 | u16::from(b' ')
    }
}

/// The adapter's number for one of ANSI's colours 0 to 7: red and blue have changed places.
fn adapter_colour(ansi: u16) -> u8 {
    const BLACK_TO_WHITE: [u8; 8] = [0, 4, 2, 6, 1, 5, 3, 7];
    BLACK_TO_WHITE[usize::from(ansi % 8)]
}

/// Whether a byte of text is its own glyph.
fn is_plain(byte: &u8) -> bool {
    matches!(byte, b' '..=b'~')
}

/// A terminal on `columns` × `rows` cells.
#[derive(Clone, Debug)]
pub struct Emulator {
    columns: usize,
    rows: usize,
    parser: Parser,
    cursor: Cursor,
    saved: Cursor,
    cursor_shown: bool,
    look: Look,
    /// `look` as the high byte of a character's cell, kept beside it for the sake of speed.
    attribute: u16,
}

impl Emulator {
    /// Columns from one tab stop to the next.
    const TAB: usize = 8;

    /// A terminal with its cursor shown at the top left, which writes light grey on black.
    ///
    /// It does not touch the cells: call [`clear`](Self::clear), or go on below what is there with
    /// [`set_cursor`](Self::set_cursor).
    ///
    /// # Panics
    ///
    /// If there are no columns, no rows, or more cells than a `usize` can count.
    pub fn new(columns: usize, rows: usize) -> Self {
        assert!(
            columns.checked_mul(rows).is_some_and(|cells| cells > 0),
            "a text screen of {columns} columns and {rows} rows; it needs at least one of each",
        );
        Self {
            columns,
            rows,
            parser: Parser::default(),
            cursor: Cursor::default(),
            saved: Cursor::default(),
            cursor_shown: true,
            look: Look::PLAIN,
            attribute: Look::PLAIN.of_text(),
        }
    }

    /// Does what `bytes` ask for: UTF-8 with sequences, split anywhere from one call to the next.
    pub fn write(&mut self, mut bytes: &[u8], cells: &impl Cells) {
        loop {
            if self.parser.expects_text() {
                bytes = self.write_plain(bytes, cells);
            }
            match self.parser.next_action(&mut bytes) {
                Some(action) => self.act(action, cells),
                None => return,
            }
        }
    }

    /// Where the next character goes, as column and row from 0. It stays in the last column while a
    /// wrap is pending.
    pub fn cursor(&self) -> (usize, usize) {
        (self.cursor.column, self.cursor.row)
    }

    /// Moves the cursor to `column` and `row`, both from 0. `false`, and nothing has changed, if that
    /// is outside.
    pub fn set_cursor(&mut self, column: usize, row: usize) -> bool {
        let inside = column < self.columns && row < self.rows;
        if inside {
            self.move_to(column, row);
        }
        inside
    }

    /// Whether the cursor is to be seen.
    pub fn cursor_shown(&self) -> bool {
        self.cursor_shown
    }

    /// Says whether the cursor is to be seen; the same as CSI ?25h and CSI ?25l.
    pub fn show_cursor(&mut self, shown: bool) {
        self.cursor_shown = shown;
    }

    /// Blanks all cells with the current background and moves the cursor to the top left.
    pub fn clear(&mut self, cells: &impl Cells) {
        self.move_to(0, 0);
        self.erase(0..self.columns * self.rows, cells);
    }

    /// Writes the printable ASCII at the front of `bytes`, a row at a time, and returns the rest.
    /// Nearly all output comes this way, so it asks no more of a byte than it must.
    fn write_plain<'a>(&mut self, mut bytes: &'a [u8], cells: &impl Cells) -> &'a [u8] {
        while bytes.first().is_some_and(is_plain) {
            self.wrap_if_pending(cells);
            let start = self.index();
            let room = self.columns - self.cursor.column;
            let in_row = &bytes[..room.min(bytes.len())];
            let mut written = 0;
            for byte in in_row.iter().take_while(|byte| is_plain(byte)) {
                cells.set(start + written, self.attribute | u16::from(*byte));
                written += 1;
            }
            self.advance(written);
            bytes = &bytes[written..];
        }
        bytes
    }

    fn put(&mut self, glyph: u8, cells: &impl Cells) {
        self.wrap_if_pending(cells);
        cells.set(self.index(), self.attribute | u16::from(glyph));
        self.advance(1);
    }

    fn wrap_if_pending(&mut self, cells: &impl Cells) {
        if self.cursor.wrap_pending {
            self.cursor.column = 0;
            self.line_feed(cells);
        }
    }

    /// Moves on by `written` cells, at least one, which are in the cursor's row.
    fn advance(&mut self, written: usize) {
        self.cursor.column += written;
        if self.cursor.column == self.columns {
            self.cursor.column -= 1;
            self.cursor.wrap_pending = true;
        }
    }

    fn act(&mut self, action: Action, cells: &impl Cells) {
        let Cursor { column, row, .. } = self.cursor;
        match action {
            Action::Print(character) => {
                self.put(
                    code_page_437::from_char(character).unwrap_or(REPLACEMENT),
                    cells,
                );
            }
            Action::Bell => {}
            Action::Backspace => self.move_to(column.saturating_sub(1), row),
            Action::Tab => self.tab(),
            Action::LineFeed => self.line_feed(cells),
            Action::CarriageReturn => self.move_to(0, row),
            Action::MoveUp(count) => self.move_to(column, row.saturating_sub(count.into())),
            Action::MoveDown(count) => self.move_to(column, row.saturating_add(count.into())),
            Action::MoveRight(count) => self.move_to(column.saturating_add(count.into()), row),
            Action::MoveLeft(count) => self.move_to(column.saturating_sub(count.into()), row),
            Action::MoveToColumn(column) => self.move_to(column.into(), row),
            Action::MoveTo { column, row } => self.move_to(column.into(), row.into()),
            Action::EraseScreen(extent) => {
                self.erase(self.part(0..self.columns * self.rows, extent), cells);
            }
            Action::EraseRow(extent) => {
                let start = row * self.columns;
                self.erase(self.part(start..start + self.columns, extent), cells);
            }
            Action::Render(parameters) => self.render(&parameters),
            Action::SaveCursor => self.saved = self.cursor,
            Action::RestoreCursor => self.cursor = self.saved,
            Action::ShowCursor(shown) => self.cursor_shown = shown,
            Action::Reset => {
                *self = Self::new(self.columns, self.rows);
                self.clear(cells);
            }
        }
    }

    /// The index of the cursor's cell.
    fn index(&self) -> usize {
        self.cursor.row * self.columns + self.cursor.column
    }

    /// Moves the cursor to `column` and `row`, or as near to them as the rectangle allows.
    fn move_to(&mut self, column: usize, row: usize) {
        self.cursor = Cursor {
            column: column.min(self.columns - 1),
            row: row.min(self.rows - 1),
            wrap_pending: false,
        };
    }

    /// Moves to the next tab stop, at most to the last column. There it changes nothing, not even a
    /// pending wrap, so that the tab does not make the next character overwrite the last one.
    fn tab(&mut self) {
        let distance = Self::TAB - self.cursor.column % Self::TAB;
        self.cursor.column = self
            .cursor
            .column
            .saturating_add(distance)
            .min(self.columns - 1);
    }

    fn line_feed(&mut self, cells: &impl Cells) {
        self.cursor.wrap_pending = false;
        if self.cursor.row + 1 < self.rows {
            self.cursor.row += 1;
        } else {
            self.scroll(cells);
        }
    }

    /// Out of line, which keeps the preparation of its loops out of those that write characters.
    #[inline(never)]
    fn scroll(&self, cells: &impl Cells) {
        let all = self.columns * self.rows;
        cells.copy_back(self.columns..all, 0);
        cells.fill(all - self.columns..all, self.look.of_blank());
    }

    /// The part of `whole` that `extent` names. The cursor is in `whole`.
    fn part(&self, whole: Range<usize>, extent: Extent) -> Range<usize> {
        match extent {
            Extent::FromCursor => self.index()..whole.end,
            Extent::ToCursor => whole.start..self.index() + 1,
            Extent::Whole => whole,
        }
    }

    fn erase(&mut self, range: Range<usize>, cells: &impl Cells) {
        self.cursor.wrap_pending = false;
        cells.fill(range, self.look.of_blank());
    }

    fn render(&mut self, parameters: &Parameters) {
        for rendition in parameters.renditions() {
            self.look.change(rendition);
        }
        self.attribute = self.look.of_text();
    }
}
