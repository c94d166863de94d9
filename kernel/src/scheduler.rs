//! Which process runs next.

use core::num::NonZeroU32;

/// Why a process's turn is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoppedExecutingReason {
    /// It waits, has ended, or was stopped.
    NoWorkLeft,
    /// It faulted.
    StoppedFaulted,
    /// Its time slice is over.
    TimesliceExpired,
    /// The kernel had something to do. The turn is not over.
    KernelPreemption,
}

/// A process's turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// The process's place in the process table.
    pub slot: usize,
    /// For how long it may run at most; `None`: until it waits.
    pub timeslice_us: Option<NonZeroU32>,
}

/// Decides which process runs next.
pub trait Scheduler {
    /// The process in this place of the process table can run from now on.
    fn ready(&self, slot: usize);
    /// It cannot, from now on.
    fn blocked(&self, slot: usize);
    /// Which process runs next; `None` if none can.
    fn next(&self) -> Option<Turn>;
    /// What became of the turn that `next` gave.
    fn result(&self, slot: usize, reason: StoppedExecutingReason);
}
