//! What comes to a fake from outside, and reaches its client from the kernel loop, one at a time.

use std::collections::VecDeque;

use kernel::deferred_call::DeferredCallClient;

use crate::faults::Operation;

/// Things that came and wait to be heard of. They are one operation, which begins again while there are some.
pub(crate) struct Arrivals<T>(Operation<VecDeque<T>>);

impl<T> Arrivals<T> {
    pub(crate) fn new() -> Self {
        Self(Operation::new())
    }

    /// Makes `fake` the one that is called when something may be heard of.
    pub(crate) fn register(&self, fake: &'static impl DeferredCallClient) {
        self.0.register(fake);
    }

    pub(crate) fn arrive(&self, arrival: T) {
        let mut arrival = Some(arrival);
        if !self.0.change(|waiting| waiting.extend(arrival.take())) {
            self.0.start(arrival.into_iter().collect());
        }
    }

    /// Takes the one that is heard of now. If more wait, the fake is called again.
    pub(crate) fn next(&self) -> Option<T> {
        let (mut waiting, _) = self.0.end()?;
        let next = waiting.pop_front();
        if !waiting.is_empty() {
            self.0.start(waiting);
        }
        next
    }

    /// Forgets those that wait.
    pub(crate) fn clear(&self) {
        self.0.cancel();
    }

    pub(crate) fn hold(&self) {
        self.0.hold();
    }

    pub(crate) fn release(&self) {
        self.0.release();
    }
}
