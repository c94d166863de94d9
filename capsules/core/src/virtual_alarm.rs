//! Any number of alarms on one.
//!
//! A board says how many it needs; each is an alarm of its own, with the promises of
//! [`hil::time::Alarm`](kernel::hil::time::Alarm). Setting and firing cost O(log n).
//!
//! The hardware counter may be narrow and wrap. The multiplexer counts in 64 bits: it adds what has
//! passed since it looked last, and while an alarm is set it makes sure to look at least once in half a
//! turn of the counter.

use core::cell::Cell;

use kernel::{
    ErrorCode,
    collections::{DeadlineNode, DeadlineQueue},
    hil::time::{Alarm, AlarmClient, Ticks, Time},
    utilities::cells::OptionalCell,
};

/// Shares an alarm among many.
pub struct AlarmMux<'a, A: Alarm<'a>> {
    alarm: &'a A,
    queue: DeadlineQueue<'a>,
    clients: &'a [OptionalCell<&'a dyn AlarmClient>],
    made: Cell<usize>,
    /// The 64-bit time when the counter was read last, and what it read.
    time: Cell<u64>,
    counter: Cell<A::Ticks>,
    /// While alarms are being fired: the time they are fired for, and the slot whose client is called.
    firing: Cell<Option<(u64, usize)>>,
}

impl<'a, A: Alarm<'a>> AlarmMux<'a, A> {
    /// Shares `alarm` among as many alarms as there are `nodes` and `clients`. The board makes the
    /// multiplexer the alarm's client.
    ///
    /// # Panics
    /// If there are not as many nodes as clients.
    pub fn new(
        alarm: &'a A,
        nodes: &'a [DeadlineNode],
        clients: &'a [OptionalCell<&'a dyn AlarmClient>],
    ) -> Self {
        assert!(
            nodes.len() == clients.len(),
            "each alarm needs a node and a client"
        );
        Self {
            alarm,
            queue: DeadlineQueue::new(nodes),
            clients,
            made: Cell::new(0),
            time: Cell::new(0),
            counter: Cell::new(alarm.now()),
            firing: Cell::new(None),
        }
    }

    /// A new alarm.
    ///
    /// # Errors
    /// `NOMEM` if all slots are taken.
    pub fn alarm(&'a self) -> Result<VirtualAlarm<'a, A>, ErrorCode> {
        let slot = self.made.get();
        if slot == self.clients.len() {
            return Err(ErrorCode::NOMEM);
        }
        self.made.set(slot + 1);
        Ok(VirtualAlarm {
            mux: self,
            slot,
            set_to: Cell::new(0.into()),
        })
    }

    /// Brings the 64-bit time up to date.
    fn advance(&self) -> u64 {
        let counter = self.alarm.now();
        let elapsed = counter
            .wrapping_sub(self.counter.replace(counter))
            .into_usize() as u64;
        self.time.set(self.time.get() + elapsed);
        self.time.get()
    }

    fn set(&self, slot: usize, reference: A::Ticks, dt: A::Ticks) {
        let now = self.advance();
        let elapsed = self.counter.get().wrapping_sub(reference);
        let remaining = if elapsed < dt {
            dt.wrapping_sub(elapsed).into_usize() as u64
        } else {
            0
        };
        // With a counter of 64 bits it may be later than can be counted, which never comes.
        let deadline = now.saturating_add(remaining);
        match self.firing.get() {
            // An alarm set by a client that is being called fires in the next round at the earliest, so that a
            // client that always sets one in the past does not keep the others waiting. The hardware is set
            // once, after all that are due.
            Some((time, _)) => self.queue.set(slot, deadline.max(time + 1)),
            None => {
                self.queue.set(slot, deadline);
                self.arm_if_first(slot);
            }
        }
    }

    /// Sets the hardware if the earliest alarm is that of `slot`.
    fn arm_if_first(&self, slot: usize) {
        if let Some((deadline, first)) = self.queue.earliest()
            && first == slot
        {
            self.arm(deadline);
        }
    }

    fn disarm(&self, slot: usize) -> Result<(), ErrorCode> {
        // The hardware may still fire for this slot: then nothing is due, and it is set for the next.
        if self.queue.clear(slot) && self.queue.is_empty() {
            self.alarm.disarm()?;
        }
        Ok(())
    }

    /// Sets the hardware for the earliest alarm.
    fn arm(&self, deadline: u64) {
        let distance = A::Ticks::from_or_max(deadline.saturating_sub(self.time.get()));
        self.alarm
            .set_alarm(self.counter.get(), distance.min(A::Ticks::half_max_value()));
    }
}

impl<'a, A: Alarm<'a>> AlarmClient for AlarmMux<'a, A> {
    fn alarm(&self) {
        let now = self.advance();
        while let Some((deadline, slot)) = self.queue.earliest() {
            if deadline > now {
                self.arm(deadline);
                break;
            }
            self.firing.set(Some((now, slot)));
            self.clients[slot].map(AlarmClient::alarm);
            // Most clients set their alarm again: then it has moved already, which is cheaper than taking
            // it out first.
            if self.queue.get(slot) == Some(deadline) {
                self.queue.clear(slot);
            }
        }
        self.firing.set(None);
    }
}

/// One alarm of many. See [`AlarmMux::alarm`].
pub struct VirtualAlarm<'a, A: Alarm<'a>> {
    mux: &'a AlarmMux<'a, A>,
    slot: usize,
    set_to: Cell<A::Ticks>,
}

impl<'a, A: Alarm<'a>> Time for VirtualAlarm<'a, A> {
    type Frequency = A::Frequency;
    type Ticks = A::Ticks;

    fn now(&self) -> A::Ticks {
        self.mux.alarm.now()
    }
}

impl<'a, A: Alarm<'a>> Alarm<'a> for VirtualAlarm<'a, A> {
    fn set_alarm_client(&self, client: &'a dyn AlarmClient) {
        self.mux.clients[self.slot].set(client);
    }

    fn set_alarm(&self, reference: A::Ticks, dt: A::Ticks) {
        self.set_to.set(reference.wrapping_add(dt));
        self.mux.set(self.slot, reference, dt);
    }

    fn get_alarm(&self) -> A::Ticks {
        self.set_to.get()
    }

    fn disarm(&self) -> Result<(), ErrorCode> {
        self.mux.disarm(self.slot)
    }

    fn is_armed(&self) -> bool {
        let is_firing = self.mux.firing.get().is_some_and(|(now, slot)| {
            slot == self.slot
                && self
                    .mux
                    .queue
                    .get(slot)
                    .is_some_and(|deadline| deadline <= now)
        });
        !is_firing && self.mux.queue.get(self.slot).is_some()
    }

    fn minimum_dt(&self) -> A::Ticks {
        self.mux.alarm.minimum_dt()
    }
}
