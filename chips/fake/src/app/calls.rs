//! System calls, one function each.

use kernel::{
    ErrorCode,
    syscall::{CommandReturn, class},
};

use super::{App, answer, record};

impl App<'_> {
    /// Gives the driver of this number a command.
    ///
    /// # Panics
    /// If the process can't make calls, or the command stops or ends it.
    #[track_caller]
    pub fn command(
        &self,
        driver_number: usize,
        command_number: usize,
        argument_1: usize,
        argument_2: usize,
    ) -> CommandReturn {
        let words = [
            class::COMMAND,
            driver_number,
            command_number,
            argument_1,
            argument_2,
        ];
        match self.try_system_call(words) {
            Some(registers) => {
                let answer = answer::command(&registers, self.entry().word_size);
                let outcome = answer::outcome(&registers);
                record::note(
                    driver_number,
                    format_args!("command {command_number} {outcome}"),
                );
                answer
            }
            None => panic!(
                "{} does not come back from command {command_number} of driver {driver_number:#x}",
                self.name
            ),
        }
    }

    /// Shares `bytes` with a driver, to be read and written, and returns their address. They are put somewhere
    /// in the process's memory; [`App::buffer`] shows what has become of them.
    ///
    /// # Panics
    /// If that is refused.
    #[track_caller]
    pub fn allow_rw(&self, driver_number: usize, number: usize, bytes: &[u8]) -> usize {
        let address = self.place(bytes);
        let result = self.share_rw(driver_number, number, address, bytes.len());
        self.expect_shared(result, driver_number, number);
        address
    }

    /// Shares `bytes` with a driver, to be read, and returns their address. They are put somewhere in the
    /// process's memory.
    ///
    /// # Panics
    /// If that is refused.
    #[track_caller]
    pub fn allow_ro(&self, driver_number: usize, number: usize, bytes: &[u8]) -> usize {
        let address = self.place(bytes);
        let result = self.share_ro(driver_number, number, address, bytes.len());
        self.expect_shared(result, driver_number, number);
        address
    }

    #[track_caller]
    fn expect_shared(
        &self,
        result: Result<(usize, usize), ErrorCode>,
        driver: usize,
        number: usize,
    ) {
        if let Err(error) = result {
            let name = &self.name;
            panic!("driver {driver:#x} refuses buffer {number} of {name}: {error:?}");
        }
    }

    /// Shares memory with a driver, to be read and written. Returns the address and the length of what was
    /// shared before.
    ///
    /// # Errors
    /// What the process is answered.
    #[track_caller]
    pub fn share_rw(
        &self,
        driver_number: usize,
        number: usize,
        address: usize,
        len_bytes: usize,
    ) -> Result<(usize, usize), ErrorCode> {
        let class = class::READ_WRITE_ALLOW;
        let before = self.share(class, driver_number, number, address, len_bytes)?;
        self.notice_restart();
        let mut buffers = self.buffers.borrow_mut();
        buffers.insert((driver_number, number), (address, len_bytes));
        Ok(before)
    }

    /// Shares memory with a driver, to be read; else as [`App::share_rw`].
    ///
    /// # Errors
    /// What the process is answered.
    #[track_caller]
    pub fn share_ro(
        &self,
        driver_number: usize,
        number: usize,
        address: usize,
        len_bytes: usize,
    ) -> Result<(usize, usize), ErrorCode> {
        let class = class::READ_ONLY_ALLOW;
        self.share(class, driver_number, number, address, len_bytes)
    }

    /// Shares memory with a driver that the process goes on reading; else as [`App::share_rw`].
    ///
    /// # Errors
    /// What the process is answered.
    #[track_caller]
    pub fn share_readable(
        &self,
        driver_number: usize,
        number: usize,
        address: usize,
        len_bytes: usize,
    ) -> Result<(usize, usize), ErrorCode> {
        let class = class::USERSPACE_READABLE_ALLOW;
        self.share(class, driver_number, number, address, len_bytes)
    }

    #[track_caller]
    fn share(
        &self,
        class: usize,
        driver_number: usize,
        number: usize,
        address: usize,
        len_bytes: usize,
    ) -> Result<(usize, usize), ErrorCode> {
        let words = [class, driver_number, number, address, len_bytes];
        let Some(registers) = self.try_system_call(words) else {
            panic!("{} does not come back from sharing a buffer", self.name)
        };
        let passed = (address, len_bytes);
        let before = answer::buffer(&registers, self.entry().word_size, passed)?;
        // Memory of no length is a buffer taken back.
        if len_bytes > 0 {
            record::note(driver_number, format_args!("{} {number}", access(class)));
        }
        Ok(before)
    }

    /// What is in the buffer that the process shares with a driver to be written, now.
    ///
    /// # Panics
    /// If it shares none.
    #[track_caller]
    pub fn buffer(&self, driver_number: usize, number: usize) -> Vec<u8> {
        self.notice_restart();
        let buffer = self.buffers.borrow().get(&(driver_number, number)).copied();
        match buffer {
            Some((_, 0)) => Vec::new(),
            Some((address, len_bytes)) => self.read(address, len_bytes),
            None => panic!(
                "{} shares no buffer {number} with driver {driver_number:#x}",
                self.name
            ),
        }
    }

    /// A memory operation. Returns its value, or 0 if it has none.
    ///
    /// # Errors
    /// What the process is answered.
    #[track_caller]
    pub fn memop(&self, operation: usize, argument: usize) -> Result<usize, ErrorCode> {
        match self.try_system_call([class::MEMOP, operation, argument, 0, 0]) {
            Some(registers) => answer::memop(&registers, self.entry().word_size),
            None => panic!("{} does not come back from a memory operation", self.name),
        }
    }

    /// Ends, with a completion code.
    #[track_caller]
    pub fn exit(&self, completion_code: u32) {
        self.leave(0, completion_code);
    }

    /// Ends with a completion code and starts anew, by its own system call.
    #[track_caller]
    pub fn exit_and_restart(&self, completion_code: u32) {
        self.leave(1, completion_code);
    }

    #[track_caller]
    fn leave(&self, variant: usize, completion_code: u32) {
        let id = self.process_id();
        self.try_system_call([class::EXIT, variant, completion_code as usize, 0, 0]);
        assert!(
            id.index().is_none() || !self.state().is_alive(),
            "{} goes on after it has ended",
            self.name
        );
    }
}

/// The word for what a driver may do with a buffer.
fn access(class: usize) -> &'static str {
    match class {
        class::READ_WRITE_ALLOW => "read-write",
        class::READ_ONLY_ALLOW => "read-only",
        _ => "readable",
    }
}
