//! A pool of workers for jobs that come and go.
//!
//! Tasks never end, but work does: a shell starts a light blinking and stops it again. A pool has a
//! fixed number of workers, each an ordinary task in the board's list. A job given to the pool runs as
//! a future inside a free worker; cancelling it drops that future. When every worker is busy the job is
//! handed back.

use core::{
    cell::Cell,
    convert::Infallible,
    future::{Future, poll_fn},
    pin::pin,
    task::Poll,
};

use crate::{
    ErrorCode,
    task::{WakerCell, leaf},
};

/// `WORKERS` workers for jobs described by a `Job`.
pub struct Pool<Job, const WORKERS: usize> {
    slots: [Slot<Job>; WORKERS],
}

struct Slot<Job> {
    /// What the worker is to do; it may still be ending a job that was cancelled.
    job: Cell<Option<Job>>,
    state: Cell<State>,
    /// The worker's task: woken for a new job and for a cancellation.
    worker: WakerCell,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Idle,
    Running,
    Cancelled,
}

impl<Job: Copy, const WORKERS: usize> Pool<Job, WORKERS> {
    /// A pool with nothing to do.
    pub const fn new() -> Self {
        Self {
            slots: [const {
                Slot {
                    state: Cell::new(State::Idle),
                    job: Cell::new(None),
                    worker: WakerCell::new(),
                }
            }; WORKERS],
        }
    }

    /// Gives `job` to a free worker and returns the worker's number, for [`Pool::cancel`].
    ///
    /// # Errors
    /// The job itself, when every worker is busy.
    pub fn spawn(&self, job: Job) -> Result<usize, Job> {
        let is_free = |slot: &Slot<Job>| slot.job.get().is_none();
        let worker = self.slots.iter().position(is_free).ok_or(job)?;
        self.slots[worker].job.set(Some(job));
        self.slots[worker].worker.wake();
        Ok(worker)
    }

    /// Ends the job of a worker: its future is dropped when the worker has its next turn.
    ///
    /// # Errors
    /// `INVAL` if there is no worker of that number; `ALREADY` if it has no job.
    pub fn cancel(&self, worker: usize) -> Result<(), ErrorCode> {
        let slot = self.slots.get(worker).ok_or(ErrorCode::INVAL)?;
        slot.job.take().ok_or(ErrorCode::ALREADY)?;
        if slot.state.get() == State::Running {
            slot.state.set(State::Cancelled);
            slot.worker.wake();
        }
        Ok(())
    }

    /// The workers that have a job, and their jobs.
    pub fn jobs(&self) -> impl Iterator<Item = (usize, Job)> {
        let jobs = self.slots.iter().enumerate();
        jobs.filter_map(|(worker, slot)| Some((worker, slot.job.get()?)))
    }

    /// The task that is worker number `worker`: it runs each job that it is given by `run`.
    ///
    /// # Panics
    /// If the pool has no such worker.
    pub async fn worker(&self, worker: usize, run: impl AsyncFn(Job)) -> Infallible {
        let slot = &self.slots[worker];
        loop {
            let job = slot.next_job().await;
            slot.state.set(State::Running);
            slot.until_cancelled(run(job)).await;
            if slot.state.replace(State::Idle) == State::Running {
                slot.job.set(None);
            }
        }
    }
}

impl<Job: Copy, const WORKERS: usize> Default for Pool<Job, WORKERS> {
    fn default() -> Self {
        Self::new()
    }
}

impl<Job: Copy> Slot<Job> {
    #[track_caller]
    fn next_job(&self) -> impl Future<Output = Job> {
        leaf(|context| match self.job.get() {
            Some(job) => Poll::Ready(job),
            None => {
                self.worker.register(context);
                Poll::Pending
            }
        })
    }

    /// Runs `work` to its end, or drops it when the job is cancelled.
    async fn until_cancelled(&self, work: impl Future<Output = ()>) {
        let mut work = pin!(work);
        poll_fn(|context| {
            if self.state.get() == State::Cancelled {
                return Poll::Ready(());
            }
            self.worker.register(context);
            work.as_mut().poll(context)
        })
        .await;
    }
}
