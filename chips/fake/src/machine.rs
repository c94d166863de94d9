//! A machine to test capsules on: the kernel, its tasks, and apps that call drivers.

use std::{
    cell::{Cell, RefCell},
    future::{Future, pending},
    rc::Rc,
};

use kernel::{
    ErrorCode, Kernel, ProcessId,
    debug::LogReader,
    hil::time::{Frequency, Ticks},
    syscall::{CommandReturn, SyscallDriver},
    task::{Task, TaskRecord},
};

use crate::{Alarm, Outcome, leak};

/// Tasks that a machine has room for: more than any board has.
const TASKS: usize = 256;

/// The test's machine. There is one in a test, since a thread has one ready set.
pub struct Machine {
    kernel: &'static Kernel,
    tasks: RefCell<Vec<Task<'static>>>,
    has_run: Cell<bool>,
    drivers: Vec<(usize, Box<dyn SyscallDriver>)>,
    apps: Cell<usize>,
}

impl Machine {
    /// A machine without tasks and drivers.
    pub fn new() -> Self {
        Self {
            kernel: leak(Kernel::new(leak([const { TaskRecord::new() }; TASKS]))),
            tasks: RefCell::default(),
            has_run: Cell::new(false),
            drivers: Vec::new(),
            apps: Cell::new(0),
        }
    }

    /// The kernel.
    pub fn kernel(&self) -> &'static Kernel {
        self.kernel
    }

    /// Adds `driver` to what apps may call.
    #[must_use]
    pub fn driver(mut self, number: usize, driver: impl SyscallDriver + 'static) -> Self {
        self.drivers.push((number, Box::new(driver)));
        self
    }

    /// Adds a task to what runs by itself. Tasks never end: one whose future does waits for ever.
    ///
    /// # Panics
    /// If the machine has run already.
    pub fn task<T: 'static>(
        &self,
        name: &'static str,
        future: impl Future<Output = T> + 'static,
    ) -> Outcome<T> {
        assert!(
            !self.has_run.get(),
            "task {name} comes too late: a machine's list is fixed"
        );
        let outcome = Rc::new(RefCell::new(None));
        let result = outcome.clone();
        let endless = async move {
            let value = future.await;
            result.replace(Some(value));
            pending().await
        };
        self.tasks
            .borrow_mut()
            .push(Task::new(name, leak(Box::pin(endless)).as_mut()));
        Outcome(outcome)
    }

    /// Serves all there is to do. Time stands still meanwhile.
    ///
    /// # Panics
    /// What the kernel says of a board that is composed wrongly.
    pub fn run(&self) {
        self.has_run.set(true);
        self.kernel
            .run_until_idle(&(), &mut self.tasks.borrow_mut());
    }

    /// Lets `ticks` of `alarm` pass. Each time the alarm fires, time stands still until all there is to do
    /// is done.
    pub fn advance<T: Ticks, F: Frequency>(&self, alarm: &Alarm<T, F>, ticks: u64) {
        self.run();
        let mut left = ticks;
        while left > 0 {
            left -= alarm.step(left);
            self.run();
        }
    }

    /// Lets `ms` milliseconds pass, as [`Machine::advance`] does.
    pub fn advance_ms(&self, alarm: &Alarm, ms: u64) {
        self.advance(alarm, ms * 1_000);
    }

    /// A new app.
    pub fn app(&self, name: &'static str) -> App<'_> {
        let number = self.apps.replace(self.apps.get() + 1);
        App {
            machine: self,
            name,
            process_id: ProcessId::new(number, number),
        }
    }

    /// The lines of the kernel's log, without their time stamps.
    pub fn log(&self) -> Vec<String> {
        let mut reader = LogReader::new().expect("a test has fewer log readers than a board");
        let mut line = [0; 256];
        let mut lines = Vec::new();
        while let Some((text, _)) = reader.next_line(&mut line) {
            lines.push(
                text.split_once("] ")
                    .map_or(text, |(_, text)| text)
                    .to_owned(),
            );
        }
        lines
    }
}

impl Default for Machine {
    fn default() -> Self {
        Self::new()
    }
}

/// A test's own app.
pub struct App<'a> {
    machine: &'a Machine,
    name: &'static str,
    process_id: ProcessId,
}

impl App<'_> {
    /// What the machine's drivers know the app by.
    pub fn process_id(&self) -> ProcessId {
        self.process_id
    }

    /// What people know the app by.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Gives the driver of this number a command: `NODEVICE` if there is none.
    pub fn command(
        &self,
        driver_number: usize,
        command_number: usize,
        argument_1: usize,
        argument_2: usize,
    ) -> CommandReturn {
        let mut drivers = self.machine.drivers.iter();
        match drivers.find(|(number, _)| *number == driver_number) {
            Some((_, driver)) => {
                driver.command(command_number, argument_1, argument_2, self.process_id)
            }
            None => CommandReturn::failure(ErrorCode::NODEVICE),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::{debug, process, task::yield_now};

    struct Echo;

    impl SyscallDriver for Echo {
        fn command(&self, command: usize, a: usize, b: usize, id: ProcessId) -> CommandReturn {
            CommandReturn::success_u32_u32_u32(command as u32, (a + b) as u32, id.id() as u32)
        }

        fn allocate_grant(&self, _: ProcessId) -> Result<(), process::Error> {
            Ok(())
        }
    }

    #[test]
    fn a_command_reaches_the_driver_of_its_number_with_the_apps_own_id() {
        let machine = Machine::new().driver(7, Echo);
        let (first, second) = (machine.app("first"), machine.app("second"));
        assert_ne!(first.process_id(), second.process_id());
        let answer = second.command(7, 1, 20, 3);
        let id = second.process_id().id() as u32;
        assert_eq!(answer, CommandReturn::success_u32_u32_u32(1, 23, id));
        assert_eq!(
            first.command(8, 0, 0, 0),
            CommandReturn::failure(ErrorCode::NODEVICE)
        );
    }

    #[test]
    fn a_task_runs_to_its_end_and_leaves_its_outcome() {
        let machine = Machine::new();
        let outcome = machine.task("adds", async {
            yield_now().await;
            1 + 1
        });
        assert!(!outcome.is_there());
        machine.run();
        assert_eq!((outcome.take(), outcome.take()), (Some(2), None));
        machine.run();
    }

    #[test]
    fn the_log_is_read_whole_each_time() {
        let machine = Machine::new();
        debug!("one");
        assert_eq!(machine.log(), ["one"]);
        debug!("two");
        assert_eq!(machine.log(), ["one", "two"]);
    }

    #[test]
    #[should_panic = "task late comes too late"]
    fn a_task_that_comes_too_late_is_refused_aloud() {
        let machine = Machine::new();
        machine.run();
        machine.task("late", async {});
    }
}
