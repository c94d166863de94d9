//! A value that may be absent, behind a shared reference.

use core::cell::Cell;

/// A `Cell<Option<T>>` with the operations of an `Option`.
pub struct OptionalCell<T> {
    value: Cell<Option<T>>,
}

impl<T> OptionalCell<T> {
    /// A cell that holds `val`.
    pub const fn new(val: T) -> OptionalCell<T> {
        Self {
            value: Cell::new(Some(val)),
        }
    }

    /// A cell with nothing in it.
    pub const fn empty() -> OptionalCell<T> {
        Self {
            value: Cell::new(None),
        }
    }

    /// Puts `val` in.
    pub fn set(&self, val: T) {
        self.insert(Some(val));
    }

    /// Makes the content `opt`.
    pub fn insert(&self, opt: Option<T>) {
        self.value.set(opt);
    }

    /// Puts `val` in and returns what was there.
    pub fn replace(&self, val: T) -> Option<T> {
        self.value.replace(Some(val))
    }

    /// Empties the cell.
    pub fn clear(&self) {
        self.insert(None);
    }

    /// Takes the value out.
    pub fn take(&self) -> Option<T> {
        self.value.take()
    }

    /// Whether a value is inside.
    pub fn is_some(&self) -> bool {
        self.inspect(Option::is_some)
    }

    /// Whether nothing is inside.
    pub fn is_none(&self) -> bool {
        self.inspect(Option::is_none)
    }

    /// Whether a value equal to `x` is inside.
    pub fn contains(&self, x: &T) -> bool
    where
        T: PartialEq,
    {
        self.inspect(|value| value.as_ref() == Some(x))
    }

    /// Looks at the content. The cell is empty while `look` runs.
    fn inspect<R>(&self, look: impl FnOnce(&Option<T>) -> R) -> R {
        let value = self.value.take();
        let result = look(&value);
        self.value.set(value);
        result
    }

    /// The value, or `err`.
    pub fn ok_or<E>(self, err: E) -> Result<T, E> {
        self.value.into_inner().ok_or(err)
    }

    /// The value, or the error that `err` makes.
    pub fn ok_or_else<E, F>(self, err: F) -> Result<T, E>
    where
        F: FnOnce() -> E,
    {
        self.value.into_inner().ok_or_else(err)
    }

    /// `optb` if a value is inside.
    pub fn and<U>(self, optb: Option<U>) -> Option<U> {
        self.value.into_inner().and(optb)
    }

    /// The value, if `predicate` holds for it.
    pub fn filter<P>(self, predicate: P) -> Option<T>
    where
        P: FnOnce(&T) -> bool,
    {
        self.value.into_inner().filter(predicate)
    }

    /// The value, or else `optb`.
    pub fn or(self, optb: Option<T>) -> Option<T> {
        self.value.into_inner().or(optb)
    }

    /// The value, or else what `f` makes.
    pub fn or_else<F>(self, f: F) -> Option<T>
    where
        F: FnOnce() -> Option<T>,
    {
        self.value.into_inner().or_else(f)
    }

    /// The value, or the default of its type.
    pub fn unwrap_or_default(self) -> T
    where
        T: Default,
    {
        self.value.into_inner().unwrap_or_default()
    }
}

impl<T: Copy> OptionalCell<T> {
    /// A copy of the content.
    pub fn get(&self) -> Option<T> {
        self.value.get()
    }

    /// A copy of the value.
    ///
    /// # Panics
    /// If nothing is inside. The name says so: a kernel should rarely call this.
    #[track_caller]
    pub fn unwrap_or_panic(&self) -> T {
        self.get().expect("the OptionalCell is empty")
    }

    /// A copy of the value, or `default`.
    pub fn unwrap_or(&self, default: T) -> T {
        self.get().unwrap_or(default)
    }

    /// A copy of the value, or what `default` makes.
    pub fn unwrap_or_else<F>(&self, default: F) -> T
    where
        F: FnOnce() -> T,
    {
        self.get().unwrap_or_else(default)
    }

    /// What `closure` makes of the value, if one is inside.
    pub fn map<F, R>(&self, closure: F) -> Option<R>
    where
        F: FnOnce(T) -> R,
    {
        self.get().map(closure)
    }

    /// What `closure` makes of the value, or `default`.
    pub fn map_or<F, R>(&self, default: R, closure: F) -> R
    where
        F: FnOnce(T) -> R,
    {
        self.get().map_or(default, closure)
    }

    /// What `closure` makes of the value, or what `default` makes.
    pub fn map_or_else<U, D, F>(&self, default: D, closure: F) -> U
    where
        D: FnOnce() -> U,
        F: FnOnce(T) -> U,
    {
        self.get().map_or_else(default, closure)
    }

    /// What `f` makes of the value; `f` may itself have no answer.
    pub fn and_then<U, F: FnOnce(T) -> Option<U>>(&self, f: F) -> Option<U> {
        self.get().and_then(f)
    }
}

impl<T> Default for OptionalCell<T> {
    fn default() -> Self {
        Self::empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{string::String, vec::Vec};

    #[test]
    fn looking_at_a_value_that_cannot_be_copied_leaves_it_inside() {
        let cell = OptionalCell::new(String::from("here"));
        assert!(cell.is_some() && !cell.is_none());
        assert!(cell.contains(&String::from("here")));
        assert_eq!(cell.take().as_deref(), Some("here"));
        assert!(cell.is_none());
    }

    #[test]
    fn replace_returns_what_was_there() {
        let cell = OptionalCell::empty();
        assert_eq!(cell.replace(1), None);
        assert_eq!(cell.replace(2), Some(1));
        cell.clear();
        assert_eq!(cell.get(), None);
        cell.insert(Some(3));
        assert_eq!(cell.get(), Some(3));
    }

    #[test]
    fn every_way_to_ask_agrees_with_the_option_inside() {
        for content in [None, Some(5)] {
            let cell = || {
                let cell = OptionalCell::empty();
                cell.insert(content);
                cell
            };
            assert_eq!(cell().map(|v| v + 1), content.map(|v| v + 1));
            assert_eq!(cell().map_or(0, |v| v + 1), content.map_or(0, |v| v + 1));
            assert_eq!(
                cell().map_or_else(|| 0, |v| v + 1),
                content.map_or_else(|| 0, |v| v + 1)
            );
            assert_eq!(cell().and_then(Some), content);
            assert_eq!(cell().unwrap_or(9), content.unwrap_or(9));
            assert_eq!(cell().unwrap_or_else(|| 9), content.unwrap_or(9));
            assert_eq!(cell().unwrap_or_default(), content.unwrap_or_default());
            assert_eq!(cell().ok_or("none"), content.ok_or("none"));
            assert_eq!(cell().ok_or_else(|| "none"), content.ok_or("none"));
            assert_eq!(cell().or(Some(2)), content.or(Some(2)));
            assert_eq!(cell().or_else(|| Some(2)), content.or(Some(2)));
            assert_eq!(cell().and(Some('x')), content.and(Some('x')));
            assert_eq!(cell().filter(|v| *v > 5), content.filter(|v| *v > 5));
        }
    }

    #[test]
    fn a_default_cell_is_empty_even_when_the_value_has_no_default() {
        struct NoDefault;
        assert!(OptionalCell::<NoDefault>::default().is_none());
        assert!(OptionalCell::<Vec<u8>>::default().is_none());
    }
}
