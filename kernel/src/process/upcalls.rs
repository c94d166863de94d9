//! The upcalls of a process: to be run at once, or to wait in its queue.

use super::{ProcessStandard, QueuedUpcall, State};
use crate::upcall::{UpcallError, UpcallId};

impl ProcessStandard {
    /// Gives the process an upcall that is not the one it waits for: at once if it waits for any, else when it
    /// yields.
    #[inline(never)]
    pub(crate) fn enqueue(&self, upcall: QueuedUpcall) -> Result<(), UpcallError> {
        match self.state.get() {
            // A process that waits for any upcall does not see one without a function.
            State::Yielded if upcall.function == 0 => return Ok(()),
            State::Yielded => {
                self.answer_upcall(&upcall);
                self.unblock();
                return Ok(());
            }
            State::Running | State::YieldedFor(_) | State::Stopped(_) => {}
            State::Faulted | State::Terminated => {
                self.count_dropped();
                return Err(UpcallError::KernelError);
            }
        }
        self.upcalls.push(upcall).map_err(|()| {
            self.count_dropped();
            UpcallError::QueueFull
        })
    }

    #[cold]
    fn count_dropped(&self) {
        let dropped = &self.statistics.dropped_upcalls;
        dropped.set(dropped.get() + 1);
    }

    #[inline]
    pub(crate) fn next_upcall(&self) -> Option<QueuedUpcall> {
        self.upcalls.pop_function()
    }

    pub(crate) fn take_upcall(&self, id: UpcallId) -> Option<QueuedUpcall> {
        self.upcalls.take(id)
    }

    pub(crate) fn pending_upcalls(&self) -> usize {
        self.upcalls.len()
    }

    /// Drops the upcalls of this id that wait, and returns how many.
    #[inline]
    pub(crate) fn drop_upcalls(&self, id: UpcallId) -> usize {
        if self.upcalls.is_empty() {
            return 0;
        }
        self.upcalls.retain(|upcall| upcall.id != id)
    }

    /// Drops those of this id that have a function: the process has subscribed with another one.
    #[inline]
    pub(crate) fn drop_function_calls(&self, id: UpcallId) {
        if !self.upcalls.is_empty() {
            self.upcalls
                .retain(|upcall| upcall.id != id || upcall.function == 0);
        }
    }
}
