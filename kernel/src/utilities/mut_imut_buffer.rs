//! A buffer that can perhaps be written.

/// A buffer for reading only, or for reading and writing: a constant key, or one that was received.
pub enum MutImutBuffer<'a, T> {
    /// For reading and writing.
    Mutable(&'a mut [T]),
    /// For reading.
    Immutable(&'a [T]),
}

impl<T> MutImutBuffer<'_, T> {
    /// How many values the buffer has.
    pub fn len(&self) -> usize {
        match self {
            Self::Mutable(buffer) => buffer.len(),
            Self::Immutable(buffer) => buffer.len(),
        }
    }

    /// Whether the buffer has no value.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
