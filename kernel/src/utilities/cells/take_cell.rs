//! A mutable reference that one party at a time can take.

use core::cell::Cell;

/// Holds a `&mut T` that can be taken out and put back, or used in place by a closure.
///
/// The usual home of a buffer that hardware borrows: taken when the operation starts, put back by its
/// callback. While it is out, every other party finds the cell empty.
pub struct TakeCell<'a, T: 'a + ?Sized> {
    value: Cell<Option<&'a mut T>>,
}

impl<'a, T: ?Sized> TakeCell<'a, T> {
    /// A cell with nothing in it.
    pub const fn empty() -> TakeCell<'a, T> {
        Self {
            value: Cell::new(None),
        }
    }

    /// A cell that holds `value`.
    pub fn new(value: &'a mut T) -> TakeCell<'a, T> {
        Self {
            value: Cell::new(Some(value)),
        }
    }

    /// Whether nothing is in the cell.
    pub fn is_none(&self) -> bool {
        !self.is_some()
    }

    /// Whether the reference is in the cell.
    pub fn is_some(&self) -> bool {
        let value = self.take();
        let is_some = value.is_some();
        self.put(value);
        is_some
    }

    /// Takes the reference out, if it is there.
    pub fn take(&self) -> Option<&'a mut T> {
        self.value.take()
    }

    /// Puts `val` in, dropping what was there.
    pub fn put(&self, val: Option<&'a mut T>) {
        self.value.set(val);
    }

    /// Puts `val` in and returns what was there.
    pub fn replace(&self, val: &'a mut T) -> Option<&'a mut T> {
        self.value.replace(Some(val))
    }

    /// What is inside, for whoever owns the cell itself.
    pub fn get_mut(&mut self) -> Option<&mut T> {
        self.value.get_mut().as_deref_mut()
    }

    /// Calls `closure` with what is inside, if it is there. While the closure runs the cell is empty.
    pub fn map<F, R>(&self, closure: F) -> Option<R>
    where
        F: FnOnce(&mut T) -> R,
    {
        let value = self.take()?;
        let result = closure(value);
        self.replace(value);
        Some(result)
    }

    /// Like [`TakeCell::map`], with `default` where the cell is empty.
    pub fn map_or<F, R>(&self, default: R, closure: F) -> R
    where
        F: FnOnce(&mut T) -> R,
    {
        self.map(closure).unwrap_or(default)
    }

    /// Like [`TakeCell::map`], with the result of `default` where the cell is empty.
    pub fn map_or_else<U, D, F>(&self, default: D, f: F) -> U
    where
        D: FnOnce() -> U,
        F: FnOnce(&mut T) -> U,
    {
        self.map(f).unwrap_or_else(default)
    }

    /// Like [`TakeCell::map`] for a closure that may itself have no answer.
    pub fn and_then<F, R>(&self, closure: F) -> Option<R>
    where
        F: FnOnce(&mut T) -> Option<R>,
    {
        self.map(closure).flatten()
    }

    /// Changes what is inside with `modify`, or puts in what `mkval` makes.
    pub fn modify_or_replace<F, G>(&self, modify: F, mkval: G)
    where
        F: FnOnce(&mut T),
        G: FnOnce() -> &'a mut T,
    {
        if self.map(modify).is_none() {
            self.put(Some(mkval()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_is_gone_for_everybody_until_it_is_put_back() {
        let mut value = 1234;
        let cell = TakeCell::new(&mut value);
        let taken = cell.take();
        assert!(cell.is_none());
        assert_eq!(cell.map(|_| ()), None);
        cell.put(taken);
        assert!(cell.is_some());
        assert_eq!(cell.take(), Some(&mut 1234));
    }

    #[test]
    fn a_closure_changes_the_value_in_place_and_finds_the_cell_empty() {
        let mut value = 1;
        let cell = TakeCell::new(&mut value);
        let nested = cell.map(|inner| {
            *inner = 2;
            cell.map(|_| "reached twice")
        });
        assert_eq!(nested, Some(None));
        assert_eq!(cell.map_or(0, |inner| *inner), 2);
    }

    #[test]
    fn an_empty_cell_gives_the_default_and_can_be_filled() {
        let cell: TakeCell<u8> = TakeCell::empty();
        assert_eq!(cell.map_or(7, |_| 0), 7);
        assert_eq!(cell.map_or_else(|| 8, |_| 0), 8);
        let mut value = 3;
        cell.modify_or_replace(|_| unreachable!(), || &mut value);
        cell.modify_or_replace(|inner| *inner += 1, || unreachable!());
        assert_eq!(cell.and_then(|inner| Some(*inner)), Some(4));
    }
}
