//! The lines that were entered last.
//!
//! All lines share one buffer of text, each followed by a line feed. That is simpler than a queue of
//! lines and remembers more of them: most lines are far shorter than the longest possible one.

use heapless::String;

/// Bytes for all lines together, with one more for each: about fifty commands of a usual length.
pub const HISTORY_BYTES: usize = 1024;

/// Lines in the order they were entered; the oldest give way to new ones.
#[derive(Default)]
pub struct History {
    lines: String<HISTORY_BYTES>,
}

impl History {
    /// An empty history.
    pub const fn new() -> Self {
        Self {
            lines: String::new(),
        }
    }

    /// Makes `line` the newest line, dropping old ones until it fits, and says whether it is the newest
    /// now.
    ///
    /// A line that already is the newest is not recorded again. A line that is empty, that contains a
    /// control character, or that has [`HISTORY_BYTES`] or more is not recorded at all.
    pub fn record(&mut self, line: &str) -> bool {
        let needed_bytes = line.len() + 1;
        if line.is_empty() || line.contains(char::is_control) || needed_bytes > HISTORY_BYTES {
            return false;
        }
        if self.recent(0) == Some(line) {
            return true;
        }
        while HISTORY_BYTES - self.lines.len() < needed_bytes {
            self.drop_oldest();
        }
        self.lines.push_str(line).is_ok() && self.lines.push('\n').is_ok()
    }

    /// All lines, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.lines.split_terminator('\n')
    }

    /// The line entered `age` lines before the newest one; the newest is `recent(0)`.
    pub fn recent(&self, age: usize) -> Option<&str> {
        self.iter().nth_back(age)
    }

    fn drop_oldest(&mut self) {
        let end = self.lines.find('\n').map_or(0, |line_feed| line_feed + 1);
        self.lines.drain(..end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history_of(lines: &[&str]) -> History {
        let mut history = History::new();
        for line in lines {
            assert!(history.record(line));
        }
        history
    }

    #[test]
    fn lines_come_back_oldest_first() {
        assert!(history_of(&["a", "b", "c"]).iter().eq(["a", "b", "c"]));
        assert_eq!(history_of(&[]).iter().count(), 0);
    }

    #[test]
    fn recent_counts_back_from_the_newest_line() {
        let history = history_of(&["a", "b"]);
        assert_eq!(history.recent(0), Some("b"));
        assert_eq!(history.recent(1), Some("a"));
        assert_eq!(history.recent(2), None);
    }

    #[test]
    fn a_line_repeated_at_once_is_recorded_once() {
        assert!(
            history_of(&["a", "a", "b", "b", "a"])
                .iter()
                .eq(["a", "b", "a"])
        );
    }

    #[test]
    fn what_is_not_one_line_of_text_is_not_recorded() {
        let mut history = history_of(&["kept"]);
        for refused in ["", "two\nlines", "bell\x07", "c1\u{9b}"] {
            assert!(!history.record(refused));
        }
        assert!(history.iter().eq(["kept"]));
    }

    #[test]
    fn the_oldest_lines_give_way() {
        let line = ["a", "b", "c", "d", "e"].map(|letter| letter.repeat(HISTORY_BYTES / 4 - 1));
        let mut history = history_of(&[]);
        for line in &line[..4] {
            history.record(line);
        }
        assert!(
            history.iter().eq(&line[..4]),
            "four lines fill it to the last byte"
        );
        history.record(&line[4]);
        assert!(history.iter().eq(&line[1..]));
    }

    #[test]
    fn the_longest_line_drops_all_others_and_a_longer_one_none() {
        let mut history = history_of(&["a", "b"]);
        assert!(!history.record(&"x".repeat(HISTORY_BYTES)));
        assert!(history.iter().eq(["a", "b"]));
        let longest = "x".repeat(HISTORY_BYTES - 1);
        assert!(history.record(&longest));
        assert!(history.iter().eq([longest.as_str()]));
    }
}
