//! Several things at a time: futures, without a heap.
//!
//! A task is a future that [`run`] or [`block_on`] polls. It has a number, and what wakes it is a bit: a waker is
//! that number in the place of a pointer. An upcall sets the bit, so the app sleeps in the kernel until one of
//! its bits is set. Each task also has one time to be woken at; a future that waits for a time sets it at each
//! poll, so that there is no list of timers to keep.
//!
//! The futures of this library wake the task that they are in, whichever waker they are polled with. `join` and
//! `select` of `futures-util` go together with that; its `FuturesUnordered`, which polls only the parts that were
//! woken, does not.

use core::future::Future;
use core::pin::{Pin, pin};
use core::ptr;
use core::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use core::task::{Context, Poll, RawWaker, RawWakerVTable, Waker};

use crate::alarm;
use crate::syscall::{yield_no_wait, yield_wait};

/// Tasks that an app can have at a time: the bits of a word.
pub const MAX_TASKS: usize = 32;

/// For each task, whether it was woken.
static WOKEN: AtomicU32 = AtomicU32::new(0);
/// For each number, whether a task has it.
static TAKEN: AtomicU32 = AtomicU32::new(0);
/// When each task wants to be woken, in ticks of [`alarm::now`].
static WAKE_TIMES: [AtomicU64; MAX_TASKS] = [const { AtomicU64::new(NEVER) }; MAX_TASKS];
/// The number of the task that is polled now, or `NO_TASK`.
static POLLED: AtomicU32 = AtomicU32::new(NO_TASK);

const NO_TASK: u32 = u32::MAX;
const NEVER: u64 = u64::MAX;

/// Polls `future` until it is done, and sleeps in between.
///
/// # Panics
///
/// If there are [`MAX_TASKS`] tasks already.
pub fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let task = Task::new();
    loop {
        if let Poll::Ready(output) = task.poll(future.as_mut()) {
            return output;
        }
        sleep_until_woken(task.bit());
    }
}

/// Runs tasks side by side until all are done. A task is polled when something woke it, and only then.
///
/// ```
/// # use capsa::{alarm, println, tasks};
/// # use core::pin::pin;
/// # let _kernel = capsa::fake::Kernel::new();
/// async fn count(name: &str, pause_ms: u32) {
///     for number in 1..=3 {
///         println!("{name} {number}");
///         alarm::sleep(pause_ms).await;
///     }
/// }
///
/// tasks::run([pin!(count("slow", 500)), pin!(count("fast", 200))]);
/// ```
///
/// # Panics
///
/// If there would be more than [`MAX_TASKS`] tasks.
pub fn run<const N: usize>(futures: [Pin<&mut dyn Future<Output = ()>>; N]) {
    let mut running = futures.map(|future| Some((Task::new(), future)));
    loop {
        let mut bits = 0;
        for place in &mut running {
            let Some((task, future)) = place else {
                continue;
            };
            let bit = task.bit();
            if task.is_woken() && task.poll(future.as_mut()).is_ready() {
                *place = None;
            } else {
                bits |= bit;
            }
        }
        if bits == 0 {
            return;
        }
        sleep_until_woken(bits);
    }
}

/// Sleeps until one of the tasks in `bits` is woken. Where one has been already, it only takes what has come: tasks
/// that wake themselves keep no other from what it waits for.
fn sleep_until_woken(bits: u32) {
    let is_woken = || WOKEN.load(Relaxed) & bits != 0;
    if is_woken() {
        yield_no_wait();
        wake_those_in_time();
    }
    while !is_woken() {
        if !wake_those_in_time() {
            yield_wait();
        }
    }
}

/// Wakes the tasks whose time has come. `false` if there are none; the alarm is set for the next one then.
fn wake_those_in_time() -> bool {
    let earliest = WAKE_TIMES.iter().map(|time| time.load(Relaxed)).min();
    let come = earliest.filter(|time| *time != NEVER && alarm::is_past(*time));
    come.map(wake_until).is_some()
}

/// Wakes each task whose time is `now` or before.
fn wake_until(now: u64) {
    for (number, time) in (0..).zip(&WAKE_TIMES) {
        if time.load(Relaxed) <= now {
            time.store(NEVER, Relaxed);
            wake(number);
        }
    }
}

/// Has the task that is polled now woken at `time`, if nothing wakes it sooner.
pub(crate) fn wake_this_task_at(time: u64) {
    if let Some(own) = WAKE_TIMES.get(POLLED.load(Relaxed) as usize) {
        own.fetch_min(time, Relaxed);
    }
}

fn wake(number: u32) {
    WOKEN.fetch_or(1 << number, Relaxed);
}

/// A number for a task, for as long as the value lives.
struct Task {
    number: u32,
}

impl Task {
    /// A task that is to be polled at once.
    fn new() -> Self {
        let number = TAKEN.load(Relaxed).trailing_ones();
        assert!(
            (number as usize) < MAX_TASKS,
            "an app has {MAX_TASKS} tasks at most"
        );
        TAKEN.fetch_or(1 << number, Relaxed);
        wake(number);
        Self { number }
    }

    fn bit(&self) -> u32 {
        1 << self.number
    }

    fn is_woken(&self) -> bool {
        WOKEN.load(Relaxed) & self.bit() != 0
    }

    fn poll<F: Future + ?Sized>(&self, future: Pin<&mut F>) -> Poll<F::Output> {
        WOKEN.fetch_and(!self.bit(), Relaxed);
        self.forget_time();
        let outer = POLLED.swap(self.number, Relaxed);
        let waker = waker(self.number);
        let result = future.poll(&mut Context::from_waker(&waker));
        POLLED.store(outer, Relaxed);
        result
    }

    fn forget_time(&self) {
        if let Some(time) = WAKE_TIMES.get(self.number as usize) {
            time.store(NEVER, Relaxed);
        }
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.forget_time();
        TAKEN.fetch_and(!self.bit(), Relaxed);
    }
}

/// A waker that is the task's number.
fn waker(number: u32) -> Waker {
    static TABLE: RawWakerVTable = RawWakerVTable::new(
        |data| RawWaker::new(data, &TABLE),
        wake_data,
        wake_data,
        |_| {},
    );
    let data = ptr::without_provenance(number as usize);
    // SAFETY: the data is a number and is never followed; a copy is as good as the first, and nothing is to drop.
    unsafe { Waker::new(data, &TABLE) }
}

fn wake_data(data: *const ()) {
    wake(data.addr() as u32);
}

/// A task to wake when something happens, or none.
pub(crate) struct Wakeup(AtomicU32);

impl Wakeup {
    pub(crate) const fn new() -> Self {
        Self(AtomicU32::new(NO_TASK))
    }

    pub(crate) fn set_to_this_task(&self) {
        self.0.store(POLLED.load(Relaxed), Relaxed);
    }

    pub(crate) fn wake(&self) {
        let number = self.0.swap(NO_TASK, Relaxed);
        if number != NO_TASK {
            wake(number);
        }
    }
}

/// Forgets all tasks: a test that failed has left its own.
#[cfg(not(target_os = "none"))]
pub(crate) fn reset() {
    WOKEN.store(0, Relaxed);
    TAKEN.store(0, Relaxed);
    POLLED.store(NO_TASK, Relaxed);
    WAKE_TIMES
        .iter()
        .for_each(|time| time.store(NEVER, Relaxed));
}
