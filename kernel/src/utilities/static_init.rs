//! Memory for what lives as long as the machine, where Tock's boards expect it: [`static_init!`] and
//! [`static_buf!`].
//!
//! A board of this project has a boot arena for that, [`crate::boot`], which also serves loops and generic
//! code. These macros are for code that was written for Tock. There they need `unsafe`; here a second use
//! of the same place is caught before it could do harm, so they do not.
//!
//! [`static_init!`]: crate::static_init
//! [`static_buf!`]: crate::static_buf

use core::{
    cell::UnsafeCell,
    mem::MaybeUninit,
    sync::atomic::{AtomicBool, Ordering},
};

/// Room for one `T`, given away once. Made by [`static_buf!`](crate::static_buf).
pub struct StaticBuffer<T> {
    is_taken: AtomicBool,
    room: UnsafeCell<MaybeUninit<T>>,
}

// SAFETY: `take` reaches the room, and succeeds once: nothing is shared. What is given away is empty, so no
// `T` goes from one thread to another.
unsafe impl<T> Sync for StaticBuffer<T> {}

impl<T> StaticBuffer<T> {
    /// Room that nobody has.
    #[allow(clippy::new_without_default)] // for statics, which a trait cannot serve
    pub const fn new() -> Self {
        Self {
            is_taken: AtomicBool::new(false),
            room: UnsafeCell::new(MaybeUninit::uninit()),
        }
    }

    /// Gives the room away.
    ///
    /// # Panics
    /// If it was given away before.
    #[allow(clippy::mut_from_ref)] // once, the flag sees to it
    #[track_caller]
    pub fn take(&'static self) -> &'static mut MaybeUninit<T> {
        assert!(
            !self.is_taken.swap(true, Ordering::Relaxed),
            "this static_buf! or static_init! was reached before, and can give its memory away once"
        );
        // SAFETY: the flag was clear and is never cleared, so this is the one reference to the room.
        unsafe { &mut *self.room.get() }
    }
}

/// Room for a value of a type, for ever: `static_buf!(T)` is a `&'static mut MaybeUninit<T>`.
///
/// Each place in the code where it stands is one room. The type may not depend on a generic parameter.
///
/// # Panics
/// If the same place is reached twice.
#[macro_export]
macro_rules! static_buf {
    ($T:ty $(,)?) => {{
        static BUFFER: $crate::utilities::static_init::StaticBuffer<$T> =
            $crate::utilities::static_init::StaticBuffer::new();
        BUFFER.take()
    }};
}

/// A value that lives for ever: `static_init!(T, value)` is a `&'static mut T`.
///
/// ```
/// let counter = kernel::static_init!(u32, 7);
/// *counter += 1;
/// assert_eq!(*counter, 8);
/// ```
///
/// # Panics
/// If the same place is reached twice.
#[macro_export]
macro_rules! static_init {
    ($T:ty, $e:expr $(,)?) => {
        $crate::static_buf!($T).write($e)
    };
}

#[cfg(test)]
mod tests {
    #[test]
    fn each_place_has_a_room_of_its_own() {
        let first = crate::static_init!([u8; 2], [1, 2]);
        let second = crate::static_init!([u8; 2], [3, 4]);
        first[0] = 9;
        assert_eq!((*first, *second), ([9, 2], [3, 4]));
    }

    #[test]
    #[should_panic(expected = "was reached before")]
    fn a_room_is_not_given_away_twice() {
        for value in 0..2 {
            crate::static_init!(u32, value);
        }
    }
}
