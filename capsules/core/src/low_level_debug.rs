//! Numbers for a developer to look at: the driver that works when little else in an app does.
//!
//! | command | arguments | result | errors |
//! |---|---|---|---|
//! | 0 | | success: the driver is here | |
//! | 1 | code | logs an alert code | |
//! | 2 | number | logs a number | |
//! | 3 | number, number | logs two numbers | |
//!
//! Any other command is `NOSUPPORT`. An app can name no upcall and share no buffer.
//!
//! Each command is a line of the kernel's log, which always takes it: there is nothing to wait for, and
//! nothing is kept of the app.

use kernel::{
    ErrorCode, ProcessId, debug, process,
    syscall::{CommandReturn, SyscallDriver},
};

use crate::driver;

/// The driver's number.
pub const DRIVER_NUM: usize = driver::NUM::LowLevelDebug as usize;

/// The driver.
pub struct LowLevelDebug;

impl SyscallDriver for LowLevelDebug {
    fn command(
        &self,
        command_num: usize,
        first: usize,
        second: usize,
        process_id: ProcessId,
    ) -> CommandReturn {
        match command_num {
            0 => {}
            1 => debug!("app {process_id:?}: alert code {first:#x}"),
            2 => debug!("app {process_id:?}: {first:#x}"),
            3 => debug!("app {process_id:?}: {first:#x} {second:#x}"),
            _ => return CommandReturn::failure(ErrorCode::NOSUPPORT),
        }
        CommandReturn::success()
    }

    fn allocate_grant(&self, _: ProcessId) -> Result<(), process::Error> {
        Ok(())
    }
}
