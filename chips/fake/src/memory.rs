//! Memory for the processes of a test.

use std::{alloc, ptr::NonNull};

use kernel::process::{MemoryPool, PAGE_BYTES};

/// A pool of `pages` pages.
pub(crate) fn pool(pages: usize) -> MemoryPool {
    let pool = MemoryPool::new();
    let layout = alloc::Layout::from_size_align(pages.max(1) * PAGE_BYTES, PAGE_BYTES);
    let layout = layout.expect("more memory than a test can have");
    // SAFETY: the layout has a size; the memory is fresh, zeroed, and the pool's for ever.
    unsafe {
        let start = NonNull::new(alloc::alloc_zeroed(layout));
        pool.add(start.expect("memory for a test"), pages * PAGE_BYTES);
    }
    pool
}
