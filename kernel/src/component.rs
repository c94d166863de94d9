//! How a board of Tock's puts a driver together: a [`Component`] knows what a driver needs, so that the
//! board does not.

/// A part of a machine that is about to be put together.
pub trait Component {
    /// The memory that the part needs. The board brings it, because the board knows the sizes of its
    /// chips' types, and so that the same component can serve it twice.
    type StaticInput;

    /// What comes out, often a reference that lives as long as the machine.
    type Output;

    /// Puts the part together. What must live on lives in `static_memory`.
    fn finalize(self, static_memory: Self::StaticInput) -> Self::Output;
}
