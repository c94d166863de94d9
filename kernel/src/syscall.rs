//! System calls: what an app asks of the kernel, and what drivers implement and return (TRD 104).

pub use crate::syscall_driver::{CommandReturn, SyscallDriver};

/// The classes of system calls, by their numbers.
pub mod class {
    /// Waits for an upcall, or looks whether one waits.
    pub const YIELD: usize = 0;
    /// Names a function that a driver may call.
    pub const SUBSCRIBE: usize = 1;
    /// Gives a driver a command.
    pub const COMMAND: usize = 2;
    /// Shares a buffer with a driver, to be read and written.
    pub const READ_WRITE_ALLOW: usize = 3;
    /// Shares a buffer with a driver, to be read.
    pub const READ_ONLY_ALLOW: usize = 4;
    /// Asks about memory, or for memory.
    pub const MEMOP: usize = 5;
    /// Ends the process, or starts it anew.
    pub const EXIT: usize = 6;
    /// Shares a buffer with a driver that the process goes on reading.
    pub const USERSPACE_READABLE_ALLOW: usize = 7;
}

/// A system call to a driver, as a filter sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syscall {
    /// [`class::SUBSCRIBE`].
    Subscribe {
        /// The driver.
        driver_number: usize,
        /// The upcall.
        subdriver_number: usize,
        /// The function, or 0.
        upcall_ptr: usize,
        /// The word that the function is given.
        appdata: usize,
    },
    /// [`class::COMMAND`].
    Command {
        /// The driver.
        driver_number: usize,
        /// The command.
        subdriver_number: usize,
        /// Its first argument.
        arg0: usize,
        /// Its second argument.
        arg1: usize,
    },
    /// [`class::READ_WRITE_ALLOW`].
    ReadWriteAllow {
        /// The driver.
        driver_number: usize,
        /// The buffer's number.
        subdriver_number: usize,
        /// Its address.
        allow_address: usize,
        /// Its length in bytes.
        allow_size: usize,
    },
    /// [`class::USERSPACE_READABLE_ALLOW`].
    UserspaceReadableAllow {
        /// The driver.
        driver_number: usize,
        /// The buffer's number.
        subdriver_number: usize,
        /// Its address.
        allow_address: usize,
        /// Its length in bytes.
        allow_size: usize,
    },
    /// [`class::READ_ONLY_ALLOW`].
    ReadOnlyAllow {
        /// The driver.
        driver_number: usize,
        /// The buffer's number.
        subdriver_number: usize,
        /// Its address.
        allow_address: usize,
        /// Its length in bytes.
        allow_size: usize,
    },
}

impl Syscall {
    /// The driver that the call is for.
    pub fn driver_number(&self) -> Option<usize> {
        match *self {
            Self::Subscribe { driver_number, .. }
            | Self::Command { driver_number, .. }
            | Self::ReadWriteAllow { driver_number, .. }
            | Self::UserspaceReadableAllow { driver_number, .. }
            | Self::ReadOnlyAllow { driver_number, .. } => Some(driver_number),
        }
    }

    /// The number of the upcall, command or buffer.
    pub fn subdriver_number(&self) -> Option<usize> {
        match *self {
            Self::Subscribe {
                subdriver_number, ..
            }
            | Self::Command {
                subdriver_number, ..
            }
            | Self::ReadWriteAllow {
                subdriver_number, ..
            }
            | Self::UserspaceReadableAllow {
                subdriver_number, ..
            }
            | Self::ReadOnlyAllow {
                subdriver_number, ..
            } => Some(subdriver_number),
        }
    }
}
