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
    /// Is told whenever a process is about to run.
    type ContextSwitchCallback: ContextSwitchCallback;

    /// Finds drivers.
    fn syscall_driver_lookup(&self) -> &Self::SyscallDriverLookup;
    /// Decides what processes may call.
    fn syscall_filter(&self) -> &Self::SyscallFilter;
    /// Ends the turns of processes.
    fn scheduler_timer(&self) -> &Self::SchedulerTimer;
    /// Is told whenever a process is about to run.
    fn context_switch_callback(&self) -> &Self::ContextSwitchCallback;
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
    /// Whether there is a call that `process` may not make. If not, the filter is not asked about its calls.
    fn concerns(&self, process: &dyn Process) -> bool {
        let _ = process;
        true
    }

    /// Whether `process` may make this call, which is one to a driver.
    ///
    /// # Errors
    /// What the process gets instead.
    fn filter_syscall(&self, process: &dyn Process, syscall: &Syscall) -> Result<(), ErrorCode> {
        let _ = (process, syscall);
        Ok(())
    }
}

/// Every process may make every call.
impl SyscallFilter for () {
    fn concerns(&self, _: &dyn Process) -> bool {
        false
    }
}

/// Measures the turns of processes and ends them.
pub trait SchedulerTimer {
    /// A turn begins that may last as long as `us` says; `None`: as long as it will. An interrupt comes when
    /// its time is over, at the latest.
    fn start(&self, us: Option<NonZeroU32>);

    /// For how many microseconds the turn has lasted.
    fn used_us(&self) -> u32;

    /// Whether its time is over.
    fn has_expired(&self) -> bool;
}

/// Turns that last as long as they will.
impl SchedulerTimer for () {
    fn start(&self, _us: Option<NonZeroU32>) {}

    fn used_us(&self) -> u32 {
        0
    }

    fn has_expired(&self) -> bool {
        false
    }
}

/// Is told whenever a process is about to run: when it gets its turn, and when it goes on after a system call.
pub trait ContextSwitchCallback {
    /// Whether it wants to know. If not, a system call costs nothing for it.
    fn listens(&self) -> bool {
        true
    }

    /// `process` is about to run, and will, so this must neither stop nor end it.
    fn context_switch_hook(&self, process: &dyn Process);
}

/// Nobody wants to know.
impl ContextSwitchCallback for () {
    #[inline]
    fn listens(&self) -> bool {
        false
    }

    #[inline]
    fn context_switch_hook(&self, _process: &dyn Process) {}
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
    type ContextSwitchCallback = ();

    fn syscall_driver_lookup(&self) -> &L {
        self.0
    }

    fn syscall_filter(&self) -> &F {
        self.1
    }

    fn scheduler_timer(&self) -> &T {
        self.2
    }

    fn context_switch_callback(&self) -> &() {
        &()
    }
}
