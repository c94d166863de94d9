//! A value that closures can change in place behind a shared reference.

use core::cell::{Cell, UnsafeCell};

#[derive(Clone, Copy, PartialEq)]
enum State {
    Empty,
    Full,
    Borrowed,
}

/// A place for a value that is used in place by closures, one at a time.
///
/// Unlike `OptionalCell` it never copies or moves the value to look at it, so it suits large state.
///
/// # The invariant LENT-ONCE
///
/// A `&mut T` to the content exists only while the state is `Borrowed`, and nothing touches the
/// content in that state.
///
/// # Use from inside `map`
///
/// While a closure has the content, every other operation finds nothing and changes nothing. In a debug
/// build it panics instead, for it is a mistake.
pub struct MapCell<T> {
    value: UnsafeCell<Option<T>>,
    state: Cell<State>,
}

impl<T> MapCell<T> {
    /// A cell with nothing in it.
    pub const fn empty() -> MapCell<T> {
        Self {
            value: UnsafeCell::new(None),
            state: Cell::new(State::Empty),
        }
    }

    /// A cell that holds `value`.
    pub const fn new(value: T) -> MapCell<T> {
        Self {
            value: UnsafeCell::new(Some(value)),
            state: Cell::new(State::Full),
        }
    }

    /// Whether nothing is in the cell.
    pub fn is_none(&self) -> bool {
        !self.is_some()
    }

    /// Whether a value is in the cell; one that a closure has counts.
    pub fn is_some(&self) -> bool {
        self.state.get() != State::Empty
    }

    /// Takes the value out.
    pub fn take(&self) -> Option<T> {
        self.exchange(None)
    }

    /// Puts `val` in, dropping what was there.
    pub fn put(&self, val: T) {
        self.replace(val);
    }

    /// Puts `val` in and returns what was there.
    pub fn replace(&self, val: T) -> Option<T> {
        self.exchange(Some(val))
    }

    /// A copy of the value.
    pub fn get(&self) -> Option<T>
    where
        T: Copy,
    {
        self.map(|value| *value)
    }

    /// Calls `closure` with the value, if one is inside and no other closure has it.
    #[inline(always)]
    pub fn map<F, R>(&self, closure: F) -> Option<R>
    where
        F: FnOnce(&mut T) -> R,
    {
        self.check_not_borrowed();
        if self.state.get() != State::Full {
            return None;
        }
        self.state.set(State::Borrowed);
        // Also when the closure panics, so that a test's other threads of thought find the cell whole.
        let _full_again = SetFull(&self.state);
        // SAFETY: LENT-ONCE: the state was `Full`, and is `Borrowed` for as long as the reference is.
        let value = unsafe { &mut *self.value.get() };
        value.as_mut().map(closure)
    }

    /// Like [`MapCell::map`], with `default` where nothing is inside.
    #[inline(always)]
    pub fn map_or<F, R>(&self, default: R, closure: F) -> R
    where
        F: FnOnce(&mut T) -> R,
    {
        self.map(closure).unwrap_or(default)
    }

    /// Like [`MapCell::map`] for a closure that may itself have no answer.
    #[inline(always)]
    pub fn and_then<F, R>(&self, closure: F) -> Option<R>
    where
        F: FnOnce(&mut T) -> Option<R>,
    {
        self.map(closure).flatten()
    }

    /// Changes what is inside with `modify`, or puts in what `mkval` makes.
    #[inline(always)]
    pub fn modify_or_replace<F, G>(&self, modify: F, mkval: G)
    where
        F: FnOnce(&mut T),
        G: FnOnce() -> T,
    {
        if self.map(modify).is_none() {
            self.put(mkval());
        }
    }

    fn exchange(&self, content: Option<T>) -> Option<T> {
        self.check_not_borrowed();
        if self.state.get() == State::Borrowed {
            return None;
        }
        self.state.set(if content.is_some() {
            State::Full
        } else {
            State::Empty
        });
        // SAFETY: LENT-ONCE: the state was not `Borrowed`, so no reference to the content exists.
        unsafe { self.value.get().replace(content) }
    }

    fn check_not_borrowed(&self) {
        if cfg!(debug_assertions) && self.state.get() == State::Borrowed {
            borrowed();
        }
    }
}

#[cold]
#[inline(never)]
fn borrowed() {
    panic!("`MapCell` accessed while borrowed");
}

struct SetFull<'a>(&'a Cell<State>);

impl Drop for SetFull<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        self.0.set(State::Full);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::rc::Rc;

    #[test]
    fn a_closure_changes_the_value_in_place() {
        let cell = MapCell::new(1);
        assert_eq!(cell.map(|value| core::mem::replace(value, 2)), Some(1));
        assert_eq!(cell.get(), Some(2));
        assert_eq!(cell.map_or(0, |value| *value), 2);
        assert_eq!(cell.and_then(|_| None::<u8>), None);
    }

    #[test]
    fn an_empty_cell_calls_no_closure() {
        let cell: MapCell<u8> = MapCell::empty();
        assert!(cell.is_none());
        assert_eq!(cell.map(|_| unreachable!("nothing is inside") as u8), None);
        cell.modify_or_replace(|_| unreachable!(), || 5);
        cell.modify_or_replace(|value| *value += 1, || unreachable!());
        assert_eq!(cell.take(), Some(6));
        assert_eq!(cell.take(), None);
    }

    #[test]
    fn what_is_replaced_or_left_inside_is_dropped_once() {
        let value = Rc::new(());
        let cell = MapCell::new(value.clone());
        cell.put(value.clone());
        assert_eq!(Rc::strong_count(&value), 2);
        drop(cell);
        assert_eq!(Rc::strong_count(&value), 1);
    }

    #[test]
    #[should_panic = "`MapCell` accessed while borrowed"]
    fn using_the_cell_from_inside_its_own_closure_is_found_in_a_debug_build() {
        let cell = MapCell::new(1);
        cell.map(|_| cell.map(|_| ()));
    }
}
