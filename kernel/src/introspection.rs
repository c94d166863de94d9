//! What capsules that may manage processes can ask about all of them, with Tock's names.

use crate::{
    Kernel, ProcessId,
    capabilities::ProcessManagementCapability,
    process::{Process, State},
};

/// Looks at processes and manages them.
impl Kernel {
    /// Calls `closure` for each process, in the order of the process table. A process that `closure` starts anew
    /// starts when `closure` returns.
    pub fn process_each_capability<F>(
        &'static self,
        _capability: &dyn ProcessManagementCapability,
        closure: F,
    ) where
        F: FnMut(&dyn Process),
    {
        self.processes().each(closure);
    }

    /// Treats each process that is alive as if it had done what it may not do: the fault policy decides what
    /// becomes of it.
    pub fn hardfault_all_apps<C: ProcessManagementCapability>(&self, _c: &C) {
        self.processes().each(|process| process.set_fault_state());
    }
}

/// Numbers about the processes of a kernel, for people. A process that is gone has zeros.
pub struct KernelInfo {
    kernel: &'static Kernel,
}

impl KernelInfo {
    /// Numbers about the processes of `kernel`.
    pub fn new(kernel: &'static Kernel) -> KernelInfo {
        KernelInfo { kernel }
    }

    /// How many processes there are, whatever they are doing.
    pub fn number_loaded_processes(&self, _capability: &dyn ProcessManagementCapability) -> usize {
        self.sum(|_| 1)
    }

    /// How many processes run, or wait for any upcall or for one. (Tock leaves out those that wait for one.)
    pub fn number_active_processes(&self, _capability: &dyn ProcessManagementCapability) -> usize {
        self.sum(|process| is_active(process).into())
    }

    /// How many processes were stopped, have ended or have faulted.
    pub fn number_inactive_processes(
        &self,
        _capability: &dyn ProcessManagementCapability,
    ) -> usize {
        self.sum(|process| (!is_active(process)).into())
    }

    /// How many system calls a process has made.
    pub fn number_app_syscalls(
        &self,
        app: ProcessId,
        _capability: &dyn ProcessManagementCapability,
    ) -> usize {
        self.of(app, |process| process.debug_syscall_count())
    }

    /// How many upcalls of a process were dropped because its queue was full or it had ended.
    pub fn number_app_dropped_upcalls(
        &self,
        app: ProcessId,
        _capability: &dyn ProcessManagementCapability,
    ) -> usize {
        self.of(app, |process| process.debug_dropped_upcall_count())
    }

    /// How often a process was started anew.
    pub fn number_app_restarts(
        &self,
        app: ProcessId,
        _capability: &dyn ProcessManagementCapability,
    ) -> usize {
        self.of(app, |process| process.get_restart_count())
    }

    /// How many time slices a process has used up.
    pub fn number_app_timeslice_expirations(
        &self,
        app: ProcessId,
        _capability: &dyn ProcessManagementCapability,
    ) -> usize {
        self.of(app, |process| process.debug_timeslice_expiration_count())
    }

    /// How many grants a process has, of how many that there are.
    pub fn number_app_grant_uses(
        &self,
        app: ProcessId,
        _capability: &dyn ProcessManagementCapability,
    ) -> (usize, usize) {
        let used = self.of(app, |process| process.grant_allocated_count().unwrap_or(0));
        (used, self.kernel.processes().grant_count())
    }

    /// How many time slices all processes together have used up.
    pub fn timeslice_expirations(&self, _capability: &dyn ProcessManagementCapability) -> usize {
        self.sum(|process| process.debug_timeslice_expiration_count())
    }

    fn sum(&self, number: impl Fn(&dyn Process) -> usize) -> usize {
        let mut sum = 0;
        self.kernel
            .processes()
            .each(|process| sum += number(process));
        sum
    }

    fn of(&self, app: ProcessId, number: impl Fn(&dyn Process) -> usize) -> usize {
        let processes = self.kernel.processes();
        processes
            .with(app, |process| number(process))
            .unwrap_or_default()
    }
}

fn is_active(process: &dyn Process) -> bool {
    matches!(
        process.get_state(),
        State::Running | State::Yielded | State::YieldedFor(_)
    )
}
