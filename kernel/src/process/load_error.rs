//! Why an image does not become a process, in Tock's words.

use core::convert::Infallible;

use super::LoadError;

/// Why an image does not become a process, in Tock's words. [`LoadError`] says it more exactly.
#[derive(Debug)]
pub enum ProcessLoadError {
    /// There is not enough memory in one piece.
    NotEnoughMemory,
    /// Never here: an image may have any length.
    MpuInvalidFlashLength,
    /// Its image or its RAM can't be where it must be.
    MpuConfigurationError,
    /// Never here: a process has the addresses that it wants, or is not loaded.
    MemoryAddressMismatch {
        /// The address that the process would have.
        actual_address: *mut u8,
        /// The address that it wants.
        expected_address: *mut u8,
    },
    /// All places in the process table are taken.
    NoProcessSlot,
    /// It is malformed, disabled, no app, or made for another kernel.
    BinaryError(LoadError),
    /// Never here: this kernel asks for no credentials.
    CheckError(Infallible),
    /// Never here.
    InternalError,
}

impl From<LoadError> for ProcessLoadError {
    fn from(error: LoadError) -> Self {
        match error {
            LoadError::NoMemory { .. } => Self::NotEnoughMemory,
            LoadError::TableFull { .. } => Self::NoProcessSlot,
            LoadError::Addresses { .. } => Self::MpuConfigurationError,
            LoadError::Image(_) | LoadError::Padding | LoadError::Disabled => {
                Self::BinaryError(error)
            }
        }
    }
}
