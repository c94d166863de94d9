//! Serves system calls (TRD 104, section 4).
//!
//! A call comes in the five words of [`StoredState::call`](crate::process::StoredState) and its results
//! are left there. Which words they are depends on the width of the process's registers: a 64-bit process
//! gets an address or a wide value in one word (the encoding that Tock has drafted for 64-bit RISC-V), a
//! 32-bit process gets a wide value in two.

use crate::{
    ErrorCode,
    grant::Kind,
    platform::{KernelResources, SyscallDriverLookup, SyscallFilter, SystemCallHandler, WordSize},
    process::{CallResult, FaultReason, ProcessStandard, QueuedUpcall, State},
    processbuffer::UserspaceReadableProcessBuffer,
    ready::ReadySet,
    syscall::{CommandReturn, Syscall, SyscallDriver, class},
    syscall_driver::shape,
    upcall::UpcallId,
};

/// Numbers of shapes that only system calls other than commands have, for 64-bit processes.
mod wide_shape {
    pub const FAILURE_UPCALL: usize = 4;
    pub const FAILURE_BUFFER: usize = 5;
    pub const SUCCESS_UPCALL: usize = 134;
    pub const SUCCESS_BUFFER: usize = 135;
    pub const SUCCESS_POINTER: usize = 136;
    pub const SUCCESS_ADDRESS: usize = 137;
}

/// Serves the system calls of one process while it runs.
pub(crate) struct Dispatcher<'a, R> {
    pub(crate) process: &'a ProcessStandard,
    pub(crate) resources: &'a R,
    pub(crate) ready: &'a ReadySet,
}

impl<R: KernelResources> SystemCallHandler for Dispatcher<'_, R> {
    #[inline]
    fn system_call(&mut self) -> bool {
        let process = self.process;
        process.count_system_call();
        let [class, a, b, c, d] = process.call();
        match class {
            class::COMMAND => process.answer_command(self.command(a, b, c, d)),
            class::YIELD => return self.yields(a, b, c),
            class::SUBSCRIBE => {
                let result = self.subscribe(a, b, c, d);
                process.answer_subscribe(result, (c, d));
            }
            class::READ_WRITE_ALLOW => self.allow(Kind::ReadWrite, a, b, (c, d)),
            class::READ_ONLY_ALLOW => self.allow(Kind::ReadOnly, a, b, (c, d)),
            class::USERSPACE_READABLE_ALLOW => self.allow_userspace_readable(a, b, (c, d)),
            class::MEMOP => process.memop(a, b),
            class::EXIT => return self.exit(a, b),
            unknown => {
                process.fault(FaultReason::UnknownClass(unknown));
                return false;
            }
        }
        // A driver may have stopped the process that called it.
        self.ready.is_empty() && process.state() == State::Running
    }
}

impl<R: KernelResources> Dispatcher<'_, R> {
    fn filter(&self, syscall: &Syscall) -> Result<(), ErrorCode> {
        let filter = self.resources.syscall_filter();
        filter.filter_syscall(self.process, syscall)
    }

    fn with_driver<T>(&self, number: usize, f: impl FnOnce(Option<&dyn SyscallDriver>) -> T) -> T {
        let drivers = self.resources.syscall_driver_lookup();
        drivers.with_driver(number, f)
    }

    #[inline]
    fn command(&self, driver: usize, command: usize, arg0: usize, arg1: usize) -> CommandReturn {
        if let Err(error) = self.filter(&Syscall::Command {
            driver_number: driver,
            subdriver_number: command,
            arg0,
            arg1,
        }) {
            return CommandReturn::failure(error);
        }
        self.with_driver(driver, |driver| match driver {
            Some(driver) => driver.command(command, arg0, arg1, self.process.id()),
            None => CommandReturn::failure(ErrorCode::NODEVICE),
        })
    }

    #[inline]
    fn yields(&self, variant: usize, first: usize, second: usize) -> bool {
        const NO_WAIT: usize = 0;
        const WAIT: usize = 1;
        const WAIT_FOR: usize = 2;
        let process = self.process;
        let waits_for = match variant {
            WAIT => State::Yielded,
            WAIT_FOR => State::YieldedFor(UpcallId {
                driver_num: first,
                subscribe_num: second,
            }),
            NO_WAIT => {
                let upcall = process.next_upcall();
                process.set_byte(first, upcall.is_some().into());
                process.answer_no_wait(upcall);
                return self.ready.is_empty();
            }
            unknown => {
                process.fault(FaultReason::UnknownYield(unknown));
                return false;
            }
        };
        process.wait(waits_for) && self.ready.is_empty()
    }

    fn subscribe(
        &self,
        driver_num: usize,
        subscribe_num: usize,
        function: usize,
        appdata: usize,
    ) -> Result<(usize, usize), Refusal> {
        self.filter(&Syscall::Subscribe {
            driver_number: driver_num,
            subdriver_number: subscribe_num,
            upcall_ptr: function,
            appdata,
        })
        .map_err(Refusal::Filter)?;
        if function != 0 && !self.process.may_call(function) {
            return Err(ErrorCode::INVAL.into());
        }
        let new = (function, appdata);
        let before = self.swap(driver_num, Kind::Upcall, subscribe_num, new)?;
        self.process.drop_function_calls(UpcallId {
            driver_num,
            subscribe_num,
        });
        Ok(before)
    }

    #[inline]
    fn allow(&self, kind: Kind, driver_num: usize, number: usize, buffer: (usize, usize)) {
        let result = self.try_allow(kind, driver_num, number, buffer);
        self.process.answer_allow(result, buffer);
    }

    #[inline]
    fn try_allow(
        &self,
        kind: Kind,
        driver_number: usize,
        subdriver_number: usize,
        buffer: (usize, usize),
    ) -> Result<(usize, usize), Refusal> {
        let (allow_address, allow_size) = buffer;
        let syscall = match kind {
            Kind::ReadOnly => Syscall::ReadOnlyAllow {
                driver_number,
                subdriver_number,
                allow_address,
                allow_size,
            },
            _ => Syscall::ReadWriteAllow {
                driver_number,
                subdriver_number,
                allow_address,
                allow_size,
            },
        };
        self.filter(&syscall).map_err(Refusal::Filter)?;
        let process = self.process;
        let is_in_memory = process.is_accessible(allow_address, allow_size);
        let may_share = allow_size == 0
            || is_in_memory
            || kind == Kind::ReadOnly && process.is_readable_image(allow_address, allow_size);
        let before = if may_share {
            self.swap(driver_number, kind, subdriver_number, buffer)?
        } else {
            let exists = self.with_driver(driver_number, |driver| driver.is_some());
            return Err(refused(exists).into());
        };
        if allow_size > 0 && is_in_memory {
            process.note_shared(allow_address + allow_size);
        }
        Ok(before)
    }

    /// Puts `new` in the place of what the process has given to a driver under a number.
    #[inline]
    fn swap(
        &self,
        driver_num: usize,
        kind: Kind,
        number: usize,
        new: (usize, usize),
    ) -> Result<(usize, usize), ErrorCode> {
        self.with_driver(driver_num, |driver| {
            let driver = driver.ok_or(ErrorCode::NODEVICE)?;
            let process = self.process;
            let grant = process.grant_of(driver_num).ok_or(ErrorCode::NOMEM)?;
            let part = match process.kernel_part(grant) {
                Some(part) => part,
                None => {
                    driver.allocate_grant(process.id())?;
                    process.kernel_part(grant).ok_or(ErrorCode::NOMEM)?
                }
            };
            let pair = part.pair(kind, number).ok_or(ErrorCode::NOSUPPORT)?;
            Ok(pair.replace(new))
        })
    }

    fn allow_userspace_readable(&self, driver_num: usize, number: usize, buffer: (usize, usize)) {
        let result = self.try_allow_userspace_readable(driver_num, number, buffer);
        self.process.answer_allow(result, buffer);
    }

    fn try_allow_userspace_readable(
        &self,
        driver_number: usize,
        subdriver_number: usize,
        (allow_address, allow_size): (usize, usize),
    ) -> Result<(usize, usize), Refusal> {
        self.filter(&Syscall::UserspaceReadableAllow {
            driver_number,
            subdriver_number,
            allow_address,
            allow_size,
        })
        .map_err(Refusal::Filter)?;
        self.with_driver(driver_number, |driver| {
            let driver = driver.ok_or(ErrorCode::NODEVICE)?;
            let process = self.process;
            if allow_size > 0 && !process.is_accessible(allow_address, allow_size) {
                return Err(ErrorCode::INVAL.into());
            }
            let id = process.id();
            let buffer = UserspaceReadableProcessBuffer::new(allow_address, allow_size, id);
            let before = driver
                .allow_userspace_readable(id, subdriver_number, buffer)
                .map_err(|(_, error)| error)?;
            if allow_size > 0 {
                process.note_shared(allow_address + allow_size);
            }
            Ok(before.consume())
        })
    }

    fn exit(&self, variant: usize, completion_code: usize) -> bool {
        const TERMINATE: usize = 0;
        const RESTART: usize = 1;
        let completion_code = Some(completion_code as u32);
        match variant {
            TERMINATE => self.process.end(State::Terminated, completion_code),
            RESTART => self.process.restart(completion_code),
            _ => {
                let failure = CommandReturn::failure(ErrorCode::NOSUPPORT);
                self.process.answer_command(failure);
                return self.ready.is_empty();
            }
        }
        false
    }
}

/// Why a buffer that is not the process's own is refused.
fn refused(driver_exists: bool) -> ErrorCode {
    if driver_exists {
        ErrorCode::INVAL
    } else {
        ErrorCode::NODEVICE
    }
}

/// Why the kernel refuses a subscribe or an allow.
enum Refusal {
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
    fn call(&self) -> [usize; 5] {
        let [class, a, b, c, d] = &self.registers().call;
        [class.get(), a.get(), b.get(), c.get(), d.get()]
    }

    /// Leaves `values` as the call's results.
    #[inline]
    fn answer<const COUNT: usize>(&self, values: [usize; COUNT]) {
        let registers = self.registers();
        for (word, value) in registers.call.iter().zip(values) {
            word.set(value);
        }
        registers.result.set(CallResult::Values(COUNT as u8));
    }

    fn is_wide(&self) -> bool {
        self.word_size() == WordSize::Bits64
    }

    #[inline]
    fn answer_command(&self, answer: CommandReturn) {
        let number = answer.shape() as usize;
        let first = answer.first() as usize;
        let tail = answer.tail();
        let (low, high) = (tail as u32 as usize, (tail >> 32) as usize);
        match answer.shape() {
            shape::SUCCESS => self.answer([number]),
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

    fn answer_subscribe(&self, result: Result<(usize, usize), Refusal>, passed: (usize, usize)) {
        use wide_shape::{FAILURE_UPCALL, SUCCESS_UPCALL};
        self.answer_swap(result, passed, SUCCESS_UPCALL, FAILURE_UPCALL);
    }

    fn answer_allow(&self, result: Result<(usize, usize), Refusal>, passed: (usize, usize)) {
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

    fn answer_no_wait(&self, upcall: Option<QueuedUpcall>) {
        match upcall {
            Some(upcall) => self.answer_upcall(&upcall),
            // A 64-bit process looks for a function, a 32-bit one at its byte.
            None if self.is_wide() => self.answer([0]),
            None => self.answer([]),
        }
    }

    #[inline]
    fn answer_upcall(&self, upcall: &QueuedUpcall) {
        let registers = self.registers();
        let [first, second, third] = upcall.arguments;
        let words = [upcall.function, first, second, third, upcall.appdata];
        for (word, value) in registers.call.iter().zip(words) {
            word.set(value);
        }
        registers.result.set(CallResult::Upcall);
    }

    /// Gives the process what it waits for in `state`, if that is there. Returns whether it was; if not, the
    /// process waits.
    #[inline]
    fn wait(&self, state: State) -> bool {
        let is_there = match state {
            State::YieldedFor(id) => self.take_upcall(id).map(|upcall| {
                self.answer(upcall.arguments);
            }),
            _ => self.next_upcall().map(|upcall| self.answer_upcall(&upcall)),
        }
        .is_some();
        if !is_there {
            self.set_state(state);
        }
        is_there
    }

    /// Makes a process that can run go on: one that waits is given what has come. Returns whether it goes on.
    #[inline]
    pub(crate) fn go_on(&self) -> bool {
        match self.state() {
            State::Running => true,
            state @ (State::Yielded | State::YieldedFor(_)) => {
                let goes_on = self.wait(state);
                if goes_on {
                    self.resume_running();
                }
                goes_on
            }
            State::Stopped(_) | State::Faulted | State::Terminated => false,
        }
    }

    /// Writes a byte of the process's memory, if it is one.
    fn set_byte(&self, address: usize, value: u8) {
        if self.is_accessible(address, 1)
            && let Some([byte]) = self.bytes(address, 1)
        {
            byte.set(value);
        }
    }

    fn memop(&self, operation: usize, argument: usize) {
        match self.try_memop(operation, argument) {
            Ok(Memory::Nothing) => self.answer([shape::SUCCESS as usize]),
            Ok(Memory::Number(number)) => self.answer([shape::SUCCESS_U32 as usize, number]),
            Ok(Memory::Pointer(pointer)) => {
                self.answer([self.address_shape(wide_shape::SUCCESS_POINTER), pointer]);
            }
            Ok(Memory::Address(address)) => {
                self.answer([self.address_shape(wide_shape::SUCCESS_ADDRESS), address]);
            }
            Err(error) => self.answer_command(CommandReturn::failure(error)),
        }
    }

    fn address_shape(&self, wide: usize) -> usize {
        match self.word_size() {
            WordSize::Bits64 => wide,
            WordSize::Bits32 => shape::SUCCESS_U32 as usize,
        }
    }

    fn try_memop(&self, operation: usize, argument: usize) -> Result<Memory, ErrorCode> {
        let memory = self.memory();
        let (ram, image) = (memory.ram.addresses(), memory.image.addresses());
        Ok(match operation {
            0 => {
                self.set_break(argument)?;
                Memory::Nothing
            }
            1 => {
                let before = self.app_break();
                let after = before.checked_add_signed(self.signed(argument));
                self.set_break(after.ok_or(ErrorCode::NOMEM)?)?;
                Memory::Pointer(before)
            }
            2 => Memory::Pointer(ram.start),
            3 => Memory::Pointer(ram.end),
            4 => Memory::Pointer(image.start),
            5 => Memory::Pointer(image.end),
            6 => Memory::Address(self.grant_break()),
            7 => Memory::Number(self.image().writeable_flash_regions().len()),
            8 | 9 => {
                let region = self.image().writeable_flash_regions().nth(argument);
                let region = region.ok_or(ErrorCode::FAIL)?;
                let start = image.start + region.offset as usize;
                let size = if operation == 9 { region.size } else { 0 };
                Memory::Pointer(start + size as usize)
            }
            10 => {
                self.note_stack_top(argument);
                Memory::Nothing
            }
            11 => {
                self.note_heap_start(argument);
                Memory::Nothing
            }
            _ => return Err(ErrorCode::NOSUPPORT),
        })
    }

    /// A word of the process as a signed number.
    fn signed(&self, word: usize) -> isize {
        match self.word_size() {
            WordSize::Bits32 => word as u32 as i32 as isize,
            WordSize::Bits64 => word as isize,
        }
    }
}

/// What a memory operation answers.
enum Memory {
    Nothing,
    Number(usize),
    Pointer(usize),
    Address(usize),
}
