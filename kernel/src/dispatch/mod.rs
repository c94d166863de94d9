//! Serves system calls (TRD 104, section 4).
//!
//! A call comes in the five words of [`StoredState::call`](crate::process::StoredState): its class and four
//! arguments. Its results are left there (answer.rs). Each class has a function of its own, which says
//! whether the process goes on at once: so a call costs what its class needs and no more.

mod answer;
mod exchange;
mod memop;
mod yields;

use exchange::{Exchanged, Obstacle};

use crate::{
    ErrorCode,
    grant::Kind,
    machine::machine,
    platform::{
        ContextSwitchCallback, KernelResources, SyscallDriverLookup, SyscallFilter,
        SystemCallHandler,
    },
    process::{FaultReason, ProcessStandard, State},
    processbuffer::UserspaceReadableProcessBuffer,
    syscall::{CommandReturn, SyscallDriver, class},
};

/// Serves the system calls of one process while it runs.
pub(crate) struct Dispatcher<'a, R> {
    pub(crate) process: &'a ProcessStandard,
    pub(crate) resources: &'a R,
}

// SAFETY: on a machine processes run by `Kernel::run` alone, which does not return, and their registers are shown to
// the chip alone.
unsafe impl<R: KernelResources> SystemCallHandler for Dispatcher<'_, R> {
    #[inline(always)] // into the function that the processor calls
    fn system_call(&mut self) -> bool {
        // In registers from here on.
        let Self { process, resources } = *self;
        let this = Self { process, resources };
        process.count_system_call();
        let callback = resources.context_switch_callback();
        if !callback.listens() {
            return this.serve();
        }
        let goes_on = this.serve();
        if goes_on {
            callback.context_switch_hook(process);
        }
        goes_on
    }
}

impl<R: KernelResources> Dispatcher<'_, R> {
    #[inline(always)] // as `system_call`
    fn serve(&self) -> bool {
        match self.process.call_class() {
            class::YIELD => self.process.yields(),
            class::SUBSCRIBE => self.subscribe(),
            class::COMMAND => self.command(),
            class::READ_WRITE_ALLOW => self.allow_read_write(),
            class::READ_ONLY_ALLOW => self.allow_read_only(),
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

    /// Asks the filter about the call, which is one to a driver. Returns whether it refuses; then the call is answered.
    #[cold]
    fn is_refused(&self) -> bool {
        let filter = self.resources.syscall_filter();
        let Err(error) = filter.filter_syscall(self.process, &self.process.driver_call()) else {
            return false;
        };
        self.process.answer_command(CommandReturn::failure(error));
        true
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
        if self.is_refused() {
            return self.goes_on();
        }
        self.allowed_command()
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
    fn subscribe(&self) -> bool {
        self.exchange(ProcessStandard::subscribe)
    }

    #[inline(never)]
    fn allow_read_write(&self) -> bool {
        self.exchange(ProcessStandard::allow_read_write)
    }

    #[inline(never)]
    fn allow_read_only(&self) -> bool {
        self.exchange(ProcessStandard::allow_read_only)
    }

    #[inline(always)] // for each kind of exchange by itself
    fn exchange(&self, exchange: fn(&ProcessStandard) -> Exchanged) -> bool {
        if self.is_filtered() {
            return self.filtered_exchange(exchange);
        }
        self.allowed_exchange(exchange)
    }

    #[cold]
    #[inline(never)]
    fn filtered_exchange(&self, exchange: fn(&ProcessStandard) -> Exchanged) -> bool {
        if self.is_refused() {
            return self.goes_on();
        }
        self.allowed_exchange(exchange)
    }

    #[inline(always)] // as `exchange`
    fn allowed_exchange(&self, exchange: fn(&ProcessStandard) -> Exchanged) -> bool {
        match exchange(self.process) {
            Ok(()) => self.goes_on(),
            Err(obstacle) => self.overcome(obstacle, exchange),
        }
    }

    /// Has the driver make its grant, if that is what was in the way, and answers the process.
    #[cold]
    #[inline(never)]
    fn overcome(&self, obstacle: Obstacle, exchange: fn(&ProcessStandard) -> Exchanged) -> bool {
        let process = self.process;
        let [driver_number, ..] = process.call_arguments();
        let result = self.with_driver(driver_number, |driver| match (obstacle, driver) {
            (Obstacle::NoGrant, Some(driver)) => {
                // Whatever kept the driver from it, the process has no room for what it gives.
                let _ = driver.allocate_grant(process.id());
                exchange(process).map_err(ErrorCode::from)
            }
            (Obstacle::NotItsFunction, _) | (_, Some(_)) => Err(obstacle.into()),
            (_, None) => Err(ErrorCode::NODEVICE),
        });
        if let Err(error) = result {
            process.refuse_exchange(error);
        }
        self.goes_on()
    }

    #[inline(never)]
    fn allow_userspace_readable(&self) -> bool {
        if self.is_filtered() && self.is_refused() {
            return self.goes_on();
        }
        match self.share_readable() {
            Ok(before) => self.process.answer_exchange(Kind::ReadWrite, before),
            Err(error) => self.process.refuse_exchange(error),
        }
        self.goes_on()
    }

    /// Hands the driver a buffer that it and the process may read. Returns the one before.
    fn share_readable(&self) -> Result<(usize, usize), ErrorCode> {
        let process = self.process;
        let [driver_number, number, address, size] = process.call_arguments();
        self.with_driver(driver_number, |driver| {
            let driver = driver.ok_or(ErrorCode::NODEVICE)?;
            if size > 0 && !process.is_accessible(address, size) {
                return Err(ErrorCode::INVAL);
            }
            let id = process.id();
            let buffer = UserspaceReadableProcessBuffer::new(address, size, id);
            let before = driver
                .allow_userspace_readable(id, number, buffer)
                .map_err(|(_, error)| error)?;
            if size > 0 {
                process.note_shared(address + size);
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
