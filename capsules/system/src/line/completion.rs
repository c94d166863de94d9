//! Completing a word from the names that begin with it.

use heapless::String;

use super::LINE_BYTES;

/// A word to be completed, and what the names offered so far agree on.
pub struct Completion<'w> {
    word: &'w str,
    continuation: String<LINE_BYTES>,
    matches: usize,
}

impl<'w> Completion<'w> {
    /// Nothing is known of `word` yet. An empty word begins every name.
    pub fn new(word: &'w str) -> Self {
        Self {
            word,
            continuation: String::new(),
            matches: 0,
        }
    }

    /// Takes note of a name that the word may become. One that does not fit a line is left out.
    pub fn offer(&mut self, name: &str) {
        let Some(rest) = name.strip_prefix(self.word) else {
            return;
        };
        if self.matches == 0 {
            let Ok(rest) = String::try_from(rest) else {
                return;
            };
            self.continuation = rest;
        } else {
            let agreed = common_start(&self.continuation, rest).len();
            self.continuation.truncate(agreed);
        }
        self.matches += 1;
    }

    /// What all matching names go on with after the word; empty if they differ at once.
    pub fn continuation(&self) -> &str {
        &self.continuation
    }

    /// How many names begin with the word.
    pub fn matches(&self) -> usize {
        self.matches
    }
}

/// The longest text that both `first` and `second` begin with.
fn common_start<'a>(first: &'a str, second: &str) -> &'a str {
    let end_bytes = first
        .chars()
        .zip(second.chars())
        .take_while(|(left, right)| left == right)
        .map(|(both, _)| both.len_utf8())
        .sum();
    &first[..end_bytes]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::{String, ToString};

    fn completed(word: &str, names: &[&str]) -> (String, usize) {
        let mut completion = Completion::new(word);
        names.iter().for_each(|name| completion.offer(name));
        (completion.continuation().to_string(), completion.matches())
    }

    fn expected(continuation: &str, matches: usize) -> (String, usize) {
        (continuation.to_string(), matches)
    }

    #[test]
    fn the_only_match_is_completed_to_its_end() {
        let names = ["list", "help", "stop"];
        assert_eq!(completed("he", &names), expected("lp", 1));
        assert_eq!(completed("help", &["help"]), expected("", 1));
    }

    #[test]
    fn several_matches_are_completed_as_far_as_they_agree() {
        let names = ["start", "state", "list"];
        assert_eq!(completed("st", &names), expected("a", 2));
        assert_eq!(completed("st", &["start", "stop"]), expected("", 2));
        let names = ["start", "star", "started"];
        assert_eq!(completed("st", &names), expected("ar", 3));
    }

    #[test]
    fn nothing_matches_a_word_that_begins_no_name() {
        assert_eq!(completed("x", &["list", "help"]), expected("", 0));
        assert_eq!(completed("helpless", &["help"]), expected("", 0));
        assert_eq!(completed("", &[]), expected("", 0));
    }

    #[test]
    fn an_empty_word_begins_every_name() {
        assert_eq!(completed("", &["led", "list"]), expected("l", 2));
    }

    #[test]
    fn a_continuation_never_ends_inside_a_character() {
        // Both letters start with the same byte.
        assert_eq!(completed("caf", &["café", "cafè"]), expected("", 2));
        assert_eq!(completed("c", &["cé1", "cé2"]), expected("é", 2));
    }

    #[test]
    fn a_name_that_is_longer_than_a_line_is_left_out() {
        let long = "a".repeat(LINE_BYTES + 1);
        assert_eq!(completed("", &[&long, "b"]), expected("b", 1));
    }
}
