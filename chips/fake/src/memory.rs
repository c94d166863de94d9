//! Memory for the processes of a test.

use std::{alloc, ptr::NonNull};

use kernel::process::{MemoryPool, PAGE_BYTES};

/// A pool of `pages` pages.
pub(crate) fn pool(pages: usize) -> MemoryPool {
    let pool = MemoryPool::new();
    // The pool leaves out what is not a whole page. An allocation that is aligned to pages would be zeroed by
    // writing it, which takes longer than a test.
    let len_bytes = pages * PAGE_BYTES + PAGE_BYTES - 1;
    let layout = alloc::Layout::array::<u8>(len_bytes).expect("more memory than a test can have");
    // SAFETY: the layout has a size; the memory is fresh, zeroed, and the pool's for ever.
    unsafe {
        let start = NonNull::new(alloc::alloc_zeroed(layout));
        pool.add(start.expect("memory for a test"), len_bytes);
    }
    pool
}
