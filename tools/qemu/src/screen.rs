//! The text screen as it was at one moment.

use std::fmt;

use crate::code_page_437;

/// The text screen at one moment: characters with their attributes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Screen {
    /// As in the screen's memory: row by row, a character code and its attribute in turn.
    memory: Vec<u8>,
}

impl Screen {
    /// How many rows there are.
    pub const ROWS: usize = 25;
    /// How many characters there are in a row.
    pub const COLUMNS: usize = 80;

    /// Where the screen's memory is in the machine.
    pub(crate) const ADDRESS: u32 = 0xb8000;
    /// The length of the screen's memory.
    pub(crate) const LEN_BYTES: usize = Self::ROWS * Self::COLUMNS * 2;

    /// `None` where `memory` is not as long as a screen.
    pub(crate) fn new(memory: Vec<u8>) -> Option<Self> {
        (memory.len() == Self::LEN_BYTES).then_some(Self { memory })
    }

    /// The character at a place; rows and columns count from 0.
    ///
    /// # Panics
    ///
    /// For a place outside the screen.
    #[track_caller]
    pub fn character(&self, row: usize, column: usize) -> char {
        code_page_437::character(self.memory[Self::offset(row, column)])
    }

    /// The attribute at a place: foreground colour in the low, background in the high four bits.
    ///
    /// # Panics
    ///
    /// For a place outside the screen.
    #[track_caller]
    pub fn attribute(&self, row: usize, column: usize) -> u8 {
        self.memory[Self::offset(row, column) + 1]
    }

    /// A row's text without the blanks at its end.
    ///
    /// # Panics
    ///
    /// For a row outside the screen.
    #[track_caller]
    pub fn row(&self, row: usize) -> String {
        let text: String = (0..Self::COLUMNS)
            .map(|column| self.character(row, column))
            .collect();
        text.trim_end().into()
    }

    /// Where `text` first stands in one row, as row and column.
    pub fn find(&self, text: &str) -> Option<(usize, usize)> {
        (0..Self::ROWS).find_map(|row| {
            let line = self.row(row);
            line.find(text)
                .map(|bytes| (row, line[..bytes].chars().count()))
        })
    }

    /// The whole text: rows without the blanks at their ends, without the empty rows at the end.
    pub fn text(&self) -> String {
        let rows: Vec<String> = (0..Self::ROWS).map(|row| self.row(row)).collect();
        rows.join("\n").trim_end().into()
    }

    #[track_caller]
    fn offset(row: usize, column: usize) -> usize {
        assert!(
            row < Self::ROWS && column < Self::COLUMNS,
            "row {row}, column {column} is not on a screen of {} by {}",
            Self::ROWS,
            Self::COLUMNS
        );
        (row * Self::COLUMNS + column) * 2
    }
}

impl fmt::Display for Screen {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn screen(texts: &[(usize, usize, &[u8], u8)]) -> Screen {
        let mut memory = [b' ', 0x07].repeat(Screen::ROWS * Screen::COLUMNS);
        for (row, column, text, attribute) in texts {
            for (index, byte) in text.iter().enumerate() {
                let offset = Screen::offset(*row, column + index);
                memory[offset..offset + 2].copy_from_slice(&[*byte, *attribute]);
            }
        }
        Screen::new(memory).unwrap()
    }

    #[test]
    fn rows_end_where_their_text_does() {
        let screen = screen(&[(0, 0, b"Capsa", 0x1f), (2, 3, b"> led", 0x07)]);
        assert_eq!(screen.row(0), "Capsa");
        assert_eq!(screen.row(2), "   > led");
        assert_eq!(screen.text(), "Capsa\n\n   > led");
    }

    #[test]
    fn a_text_is_found_by_row_and_column() {
        let screen = screen(&[(24, 74, b"\xc9\xcd led", 0x07)]);
        assert_eq!(screen.find("led"), Some((24, 77)));
        assert_eq!(screen.find("╔═"), Some((24, 74)));
        assert_eq!(screen.find("leds"), None);
    }

    #[test]
    fn a_place_has_its_attribute() {
        let screen = screen(&[(1, 1, b"x", 0x4e)]);
        assert_eq!(screen.attribute(1, 1), 0x4e);
        assert_eq!(screen.attribute(1, 2), 0x07);
        assert_eq!(screen.character(1, 1), 'x');
    }

    #[test]
    #[should_panic(expected = "row 25, column 0")]
    fn a_place_outside_is_refused() {
        screen(&[]).attribute(25, 0);
    }

    #[test]
    fn memory_of_another_length_is_no_screen() {
        assert_eq!(Screen::new(vec![0; 3999]), None);
    }
}
