//! What a person sees on a terminal: rows of text, made of the bytes that the shell sends.

/// A terminal that keeps every row. It knows the sequences that the shell may send and fails on others.
pub struct Screen {
    rows: Vec<Vec<char>>,
    column: usize,
    escape: Option<String>,
    bells: usize,
}

impl Screen {
    /// A blank terminal.
    pub fn new() -> Self {
        Self {
            rows: vec![Vec::new()],
            column: 0,
            escape: None,
            bells: 0,
        }
    }

    /// Takes what was sent.
    pub fn take(&mut self, text: &str) {
        text.chars().for_each(|c| self.take_char(c));
    }

    /// All rows from the first, the last being the one with the cursor.
    pub fn rows(&self) -> Vec<String> {
        let text = |row: &Vec<char>| row.iter().collect::<String>().trim_end().to_owned();
        self.rows.iter().map(text).collect()
    }

    /// How often the bell was rung.
    pub fn bells(&self) -> usize {
        self.bells
    }

    fn take_char(&mut self, c: char) {
        if let Some(mut escape) = self.escape.take() {
            escape.push(c);
            match c {
                '[' | '0'..='9' => self.escape = Some(escape),
                _ => self.obey(&escape),
            }
            return;
        }
        match c {
            '\x1b' => self.escape = Some(String::new()),
            '\r' => self.column = 0,
            '\n' => self.rows.push(Vec::new()),
            '\x07' => self.bells += 1,
            _ => self.write(c),
        }
    }

    fn write(&mut self, c: char) {
        assert!(!c.is_control(), "{c:?} sent");
        let (row, column) = (self.rows.last_mut().unwrap(), self.column);
        row.resize(row.len().max(column + 1), ' ');
        row[column] = c;
        self.column += 1;
    }

    fn obey(&mut self, escape: &str) {
        let (number, last) = escape[1..].split_at(escape.len() - 2);
        let number = number.parse().unwrap_or(1);
        match last {
            "K" => self.rows.last_mut().unwrap().truncate(self.column),
            "C" => self.column += number,
            "D" => self.column -= number,
            "J" => self.rows = vec![Vec::new()],
            "H" => self.column = 0,
            _ => panic!("ESC {escape} sent"),
        }
    }
}
