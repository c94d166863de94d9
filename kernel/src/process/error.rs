//! What can go wrong with a process.

use crate::ErrorCode;

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
