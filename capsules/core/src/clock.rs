//! Waiting for time, in `async` code.

use core::{
    cell::Cell,
    future::{Future, poll_fn},
    pin::pin,
    task::{Context, Poll},
};

use kernel::{
    hil::time::{Alarm, AlarmClient, Freq1MHz, Ticks64},
    task::{WakerCell, leaf},
};

type MicrosecondAlarm<'a> = dyn Alarm<'a, Frequency = Freq1MHz, Ticks = Ticks64> + 'a;

/// A task's clock.
///
/// Every task has its own, with an alarm of its own. Within the task any number of futures may wait on it at
/// a time: the alarm is set for the earliest, and when it fires the task is polled and the others ask
/// again.
pub struct Clock<'a> {
    alarm: &'a MicrosecondAlarm<'a>,
    /// What the alarm is set to.
    earliest_us: Cell<u64>,
    task: WakerCell,
}

impl<'a> Clock<'a> {
    /// A clock that waits with `alarm`. The board makes the clock the alarm's client.
    pub fn new(alarm: &'a MicrosecondAlarm<'a>) -> Self {
        Self {
            alarm,
            earliest_us: Cell::new(u64::MAX),
            task: WakerCell::new(),
        }
    }

    /// Microseconds since the machine was started.
    pub fn now_us(&self) -> u64 {
        self.alarm.now().into_u64()
    }

    /// Waits for `ms` milliseconds from this call on.
    ///
    /// # Cancellation
    /// Nothing is lost. The task may be polled once more than it needs to be.
    #[track_caller]
    pub fn after(&self, ms: u32) -> impl Future<Output = ()> {
        self.until(self.now_us() + u64::from(ms) * 1_000)
    }

    /// Waits until `time_us` microseconds since the machine was started.
    ///
    /// # Cancellation
    /// As for [`Clock::after`].
    #[track_caller]
    pub fn until(&self, time_us: u64) -> impl Future<Output = ()> {
        leaf(move |context| self.poll_until(time_us, context))
    }

    /// Runs `work` for at most `ms` milliseconds; `None` if that was too short, and `work` is dropped.
    pub async fn timeout<T>(&self, ms: u32, work: impl Future<Output = T>) -> Option<T> {
        let time_us = self.now_us() + u64::from(ms) * 1_000;
        let mut work = pin!(work);
        poll_fn(|context| match work.as_mut().poll(context) {
            Poll::Ready(result) => Poll::Ready(Some(result)),
            Poll::Pending => self.poll_until(time_us, context).map(|()| None),
        })
        .await
    }

    fn poll_until(&self, time_us: u64, context: &Context<'_>) -> Poll<()> {
        let now = self.alarm.now();
        if now.into_u64() >= time_us {
            return Poll::Ready(());
        }
        self.task.register(context);
        if time_us < self.earliest_us.get() {
            self.earliest_us.set(time_us);
            self.alarm.set_alarm(now, (time_us - now.into_u64()).into());
        }
        Poll::Pending
    }
}

impl AlarmClient for Clock<'_> {
    fn alarm(&self) {
        self.earliest_us.set(u64::MAX);
        self.task.wake();
    }
}
