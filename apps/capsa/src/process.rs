//! What an app does to itself: its end, and the size of its memory.

use crate::door;
use crate::error::Result;
use crate::syscall::memop;

pub use crate::name::name;

/// Ends this app for good, with a completion code; 0 is success.
pub fn exit(completion_code: u32) -> ! {
    const TERMINATE: usize = 0;
    door::exit(TERMINATE, completion_code)
}

/// Ends this app and has it start anew.
pub fn restart() -> ! {
    const RESTART: usize = 1;
    door::exit(RESTART, 0)
}

/// The lowest address of this app's memory.
///
/// # Errors
///
/// None that a kernel has reason for.
pub fn memory_start() -> Result<usize> {
    memop(2, 0)
}

/// The address after this app's memory, some of which is the kernel's.
///
/// # Errors
///
/// None that a kernel has reason for.
pub fn memory_end() -> Result<usize> {
    memop(3, 0)
}

/// The address after this app's image.
///
/// # Errors
///
/// None that a kernel has reason for.
pub fn image_end() -> Result<usize> {
    memop(5, 0)
}

/// Moves the end of the memory that is this app's own by so many bytes, up or down, and returns where it was.
/// New memory is zero.
///
/// # Errors
///
/// `NOMEM` where the app's memory does not reach so far, or where what it gives up is lent.
pub fn move_break(distance_bytes: isize) -> Result<usize> {
    memop(1, distance_bytes.cast_unsigned())
}
