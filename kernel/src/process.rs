//! Processes as drivers see them: who is asking, and what can go wrong with it.

use crate::ErrorCode;

/// Names one run of one app. It stays the name of that run for ever: after a restart the app has another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProcessId {
    index: usize,
    identifier: usize,
}

impl ProcessId {
    /// The process in place `index` of the process table, in its run number `identifier`.
    pub const fn new(index: usize, identifier: usize) -> Self {
        Self { index, identifier }
    }

    /// A number that no other run of any app has.
    pub fn id(&self) -> usize {
        self.identifier
    }

    /// The process's place in the process table.
    pub fn index(&self) -> Option<usize> {
        Some(self.index)
    }
}

/// Why the kernel could not do something with a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// The process is gone.
    NoSuchApp,
    /// The process's memory is used up.
    OutOfMemory,
    /// An address is not the process's own.
    AddressOutOfBounds,
    /// The process has ended or has faulted.
    InactiveApp,
    /// The kernel's own state is not as it should be.
    KernelError,
    /// The data is in use already.
    AlreadyInUse,
}

impl From<Error> for ErrorCode {
    fn from(error: Error) -> ErrorCode {
        match error {
            Error::OutOfMemory => ErrorCode::NOMEM,
            Error::AddressOutOfBounds | Error::NoSuchApp => ErrorCode::INVAL,
            Error::InactiveApp | Error::KernelError | Error::AlreadyInUse => ErrorCode::FAIL,
        }
    }
}
