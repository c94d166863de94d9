//! Completing a word from the names that begin with it.

/// What [`complete`] found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Completion<'a> {
    /// What all matching names go on with after the word; empty if they differ at once.
    pub continuation: &'a str,
    /// How many names begin with the word.
    pub matches: usize,
}

/// Continues `word` as far as all `names` that begin with it agree. An empty word begins every name.
pub fn complete<'a>(word: &str, names: impl Iterator<Item = &'a str>) -> Completion<'a> {
    let none = Completion {
        continuation: "",
        matches: 0,
    };
    names
        .filter_map(|name| name.strip_prefix(word))
        .fold(none, |found, rest| Completion {
            continuation: match found.matches {
                0 => rest,
                _ => common_start(found.continuation, rest),
            },
            matches: found.matches + 1,
        })
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

    fn completed(word: &str, names: &[&'static str]) -> (&'static str, usize) {
        let found = complete(word, names.iter().copied());
        (found.continuation, found.matches)
    }

    #[test]
    fn the_only_match_is_completed_to_its_end() {
        assert_eq!(completed("he", &["list", "help", "stop"]), ("lp", 1));
        assert_eq!(completed("help", &["help"]), ("", 1));
    }

    #[test]
    fn several_matches_are_completed_as_far_as_they_agree() {
        assert_eq!(completed("st", &["start", "state", "list"]), ("a", 2));
        assert_eq!(completed("st", &["start", "stop"]), ("", 2));
        assert_eq!(completed("st", &["start", "star", "started"]), ("ar", 3));
    }

    #[test]
    fn nothing_matches_a_word_that_begins_no_name() {
        assert_eq!(completed("x", &["list", "help"]), ("", 0));
        assert_eq!(completed("helpless", &["help"]), ("", 0));
        assert_eq!(completed("", &[]), ("", 0));
    }

    #[test]
    fn an_empty_word_begins_every_name() {
        assert_eq!(completed("", &["led", "list"]), ("l", 2));
    }

    #[test]
    fn a_continuation_never_ends_inside_a_character() {
        // Both letters start with the same byte.
        assert_eq!(completed("caf", &["café", "cafè"]), ("", 2));
        assert_eq!(completed("c", &["cé1", "cé2"]), ("é", 2));
    }
}
