//! The errors that an app can see, with Tock's names and numbers (TRD 104, section 3.3).

use crate::process;

/// Why an operation failed. The number is what reaches an app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum ErrorCode {
    /// No truer code exists. Look for one before using this.
    FAIL = 1,
    /// The operation is under way already, or its resource is in use: try again later.
    BUSY = 2,
    /// The state asked for is the state there is.
    ALREADY = 3,
    /// The component is powered down.
    OFF = 4,
    /// The resource must be reserved or allocated before this operation.
    RESERVE = 5,
    /// An argument is invalid.
    INVAL = 6,
    /// A length is wrong.
    SIZE = 7,
    /// The operation was cancelled.
    CANCEL = 8,
    /// There is no room left.
    NOMEM = 9,
    /// The operation or command does not exist here.
    NOSUPPORT = 10,
    /// The device or driver does not exist here.
    NODEVICE = 11,
    /// The device is known but not present.
    UNINSTALLED = 12,
    /// The other side did not acknowledge.
    NOACK = 13,
}

impl ErrorCode {
    /// The error with this number; `None` if there is none.
    pub const fn from_number(number: u32) -> Option<Self> {
        const ALL: [ErrorCode; 13] = [
            ErrorCode::FAIL,
            ErrorCode::BUSY,
            ErrorCode::ALREADY,
            ErrorCode::OFF,
            ErrorCode::RESERVE,
            ErrorCode::INVAL,
            ErrorCode::SIZE,
            ErrorCode::CANCEL,
            ErrorCode::NOMEM,
            ErrorCode::NOSUPPORT,
            ErrorCode::NODEVICE,
            ErrorCode::UNINSTALLED,
            ErrorCode::NOACK,
        ];
        match number {
            1..=13 => Some(ALL[number as usize - 1]),
            _ => None,
        }
    }
}

impl From<ErrorCode> for usize {
    fn from(error: ErrorCode) -> usize {
        error as usize
    }
}

impl From<ErrorCode> for Result<(), ErrorCode> {
    fn from(error: ErrorCode) -> Self {
        Err(error)
    }
}

impl<T> From<process::Error> for Result<T, ErrorCode> {
    fn from(error: process::Error) -> Self {
        Err(error.into())
    }
}

impl TryFrom<Result<(), ErrorCode>> for ErrorCode {
    type Error = ();

    fn try_from(result: Result<(), ErrorCode>) -> Result<Self, ()> {
        result.err().ok_or(())
    }
}

/// A result as one number for an upcall: 0 for success, else the error's number.
pub fn into_statuscode(result: Result<(), ErrorCode>) -> usize {
    match result {
        Ok(()) => 0,
        Err(error) => error.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_zero_for_success_and_the_error_number_otherwise() {
        assert_eq!(into_statuscode(Ok(())), 0);
        assert_eq!(into_statuscode(Err(ErrorCode::FAIL)), 1);
        assert_eq!(into_statuscode(Err(ErrorCode::NOACK)), 13);
    }

    #[test]
    fn an_error_survives_the_way_through_a_result() {
        let result: Result<(), ErrorCode> = ErrorCode::SIZE.into();
        assert_eq!(ErrorCode::try_from(result), Ok(ErrorCode::SIZE));
        assert_eq!(ErrorCode::try_from(Ok(())), Err(()));
        let result: Result<u8, ErrorCode> = process::Error::OutOfMemory.into();
        assert_eq!(result, Err(ErrorCode::NOMEM));
    }
}
