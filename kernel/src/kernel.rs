//! The kernel loop: serves what is ready, once each, and sleeps when nothing is.

use crate::{
    debug,
    machine::machine,
    platform::{Chip, InterruptService},
    ready::{DEFERRED_CALLS_END, INTERRUPTS, Passes, ReadySet},
    task::{Task, TaskInfo, TaskRecord, TaskState},
};
use core::{
    cell::Cell,
    mem::ManuallyDrop,
    task::{Context, Poll},
};

/// The kernel of a machine. See the crate's documentation.
pub struct Kernel {
    ready: &'static ReadySet,
    records: &'static [TaskRecord],
    /// How many of the records belong to a task.
    tasks: Cell<usize>,
}

impl Kernel {
    /// A kernel that can run as many tasks as there are `records`.
    pub fn new(records: &'static [TaskRecord]) -> Self {
        Self {
            ready: &machine().ready,
            records,
            tasks: Cell::new(0),
        }
    }

    /// Runs the machine for ever: serves the interrupts, the deferred calls and `tasks`.
    ///
    /// # Panics
    /// If there are more tasks than [`Kernel::new`] was given records, or a deferred call was made and
    /// never registered.
    pub fn run<C: Chip>(
        &self,
        chip: &C,
        interrupts: &dyn InterruptService,
        tasks: &mut [Task<'_>],
    ) -> ! {
        self.start(tasks);
        let mut passes = Passes::new();
        loop {
            while let Some(bit) = passes.next(self.ready) {
                self.serve(bit, interrupts, tasks);
                chip.accept_interrupts();
            }
            self.ready.serve_nothing();
            // Interrupts are off from this look at the set until the processor sleeps.
            if self.ready.is_empty() {
                chip.sleep();
            }
        }
    }

    /// Serves all there is to do and returns, for tests on the host. The first call starts `tasks`.
    pub fn run_until_idle(&self, interrupts: &dyn InterruptService, tasks: &mut [Task<'_>]) {
        if self.tasks.get() == 0 {
            self.start(tasks);
        }
        let mut passes = Passes::new();
        while let Some(bit) = passes.next(self.ready) {
            self.serve(bit, interrupts, tasks);
        }
        self.ready.serve_nothing();
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
                woken_by: self.ready.cause(DEFERRED_CALLS_END + number),
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
        if self.ready.is_served(bit) {
            TaskState::Running
        } else if self.ready.is_set(bit) {
            TaskState::Ready
        } else {
            TaskState::Waiting
        }
    }

    fn start(&self, tasks: &[Task<'_>]) {
        machine().deferred_calls.verify_setup();
        assert!(
            tasks.len() <= self.records.len(),
            "{} tasks, but room for {}: give `Kernel::new` more records",
            tasks.len(),
            self.records.len()
        );
        self.tasks.set(tasks.len());
        machine().tasks.set(&self.records[..tasks.len()]);
        for (number, task) in tasks.iter().enumerate() {
            self.records[number].name.set(task.name);
            self.ready.set(DEFERRED_CALLS_END + number);
        }
    }

    #[inline]
    fn serve(&self, bit: usize, interrupts: &dyn InterruptService, tasks: &mut [Task<'_>]) {
        self.ready.serve(bit);
        match bit {
            0..INTERRUPTS => {
                if !interrupts.service_interrupt(bit as u32) {
                    debug!("interrupt {bit} has no driver");
                }
            }
            INTERRUPTS..DEFERRED_CALLS_END => machine().deferred_calls.serve(bit - INTERRUPTS),
            _ => self.poll(bit - DEFERRED_CALLS_END, tasks),
        }
    }

    /// Polls a task. A waker may have outlived the task it was made for: then there is nothing to poll.
    #[inline]
    fn poll(&self, number: usize, tasks: &mut [Task<'_>]) {
        let (Some(task), Some(record)) = (tasks.get_mut(number), self.records.get(number)) else {
            return;
        };
        // Dropping a waker does nothing (see `crate::ready`), so it need not be called.
        let waker = ManuallyDrop::new(self.ready.waker(DEFERRED_CALLS_END + number));
        let Poll::Pending = task.future.as_mut().poll(&mut Context::from_waker(&waker));
        record.polls.set(record.polls.get() + 1);
        record.parked_at.set(machine().parking.take());
    }
}
