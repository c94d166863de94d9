//! The text screen of the fake kernel.

pub const COLUMNS: usize = 80;
pub const ROWS: usize = 25;

/// A screen of characters, without their colours.
pub struct Screen {
    rows: [[char; COLUMNS]; ROWS],
    column: usize,
    row: usize,
    /// What has come of a character.
    bytes: Vec<u8>,
    /// What has come of a control sequence.
    sequence: Option<String>,
}

impl Screen {
    pub const fn new() -> Self {
        Self {
            rows: [[' '; COLUMNS]; ROWS],
            column: 0,
            row: 0,
            bytes: Vec::new(),
            sequence: None,
        }
    }

    pub fn clear(&mut self) {
        *self = Self::new();
    }

    /// Whether the screen has that place.
    pub fn set_cursor(&mut self, column: usize, row: usize) -> bool {
        let is_there = column < COLUMNS && row < ROWS;
        if is_there {
            (self.column, self.row) = (column, row);
        }
        is_there
    }

    pub fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.bytes.push(*byte);
            let Ok(text) = std::str::from_utf8(&self.bytes) else {
                assert!(self.bytes.len() < 4, "{:x?} is no text", self.bytes);
                continue;
            };
            let character = text.chars().next().unwrap_or_default();
            self.bytes.clear();
            self.put(character);
        }
    }

    fn put(&mut self, character: char) {
        match (character, &mut self.sequence) {
            (_, Some(sequence)) => {
                sequence.push(character);
                // The bracket after the escape does not end it.
                if sequence.len() > 1 && matches!(character, '@'..='~') {
                    let end = self.sequence.take();
                    assert_eq!(character, 'm', "only colours are known: {end:?}");
                }
            }
            ('\x1b', None) => self.sequence = Some(String::new()),
            ('\r', None) => self.column = 0,
            ('\n', None) => self.row += 1,
            (_, None) => {
                let (column, row) = (self.column, self.row);
                let place = self.rows.get_mut(row).and_then(|row| row.get_mut(column));
                *place.expect("an app writes on the screen") = character;
                self.column += 1;
            }
        }
    }

    /// The rows without blanks at their ends, and without the empty ones after the last.
    pub fn text(&self) -> String {
        let row = |row: &[char; COLUMNS]| row.iter().collect::<String>().trim_end().to_owned();
        let rows: Vec<String> = self.rows.iter().map(row).collect();
        rows.join("\n").trim_end_matches('\n').to_owned()
    }
}
