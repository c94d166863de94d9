//! What a person needs to see when the machine did not do what was expected.

use std::fmt::Write;

/// How much of a long text is shown: its end, where the interesting part is.
const TAIL_LEN_CHARACTERS: usize = 2000;

/// A message about something that did not happen, with what was there instead.
pub(crate) struct Failure {
    message: String,
}

impl Failure {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self {
            message: what.into(),
        }
    }

    /// Adds a text under a heading; an empty text is left out.
    pub(crate) fn section(mut self, heading: &str, text: &str) -> Self {
        if !text.trim().is_empty() {
            let _ = write!(self.message, "\n--- {heading}:\n{}", tail(text).trim_end());
        }
        self
    }

    pub(crate) fn message(self) -> String {
        self.message
    }
}

fn tail(text: &str) -> &str {
    match text.char_indices().rev().nth(TAIL_LEN_CHARACTERS - 1) {
        Some((start, _)) => &text[start..],
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_follow_the_message_and_empty_ones_do_not() {
        let failure = Failure::new("no prompt")
            .section("serial", "Caps\n")
            .section("screen", " ");
        assert_eq!(failure.message(), "no prompt\n--- serial:\nCaps");
    }

    #[test]
    fn of_a_long_text_the_end_is_shown() {
        let text = format!("start{}", "ü".repeat(TAIL_LEN_CHARACTERS));
        assert_eq!(tail(&text), "ü".repeat(TAIL_LEN_CHARACTERS));
        assert_eq!(tail("short"), "short");
    }
}
