//! What every suite notes of callbacks.

use core::cell::Cell;

use crate::{Pace, Verdict, ensure};

/// Counts callbacks, and keeps what the newest one brought.
pub(crate) struct Callbacks<T> {
    count: Cell<usize>,
    newest: Cell<Option<T>>,
    is_inside: Cell<bool>,
    came_inside: Cell<bool>,
}

impl<T> Callbacks<T> {
    pub(crate) const fn new() -> Self {
        Self {
            count: Cell::new(0),
            newest: Cell::new(None),
            is_inside: Cell::new(false),
            came_inside: Cell::new(false),
        }
    }

    /// A callback came.
    pub(crate) fn note(&self, value: T) {
        self.count.set(self.count.get() + 1);
        self.newest.set(Some(value));
        self.came_inside
            .set(self.came_inside.get() || self.is_inside.get());
    }

    /// Makes a call to the device, and notes whether a callback comes from inside it.
    pub(crate) fn during<R>(&self, call: impl FnOnce() -> R) -> R {
        self.is_inside.set(true);
        let result = call();
        self.is_inside.set(false);
        result
    }

    /// Forgets what came so far.
    pub(crate) fn forget(&self) {
        self.count.set(0);
        self.newest.set(None);
        self.came_inside.set(false);
    }

    pub(crate) fn count(&self) -> usize {
        self.count.get()
    }

    /// Waits for the one callback that follows, and takes what it brings.
    pub(crate) async fn one(&self, pace: &dyn Pace) -> Result<T, &'static str> {
        self.last_of(1, pace).await
    }

    /// Waits for the `count` callbacks that follow, and takes what the last one brings.
    pub(crate) async fn last_of(&self, count: usize, pace: &dyn Pace) -> Result<T, &'static str> {
        let have_come = pace.until(|| self.count() >= count).await;
        ensure(have_come, "a callback does not come")?;
        pace.quiet().await;
        let (has_more, came_inside) = (self.count() > count, self.came_inside.get());
        let newest = self.newest.take();
        self.forget();
        ensure(!came_inside, "a callback comes from inside the call")?;
        ensure(!has_more, "one callback too many comes")?;
        newest.ok_or("a callback does not come")
    }

    /// Waits to see that no callback follows.
    pub(crate) async fn none(&self, pace: &dyn Pace) -> Verdict {
        pace.quiet().await;
        ensure(self.count() == 0, "a callback follows")
    }
}
