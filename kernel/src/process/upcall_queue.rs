//! The upcalls that wait until their process yields.

use core::cell::Cell;

use crate::upcall::UpcallId;

/// Upcalls that can wait in one process, as in Tock.
const CAPACITY: usize = 10;

/// An upcall that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueuedUpcall {
    /// Which upcall it is.
    pub id: UpcallId,
    /// The function to call; 0 if the process subscribed to none, in which case only a yield for this very
    /// upcall takes notice.
    pub function: usize,
    /// The word that the process gave with the function.
    pub appdata: usize,
    /// The driver's three values.
    pub arguments: [usize; 3],
}

impl QueuedUpcall {
    const NONE: Self = Self {
        id: UpcallId {
            driver_num: 0,
            subscribe_num: 0,
        },
        function: 0,
        appdata: 0,
        arguments: [0; 3],
    };
}

/// A queue, first in, first out.
pub(super) struct UpcallQueue {
    entries: [Cell<QueuedUpcall>; CAPACITY],
    first: Cell<usize>,
    len: Cell<usize>,
}

impl UpcallQueue {
    pub(super) const fn new() -> Self {
        Self {
            entries: [const { Cell::new(QueuedUpcall::NONE) }; CAPACITY],
            first: Cell::new(0),
            len: Cell::new(0),
        }
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        self.len.get()
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.len.get() == 0
    }

    pub(super) fn clear(&self) {
        self.len.set(0);
    }

    fn entry(&self, number: usize) -> &Cell<QueuedUpcall> {
        let place = self.first.get() + number;
        let place = if place < CAPACITY {
            place
        } else {
            place - CAPACITY
        };
        &self.entries[place]
    }

    /// Adds `upcall`; `Err` if the queue is full.
    #[inline]
    pub(super) fn push(&self, upcall: QueuedUpcall) -> Result<(), ()> {
        let len = self.len.get();
        if len == CAPACITY {
            return Err(());
        }
        self.entry(len).set(upcall);
        self.len.set(len + 1);
        Ok(())
    }

    /// Takes the first upcall that has a function, and drops those before it, which have none.
    #[inline]
    pub(super) fn pop_function(&self) -> Option<QueuedUpcall> {
        while self.len.get() > 0 {
            let upcall = self.entry(0).get();
            let next = self.first.get() + 1;
            self.first.set(if next < CAPACITY { next } else { 0 });
            self.len.set(self.len.get() - 1);
            if upcall.function != 0 {
                return Some(upcall);
            }
        }
        None
    }

    /// Takes the first upcall of this id, wherever it stands.
    #[inline]
    pub(super) fn take(&self, id: UpcallId) -> Option<QueuedUpcall> {
        if self.is_empty() {
            return None;
        }
        self.find_and_take(id)
    }

    #[inline(never)]
    fn find_and_take(&self, id: UpcallId) -> Option<QueuedUpcall> {
        let mut found = None;
        self.retain(|upcall| {
            let is_it = found.is_none() && upcall.id == id;
            if is_it {
                found = Some(*upcall);
            }
            !is_it
        });
        found
    }

    /// Keeps the upcalls that `keep` says, and returns how many were dropped.
    pub(super) fn retain(&self, mut keep: impl FnMut(&QueuedUpcall) -> bool) -> usize {
        let len = self.len();
        let mut kept = 0;
        for number in 0..len {
            let upcall = self.entry(number).get();
            if keep(&upcall) {
                self.entry(kept).set(upcall);
                kept += 1;
            }
        }
        self.len.set(kept);
        len - kept
    }
}
