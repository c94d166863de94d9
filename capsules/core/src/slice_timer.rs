//! Ends the turns of processes, on a tick of about four milliseconds.
//!
//! A turn begins often, at each message between two apps for example, so reading the clock then would cost
//! more than the turn. Instead an alarm ticks while processes run, and a turn in which it ticks is charged
//! for the whole tick. So a turn is charged right on average: one of 10 ms lasts from 8 to 13 ms, and who
//! gives way between two ticks is charged in another turn for what this one did not cost. An idle machine
//! does not tick.

use core::{cell::Cell, num::NonZeroU32};

use kernel::{
    hil::time::{Alarm, AlarmClient, ConvertTicks},
    platform::SchedulerTimer,
};

/// The distance of ticks in microseconds.
const TICK_US: u32 = 4_000;

/// The timer. See the module's documentation.
pub struct SliceTimer<'a, A: Alarm<'a>> {
    alarm: &'a A,
    is_ticking: Cell<bool>,
    /// Whether a turn has begun since the last tick.
    is_in_use: Cell<bool>,
    limit_us: Cell<Option<NonZeroU32>>,
    used_us: Cell<u32>,
}

impl<'a, A: Alarm<'a>> SliceTimer<'a, A> {
    /// A timer that ticks on `alarm`. The board makes it the alarm's client.
    pub fn new(alarm: &'a A) -> Self {
        Self {
            alarm,
            is_ticking: Cell::new(false),
            is_in_use: Cell::new(false),
            limit_us: Cell::new(None),
            used_us: Cell::new(0),
        }
    }

    #[cold]
    fn tick(&self) {
        self.is_ticking.set(true);
        let distance = self.alarm.ticks_from_us(TICK_US);
        self.alarm.set_alarm(self.alarm.now(), distance);
    }
}

impl<'a, A: Alarm<'a>> SchedulerTimer for SliceTimer<'a, A> {
    #[inline]
    fn start(&self, us: Option<NonZeroU32>) {
        self.limit_us.set(us);
        self.used_us.set(0);
        self.is_in_use.set(true);
        if !self.is_ticking.get() {
            self.tick();
        }
    }

    #[inline]
    fn used_us(&self) -> u32 {
        self.used_us.get()
    }

    #[inline]
    fn has_expired(&self) -> bool {
        let limit_us = self.limit_us.get();
        limit_us.is_some_and(|limit_us| self.used_us.get() >= limit_us.get())
    }
}

impl<'a, A: Alarm<'a>> AlarmClient for SliceTimer<'a, A> {
    fn alarm(&self) {
        self.used_us.set(self.used_us.get().saturating_add(TICK_US));
        if self.is_in_use.replace(false) {
            self.tick();
        } else {
            self.is_ticking.set(false);
        }
    }
}
