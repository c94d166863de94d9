//! What there is one of in a machine: the ready set, the deferred calls and the log.
//!
//! Tock's `DeferredCall::new()` and `debug!` take no argument that would say which machine they
//! belong to, so the answer is here and nowhere else. On bare metal it is a `static`. On the host every
//! thread is a machine of its own, so that tests run side by side.

use crate::{
    debug::Log,
    deferred_call::DeferredCalls,
    process::ProcessTable,
    ready::ReadySet,
    task::{Parking, TaskRecord},
    utilities::cells::OptionalCell,
};

pub(crate) struct Machine {
    pub(crate) ready: ReadySet,
    pub(crate) deferred_calls: DeferredCalls,
    pub(crate) log: Log,
    pub(crate) parking: Parking,
    /// The processes of the kernel that was made last.
    pub(crate) processes: OptionalCell<&'static ProcessTable>,
    /// The tasks of the kernel that was started last, for a panic dump.
    pub(crate) tasks: OptionalCell<&'static [TaskRecord]>,
}

impl Machine {
    #[cfg(not(loom))]
    const fn new() -> Self {
        Self {
            ready: ReadySet::new(),
            deferred_calls: DeferredCalls::new(),
            log: Log::new(),
            parking: Parking::new(),
            processes: OptionalCell::empty(),
            tasks: OptionalCell::empty(),
        }
    }
}

#[cfg(target_os = "none")]
pub(crate) fn machine() -> &'static Machine {
    struct OneThread(Machine);
    // SAFETY: ONE-THREAD (see the crate's documentation): kernel code never runs twice at a time, and
    // interrupt handlers reach only the ready set, which is made of atomics.
    unsafe impl Sync for OneThread {}
    static MACHINE: OneThread = OneThread(Machine::new());
    &MACHINE.0
}

#[cfg(all(not(target_os = "none"), not(loom)))]
pub(crate) fn machine() -> &'static Machine {
    use std::boxed::Box;
    // Leaked once a thread: wakers may outlive the test that made them.
    std::thread_local!(static MACHINE: &'static Machine = Box::leak(Box::new(Machine::new())));
    MACHINE.with(|machine| *machine)
}

/// Under the model checker every object is made inside a model run; there is no global machine.
#[cfg(loom)]
pub(crate) fn machine() -> &'static Machine {
    unreachable!("a model run uses no global machine")
}
