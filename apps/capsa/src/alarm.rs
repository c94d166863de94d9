//! Time, and waiting for it.
//!
//! The kernel's clock has 32 bits and wraps. [`now`] has 64: it counts the wraps, and sees each as long as something
//! here is called at least once in half a wrap. Whoever sleeps does; who measures over longer times without
//! sleeping must look at the clock now and then.

use core::future::{Future, poll_fn};
use core::pin::pin;
use core::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};
use core::task::Poll;

use crate::completion::Completion;
use crate::error::Result;
use crate::syscall::command;
use crate::tasks;

const DRIVER: usize = 0;

const FREQUENCY: usize = 1;
const NOW: usize = 2;
const SET_ABSOLUTE: usize = 6;

/// The one upcall: the alarm went off.
const FIRED: usize = 0;

/// The longest that the alarm is set for: so no wrap of the clock goes unseen.
const LONGEST_TICKS: u64 = 1 << 31;

/// How many ticks a second has.
///
/// # Errors
///
/// `NODEVICE` without a clock.
pub fn frequency_hz() -> Result<u32> {
    static KNOWN: AtomicU32 = AtomicU32::new(0);
    match KNOWN.load(Relaxed) {
        0 => {
            let frequency_hz = command(DRIVER, FREQUENCY, 0, 0).u32()?;
            KNOWN.store(frequency_hz, Relaxed);
            Ok(frequency_hz)
        }
        known => Ok(known),
    }
}

/// The time, in ticks since some moment.
///
/// # Errors
///
/// `NODEVICE` without a clock.
pub fn now() -> Result<u64> {
    static LAST: AtomicU64 = AtomicU64::new(0);
    let ticks = command(DRIVER, NOW, 0, 0).u32()?;
    let last = LAST.load(Relaxed);
    let passed = ticks.wrapping_sub(last as u32);
    let now = last + u64::from(passed);
    LAST.store(now, Relaxed);
    Ok(now)
}

/// `duration_ms` in ticks, rounded up: who waits for it never waits too short.
///
/// # Errors
///
/// `NODEVICE` without a clock.
pub fn ticks_of_ms(duration_ms: u32) -> Result<u64> {
    Ok((u64::from(duration_ms) * u64::from(frequency_hz()?)).div_ceil(1000))
}

/// Sleeps for `duration_ms`. Without a clock it does not sleep.
pub fn sleep_ms(duration_ms: u32) {
    tasks::block_on(sleep(duration_ms));
}

/// Waits for `duration_ms` from the first poll on. Without a clock it does not wait.
///
/// # Cancellation
///
/// Nothing is lost.
pub async fn sleep(duration_ms: u32) {
    if let Ok((now, ticks)) = now().and_then(|now| Ok((now, ticks_of_ms(duration_ms)?))) {
        sleep_until(now + ticks).await;
    }
}

/// Waits until [`now`] is `time`. A pace that is kept by adding to the time does not drift.
///
/// # Cancellation
///
/// Nothing is lost.
pub async fn sleep_until(time: u64) {
    poll_fn(|_| {
        if now().is_ok_and(|now| now < time) {
            tasks::wake_this_task_at(time);
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    })
    .await;
}

/// Waits for `future`, but for `duration_ms` at most: `None` is out of time.
///
/// # Cancellation
///
/// What dropping `future` loses.
pub async fn timeout<F: Future>(duration_ms: u32, future: F) -> Option<F::Output> {
    before(sleep(duration_ms), future).await
}

/// Waits for `future`, but until [`now`] is `time` at most: `None` is out of time.
///
/// # Cancellation
///
/// What dropping `future` loses.
pub async fn timeout_at<F: Future>(time: u64, future: F) -> Option<F::Output> {
    before(sleep_until(time), future).await
}

/// Waits for `future`, or for `end`. Where both are there, it is not too late.
async fn before<F: Future>(end: impl Future<Output = ()>, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut end = pin!(end);
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => end.as_mut().poll(context).map(|()| None),
    })
    .await
}

/// Whether `time` is past. Where it is not, an upcall is made when it is, or before that.
pub(crate) fn is_past(time: u64) -> bool {
    static ALARM: Completion = Completion::new();
    static SET_FOR: AtomicU64 = AtomicU64::new(0);
    static IS_SET: AtomicBool = AtomicBool::new(false);

    let Ok(now) = now() else {
        return true;
    };
    if time <= now {
        return true;
    }
    let is_set = IS_SET.load(Relaxed) && ALARM.take().is_none();
    if is_set && SET_FOR.load(Relaxed) == time {
        return false;
    }
    let ticks = (time - now).min(LONGEST_TICKS);
    let (reference, ticks) = (now as u32 as usize, ticks as usize);
    let is_set = ALARM
        .subscribe(DRIVER, FIRED)
        .and_then(|()| command(DRIVER, SET_ABSOLUTE, reference, ticks).u32());
    IS_SET.store(is_set.is_ok(), Relaxed);
    SET_FOR.store(time, Relaxed);
    is_set.is_err()
}
