//! Why a system call failed.

use core::fmt;

/// The kernel's answer to a call that failed. The numbers are Tock's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u32)]
pub enum ErrorCode {
    /// Failed, and nothing truer can be said.
    FAIL = 1,
    /// Busy: try later.
    BUSY = 2,
    /// The state that was asked for is already there.
    ALREADY = 3,
    /// The device is off.
    OFF = 4,
    /// Something must be reserved or configured first.
    RESERVE = 5,
    /// An argument is out of range.
    INVAL = 6,
    /// A length is wrong.
    SIZE = 7,
    /// The operation was cancelled.
    CANCEL = 8,
    /// Out of memory.
    NOMEM = 9,
    /// There is no such command.
    NOSUPPORT = 10,
    /// There is no such driver, or this app may not use it.
    NODEVICE = 11,
    /// The device is not plugged in.
    UNINSTALLED = 12,
    /// No acknowledgement came.
    NOACK = 13,
    /// The kernel answered in a form that this call does not have.
    BADRVAL = 1024,
}

/// What a system call returns.
pub type Result<T = ()> = core::result::Result<T, ErrorCode>;

impl ErrorCode {
    /// All codes that a kernel can answer with.
    const ALL: [Self; 13] = [
        Self::FAIL,
        Self::BUSY,
        Self::ALREADY,
        Self::OFF,
        Self::RESERVE,
        Self::INVAL,
        Self::SIZE,
        Self::CANCEL,
        Self::NOMEM,
        Self::NOSUPPORT,
        Self::NODEVICE,
        Self::UNINSTALLED,
        Self::NOACK,
    ];

    /// The code with this number, or [`BADRVAL`](Self::BADRVAL) where no code has it.
    pub fn from_number(number: usize) -> Self {
        let index = number.wrapping_sub(1);
        Self::ALL.get(index).copied().unwrap_or(Self::BADRVAL)
    }

    /// What a status word in an upcall means: 0 is success.
    ///
    /// # Errors
    ///
    /// The code with the number `status`.
    pub fn from_status(status: usize) -> Result {
        match status {
            0 => Ok(()),
            number => Err(Self::from_number(number)),
        }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_found_by_its_number() {
        for code in ErrorCode::ALL {
            assert_eq!(ErrorCode::from_number(code as usize), code);
        }
        assert_eq!(ErrorCode::from_number(0), ErrorCode::BADRVAL);
        assert_eq!(ErrorCode::from_number(14), ErrorCode::BADRVAL);
    }
}
