//! The game on the text screen: a row for the score, and a field with a frame. A square is two columns wide.

use capsa::{Result, text_screen};

use crate::game::{Game, Place, Step};

const HEAD: &str = "\x1b[1;32m██\x1b[0m";
const BODY: &str = "\x1b[32m▓▓\x1b[0m";
const FOOD: &str = "\x1b[1;31m♦\x1b[0m ";
const NOTHING: &str = "  ";

/// The frame's upper left corner is in this row.
const FRAME_ROW: usize = 1;
/// The frame, and the row above it.
const OTHER_ROWS: usize = 3;
const OTHER_COLUMNS: usize = 2;
const SQUARE_COLUMNS: usize = 2;

/// Where the game is on the screen.
pub struct Picture {
    /// Squares of the field.
    pub columns: u8,
    pub rows: u8,
}

impl Picture {
    /// A field as large as the screen has room for.
    pub fn new() -> Result<Self> {
        let (columns, rows) = text_screen::size()?;
        let squares = |count: usize| u8::try_from(count).unwrap_or(u8::MAX);
        Ok(Self {
            columns: squares(columns.saturating_sub(OTHER_COLUMNS) / SQUARE_COLUMNS),
            rows: squares(rows.saturating_sub(OTHER_ROWS)),
        })
    }

    /// Draws all of it.
    pub fn draw(&self, game: &Game, best: u32) -> Result {
        text_screen::clear()?;
        text_screen::show_cursor(false)?;
        self.draw_frame()?;
        for place in game.body().skip(1) {
            self.put(place, BODY)?;
        }
        self.put(game.head(), HEAD)?;
        self.put(game.food(), FOOD)?;
        self.show_score(game, best)
    }

    /// Draws what a step has changed. `before` is where the head was.
    pub fn update(&self, game: &Game, before: Place, step: Step, best: u32) -> Result {
        if let Step::Moved { left: Some(left) } = step {
            self.put(left, NOTHING)?;
        }
        self.put(before, BODY)?;
        self.put(game.head(), HEAD)?;
        if step == Step::Ate {
            self.put(game.food(), FOOD)?;
            self.show_score(game, best)?;
        }
        Ok(())
    }

    /// Says something in the middle of the frame's lower edge.
    pub fn say(&self, text: &str) -> Result {
        let columns = usize::from(self.columns) * SQUARE_COLUMNS + OTHER_COLUMNS;
        let column = columns.saturating_sub(text.len() + 2) / 2;
        let row = FRAME_ROW + usize::from(self.rows) + 1;
        text_screen::print_at(column, row, format_args!(" {text} "))
    }

    fn show_score(&self, game: &Game, best: u32) -> Result {
        let score = game.score();
        let best = best.max(score);
        text_screen::print_at(
            1,
            0,
            format_args!(
                "Snake   score {score}   best {best}   arrows turn, space pauses, Escape leaves"
            ),
        )
    }

    fn draw_frame(&self) -> Result {
        let width = usize::from(self.columns) * SQUARE_COLUMNS;
        let last = FRAME_ROW + usize::from(self.rows) + 1;
        for (row, corners) in [(FRAME_ROW, ["╔", "╗"]), (last, ["╚", "╝"])] {
            text_screen::print_at(
                0,
                row,
                format_args!("{}{:═<width$}{}", corners[0], "", corners[1]),
            )?;
        }
        for row in FRAME_ROW + 1..last {
            text_screen::print_at(0, row, format_args!("║"))?;
            text_screen::print_at(width + 1, row, format_args!("║"))?;
        }
        Ok(())
    }

    fn put(&self, place: Place, square: &str) -> Result {
        let column = 1 + usize::from(place.column) * SQUARE_COLUMNS;
        let row = FRAME_ROW + 1 + usize::from(place.row);
        text_screen::set_cursor(column, row)?;
        text_screen::write(square.as_bytes())
    }
}
