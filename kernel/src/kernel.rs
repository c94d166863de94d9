//! The kernel loop: serves what is ready, once each, then lets a process run, and sleeps when there is
//! nothing to do.

use crate::{
    capabilities::MemoryAllocationCapability,
    debug,
    dispatch::Dispatcher,
    grant::{AllowRoSize, AllowRwSize, Grant, UpcallSize},
    machine::machine,
    platform::{
        Chip, ContextSwitchCallback, InterruptService, KernelResources, Pause, SchedulerTimer,
    },
    process::{FaultReason, ProcessId, ProcessStandard, ProcessTable, State},
    ready::{DEFERRED_CALLS_END, INTERRUPTS, RESCHEDULE},
    scheduler::StoppedExecutingReason,
    task::{Task, TaskInfo, TaskRecord, TaskState},
};
use core::{
    cell::Cell,
    mem::ManuallyDrop,
    task::{Context, Poll},
};

/// How often the kernel serves what is ready before a process has its turn, however much is ready then. So
/// tasks that keep waking themselves leave something to the processes. Interrupts always come first, because
/// without them nothing would end that turn.
const MAX_PASSES_IN_A_ROW: u32 = 64;

/// The kernel of a machine. See the crate's documentation.
pub struct Kernel {
    records: &'static [TaskRecord],
    processes: &'static ProcessTable,
    /// The last process that ran, if its turn was interrupted and the scheduler was not told yet.
    interrupted: Cell<Option<ProcessId>>,
    /// How many of the records belong to a task.
    tasks: Cell<usize>,
}

impl Kernel {
    /// A kernel that can run as many tasks as there are `records`, and the processes of a table.
    pub fn new(records: &'static [TaskRecord], processes: &'static ProcessTable) -> Self {
        machine().processes.set(processes);
        Self {
            records,
            processes,
            interrupted: Cell::new(None),
            tasks: Cell::new(0),
        }
    }

    /// The processes.
    pub fn processes(&self) -> &'static ProcessTable {
        self.processes
    }

    /// Makes the grant of the driver with this number.
    ///
    /// # Panics
    /// If the driver has one already, or a process was loaded already.
    pub fn create_grant<T, Upcalls, AllowROs, AllowRWs>(
        &self,
        driver_num: usize,
        _capability: &dyn MemoryAllocationCapability,
    ) -> Grant<T, Upcalls, AllowROs, AllowRWs>
    where
        T: Default,
        Upcalls: UpcallSize,
        AllowROs: AllowRoSize,
        AllowRWs: AllowRwSize,
    {
        Grant::new(self.processes, driver_num)
    }

    /// Runs the machine for ever: serves the interrupts, the deferred calls, `tasks` and the processes.
    ///
    /// # Panics
    /// If there are more tasks than [`Kernel::new`] was given records, or a deferred call was made and
    /// never registered.
    pub fn run<C: Chip, R: KernelResources>(
        &self,
        chip: &C,
        resources: &R,
        interrupts: &dyn InterruptService,
        tasks: &mut [Task<'_>],
    ) -> ! {
        self.start(tasks);
        let ready = &machine().ready;
        let mut passes_in_a_row = 0;
        loop {
            ready.pass(|bit| {
                serve(bit, interrupts, tasks);
                chip.accept_interrupts();
            });
            passes_in_a_row += 1;
            // Interrupts are off from this look at the set until a process runs or the processor sleeps.
            let has_work = !ready.is_empty();
            if has_work && (passes_in_a_row < MAX_PASSES_IN_A_ROW || ready.interrupts_wait()) {
                continue;
            }
            passes_in_a_row = 0;
            ready.serve_processes();
            if self.processes.any_can_run() {
                self.run_processes(chip, resources);
            } else if !has_work {
                chip.sleep();
            }
        }
    }

    /// Lets one process after the other run, until the kernel has something to do or no process has.
    #[inline(never)] // so that the loop has the registers for itself
    fn run_processes<C: Chip, R: KernelResources>(&self, chip: &C, resources: &R) {
        self.end_interrupted_turn(resources);
        while self.run_turn(chip, resources) && machine().ready.is_empty() {}
    }

    /// Lets the next process run, as the loop does, for tests on the host. On a machine a driver could call it in the
    /// middle of a system call.
    #[cfg(not(target_os = "none"))]
    pub fn run_next_process<C: Chip, R: KernelResources>(&self, chip: &C, resources: &R) {
        self.end_interrupted_turn(resources);
        self.run_turn(chip, resources);
    }

    /// Tells the scheduler of a turn that was interrupted. That waits until the kernel has served what it was
    /// interrupted for: it may have been the end of the turn's time, or of the process.
    fn end_interrupted_turn<R: KernelResources>(&self, resources: &R) {
        let Some(id) = self.interrupted.take() else {
            return;
        };
        let timer = resources.scheduler_timer();
        let why = match self.processes.find(id) {
            // Whoever is in its place now has used nothing.
            None => StoppedExecutingReason::Stopped,
            Some(process) if process.state() != State::Running => reason(process, process.state()),
            Some(process) if timer.has_expired() => {
                process.count_expired_timeslice();
                StoppedExecutingReason::TimesliceExpired
            }
            Some(_) => StoppedExecutingReason::KernelPreemption,
        };
        let scheduler = self.processes.scheduler();
        scheduler.result(id.slot(), why, timer.used_us());
    }

    /// Lets the next process run until it waits, is stopped, or the kernel has something to do. Returns whether
    /// another one may have its turn.
    #[inline(always)] // into the loop above
    fn run_turn<C: Chip, R: KernelResources>(&self, chip: &C, resources: &R) -> bool {
        let scheduler = self.processes.scheduler();
        let timer = resources.scheduler_timer();
        let Some(turn) = scheduler.next() else {
            return false;
        };
        let slot = turn.slot();
        let process = match self.processes.at(slot) {
            Some(process) if process.state() == State::Running => process,
            _ => {
                self.processes.unschedule(slot);
                return true;
            }
        };
        process.enter();
        timer.start(turn.timeslice_us());
        let callback = resources.context_switch_callback();
        callback.context_switch_hook(process);
        let mut dispatcher = Dispatcher { process, resources };
        if chip.run_process(process.registers(), &mut dispatcher) == Pause::Fault {
            process.fault(FaultReason::Processor);
        }
        let state = process.state();
        process.leave();
        if state == State::Running {
            self.interrupted.set(Some(process.id()));
            return false;
        }
        scheduler.result(slot, reason(process, state), timer.used_us());
        true
    }

    /// Serves all there is to do, for tests on the host, and returns how much that was: interrupts, deferred
    /// calls and polls of tasks. The first call starts `tasks`.
    #[cfg(not(target_os = "none"))]
    pub fn run_until_idle(
        &self,
        interrupts: &dyn InterruptService,
        tasks: &mut [Task<'_>],
    ) -> usize {
        if self.tasks.get() == 0 {
            self.start(tasks);
        }
        let mut served = 0;
        while !machine().ready.is_empty() {
            machine().ready.pass(|bit| {
                serve(bit, interrupts, tasks);
                served += 1;
            });
        }
        machine().ready.serve_processes();
        served
    }

    /// The tasks, in the order of the board's list.
    pub fn tasks(&self) -> impl Iterator<Item = TaskInfo> {
        self.records[..self.tasks.get()]
            .iter()
            .enumerate()
            .map(|(number, record)| TaskInfo {
                name: record.name.get(),
                state: self.state(number),
                polls: record.polls.get(),
                woken_by: machine().ready.cause(DEFERRED_CALLS_END + number),
                parked_at: record.parked_at.get(),
            })
    }

    /// The name of a task by its number, as [`Cause::Task`](crate::ready::Cause::Task) has it.
    ///
    /// # Panics
    /// If there is no task of that number.
    pub fn task_name(&self, number: usize) -> &'static str {
        self.records[number].name.get()
    }

    /// How many tasks are woken and wait for their turn.
    pub fn tasks_ready(&self) -> usize {
        (0..self.tasks.get())
            .filter(|number| self.state(*number) == TaskState::Ready)
            .count()
    }

    fn state(&self, number: usize) -> TaskState {
        let bit = DEFERRED_CALLS_END + number;
        if machine().ready.is_served(bit) {
            TaskState::Running
        } else if machine().ready.is_set(bit) {
            TaskState::Ready
        } else {
            TaskState::Waiting
        }
    }

    fn start(&self, tasks: &mut [Task<'_>]) {
        machine().deferred_calls.verify_setup();
        assert!(
            tasks.len() <= self.records.len(),
            "{} tasks, but room for {}: give `Kernel::new` more records",
            tasks.len(),
            self.records.len()
        );
        self.tasks.set(tasks.len());
        machine().tasks.set(&self.records[..tasks.len()]);
        for ((number, task), record) in tasks.iter_mut().enumerate().zip(self.records) {
            record.name.set(task.name);
            task.record = Some(record);
            machine().ready.set(DEFERRED_CALLS_END + number);
        }
    }
}

/// Why the turn of a process is over that was in `state` at its end, and not running.
#[inline]
fn reason(process: &ProcessStandard, state: State) -> StoppedExecutingReason {
    match state {
        State::Yielded | State::YieldedFor(_) => StoppedExecutingReason::NoWorkLeft,
        // Another run of it has begun.
        _ if process.state() == State::Running => StoppedExecutingReason::NoWorkLeft,
        State::Faulted => StoppedExecutingReason::StoppedFaulted,
        _ => StoppedExecutingReason::Stopped,
    }
}

#[inline(always)] // into the loop
fn serve(bit: usize, interrupts: &dyn InterruptService, tasks: &mut [Task<'_>]) {
    machine().ready.serve(bit);
    match bit.checked_sub(DEFERRED_CALLS_END) {
        Some(number) => poll(number, tasks),
        None => serve_device(bit, interrupts),
    }
}

/// Polls a task. A waker may have outlived the task it was made for: then there is nothing to poll.
#[inline(always)] // into the loop
fn poll(number: usize, tasks: &mut [Task<'_>]) {
    let Some(task) = tasks.get_mut(number) else {
        return;
    };
    if let Some(record) = task.record {
        record.polls.set(record.polls.get() + 1);
        machine().parking.expect(record);
    }
    // Dropping a waker does nothing (see `crate::ready`), so it need not be called.
    let waker = ManuallyDrop::new(machine().ready.waker(DEFERRED_CALLS_END + number));
    let Poll::Pending = task.future.as_mut().poll(&mut Context::from_waker(&waker));
}

/// Serves what is no task: an interrupt or a deferred call.
#[inline(never)] // so that the loop has the registers for tasks
fn serve_device(bit: usize, interrupts: &dyn InterruptService) {
    match bit {
        RESCHEDULE => {}
        INTERRUPTS.. => machine().deferred_calls.serve(bit - INTERRUPTS),
        _ => {
            if !interrupts.service_interrupt(bit as u32) {
                debug!("interrupt {bit} has no driver");
            }
        }
    }
}
