//! A machine to test capsules on: the kernel, its tasks, drivers, and apps that call them.

use std::{
    cell::{Cell, RefCell},
    future::{Future, pending},
    rc::Rc,
};

use kernel::{
    ErrorCode, Kernel, ProcessId,
    capabilities::MemoryAllocationCapability,
    collections::NumberMap,
    create_capability,
    debug::LogReader,
    grant::{AllowRoSize, AllowRwSize, Grant, UpcallSize},
    hil::time::{Frequency, Ticks},
    platform::{ContextSwitchCallback, KernelResources, SyscallDriverLookup, SyscallFilter},
    process::{
        FaultAction, LoadError, MAX_PROCESSES, Process, ProcessFaultPolicy, ProcessSlot,
        ProcessTable,
    },
    scheduler::StoppedExecutingReason,
    syscall::{Syscall, SyscallDriver},
    task::{Task, TaskRecord},
};

use crate::{
    Alarm, App, Outcome,
    app::History,
    image, leak, memory,
    processor::{Processor, Registers, Step},
    turns::{Slices, Turns},
};

/// Tasks that a machine has room for: more than any board has.
const TASKS: usize = 256;

/// Processes and pages that a machine has room for if the test does not say.
const PROCESSES: usize = 64;
const PAGES: usize = 4096;

/// The test's machine. There is one in a test, since a thread has one ready set.
pub struct Machine {
    kernel: &'static Kernel,
    pub(crate) processor: &'static Processor,
    turns: &'static Turns,
    slices: Slices,
    tasks: RefCell<Vec<Task<'static>>>,
    has_run: Cell<bool>,
    drivers: Drivers,
    filter: Filter,
    switches: Switches,
    pub(crate) history: History,
}

impl Machine {
    /// A machine without tasks and drivers.
    pub fn new() -> Self {
        Self::with_room_for(PROCESSES, PAGES)
    }

    /// A machine with so many places for processes, and pages of memory for them.
    pub fn with_room_for(processes: usize, pages: usize) -> Self {
        let (processor, turns) = (leak(Processor::new()), leak(Turns::default()));
        let slots = leak([const { ProcessSlot::new() }; MAX_PROCESSES]);
        let table = ProcessTable::new(slots, memory::pool(pages), processor, turns, &Stop);
        let table = leak(table.with_room_for(processes));
        Self {
            kernel: leak(Kernel::new(
                leak([const { TaskRecord::new() }; TASKS]),
                table,
            )),
            processor,
            turns,
            slices: Slices::default(),
            tasks: RefCell::default(),
            has_run: Cell::new(false),
            drivers: Drivers(NumberMap::new()),
            filter: Filter(None),
            switches: Switches(None),
            history: History::default(),
        }
    }

    /// The kernel.
    pub fn kernel(&self) -> &'static Kernel {
        self.kernel
    }

    /// The processes.
    pub fn processes(&self) -> &'static ProcessTable {
        self.kernel.processes()
    }

    /// Makes a grant, for the driver of this number.
    pub fn grant<T, Upcalls, AllowROs, AllowRWs>(
        &self,
        driver_number: usize,
    ) -> Grant<T, Upcalls, AllowROs, AllowRWs>
    where
        T: Default,
        Upcalls: UpcallSize,
        AllowROs: AllowRoSize,
        AllowRWs: AllowRwSize,
    {
        let right = create_capability!(MemoryAllocationCapability);
        self.kernel.create_grant(driver_number, &right)
    }

    /// Adds `driver` to what apps may call.
    ///
    /// # Panics
    /// If there is a driver of this number.
    #[must_use]
    pub fn driver(self, number: usize, driver: &'static dyn SyscallDriver) -> Self {
        let is_new = self.drivers.0.insert(number, driver);
        assert!(is_new, "two drivers have the number {number:#x}");
        self
    }

    /// Lets `filter` decide what processes may call.
    #[must_use]
    pub fn filter(mut self, filter: &'static dyn SyscallFilter) -> Self {
        self.filter = Filter(Some(filter));
        self
    }

    /// Lets `callback` know whenever a process is about to run.
    #[must_use]
    pub fn on_switch(mut self, callback: &'static dyn ContextSwitchCallback) -> Self {
        self.switches = Switches(Some(callback));
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

    /// Serves all there is to do but processes, and says what that was. An app runs when its test lets it. Time
    /// stands still meanwhile.
    ///
    /// # Panics
    /// What the kernel says of a board that is composed wrongly.
    pub fn run(&self) -> Work {
        self.has_run.set(true);
        let before: Vec<u64> = self.kernel.tasks().map(|task| task.polls).collect();
        let mut tasks = self.tasks.borrow_mut();
        let served = self.kernel.run_until_idle(&(), &mut tasks);
        let new = self.kernel.tasks().enumerate().map(|(number, task)| {
            let earlier = before.get(number).unwrap_or(&0);
            (task.name, task.polls - earlier)
        });
        Work {
            served,
            polls: new.filter(|(_, polls)| *polls > 0).collect(),
        }
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

    /// A new 64-bit app with a page of memory.
    ///
    /// # Panics
    /// If there is no room for it.
    #[track_caller]
    pub fn app(&self, name: &str) -> App<'_> {
        self.load(&image(name))
            .unwrap_or_else(|error| panic!("app {name} is not loaded: {error}"))
    }

    /// A new app, made of an image as [`image`] or [`image_of_32_bits`](crate::image_of_32_bits) gives it,
    /// changed as the test likes.
    ///
    /// # Errors
    /// As [`ProcessTable::load`].
    pub fn load(&self, image: &tbf::Image) -> Result<App<'_>, LoadError> {
        let id = self.processes().load(&image.build())?;
        Ok(App::new(self, id))
    }

    /// The app that somebody else has loaded just now.
    ///
    /// # Panics
    /// If it is gone.
    pub fn loaded(&self, id: ProcessId) -> App<'_> {
        App::new(self, id)
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

    /// Lets the process in `slot` run, if it can, and do `step`. Returns its registers, if it ran.
    pub(crate) fn step(&self, slot: usize, step: Step) -> Option<Registers> {
        self.processor.set_step(step);
        self.turns.give(slot);
        self.kernel.run_next_process(self.processor, self);
        // It is nobody's turn now: the kernel says how the last one went.
        self.kernel.run_next_process(self.processor, self);
        self.processor.take_registers()
    }

    /// Whether the kernel has told the scheduler that the process in `slot` can run.
    pub(crate) fn is_ready(&self, slot: usize) -> bool {
        self.turns.is_ready(slot)
    }

    /// Gives the next turn to `app`, for a test that runs the kernel's loop by itself.
    pub fn give_turn(&self, app: &App<'_>) {
        self.turns.give(app.slot);
    }

    /// Lets the next process that runs use up its time slice meanwhile.
    pub fn expire_slice(&self) {
        self.slices.expire();
    }

    /// Whether the last system call was answered at once, without the kernel doing anything else first.
    pub fn went_on(&self) -> bool {
        self.processor.went_on()
    }

    /// Why the process stopped that was to run last; `None` if it did not run.
    pub fn last_stop(&self) -> Option<StoppedExecutingReason> {
        self.turns.last()
    }
}

/// What a machine did until it was idle.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// How many deferred calls it served, and how often it polled a task, together.
    pub served: usize,
    /// The tasks that it polled, in the order of their list, and how often.
    pub polls: Vec<(&'static str, u64)>,
}

impl Default for Machine {
    fn default() -> Self {
        Self::new()
    }
}

impl KernelResources for Machine {
    type SyscallDriverLookup = Drivers;
    type SyscallFilter = Filter;
    type SchedulerTimer = Slices;
    type ContextSwitchCallback = Switches;

    fn syscall_driver_lookup(&self) -> &Drivers {
        &self.drivers
    }

    fn syscall_filter(&self) -> &Filter {
        &self.filter
    }

    fn scheduler_timer(&self) -> &Slices {
        &self.slices
    }

    fn context_switch_callback(&self) -> &Switches {
        &self.switches
    }
}

/// The drivers of a [`Machine`].
pub struct Drivers(NumberMap<&'static dyn SyscallDriver>);

impl SyscallDriverLookup for Drivers {
    fn with_driver<F, R>(&self, driver_num: usize, f: F) -> R
    where
        F: FnOnce(Option<&dyn SyscallDriver>) -> R,
    {
        f(self.0.get(driver_num))
    }
}

/// The filter of a [`Machine`].
pub struct Filter(Option<&'static dyn SyscallFilter>);

impl SyscallFilter for Filter {
    fn concerns(&self, process: &dyn Process) -> bool {
        self.0.is_some_and(|filter| filter.concerns(process))
    }

    fn filter_syscall(&self, process: &dyn Process, syscall: &Syscall) -> Result<(), ErrorCode> {
        self.0
            .map_or(Ok(()), |filter| filter.filter_syscall(process, syscall))
    }
}

/// Who is told when a process of a [`Machine`] is about to run.
pub struct Switches(Option<&'static dyn ContextSwitchCallback>);

impl ContextSwitchCallback for Switches {
    fn listens(&self) -> bool {
        self.0.is_some()
    }

    fn context_switch_hook(&self, process: &dyn Process) {
        if let Some(callback) = self.0 {
            callback.context_switch_hook(process);
        }
    }
}

struct Stop;

impl ProcessFaultPolicy for Stop {
    fn action(&self, _process: &dyn Process) -> FaultAction {
        FaultAction::Stop
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Uart;
    use kernel::{debug, hil::uart::Transmit, task::yield_now};

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
    fn a_machine_says_what_it_did() {
        let (machine, port) = (Machine::new(), Uart::new());
        machine.task("yields", yield_now());
        machine.task("waits", pending::<()>());
        let work = machine.run();
        assert_eq!(work.polls, [("yields", 2), ("waits", 1)]);
        assert_eq!(work.served, 3);
        assert_eq!(machine.run(), Work::default());
        port.transmit_buffer(leak([0]), 1).unwrap();
        let work = machine.run();
        assert_eq!((work.served, work.polls), (1, vec![]));
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
