//! Measures virtual alarms: how long it takes to set one and to fire it, with many others set.

use core::cell::Cell;

use capsules_core::{AlarmMux, VirtualAlarm};
use kernel::{
    ErrorCode,
    boot::BootArena,
    collections::DeadlineNode,
    hil::time::{Alarm, AlarmClient, Freq1MHz, Ticks, Ticks64, Time},
    utilities::cells::OptionalCell,
};

use crate::{ROUNDS, Rounds};

/// Time between two alarms: enough for all that one sets off.
const DISTANCE_US: u64 = 100;

/// Virtual alarms on an alarm. Each sets itself again when it fires, as the last.
pub struct Alarms<A: Alarm<'static> + 'static> {
    pub mux: &'static AlarmMux<'static, A>,
    alarms: &'static [Periodic<A>],
}

struct Periodic<A: Alarm<'static> + 'static> {
    alarm: VirtualAlarm<'static, A>,
    period_us: Cell<u64>,
    rounds: &'static Rounds,
}

impl<A: Alarm<'static, Ticks = Ticks64>> AlarmClient for Periodic<A> {
    fn alarm(&self) {
        if self.rounds.next() {
            let now = self.alarm.get_alarm();
            self.alarm.set_alarm(now, self.period_us.get().into());
        } else {
            self.rounds.finished.wake();
        }
    }
}

impl<A: Alarm<'static, Ticks = Ticks64>> Alarms<A> {
    /// Makes `count` virtual alarms. `alarm` gets a client.
    pub fn new(boot: &BootArena, alarm: &'static A, count: usize, rounds: &'static Rounds) -> Self {
        let mux = &*boot.place(AlarmMux::new(
            alarm,
            boot.slice(count, |_| DeadlineNode::new()),
            boot.slice(count, |_| OptionalCell::empty()),
        ));
        alarm.set_alarm_client(mux);
        let alarms = &*boot.slice(count, |_| Periodic {
            alarm: mux.alarm().expect("there are as many slots"),
            period_us: Cell::new(0),
            rounds,
        });
        for periodic in alarms {
            periodic.alarm.set_alarm_client(periodic);
        }
        Self { mux, alarms }
    }

    /// Sets the first `count`, one after the other after `delay_us`.
    pub fn set(&self, count: usize, delay_us: u64) {
        let now = self.alarms[0].alarm.now();
        for (index, periodic) in (1..).zip(&self.alarms[..count]) {
            periodic.period_us.set(count as u64 * DISTANCE_US);
            let wait_us = index * DISTANCE_US + delay_us;
            periodic.alarm.set_alarm(now, wait_us.into());
        }
    }

    /// Sets none.
    pub fn clear(&self) {
        for periodic in self.alarms {
            let _ = periodic.alarm.disarm();
        }
    }
}

/// An alarm whose time is what it is set to: it fires at once, without an interrupt.
pub struct TimeLapse {
    now_us: Cell<u64>,
    set_to_us: Cell<u64>,
}

impl TimeLapse {
    pub const fn new() -> Self {
        Self {
            now_us: Cell::new(0),
            set_to_us: Cell::new(0),
        }
    }

    /// Fires alarms, one at a time, [`ROUNDS`] of them.
    pub fn fire(&self, mux: &dyn AlarmClient) {
        for _ in 0..ROUNDS {
            self.now_us.set(self.set_to_us.get());
            mux.alarm();
        }
    }
}

impl Time for TimeLapse {
    type Frequency = Freq1MHz;
    type Ticks = Ticks64;

    fn now(&self) -> Ticks64 {
        self.now_us.get().into()
    }
}

impl Alarm<'static> for TimeLapse {
    fn set_alarm_client(&self, _: &'static dyn AlarmClient) {}

    fn set_alarm(&self, reference: Ticks64, dt: Ticks64) {
        self.set_to_us.set(reference.wrapping_add(dt).into_u64());
    }

    fn get_alarm(&self) -> Ticks64 {
        self.set_to_us.get().into()
    }

    fn disarm(&self) -> Result<(), ErrorCode> {
        Ok(())
    }

    fn is_armed(&self) -> bool {
        false
    }

    fn minimum_dt(&self) -> Ticks64 {
        1_u32.into()
    }
}
