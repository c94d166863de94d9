//! Arithmetic on a number in a `Cell`.

use core::{
    cell::Cell,
    ops::{Add, Sub},
};

/// Arithmetic on a number in a `Cell`. Overflow is what it is for the number itself: a panic in a
/// debug build, wrapping in a release build.
pub trait NumericCellExt<T>
where
    T: Copy + Add + Sub,
{
    /// Adds `val`.
    fn add(&self, val: T);
    /// Subtracts `val`.
    fn subtract(&self, val: T);
    /// Adds one.
    fn increment(&self);
    /// Subtracts one.
    fn decrement(&self);
    /// Adds one and returns the value from before.
    fn get_and_increment(&self) -> T;
    /// Subtracts one and returns the value from before.
    fn get_and_decrement(&self) -> T;
}

impl<T> NumericCellExt<T> for Cell<T>
where
    T: Add<Output = T> + Sub<Output = T> + Copy + From<usize>,
{
    fn add(&self, val: T) {
        self.set(self.get() + val);
    }

    fn subtract(&self, val: T) {
        self.set(self.get() - val);
    }

    fn increment(&self) {
        self.add(T::from(1));
    }

    fn decrement(&self) {
        self.subtract(T::from(1));
    }

    fn get_and_increment(&self) -> T {
        let before = self.get();
        self.increment();
        before
    }

    fn get_and_decrement(&self) -> T {
        let before = self.get();
        self.decrement();
        before
    }
}
