//! Serves system calls (TRD 104, section 4).
//!
//! A call comes in the five words of [`StoredState::call`](crate::process::StoredState): its class and four
//! arguments. Its results are left there (answer.rs). Each class has a function of its own, which says
//! whether the process goes on at once: so a call costs what its class needs and no more.

mod answer;
mod memop;

use answer::Refusal;

use crate::{
    ErrorCode,
    grant::Kind,
    machine::machine,
    platform::{KernelResources, SyscallDriverLookup, SyscallFilter, SystemCallHandler},
    process::{FaultReason, ProcessStandard, State},
    processbuffer::UserspaceReadableProcessBuffer,
    syscall::{CommandReturn, Syscall, SyscallDriver, class},
    upcall::UpcallId,
};

/// Serves the system calls of one process while it runs.
pub(crate) struct Dispatcher<'a, R> {
    pub(crate) process: &'a ProcessStandard,
    pub(crate) resources: &'a R,
}

impl<R: KernelResources> SystemCallHandler for Dispatcher<'_, R> {
    #[inline]
    fn system_call(&mut self) -> bool {
        self.process.count_system_call();
        match self.process.call_class() {
            // The most frequent ones first: they are not worth a jump table.
            class::COMMAND => self.command(),
            class::YIELD => self.yields(),
            other => self.other_call(other),
        }
    }
}

impl<R: KernelResources> Dispatcher<'_, R> {
    #[inline(never)]
    fn other_call(&self, class: usize) -> bool {
        match class {
            class::SUBSCRIBE => self.subscribe(),
            class::READ_WRITE_ALLOW => self.allow(Kind::ReadWrite),
            class::READ_ONLY_ALLOW => self.allow(Kind::ReadOnly),
            class::USERSPACE_READABLE_ALLOW => self.allow_userspace_readable(),
            class::MEMOP => self.memop(),
            class::EXIT => self.exit(),
            unknown => self.fault(FaultReason::UnknownClass(unknown)),
        }
    }
}

impl<R: KernelResources> Dispatcher<'_, R> {
    /// Whether the process goes on now that its call is answered: not if the kernel has work to do, or a
    /// driver has stopped it.
    #[inline]
    fn goes_on(&self) -> bool {
        machine().ready.is_empty() && self.process.state() == State::Running
    }

    #[cold]
    fn fault(&self, reason: FaultReason) -> bool {
        self.process.fault(reason);
        false
    }

    #[inline]
    fn filter(&self, syscall: &Syscall) -> Result<(), ErrorCode> {
        if !self.is_filtered() {
            return Ok(());
        }
        let filter = self.resources.syscall_filter();
        filter.filter_syscall(self.process, syscall)
    }

    #[inline]
    fn is_filtered(&self) -> bool {
        self.resources.syscall_filter().concerns(self.process)
    }

    #[inline]
    fn with_driver<T>(&self, number: usize, f: impl FnOnce(Option<&dyn SyscallDriver>) -> T) -> T {
        let drivers = self.resources.syscall_driver_lookup();
        drivers.with_driver(number, f)
    }

    #[inline(never)]
    fn command(&self) -> bool {
        // So that most processes have no call of the filter in their way.
        if self.is_filtered() {
            return self.filtered_command();
        }
        self.allowed_command()
    }

    #[cold]
    fn filtered_command(&self) -> bool {
        let [driver_number, subdriver_number, arg0, arg1] = self.process.call_arguments();
        let allowed = self.filter(&Syscall::Command {
            driver_number,
            subdriver_number,
            arg0,
            arg1,
        });
        match allowed {
            Ok(()) => self.allowed_command(),
            Err(error) => {
                self.process.answer_command(CommandReturn::failure(error));
                self.goes_on()
            }
        }
    }

    #[inline]
    fn allowed_command(&self) -> bool {
        let [driver_number, command, arg0, arg1] = self.process.call_arguments();
        let answer = self.with_driver(driver_number, |driver| match driver {
            Some(driver) => driver.command(command, arg0, arg1, self.process.id()),
            None => CommandReturn::failure(ErrorCode::NODEVICE),
        });
        self.process.answer_command(answer);
        self.goes_on()
    }

    #[inline(never)]
    fn yields(&self) -> bool {
        const NO_WAIT: usize = 0;
        const WAIT: usize = 1;
        const WAIT_FOR: usize = 2;
        let [variant, first, second, _] = self.process.call_arguments();
        // Answers to commands are waited for this way.
        if variant == WAIT_FOR {
            return self.process.wait_for(UpcallId {
                driver_num: first,
                subscribe_num: second,
            });
        }
        match variant {
            WAIT => self.process.wait(),
            NO_WAIT => self.process.look(first),
            unknown => self.fault(FaultReason::UnknownYield(unknown)),
        }
    }

    #[inline(never)]
    fn subscribe(&self) -> bool {
        let [_, _, function, appdata] = self.process.call_arguments();
        let result = self.try_subscribe();
        self.process.answer_subscribe(result, (function, appdata));
        self.goes_on()
    }

    #[inline]
    fn try_subscribe(&self) -> Result<(usize, usize), Refusal> {
        let process = self.process;
        let [driver_number, subdriver_number, upcall_ptr, appdata] = process.call_arguments();
        self.filter(&Syscall::Subscribe {
            driver_number,
            subdriver_number,
            upcall_ptr,
            appdata,
        })
        .map_err(Refusal::Filter)?;
        if upcall_ptr != 0 && !process.may_call(upcall_ptr) {
            return Err(ErrorCode::INVAL.into());
        }
        let new = (upcall_ptr, appdata);
        let before = self.swap(driver_number, Kind::Upcall, subdriver_number, new)?;
        process.drop_function_calls(UpcallId {
            driver_num: driver_number,
            subscribe_num: subdriver_number,
        });
        Ok(before)
    }

    #[inline(never)]
    fn allow(&self, kind: Kind) -> bool {
        let [_, _, address, size] = self.process.call_arguments();
        let result = self.try_allow(kind);
        self.process.answer_allow(result, (address, size));
        self.goes_on()
    }

    #[inline]
    fn try_allow(&self, kind: Kind) -> Result<(usize, usize), Refusal> {
        let process = self.process;
        let [driver_number, subdriver_number, allow_address, allow_size] = process.call_arguments();
        self.filter(&match kind {
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
        })
        .map_err(Refusal::Filter)?;
        let is_in_memory = process.is_accessible(allow_address, allow_size);
        let may_share = is_in_memory
            || allow_size == 0
            || kind == Kind::ReadOnly && process.is_readable_image(allow_address, allow_size);
        if !may_share {
            let exists = self.with_driver(driver_number, |driver| driver.is_some());
            return Err(refused(exists).into());
        }
        let new = (allow_address, allow_size);
        let before = self.swap(driver_number, kind, subdriver_number, new)?;
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
                    // Whatever kept the driver from it, the process has no room for what it gives.
                    let _ = driver.allocate_grant(process.id());
                    process.kernel_part(grant).ok_or(ErrorCode::NOMEM)?
                }
            };
            let pair = part.pair(kind, number).ok_or(ErrorCode::NOSUPPORT)?;
            Ok(pair.replace(new))
        })
    }

    #[inline(never)]
    fn allow_userspace_readable(&self) -> bool {
        let [_, _, address, size] = self.process.call_arguments();
        let result = self.try_allow_userspace_readable();
        self.process.answer_allow(result, (address, size));
        self.goes_on()
    }

    fn try_allow_userspace_readable(&self) -> Result<(usize, usize), Refusal> {
        let process = self.process;
        let [driver_number, subdriver_number, allow_address, allow_size] = process.call_arguments();
        self.filter(&Syscall::UserspaceReadableAllow {
            driver_number,
            subdriver_number,
            allow_address,
            allow_size,
        })
        .map_err(Refusal::Filter)?;
        self.with_driver(driver_number, |driver| {
            let driver = driver.ok_or(ErrorCode::NODEVICE)?;
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

    #[inline(never)]
    fn memop(&self) -> bool {
        let [operation, argument, ..] = self.process.call_arguments();
        self.process.memop(operation, argument);
        self.goes_on()
    }

    #[inline(never)]
    fn exit(&self) -> bool {
        const TERMINATE: usize = 0;
        const RESTART: usize = 1;
        let [variant, completion_code, ..] = self.process.call_arguments();
        let completion_code = Some(completion_code as u32);
        match variant {
            TERMINATE => self.process.end(State::Terminated, completion_code),
            RESTART => self.process.restart(completion_code),
            _ => {
                let failure = CommandReturn::failure(ErrorCode::NOSUPPORT);
                self.process.answer_command(failure);
            }
        }
        self.goes_on()
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
