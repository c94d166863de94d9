//! Which process runs next, and for how long.
//!
//! The kernel tells the scheduler of each change, so that a scheduler never has to ask every process
//! whether it can run: picking one costs the same among ten and among a thousand.
//!
//! The kernel gives a process its turn like this:
//! 1. It asks [`Scheduler::next`]. Nothing to run: it sleeps until there is work. If that process has come to
//!    wait since it was ready, it says so ([`Scheduler::blocked`]) and asks again. Most processes that wait are
//!    ready again before their turn comes, so this costs less than to say so each time.
//! 2. If the turn has a time slice, it arms a timer for that long. Then the process runs, and its system
//!    calls are served. Meanwhile processes may become ready.
//! 3. The turn is over when the process cannot go on, when the timer has fired, or when the kernel has
//!    work of its own, be it an interrupt or the question whether another process that has become
//!    ready should run first. The kernel says so to [`Scheduler::result`].

use core::num::NonZeroU32;

use crate::process::MAX_PROCESSES;

/// Decides which process runs.
///
/// Processes are known by their slot in the process table, so a slot is below
/// [`MAX_PROCESSES`](crate::process::MAX_PROCESSES). At first all are blocked.
pub trait Scheduler {
    /// Whether a process that becomes ready may have to run before the one whose turn it is. If not, the kernel
    /// does not say [`Scheduler::ready`] of one that has waited and was not named meanwhile.
    fn preempts(&self) -> bool {
        false
    }

    /// The process in `slot` can run from now on. Nothing changes if it could before. Returns whether it is
    /// to run before the one whose turn it is.
    fn ready(&self, slot: usize) -> bool;

    /// The process in `slot`, which the last answer of [`Scheduler::next`] named, can't run until it is ready
    /// again.
    fn blocked(&self, slot: usize);

    /// Whose turn it is; `None` if no process can run.
    ///
    /// The kernel need not follow the answer, and may ask again before it does.
    fn next(&self) -> Option<Turn>;

    /// The process in `slot`, which the last answer of [`Scheduler::next`] named, has run for `used_us`
    /// microseconds and stopped because of `reason`.
    ///
    /// After [`StoppedExecutingReason::KernelPreemption`] a process that still can run has what is left of
    /// its slice to come: an interrupt costs nobody their turn. Who counts slices charges at least a
    /// microsecond, or a process that is interrupted quickly enough would run for ever.
    fn result(&self, slot: usize, reason: StoppedExecutingReason, used_us: u32);
}

/// A process's turn. `Option<Turn>` is returned in registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// The slot, and [`Turn::MARK`].
    place: NonZeroU32,
    timeslice_us: Option<NonZeroU32>,
}

impl Turn {
    /// No slot is so high. With it no place is 0, which stands for no turn.
    const MARK: NonZeroU32 = NonZeroU32::new(1 << 31).unwrap();

    /// The turn of the process in `slot`, for as long as `timeslice_us` says.
    #[inline]
    pub fn new(slot: usize, timeslice_us: Option<NonZeroU32>) -> Self {
        Self {
            place: Self::MARK | slot as u32,
            timeslice_us,
        }
    }

    /// The process's place in the process table.
    #[inline]
    pub fn slot(self) -> usize {
        self.place.get() as usize % MAX_PROCESSES
    }

    /// After how many microseconds the kernel stops the process; `None` if only its own doing or
    /// kernel work does.
    #[inline]
    pub fn timeslice_us(self) -> Option<NonZeroU32> {
        self.timeslice_us
    }
}

/// Why a process's turn is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoppedExecutingReason {
    /// It waits for something, or has started anew: it is the same app, and what it has used counts.
    NoWorkLeft,
    /// It faulted and was not started anew.
    StoppedFaulted,
    /// It was stopped, or has ended and was not started anew.
    Stopped,
    /// Its time slice is used up.
    TimesliceExpired,
    /// The kernel has work to do, or another process became ready.
    KernelPreemption,
}
