//! Time, as it passes while a check waits.

use core::task::{Context, Poll};

use kernel::task::leaf;

/// How time passes. The machine's is its clock; a fake's is told by its test.
pub trait Pace {
    /// Microseconds since some moment.
    fn now_us(&self) -> u64;

    /// Wakes the task of `context` when everything else has had its turn and, with a clock that is told, some
    /// time has passed.
    fn wake_later(&self, context: &Context<'_>);
}

/// How long nothing must happen to be taken for "nothing follows".
const QUIET_US: u64 = 5_000;

/// How long something may take that must follow. A device is quick; the outside, on a host that is busy, may not be.
const LIMIT_US: u64 = 20_000_000;

impl dyn Pace + '_ {
    /// Waits until `is_so`. Returns whether it is before it has taken too long.
    pub(crate) async fn until(&self, is_so: impl Fn() -> bool + Unpin) -> bool {
        self.at_most(LIMIT_US, is_so).await
    }

    /// Waits for as long as something that must not follow would take to follow.
    pub(crate) async fn quiet(&self) {
        self.pass(QUIET_US).await;
    }

    /// Waits for `us` microseconds.
    pub(crate) async fn pass(&self, us: u64) {
        self.at_most(us, || false).await;
    }

    async fn at_most(&self, limit_us: u64, is_so: impl Fn() -> bool + Unpin) -> bool {
        let end_us = self.now_us() + limit_us;
        leaf(|context| {
            if is_so() {
                return Poll::Ready(true);
            }
            if self.now_us() >= end_us {
                return Poll::Ready(false);
            }
            self.wake_later(context);
            Poll::Pending
        })
        .await
    }
}
