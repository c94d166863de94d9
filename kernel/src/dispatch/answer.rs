//! How a process is answered.
//!
//! Which words a result is depends on the width of the process's registers: a 64-bit process gets an
//! address or a wide value in one word (the encoding that Tock has drafted for 64-bit RISC-V), a 32-bit
//! process gets a wide value in two.

use crate::{
    ErrorCode,
    machine::machine,
    platform::WordSize,
    process::{CallResult, ProcessStandard, QueuedUpcall, State},
    syscall::CommandReturn,
    syscall_driver::shape,
    upcall::UpcallId,
};

/// Numbers of shapes that only system calls other than commands have, for 64-bit processes.
pub(super) mod wide_shape {
    pub const FAILURE_UPCALL: usize = 4;
    pub const FAILURE_BUFFER: usize = 5;
    pub const SUCCESS_UPCALL: usize = 134;
    pub const SUCCESS_BUFFER: usize = 135;
    pub const SUCCESS_POINTER: usize = 136;
    pub const SUCCESS_ADDRESS: usize = 137;
}

/// Why the kernel refuses a subscribe or an allow.
pub(super) enum Refusal {
    /// A filter does: the process gets nothing but the error.
    Filter(ErrorCode),
    /// The call is wrong: the process gets back what it has passed.
    Call(ErrorCode),
}

impl From<ErrorCode> for Refusal {
    fn from(error: ErrorCode) -> Self {
        Self::Call(error)
    }
}

/// What a process is answered.
impl ProcessStandard {
    #[inline]
    pub(super) fn call_class(&self) -> usize {
        self.registers().call[0].get()
    }

    #[inline]
    pub(super) fn call_arguments(&self) -> [usize; 4] {
        let [_, a, b, c, d] = &self.registers().call;
        [a.get(), b.get(), c.get(), d.get()]
    }

    /// Leaves `values` as the call's results.
    #[inline]
    pub(super) fn answer<const COUNT: usize>(&self, values: [usize; COUNT]) {
        let registers = self.registers();
        for (word, value) in registers.call.iter().zip(values) {
            word.set(value);
        }
        registers
            .result
            .set(const { CallResult::values(COUNT as u8) });
    }

    pub(super) fn is_wide(&self) -> bool {
        self.word_size() == WordSize::Bits64
    }

    #[inline]
    pub(super) fn answer_command(&self, answer: CommandReturn) {
        if answer.shape() == shape::SUCCESS {
            self.answer([shape::SUCCESS as usize]);
        } else {
            self.answer_values(answer);
        }
    }

    #[inline(never)]
    fn answer_values(&self, answer: CommandReturn) {
        let number = answer.shape() as usize;
        let first = answer.first() as usize;
        let tail = answer.tail();
        let (low, high) = (tail as u32 as usize, (tail >> 32) as usize);
        match answer.shape() {
            shape::FAILURE | shape::SUCCESS_U32 => self.answer([number, first]),
            shape::FAILURE_U32 | shape::SUCCESS_U32_U32 => self.answer([number, first, low]),
            shape::SUCCESS_U64 if self.is_wide() => self.answer([number, tail as usize]),
            shape::SUCCESS_U64 => self.answer([number, low, high]),
            shape::FAILURE_U64 | shape::SUCCESS_U32_U64 if self.is_wide() => {
                self.answer([number, first, tail as usize]);
            }
            _ => self.answer([number, first, low, high]),
        }
    }

    pub(super) fn answer_subscribe(
        &self,
        result: Result<(usize, usize), Refusal>,
        passed: (usize, usize),
    ) {
        use wide_shape::{FAILURE_UPCALL, SUCCESS_UPCALL};
        self.answer_swap(result, passed, SUCCESS_UPCALL, FAILURE_UPCALL);
    }

    pub(super) fn answer_allow(
        &self,
        result: Result<(usize, usize), Refusal>,
        passed: (usize, usize),
    ) {
        use wide_shape::{FAILURE_BUFFER, SUCCESS_BUFFER};
        self.answer_swap(result, passed, SUCCESS_BUFFER, FAILURE_BUFFER);
    }

    /// The old pair, or the error and the pair that was passed.
    #[inline]
    fn answer_swap(
        &self,
        result: Result<(usize, usize), Refusal>,
        passed: (usize, usize),
        wide_success: usize,
        wide_failure: usize,
    ) {
        let (success, failure) = match self.word_size() {
            WordSize::Bits64 => (wide_success, wide_failure),
            WordSize::Bits32 => (
                shape::SUCCESS_U32_U32 as usize,
                shape::FAILURE_U32_U32 as usize,
            ),
        };
        match result {
            Ok((first, second)) => self.answer([success, first, second]),
            Err(Refusal::Call(error)) => {
                self.answer([failure, error.into(), passed.0, passed.1]);
            }
            Err(Refusal::Filter(error)) => {
                self.answer_command(CommandReturn::failure(error));
            }
        }
    }

    #[inline]
    pub(crate) fn answer_upcall(&self, upcall: &QueuedUpcall) {
        let registers = self.registers();
        let [first, second, third] = upcall.arguments;
        let words = [upcall.function, first, second, third, upcall.appdata];
        for (word, value) in registers.call.iter().zip(words) {
            word.set(value);
        }
        registers.result.set(CallResult::UPCALL);
    }

    /// Gives the process the next upcall, if there is one, and says at `flag` whether there is. Returns whether the
    /// process goes on at once, as all of these do.
    #[inline(never)]
    pub(super) fn look(&self, flag: usize) -> bool {
        let upcall = self.next_upcall();
        self.set_byte(flag, upcall.is_some().into());
        match upcall {
            Some(upcall) => self.answer_upcall(&upcall),
            // A 64-bit process looks for a function, a 32-bit one at its byte.
            None if self.is_wide() => self.answer([0]),
            None => self.answer([]),
        }
        machine().ready.is_empty()
    }

    /// Gives the process the next upcall, or lets it wait for one.
    #[inline]
    pub(super) fn wait(&self) -> bool {
        if self.pending_upcalls() > 0 {
            return self.wait_with_upcalls(State::Yielded);
        }
        self.block(State::Yielded);
        false
    }

    /// Gives the process the values of one upcall, or lets it wait for it.
    #[inline]
    pub(super) fn wait_for(&self, id: UpcallId) -> bool {
        if self.pending_upcalls() > 0 {
            return self.wait_with_upcalls(State::YieldedFor(id));
        }
        self.block(State::YieldedFor(id));
        false
    }

    /// Gives the process what it wants to wait for, if that has come, or lets it wait in `state`.
    #[inline(never)]
    fn wait_with_upcalls(&self, state: State) -> bool {
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

    /// Whether the process waits for this upcall and no other.
    #[inline]
    pub(crate) fn waits_for(&self, id: UpcallId) -> bool {
        self.state() == State::YieldedFor(id)
    }

    /// Gives a process the values of the one upcall that it has waited for.
    #[inline]
    pub(crate) fn answer_wait(&self, arguments: [usize; 3]) {
        self.answer(arguments);
        self.unblock();
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
