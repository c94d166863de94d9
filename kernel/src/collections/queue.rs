//! What a first-in, first-out queue can do, whatever its storage.

/// A queue of values.
#[allow(clippy::len_without_is_empty)] // Tock's `has_elements` says it
pub trait Queue<T> {
    /// Whether there is a value in the queue.
    fn has_elements(&self) -> bool;

    /// Whether the queue has no room left.
    fn is_full(&self) -> bool;

    /// How many values there are in the queue.
    fn len(&self) -> usize;

    /// Adds `val` at the back if there is room. Returns whether there was.
    fn enqueue(&mut self, val: T) -> bool;

    /// Adds `val` at the back. If there is no room, takes out the value at the front and returns it.
    fn push(&mut self, val: T) -> Option<T>;

    /// Takes out the value at the front.
    fn dequeue(&mut self) -> Option<T>;

    /// The first value that `f` is true for.
    fn find_first_matching<F>(&mut self, f: F) -> Option<&T>
    where
        F: Fn(&T) -> bool;

    /// Takes out the first value that `f` is true for.
    fn remove_first_matching<F>(&mut self, f: F) -> Option<T>
    where
        F: Fn(&T) -> bool;

    /// Takes out all values.
    fn empty(&mut self);

    /// Takes out the values that `f` is false for. `f` sees them in their order, each once.
    fn retain<F>(&mut self, f: F)
    where
        F: FnMut(&T) -> bool;
}
