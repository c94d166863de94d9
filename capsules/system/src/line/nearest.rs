//! Which name a mistyped word was meant to be.
//!
//! Words are compared by their optimal string alignment distance: how many characters must be inserted,
//! deleted or replaced, or neighbours swapped, to turn one into the other (no part edited twice). Upper
//! and lower case of ASCII letters are the same.

use heapless::Vec;

/// Characters of the longest word that is looked at: longer than any command, short enough that the
/// tables fit on the stack. A longer word is near nothing.
const LONGEST_WORD: usize = 32;

type Letters = Vec<char, LONGEST_WORD>;
/// Distances from the word's first few letters to each start of the candidate.
type Row = [usize; LONGEST_WORD + 1];

/// The candidate nearest to `word`, the first of equally near ones.
///
/// `None` if none is near: a third of the word may be wrong, at least one letter, but never all of it.
pub fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let word = letters(word)?;
    let limit = (word.len() / 3).max(1);
    candidates
        .filter_map(|name| {
            let candidate = letters(name)?;
            let distance = distance(&word, &candidate);
            let near = distance <= limit && distance < word.len().max(candidate.len());
            near.then_some((distance, name))
        })
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, name)| name)
}

/// `word` in lower case, if it is not too long.
fn letters(word: &str) -> Option<Letters> {
    let mut letters = Letters::new();
    for letter in word.chars() {
        letters.push(letter.to_ascii_lowercase()).ok()?;
    }
    Some(letters)
}

/// The optimal string alignment distance. Three rows of the usual table are enough, since a swap looks
/// back two rows and nothing looks further.
fn distance(word: &Letters, candidate: &Letters) -> usize {
    let mut two_back: Row = [0; LONGEST_WORD + 1];
    let mut one_back: Row = core::array::from_fn(|column| column);
    for (i, &letter) in word.iter().enumerate() {
        let mut row: Row = [0; LONGEST_WORD + 1];
        row[0] = i + 1;
        for (j, &other) in candidate.iter().enumerate() {
            let replaced = one_back[j] + usize::from(letter != other);
            let mut least = replaced.min(one_back[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && letter == candidate[j - 1] && word[i - 1] == other {
                least = least.min(two_back[j - 1] + 1);
            }
            row[j + 1] = least;
        }
        two_back = one_back;
        one_back = row;
    }
    one_back[candidate.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 6] = ["list", "led", "stop", "start", "status", "console"];

    fn near(word: &str) -> Option<&'static str> {
        nearest(word, NAMES.into_iter())
    }

    fn distance_of(word: &str, candidate: &str) -> usize {
        distance(&letters(word).unwrap(), &letters(candidate).unwrap())
    }

    #[test]
    fn one_slip_of_any_kind_is_forgiven() {
        assert_eq!(near("lis"), Some("list"), "a letter is missing");
        assert_eq!(near("liist"), Some("list"), "a letter too many");
        assert_eq!(near("lust"), Some("list"), "a wrong letter");
        assert_eq!(near("lsit"), Some("list"), "two letters swapped");
        assert_eq!(near("LIST"), Some("list"), "the wrong case");
    }

    #[test]
    fn a_short_word_forgives_one_slip_and_a_long_word_a_third() {
        assert_eq!(near("lsti"), None, "two slips in four letters");
        assert_eq!(near("sattsu"), Some("status"), "two swaps in six letters");
        assert_eq!(near("comsola"), Some("console"));
        assert_eq!(near("comsala"), None, "three slips in seven letters");
    }

    #[test]
    fn a_word_that_shares_nothing_with_a_name_is_not_near_it() {
        assert_eq!(nearest("x", ["y"].into_iter()), None);
        assert_eq!(nearest("", ["y"].into_iter()), None);
        assert_eq!(nearest("l", ["ls"].into_iter()), Some("ls"));
    }

    #[test]
    fn the_nearest_wins_and_of_equals_the_first() {
        assert_eq!(
            nearest("statut", ["start", "status"].into_iter()),
            Some("status")
        );
        assert_eq!(nearest("cat", ["bat", "hat"].into_iter()), Some("bat"));
        assert_eq!(nearest("hat", ["bat", "hat"].into_iter()), Some("hat"));
    }

    #[test]
    fn a_word_longer_than_the_longest_is_near_nothing() {
        let longest = "x".repeat(LONGEST_WORD);
        let longer = "x".repeat(LONGEST_WORD + 1);
        assert_eq!(
            nearest(&longest, [longest.as_str()].into_iter()),
            Some(longest.as_str())
        );
        assert_eq!(nearest(&longer, [longest.as_str()].into_iter()), None);
        assert_eq!(nearest(&longest, [longer.as_str()].into_iter()), None);
    }

    #[test]
    fn distances_are_those_of_optimal_string_alignment() {
        assert_eq!(distance_of("", "abc"), 3);
        assert_eq!(distance_of("kitten", "sitting"), 3);
        assert_eq!(distance_of("ca", "ac"), 1);
        assert_eq!(distance_of("abcd", "xbdc"), 2);
        // A swap whose letters are edited again would make it two; alignment forbids that.
        assert_eq!(distance_of("ca", "abc"), 3);
        assert_eq!(distance_of("größe", "grösse"), 2);
    }
}
