//! A heap, for apps that want one: feature `alloc`, and `heap_bytes` in the manifest's `[package.metadata.tbf]`.
//!
//! It begins where `.bss` ends and grows by the break, a step at a time.

use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;
use core::ptr::{self, NonNull};

use linked_list_allocator::Heap;

use crate::process;

#[global_allocator]
static ALLOCATOR: Allocator = Allocator(UnsafeCell::new(Heap::empty()));

struct Allocator(UnsafeCell<Heap>);

// SAFETY: an app has one thread, and no upcall is made while the allocator runs: it does not yield.
unsafe impl Sync for Allocator {}

// SAFETY: the heap hands out each piece of the memory that the kernel gave once, until it is given back.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: see `Sync` above; the reference ends with this function.
        let heap = unsafe { &mut *self.0.get() };
        loop {
            if let Ok(piece) = heap.allocate_first_fit(layout) {
                return piece.as_ptr();
            }
            if !grow(heap, layout) {
                return ptr::null_mut();
            }
        }
    }

    unsafe fn dealloc(&self, piece: *mut u8, layout: Layout) {
        // SAFETY: see `Sync` above.
        let heap = unsafe { &mut *self.0.get() };
        if let Some(piece) = NonNull::new(piece) {
            // SAFETY: the caller got `piece` from `alloc`, with this layout.
            unsafe { heap.deallocate(piece, layout) };
        }
    }
}

/// Gives the heap room for what `layout` describes, if there is so much.
fn grow(heap: &mut Heap, layout: Layout) -> bool {
    /// Room for what the heap notes beside each piece.
    const NOTES_LEN_BYTES: usize = 32;
    const STEP_BYTES: usize = 256;
    let wanted_bytes = layout.size() + layout.align() + NOTES_LEN_BYTES;
    let step_bytes = wanted_bytes.next_multiple_of(STEP_BYTES);
    let Ok(distance_bytes) = isize::try_from(step_bytes) else {
        return false;
    };
    // SAFETY: it moves up, and gives up nothing.
    let Ok(start) = (unsafe { process::move_break(distance_bytes) }) else {
        return false;
    };
    // SAFETY: the kernel made this memory the app's own just now, next to what it gave before: only the heap moves
    // the break, by the contract of `move_break`.
    unsafe {
        if heap.size() == 0 {
            heap.init(ptr::with_exposed_provenance_mut(start), step_bytes);
        } else {
            heap.extend(step_bytes);
        }
    }
    true
}
