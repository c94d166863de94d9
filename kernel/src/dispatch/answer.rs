//! How a process is answered.
//!
//! Which words a result is depends on the width of the process's registers: a 64-bit process gets an
//! address or a wide value in one word (the encoding that Tock has drafted for 64-bit RISC-V), a 32-bit
//! process gets a wide value in two.

use crate::{
    platform::WordSize,
    process::{CallResult, ProcessStandard, QueuedUpcall, State},
    syscall::{CommandReturn, Syscall, class},
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

    /// The call, which is one to a driver.
    pub(super) fn driver_call(&self) -> Syscall {
        let [driver_number, subdriver_number, first, second] = self.call_arguments();
        match self.call_class() {
            class::SUBSCRIBE => Syscall::Subscribe {
                driver_number,
                subdriver_number,
                upcall_ptr: first,
                appdata: second,
            },
            class::COMMAND => Syscall::Command {
                driver_number,
                subdriver_number,
                arg0: first,
                arg1: second,
            },
            class::READ_WRITE_ALLOW => Syscall::ReadWriteAllow {
                driver_number,
                subdriver_number,
                allow_address: first,
                allow_size: second,
            },
            class::READ_ONLY_ALLOW => Syscall::ReadOnlyAllow {
                driver_number,
                subdriver_number,
                allow_address: first,
                allow_size: second,
            },
            _ => Syscall::UserspaceReadableAllow {
                driver_number,
                subdriver_number,
                allow_address: first,
                allow_size: second,
            },
        }
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
}
