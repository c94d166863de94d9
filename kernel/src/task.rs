//! Tasks: futures that the kernel loop polls when their bit in the ready set is set.
//!
//! A task is a deferred call that remembers where it was. Its future is pinned on the stack of `main`, so
//! tasks need no heap; it never ends, so there is no life cycle to manage; its waker is the number of a
//! bit (see [`crate::ready`]).
//!
//! A *leaf* future is one that waits for an event rather than for another future: a key, an alarm, room
//! in a buffer. Leaves are made by [`leaf`], which remembers the line of code that asked. When a task is
//! pending, that line is where its `.await` is parked, and the shell's `tasks` command shows it.

use core::{
    cell::Cell,
    convert::Infallible,
    fmt,
    future::Future,
    panic::Location,
    pin::Pin,
    task::{Context, Poll, Waker},
};

use crate::{machine::machine, ready::Cause};

/// A future that runs by itself for as long as the machine does, and its name for people.
pub struct Task<'a> {
    pub(crate) name: &'static str,
    pub(crate) future: Pin<&'a mut (dyn Future<Output = Infallible> + 'a)>,
    /// What the kernel knows of it, since it was started.
    pub(crate) record: Option<&'static TaskRecord>,
}

impl<'a> Task<'a> {
    /// Names a pinned future. [`tasks!`](crate::tasks) pins and names a whole list.
    pub fn new(
        name: &'static str,
        future: Pin<&'a mut (dyn Future<Output = Infallible> + 'a)>,
    ) -> Self {
        Self {
            name,
            future,
            record: None,
        }
    }
}

/// Makes the list of tasks that [`Kernel::run`](crate::Kernel::run) takes, pinning each future on the
/// caller's stack. The futures live until the end of the statement, so the list is written where it is
/// used.
///
/// ```
/// # use core::{convert::Infallible, future};
/// # async fn blink() -> Infallible { future::pending().await }
/// let machine = chip_fake::Machine::new();
/// let kernel = machine.kernel();
/// kernel.run_until_idle(&(), kernel::tasks! {
///     "left light" => blink(),
///     "right light" => blink(),
/// });
/// assert!(kernel.tasks().map(|task| task.name).eq(["left light", "right light"]));
/// ```
#[macro_export]
macro_rules! tasks {
    ($($name:expr => $future:expr),* $(,)?) => {
        &mut [$($crate::task::Task::new($name, ::core::pin::pin!($future))),*]
    };
}

/// What the kernel knows of a task, kept apart from its future so that it can be looked at meanwhile.
pub struct TaskRecord {
    pub(crate) name: Cell<&'static str>,
    pub(crate) polls: Cell<u64>,
    pub(crate) parked_at: ParkedAt,
}

impl TaskRecord {
    /// The record of a task that has not run.
    pub const fn new() -> Self {
        Self {
            name: Cell::new(""),
            polls: Cell::new(0),
            parked_at: Cell::new(None),
        }
    }
}

impl Default for TaskRecord {
    fn default() -> Self {
        Self::new()
    }
}

/// A task as [`Kernel::tasks`](crate::Kernel::tasks) shows it.
#[derive(Clone, Copy, Debug)]
pub struct TaskInfo {
    /// Its name.
    pub name: &'static str,
    /// What it is doing.
    pub state: TaskState,
    /// How often it was polled.
    pub polls: u64,
    /// What set its bit last.
    pub woken_by: Cause,
    /// The line that asked for what it waits for; `None` while it runs, before its first poll, and if that is no
    /// [`leaf`].
    pub parked_at: Option<&'static Location<'static>>,
}

/// What a task is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskState {
    /// It is being polled: it is the one that asks.
    Running,
    /// It was woken and waits for its turn.
    Ready,
    /// It waits for an event.
    Waiting,
}

impl fmt::Display for TaskState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Running => "running",
            Self::Ready => "ready",
            Self::Waiting => "waiting",
        })
    }
}

/// Where the first leaf that is pending in this poll notes who asked; `None` when one has.
pub(crate) struct Parking(Cell<Option<&'static ParkedAt>>);

type ParkedAt = Cell<Option<&'static Location<'static>>>;

impl Parking {
    #[cfg(not(loom))]
    pub(crate) const fn new() -> Self {
        Self(Cell::new(None))
    }

    /// A task with this record is about to be polled.
    pub(crate) fn expect(&self, record: &'static TaskRecord) {
        record.parked_at.set(None);
        self.0.set(Some(&record.parked_at));
    }

    /// Notes that a leaf is pending. A task that waits for several events is shown at the first: the one that is
    /// written first.
    fn note(&self, asked_at: &'static Location<'static>) {
        if let Some(parked_at) = self.0.take() {
            parked_at.set(Some(asked_at));
        }
    }
}

/// A future that waits for an event. See [`leaf`].
#[must_use = "a future does nothing until it is awaited"]
pub struct Leaf<F> {
    poll: F,
    asked_at: &'static Location<'static>,
}

/// Makes a leaf future of a closure as [`core::future::poll_fn`] does, and remembers who asked.
///
/// Call it from a function that is itself `#[track_caller]` and not `async`, so that the line shown is
/// the one with the `.await`.
#[track_caller]
pub fn leaf<T, F>(poll: F) -> Leaf<F>
where
    F: FnMut(&mut Context<'_>) -> Poll<T> + Unpin,
{
    Leaf {
        poll,
        asked_at: Location::caller(),
    }
}

impl<T, F> Future for Leaf<F>
where
    F: FnMut(&mut Context<'_>) -> Poll<T> + Unpin,
{
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let result = (self.poll)(context);
        if result.is_pending() {
            machine().parking.note(self.asked_at);
        }
        result
    }
}

/// Lets everything else that is ready have its turn first.
///
/// # Cancellation
/// Nothing is lost.
#[track_caller]
pub fn yield_now() -> impl Future<Output = ()> {
    let mut yielded = false;
    leaf(move |context| {
        if yielded {
            return Poll::Ready(());
        }
        yielded = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
}

/// A place for the waker of the one task that waits for an event.
///
/// If another task comes to wait in the same place, the one before it is woken first, so that no task
/// sleeps for ever because of a board's mistake.
pub struct WakerCell(Cell<Option<Waker>>);

impl WakerCell {
    /// A place where nobody waits.
    pub const fn new() -> Self {
        Self(Cell::new(None))
    }

    /// Makes `context`'s task the one to wake.
    pub fn register(&self, context: &Context<'_>) {
        match self.0.take() {
            Some(waker) if waker.will_wake(context.waker()) => self.0.set(Some(waker)),
            before => {
                if let Some(other) = before {
                    other.wake();
                }
                self.0.set(Some(context.waker().clone()));
            }
        }
    }

    /// Wakes the task that waits here, if one does.
    pub fn wake(&self) {
        if let Some(waker) = self.0.take() {
            waker.wake();
        }
    }
}

impl Default for WakerCell {
    fn default() -> Self {
        Self::new()
    }
}
