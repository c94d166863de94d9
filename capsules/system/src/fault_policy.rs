//! What becomes of a process that has done what it may not do, under Tock's names. The kernel logs each fault; a
//! policy logs what it made of it.

use kernel::{
    debug,
    process::{FaultAction, Process, ProcessFaultPolicy},
};

/// Stops the process. It can be started again by a person.
pub struct StopFaultPolicy;

impl ProcessFaultPolicy for StopFaultPolicy {
    fn action(&self, process: &dyn Process) -> FaultAction {
        debug!("process {} is stopped", process.get_process_name());
        FaultAction::Stop
    }
}

/// Starts the process anew, each time.
pub struct RestartFaultPolicy;

impl ProcessFaultPolicy for RestartFaultPolicy {
    fn action(&self, process: &dyn Process) -> FaultAction {
        debug!("process {} is started anew", process.get_process_name());
        FaultAction::Restart
    }
}

/// Starts the process anew, and stops it once it was started anew more often than the threshold says.
/// Restarts for other reasons count too.
pub struct ThresholdRestartFaultPolicy {
    threshold: usize,
}

impl ThresholdRestartFaultPolicy {
    /// A policy that stops a process that faults after more than `threshold` restarts: with 0, at its second
    /// fault.
    pub const fn new(threshold: usize) -> Self {
        Self { threshold }
    }
}

impl ProcessFaultPolicy for ThresholdRestartFaultPolicy {
    fn action(&self, process: &dyn Process) -> FaultAction {
        let policy: &dyn ProcessFaultPolicy = if process.get_restart_count() <= self.threshold {
            &RestartFaultPolicy
        } else {
            &StopFaultPolicy
        };
        policy.action(process)
    }
}

/// Stops the whole machine, for developers.
pub struct PanicFaultPolicy;

impl ProcessFaultPolicy for PanicFaultPolicy {
    fn action(&self, _: &dyn Process) -> FaultAction {
        FaultAction::Panic
    }
}
