//! What a process is doing: it runs, waits, ends, and is started anew.

use super::{FaultReason, ProcessStandard, State, standard::NO_RESTART};

impl ProcessStandard {
    #[inline]
    pub(crate) fn state(&self) -> State {
        self.state.get()
    }

    /// Changes the state.
    pub(crate) fn set_state(&self, state: State) {
        let could_run = self.state.replace(state) == State::Running;
        match (could_run, state == State::Running) {
            (false, true) => self.table.ready(self),
            (true, false) => self.table.blocked(),
            _ => {}
        }
    }

    /// Lets a process that runs wait for what has not come.
    #[inline]
    pub(crate) fn block(&self, waits_for: State) {
        self.state.set(waits_for);
        self.table.blocked();
    }

    /// Lets a process that has waited go on.
    #[inline]
    pub(crate) fn unblock(&self) {
        self.state.set(State::Running);
        self.table.ready(self);
    }

    /// Lets a stopped process go on from where it was.
    pub(crate) fn resume_stopped(&self) {
        self.wait_again(self.state.get().resumed());
    }

    /// It did what it may not do: the fault policy decides what becomes of it.
    #[cold]
    pub(crate) fn fault(&self, reason: FaultReason) {
        self.table.fault(self, reason);
    }

    /// Ends it. Its memory stays until it is started anew or removed, but no driver finds its grants.
    pub(crate) fn end(&self, state: State, completion_code: Option<u32>) {
        self.upcalls.clear();
        self.completion_code.set(Some(completion_code));
        self.set_state(state);
        self.while_entered(|| {
            self.table.process_ended(self);
            self.forget_grants();
        });
    }

    pub(super) fn completion_code(&self) -> Option<Option<u32>> {
        self.completion_code.get()
    }

    /// Starts it anew, as another run: at once, or when the last one who uses it has left.
    pub(crate) fn restart(&self, completion_code: Option<u32>) {
        self.users.set(self.users.get() & !NO_RESTART);
        if self.state.get().is_alive() {
            self.end(State::Terminated, completion_code);
        }
        if self.users.get() == 0 {
            self.restart_now();
        }
    }

    #[cold]
    fn restart_now(&self) {
        self.users.set(NO_RESTART);
        self.id.set(self.table.next_id(self.id().slot()));
        let restarts = &self.statistics.restarts;
        restarts.set(restarts.get() + 1);
        self.start_afresh();
    }

    /// Notes that somebody uses a grant, or the process itself: it is not removed, nor started anew, until it is
    /// left as often.
    #[inline]
    pub(crate) fn enter(&self) {
        self.users.set(self.users.get() + 1);
    }

    /// Notes that somebody uses it no longer.
    #[inline]
    pub(crate) fn leave(&self) {
        let users = self.users.get() - 1;
        self.users.set(users);
        if users == 0 {
            self.restart_now();
        }
    }

    /// Calls `fun`, which may want to remove the process or start it anew.
    pub(super) fn while_entered<R>(&self, fun: impl FnOnce() -> R) -> R {
        self.enter();
        let result = fun();
        self.leave();
        result
    }

    pub(super) fn is_entered(&self) -> bool {
        self.users.get() & !NO_RESTART > 0
    }
}
