//! Whole words of a source: what a copy of it is made by.

/// Pieces of `text`: words as Rust has them, and what is between them.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let end = rest.find(|c| is_word(c) != is_word(first));
        let (piece, after) = rest.split_at(end.unwrap_or(rest.len()));
        rest = after;
        Some(piece)
    })
}

/// `text` with other words in the place of some.
pub fn replace(text: &str, others: &[(&str, &str)]) -> String {
    let other = |piece| others.iter().find(|(word, _)| *word == piece);
    let pieces = pieces(text).map(|piece| other(piece).map_or(piece, |(_, other)| other));
    pieces.collect()
}

/// Whether `word` is in a line of `text` that is no comment.
pub fn is_in_code(word: &str, text: &str) -> bool {
    let mut code = text.lines().filter(|line| !line.trim().starts_with("//"));
    code.any(|line| pieces(line).any(|piece| piece == word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_words_are_replaced_and_parts_of_words_are_not() {
        let others = [
            ("tally", "bell"),
            ("0x8000_0100", "0x8000_0101"),
            ("ü", "u"),
        ];
        for (text, replaced) in [
            ("", ""),
            ("tally", "bell"),
            (
                "src/tally.rs: a_tally tallyho",
                "src/bell.rs: a_tally tallyho",
            ),
            ("0x8000_0100;\n", "0x8000_0101;\n"),
            ("→ü→tally→", "→u→bell→"),
        ] {
            assert_eq!(replace(text, &others), replaced);
        }
    }

    #[test]
    fn a_word_of_a_comment_is_none_of_the_code() {
        let text = "/// A light.\n    // It is lit.\nlet lamp = 1;";
        assert!(is_in_code("lamp", text));
        assert!(!is_in_code("light", text) && !is_in_code("lit", text) && !is_in_code("lam", text));
    }
}
