//! Yields: a process waits for an upcall, or looks whether one is there (TRD 104, section 4.1).

use crate::{
    machine::machine,
    process::{FaultReason, ProcessStandard, State},
    upcall::UpcallId,
};

const NO_WAIT: usize = 0;
const WAIT: usize = 1;
const WAIT_FOR: usize = 2;

impl ProcessStandard {
    /// Serves a yield. Returns whether the process goes on at once.
    #[inline(never)]
    pub(super) fn yields(&self) -> bool {
        let [variant, first, second, _] = self.call_arguments();
        // Answers to commands are waited for this way.
        if variant == WAIT_FOR {
            return self.wait_for(UpcallId {
                driver_num: first,
                subscribe_num: second,
            });
        }
        match variant {
            WAIT => self.wait(),
            NO_WAIT => self.look(first),
            unknown => self.fault_by_yield(unknown),
        }
    }

    #[cold]
    fn fault_by_yield(&self, variant: usize) -> bool {
        self.fault(FaultReason::UnknownYield(variant));
        false
    }

    /// Gives the process the next upcall, if there is one, and says at `flag` whether there is. Returns whether the
    /// process goes on at once, as all of these do.
    #[inline]
    fn look(&self, flag: usize) -> bool {
        if self.pending_upcalls() > 0 {
            return self.look_at_upcalls(flag);
        }
        self.say_no_upcall(flag);
        machine().ready.is_empty()
    }

    #[inline(never)]
    fn look_at_upcalls(&self, flag: usize) -> bool {
        match self.next_upcall() {
            Some(upcall) => {
                self.set_byte(flag, 1);
                self.answer_upcall(&upcall);
            }
            None => self.say_no_upcall(flag),
        }
        machine().ready.is_empty()
    }

    #[inline]
    fn say_no_upcall(&self, flag: usize) {
        self.set_byte(flag, 0);
        // A 64-bit process looks for a function, a 32-bit one at its byte.
        if self.is_wide() {
            self.answer([0]);
        } else {
            self.answer([]);
        }
    }

    /// Gives the process the next upcall, or lets it wait for one.
    #[inline]
    fn wait(&self) -> bool {
        if self.pending_upcalls() > 0 {
            return self.wait_with_upcalls();
        }
        self.block(State::Yielded);
        false
    }

    #[inline(never)]
    fn wait_with_upcalls(&self) -> bool {
        self.take_or_block(State::Yielded)
    }

    /// Gives the process the values of one upcall, or lets it wait for it.
    #[inline]
    fn wait_for(&self, id: UpcallId) -> bool {
        if self.pending_upcalls() > 0 {
            return self.wait_for_with_upcalls(id.driver_num, id.subscribe_num);
        }
        self.block(State::YieldedFor(id));
        false
    }

    #[inline(never)]
    fn wait_for_with_upcalls(&self, driver_num: usize, subscribe_num: usize) -> bool {
        self.take_or_block(State::YieldedFor(UpcallId {
            driver_num,
            subscribe_num,
        }))
    }

    /// Gives the process what it wants to wait for, if that has come, or lets it wait in `state`.
    fn take_or_block(&self, state: State) -> bool {
        if self.take_awaited(state) {
            return machine().ready.is_empty();
        }
        self.block(state);
        false
    }

    /// Gives the process what it waits for in `state`. Returns whether that has come.
    fn take_awaited(&self, state: State) -> bool {
        match state {
            State::Yielded => self
                .next_upcall()
                .inspect(|upcall| self.answer_upcall(upcall)),
            State::YieldedFor(id) => self
                .take_upcall(id)
                .inspect(|upcall| self.answer(upcall.arguments)),
            _ => None,
        }
        .is_some()
    }

    /// Lets a process that was stopped while it waited in `state` go on, if what it waits for has come.
    pub(crate) fn wait_again(&self, state: State) {
        let goes_on = self.take_awaited(state);
        self.set_state(if goes_on { State::Running } else { state });
    }

    /// Writes a byte of the process's memory, if it is one.
    pub(super) fn set_byte(&self, address: usize, value: u8) {
        if self.is_accessible(address, 1)
            && let Some([byte]) = self.bytes(address, 1)
        {
            byte.set(value);
        }
    }
}
