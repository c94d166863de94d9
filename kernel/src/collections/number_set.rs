//! A set of small numbers that knows its members in order, in a few instructions however many there are.
//!
//! Two levels: a summary word with one bit a word, and the words. What must hold between calls: a bit
//! of the summary is set exactly when its word is not zero. So each question is answered by at most
//! two words and the summary. (The ready set of tasks is its sibling for interrupt handlers, with
//! atomics and a weaker summary.)

use core::cell::Cell;

const WORDS: usize = 64;

/// A set of numbers below [`NumberSet::CAPACITY`].
///
/// Every method that takes a number panics if that is not below the capacity.
pub struct NumberSet {
    summary: Cell<u64>,
    words: [Cell<u64>; WORDS],
}

impl NumberSet {
    /// As many numbers as two levels of 64 bits have places for.
    pub const CAPACITY: usize = WORDS * 64;

    /// A set without members.
    pub const fn new() -> Self {
        Self {
            summary: Cell::new(0),
            words: [const { Cell::new(0) }; WORDS],
        }
    }

    /// Makes `number` a member.
    #[inline]
    pub fn insert(&self, number: usize) {
        let (word, bit) = place_of(number);
        self.words[word].set(self.words[word].get() | bit);
        self.summary.set(self.summary.get() | 1 << word);
    }

    /// Makes `number` no member.
    #[inline]
    pub fn remove(&self, number: usize) {
        let (word, bit) = place_of(number);
        let rest = self.words[word].get() & !bit;
        self.words[word].set(rest);
        if rest == 0 {
            self.summary.set(self.summary.get() & !(1 << word));
        }
    }

    /// Whether `number` is a member.
    #[inline]
    pub fn contains(&self, number: usize) -> bool {
        let (word, bit) = place_of(number);
        self.words[word].get() & bit != 0
    }

    /// The lowest member.
    pub fn first(&self) -> Option<usize> {
        self.first_in(self.summary.get())
    }

    /// The lowest member above `number`, or if there is none, the lowest of all. So asking for what comes
    /// after the last answer goes round all members.
    #[inline]
    pub fn next_after(&self, number: usize) -> Option<usize> {
        let (word, _) = place_of(number);
        let rest = self.words[word].get() & above(number % 64);
        if rest != 0 {
            return Some(word * 64 + rest.trailing_zeros() as usize);
        }
        let summary = self.summary.get();
        match summary & above(word) {
            0 => self.first_in(summary),
            words => self.first_in(words),
        }
    }

    /// The lowest member in `words`, a part of the summary.
    #[inline]
    fn first_in(&self, words: u64) -> Option<usize> {
        if words == 0 {
            return None;
        }
        let word = words.trailing_zeros() as usize;
        Some(word * 64 + self.words[word].get().trailing_zeros() as usize)
    }

    /// Moves all members of `other` here. Costs some instructions for each of its words with a member.
    pub fn append(&self, other: &Self) {
        let mut words = other.summary.take();
        self.summary.set(self.summary.get() | words);
        while words != 0 {
            let word = words.trailing_zeros() as usize;
            words &= words - 1;
            self.words[word].set(self.words[word].get() | other.words[word].take());
        }
    }

    /// Removes all members, in a step for each word.
    pub fn clear(&self) {
        self.summary.set(0);
        self.words.iter().for_each(|word| word.set(0));
    }
}

impl Default for NumberSet {
    fn default() -> Self {
        Self::new()
    }
}

/// The number of the word that `number` is in, and its bit there.
fn place_of(number: usize) -> (usize, u64) {
    (number / 64, 1 << (number % 64))
}

/// All bits above the one with this number.
fn above(bit: usize) -> u64 {
    (u64::MAX - 1) << bit
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::{collections::BTreeSet, vec::Vec};

    const LAST: usize = NumberSet::CAPACITY - 1;

    #[test]
    fn a_set_without_members_has_no_first_and_no_next_one() {
        let set = NumberSet::new();
        assert_eq!((set.first(), set.next_after(0)), (None, None));
        assert_eq!(set.next_after(LAST), None);
    }

    #[test]
    fn the_only_member_comes_after_itself() {
        for number in [0, 63, 64, LAST] {
            let set = NumberSet::new();
            set.insert(number);
            assert_eq!(set.next_after(number), Some(number));
        }
    }

    #[test]
    #[should_panic = "index out of bounds"]
    fn a_number_that_is_too_large_is_refused() {
        NumberSet::new().insert(NumberSet::CAPACITY);
    }

    #[derive(Clone, Debug)]
    enum Step {
        Insert(usize),
        Remove(usize),
        Append(Vec<usize>),
        Clear,
    }

    /// Few enough numbers that steps meet, at both ends of words and of the set.
    fn number() -> impl Strategy<Value = usize> {
        prop_oneof![0..4usize, 60..68usize, 126..130usize, LAST - 2..=LAST]
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            20 => number().prop_map(Step::Insert),
            20 => number().prop_map(Step::Remove),
            2 => prop::collection::vec(number(), 0..4).prop_map(Step::Append),
            1 => Just(Step::Clear),
        ]
    }

    fn take(step: Step, set: &NumberSet, model: &mut BTreeSet<usize>) {
        match step {
            Step::Insert(number) => {
                set.insert(number);
                model.insert(number);
            }
            Step::Remove(number) => {
                set.remove(number);
                model.remove(&number);
            }
            Step::Append(numbers) => {
                let other = NumberSet::new();
                numbers.iter().for_each(|number| other.insert(*number));
                set.append(&other);
                assert_eq!(other.first(), None);
                assert!(numbers.iter().all(|number| !other.contains(*number)));
                model.extend(numbers);
            }
            Step::Clear => {
                set.clear();
                model.clear();
            }
        }
    }

    proptest! {
        #[test]
        fn any_sequence_of_steps_agrees_with_an_ordered_set(
            steps in prop::collection::vec(step(), 0..100),
            numbers in prop::collection::vec(number(), 10),
        ) {
            let (set, mut model) = (NumberSet::new(), BTreeSet::new());
            for step in steps {
                take(step, &set, &mut model);
                let first = model.first().copied();
                prop_assert_eq!(set.first(), first);
                for number in &numbers {
                    let next = model.range(number + 1..).next().copied();
                    prop_assert_eq!(set.contains(*number), model.contains(number));
                    prop_assert_eq!(set.next_after(*number), next.or(first));
                }
            }
        }
    }
}
