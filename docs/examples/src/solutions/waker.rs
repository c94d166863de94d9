//! A waker that counts what is done with it.

use core::{
    ptr,
    sync::atomic::{AtomicU32, Ordering::Relaxed},
    task::{RawWaker, RawWakerVTable, Waker},
};

/// What was done with wakers.
#[derive(Default)]
pub struct Counts {
    /// How often one was cloned.
    pub clones: AtomicU32,
    /// How often one woke.
    pub wakes: AtomicU32,
    /// How often one was dropped without waking.
    pub drops: AtomicU32,
}

/// A waker that counts in `counts`.
pub fn waker(counts: &'static Counts) -> Waker {
    // SAFETY: the functions of VTABLE accept such pointers, from any thread: `counts` lives for ever and is made of
    // atomics.
    unsafe { Waker::new(ptr::from_ref(counts).cast(), &VTABLE) }
}

static VTABLE: RawWakerVTable = RawWakerVTable::new(
    |pointer| {
        counts(pointer).clones.fetch_add(1, Relaxed);
        RawWaker::new(pointer, &VTABLE)
    },
    wake,
    wake,
    |pointer| {
        counts(pointer).drops.fetch_add(1, Relaxed);
    },
);

fn wake(pointer: *const ()) {
    counts(pointer).wakes.fetch_add(1, Relaxed);
}

fn counts(pointer: *const ()) -> &'static Counts {
    // SAFETY: only `waker` makes such pointers, and of counts that live for ever.
    unsafe { &*pointer.cast() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chip_fake::leak;
    use kernel::task::WakerCell;
    use std::task::Context;

    #[test]
    fn a_waker_cell_clones_once_however_often_the_same_task_registers() {
        let counts = &*leak(Counts::default());
        let (cell, waker) = (WakerCell::new(), waker(counts));
        for _ in 0..5 {
            cell.register(&Context::from_waker(&waker));
        }
        cell.wake();
        cell.wake();
        drop(waker);
        let counts =
            [&counts.clones, &counts.wakes, &counts.drops].map(|count| count.load(Relaxed));
        assert_eq!(counts, [1, 1, 1]);
    }
}
