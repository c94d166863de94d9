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
    ask(2)
}

/// The address after this app's memory, some of which is the kernel's.
///
/// # Errors
///
/// None that a kernel has reason for.
pub fn memory_end() -> Result<usize> {
    ask(3)
}

/// The address after this app's image.
///
/// # Errors
///
/// None that a kernel has reason for.
pub fn image_end() -> Result<usize> {
    ask(5)
}

/// The address after the memory that is this app's own: the break.
///
/// # Errors
///
/// None that a kernel has reason for.
pub fn app_break() -> Result<usize> {
    ask(MOVE_BREAK)
}

/// Moves the break by so many bytes, up or down, and returns where it was. A page that comes with it is zero; what is
/// left of a page that was there before is as it was.
///
/// ```compile_fail,E0133
/// // What lies below the break may be in use.
/// capsa::process::move_break(-4096);
/// ```
///
/// # Errors
///
/// `NOMEM` where the app's memory does not reach so far, or where what it gives up is lent.
///
/// # Safety
///
/// What is given up is not used any more: no variable and no piece of the heap is in it. With the feature `alloc` only
/// the heap may move the break.
pub unsafe fn move_break(distance_bytes: isize) -> Result<usize> {
    // SAFETY: the caller's promise.
    unsafe { memop(MOVE_BREAK, distance_bytes.cast_unsigned()) }
}

const MOVE_BREAK: usize = 1;

/// Asks for an address.
fn ask(operation: usize) -> Result<usize> {
    // SAFETY: the operations that are asked for here change nothing; the break moves by 0.
    unsafe { memop(operation, 0) }
}
