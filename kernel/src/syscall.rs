//! System calls: what drivers implement and what they return.

pub use crate::syscall_driver::{CommandReturn, DriverRow, SyscallDriver};
