//! A deadline for each process, on one alarm.

use kernel::{
    collections::{DeadlineNode, DeadlineQueue},
    hil::time::{Alarm, AlarmClient, Frequency, Ticks64, Time},
    utilities::cells::OptionalCell,
};

/// A deadline for each place in the process table.
pub trait ProcessDeadlines {
    /// Sets the deadline of a place, `ms` milliseconds from now on.
    fn set(&self, slot: usize, ms: u32);
    /// Clears it.
    fn clear(&self, slot: usize);
}

/// Is told that a deadline has come.
pub trait ProcessDeadlineClient {
    /// The deadline of a place in the process table has come, and is no more.
    fn deadline(&self, slot: usize);
}

/// Deadlines on an alarm. Setting one costs O(log n).
pub struct AlarmDeadlines<'a, A: Alarm<'a, Ticks = Ticks64>> {
    alarm: &'a A,
    queue: DeadlineQueue<'a>,
    client: OptionalCell<&'a dyn ProcessDeadlineClient>,
}

impl<'a, A: Alarm<'a, Ticks = Ticks64>> AlarmDeadlines<'a, A> {
    /// One deadline for each of `nodes`. The board makes this the alarm's client.
    pub fn new(alarm: &'a A, nodes: &'a [DeadlineNode]) -> Self {
        Self {
            alarm,
            queue: DeadlineQueue::new(nodes),
            client: OptionalCell::empty(),
        }
    }

    /// Makes `client` the one that is told.
    pub fn set_client(&self, client: &'a dyn ProcessDeadlineClient) {
        self.client.set(client);
    }

    /// How many deadlines there can be.
    pub fn capacity(&self) -> usize {
        self.queue.capacity()
    }

    /// The time now, in the alarm's ticks.
    pub fn now(&self) -> u64 {
        self.alarm.now().into_u64()
    }

    /// Sets the deadline of a place to the time `deadline`, in the alarm's ticks. If that is past, it comes
    /// at once, but not inside this call.
    ///
    /// # Panics
    /// If there is no such place.
    pub fn set_at(&self, slot: usize, deadline: u64) {
        self.queue.set(slot, deadline);
        // The alarm is later than the first deadline only if that is new.
        if self
            .queue
            .earliest()
            .is_some_and(|(_, first)| first == slot)
        {
            self.arm();
        }
    }

    /// Sets the alarm for the earliest deadline.
    fn arm(&self) {
        if let Some((deadline, _)) = self.queue.earliest() {
            let now = self.now();
            let distance = deadline.saturating_sub(now);
            self.alarm.set_alarm(now.into(), distance.into());
        }
    }
}

impl<'a, A: Alarm<'a, Ticks = Ticks64>> ProcessDeadlines for AlarmDeadlines<'a, A> {
    fn set(&self, slot: usize, ms: u32) {
        let ticks = u64::from(ms) * u64::from(<A as Time>::Frequency::frequency()) / 1_000;
        self.set_at(slot, self.now() + ticks);
    }

    fn clear(&self, slot: usize) {
        // The alarm may come for nothing, and is set for the next one then.
        self.queue.clear(slot);
    }
}

impl<'a, A: Alarm<'a, Ticks = Ticks64>> AlarmClient for AlarmDeadlines<'a, A> {
    fn alarm(&self) {
        while let Some(slot) = self.queue.take_due(self.now()) {
            self.client.map(|client| client.deadline(slot));
        }
        self.arm();
    }
}
