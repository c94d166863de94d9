//! What a process is doing.

use core::fmt;

use crate::upcall::UpcallId;

/// What a process is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)] // a tag of its own, which is looked at in each turn
pub enum State {
    /// It runs, or waits for its turn.
    Running,
    /// It waits for any upcall.
    Yielded,
    /// It waits for one upcall and no other.
    YieldedFor(UpcallId),
    /// It was stopped, and goes on from here when it is resumed.
    Stopped(StoppedState),
    /// It did what it may not do, and can only be started anew.
    Faulted,
    /// It has ended, and can only be started anew.
    Terminated,
}

/// What a stopped process was doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoppedState {
    /// As [`State::Running`].
    Running,
    /// As [`State::Yielded`].
    Yielded,
    /// As [`State::YieldedFor`].
    YieldedFor(UpcallId),
}

impl State {
    /// Whether it has neither ended nor faulted.
    pub fn is_alive(self) -> bool {
        !matches!(self, Self::Faulted | Self::Terminated)
    }

    /// The state of such a process after it was stopped.
    pub(super) fn stopped(self) -> Self {
        match self {
            Self::Running => Self::Stopped(StoppedState::Running),
            Self::Yielded => Self::Stopped(StoppedState::Yielded),
            Self::YieldedFor(id) => Self::Stopped(StoppedState::YieldedFor(id)),
            other => other,
        }
    }

    /// The state of such a process after it was resumed.
    pub(super) fn resumed(self) -> Self {
        match self {
            Self::Stopped(StoppedState::Running) => Self::Running,
            Self::Stopped(StoppedState::Yielded) => Self::Yielded,
            Self::Stopped(StoppedState::YieldedFor(id)) => Self::YieldedFor(id),
            other => other,
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Running => "running",
            Self::Yielded => "waiting",
            Self::YieldedFor(_) => "waiting for one",
            Self::Stopped(_) => "stopped",
            Self::Faulted => "faulted",
            Self::Terminated => "ended",
        })
    }
}

/// What the board wants done with a process that has faulted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultAction {
    /// Stop the whole machine, for developers.
    Panic,
    /// Start the process anew.
    Restart,
    /// Leave it as it is.
    Stop,
}

/// Decides what is done with a process that has faulted.
pub trait ProcessFaultPolicy {
    /// Called once for each fault of `process`.
    fn action(&self, process: &dyn super::Process) -> FaultAction;
}
