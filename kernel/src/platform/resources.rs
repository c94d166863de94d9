//! What a board gives the kernel loop to serve system calls with.

use core::num::NonZeroU32;

use crate::{
    ErrorCode,
    process::Process,
    syscall::{Syscall, SyscallDriver},
};

/// What a board gives the kernel loop to serve system calls with.
pub trait KernelResources {
    /// Finds drivers.
    type SyscallDriverLookup: SyscallDriverLookup;
    /// Decides what processes may call.
    type SyscallFilter: SyscallFilter;
    /// Ends the turns of processes.
    type SchedulerTimer: SchedulerTimer;

    /// Finds drivers.
    fn syscall_driver_lookup(&self) -> &Self::SyscallDriverLookup;
    /// Decides what processes may call.
    fn syscall_filter(&self) -> &Self::SyscallFilter;
    /// Ends the turns of processes.
    fn scheduler_timer(&self) -> &Self::SchedulerTimer;
}

/// Finds drivers by their numbers.
pub trait SyscallDriverLookup {
    /// Calls `f` with the driver of this number, or with `None` if there is none.
    fn with_driver<F, R>(&self, driver_num: usize, f: F) -> R
    where
        F: FnOnce(Option<&dyn SyscallDriver>) -> R;
}

/// Decides what processes may call.
pub trait SyscallFilter {
    /// Whether `process` may make this call, which is one to a driver.
    ///
    /// # Errors
    /// What the process gets instead.
    fn filter_syscall(&self, process: &dyn Process, syscall: &Syscall) -> Result<(), ErrorCode> {
        let _ = (process, syscall);
        Ok(())
    }
}

impl SyscallFilter for () {}

/// Ends the turns of processes: a time slice goes on while the process makes system calls and while the
/// kernel serves interrupts between them.
pub trait SchedulerTimer {
    /// Starts a time slice. An interrupt comes when it is over, at the latest.
    fn start(&self, us: NonZeroU32);

    /// Forgets the time slice that was started: the process may run on.
    fn reset(&self);

    /// Whether the time slice that was started is over.
    fn has_expired(&self) -> bool;
}

impl SchedulerTimer for () {
    fn start(&self, _us: NonZeroU32) {}

    fn reset(&self) {}

    fn has_expired(&self) -> bool {
        false
    }
}

/// A board's resources as a tuple: drivers, filter, timer.
impl<L, F, T> KernelResources for (&L, &F, &T)
where
    L: SyscallDriverLookup,
    F: SyscallFilter,
    T: SchedulerTimer,
{
    type SyscallDriverLookup = L;
    type SyscallFilter = F;
    type SchedulerTimer = T;

    fn syscall_driver_lookup(&self) -> &L {
        self.0
    }

    fn syscall_filter(&self) -> &F {
        self.1
    }

    fn scheduler_timer(&self) -> &T {
        self.2
    }
}
