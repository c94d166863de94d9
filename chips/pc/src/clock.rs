//! The machine's clock: microseconds since boot, and an alarm.
//!
//! Time is read from the processor's time-stamp counter, which is quick and never wraps. How fast it
//! counts is told by CPUID, or measured against the interval timer in the background: for its first
//! milliseconds the clock reads the interval timer itself, which is slower but right, so the boot never
//! waits. The alarm is the interval timer's other counter, one shot at a time; without an alarm set
//! there are no interrupts.

use core::cell::Cell;

use chip_x86_64::time_stamp;
use kernel::{
    ErrorCode, debug,
    hil::time::{Alarm, AlarmClient, Freq1MHz, Ticks, Ticks64, Time},
    utilities::cells::OptionalCell,
};

use crate::pit::{self, Pit};

/// The interrupt line of the interval timer.
pub const INTERRUPT_LINE: u32 = 0;

/// How long the time-stamp counter is measured: long enough for an error below 0.01 %, and well below
/// the interval timer's 54.9 ms.
const MEASUREMENT_US: u64 = 20_000;

/// The shortest distance that is worth an interrupt.
const SHORTEST_US: u64 = 2;

/// The clock. A board makes one.
pub struct Clock<'a> {
    pit: Pit,
    /// The clock was at `since_us` when the time-stamp counter was at `since_stamp`.
    since_us: Cell<u64>,
    since_stamp: Cell<u64>,
    /// Microseconds a tick of the time-stamp counter, in units of 2^-64; 0 while that is being measured.
    us_per_tick: Cell<u64>,
    alarm: Cell<Option<u64>>,
    alarm_set_to: Cell<u64>,
    client: OptionalCell<&'a dyn AlarmClient>,
}

impl<'a> Clock<'a> {
    /// A clock that starts at 0.
    pub fn new() -> Self {
        let known_hz = time_stamp::frequency_hz();
        let clock = Self {
            pit: Pit::new(),
            since_us: Cell::new(0),
            since_stamp: Cell::new(time_stamp::read()),
            us_per_tick: Cell::new(known_hz.map_or(0, us_per_tick)),
            alarm: Cell::new(None),
            alarm_set_to: Cell::new(0),
            client: OptionalCell::empty(),
        };
        if clock.is_measuring() {
            clock.pit.start_measuring();
            clock.pit.interrupt_after(counts(MEASUREMENT_US));
        }
        clock
    }

    /// Microseconds since boot.
    #[inline]
    pub fn now_us(&self) -> u64 {
        if self.is_measuring() {
            return self.now_while_measuring_us();
        }
        let ticks = time_stamp::read().wrapping_sub(self.since_stamp.get());
        self.since_us.get() + scale(ticks, self.us_per_tick.get())
    }

    /// Serves the interval timer's interrupt.
    pub fn handle_interrupt(&self) {
        if self.is_measuring() {
            self.finish_measuring();
        }
        let now_us = self.now_us();
        match self.alarm.get() {
            Some(alarm) if alarm <= now_us => {
                self.alarm.set(None);
                self.client.map(AlarmClient::alarm);
                // The client set the next alarm, if it wants one. Measuring needs an interrupt too.
                if self.is_measuring() {
                    self.arm(now_us);
                }
            }
            _ => self.arm(now_us),
        }
    }

    fn is_measuring(&self) -> bool {
        self.us_per_tick.get() == 0
    }

    /// The time by the interval timer. If measuring began too long ago for it, as when the whole machine was
    /// stopped, measuring begins again, and time goes on from what the timer can tell.
    #[cold]
    fn now_while_measuring_us(&self) -> u64 {
        match self.pit.measured() {
            Some(count) => self.since_us.get() + pit::us(count),
            None => {
                self.since_us
                    .set(self.since_us.get() + pit::us(pit::LONGEST));
                self.since_stamp.set(time_stamp::read());
                self.pit.start_measuring();
                self.since_us.get()
            }
        }
    }

    /// Goes over to the time-stamp counter when it has been measured for long enough.
    fn finish_measuring(&self) {
        let (Some(count), stamp) = (self.pit.measured(), time_stamp::read()) else {
            return;
        };
        if pit::us(count) < MEASUREMENT_US / 2 {
            return;
        }
        let ticks = stamp.wrapping_sub(self.since_stamp.replace(stamp));
        let hz = ticks * pit::FREQUENCY_HZ / u64::from(count);
        self.since_us.set(self.since_us.get() + pit::us(count));
        self.us_per_tick.set(us_per_tick(hz));
        debug!("time-stamp counter at {} MHz", (hz + 500_000) / 1_000_000);
    }

    /// Sets the interval timer for what comes next: the alarm or the end of measuring.
    fn arm(&self, now_us: u64) {
        let measured_us = self
            .is_measuring()
            .then(|| self.since_us.get() + MEASUREMENT_US);
        let next_us = match (self.alarm.get(), measured_us) {
            (Some(alarm), Some(measured)) => alarm.min(measured),
            (Some(next), None) | (None, Some(next)) => next,
            (None, None) => return,
        };
        self.pit
            .interrupt_after(counts(next_us.saturating_sub(now_us).max(SHORTEST_US)));
    }
}

impl Default for Clock<'_> {
    fn default() -> Self {
        Self::new()
    }
}

/// The interval timer's counts in `us` microseconds, rounded up; its longest count if that is less.
fn counts(us: u64) -> u16 {
    /// Counts a microsecond, in units of 2^-32, rounded up: that is at most 2^-16 too much.
    const COUNTS_PER_US: u64 = (pit::FREQUENCY_HZ << 32).div_ceil(1_000_000);
    let counts = us.min(pit::us(pit::LONGEST)) * COUNTS_PER_US;
    (counts.wrapping_add(u32::MAX.into()) >> 32) as u16
}

/// Microseconds a tick, in units of 2^-64 microseconds.
fn us_per_tick(hz: u64) -> u64 {
    ((1_000_000u128 << 64) / u128::from(hz.max(2_000_000))) as u64
}

fn scale(ticks: u64, us_per_tick: u64) -> u64 {
    ((u128::from(ticks) * u128::from(us_per_tick)) >> 64) as u64
}

impl Time for Clock<'_> {
    type Frequency = Freq1MHz;
    type Ticks = Ticks64;

    fn now(&self) -> Ticks64 {
        self.now_us().into()
    }
}

impl<'a> Alarm<'a> for Clock<'a> {
    fn set_alarm_client(&self, client: &'a dyn AlarmClient) {
        self.client.set(client);
    }

    fn set_alarm(&self, reference: Ticks64, dt: Ticks64) {
        let now = self.now();
        let set_to = reference.wrapping_add(dt);
        let is_over = now.wrapping_sub(reference) >= dt;
        self.alarm_set_to.set(set_to.into_u64());
        self.alarm
            .set(Some(if is_over { now } else { set_to }.into_u64()));
        self.arm(now.into_u64());
    }

    fn get_alarm(&self) -> Ticks64 {
        self.alarm_set_to.get().into()
    }

    fn disarm(&self) -> Result<(), ErrorCode> {
        self.alarm.set(None);
        Ok(())
    }

    fn is_armed(&self) -> bool {
        self.alarm.get().is_some()
    }

    fn minimum_dt(&self) -> Ticks64 {
        SHORTEST_US.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_distance_is_rounded_up_to_counts_and_limited_to_one_shot() {
        assert_eq!(counts(0), 0);
        assert_eq!(counts(1), 2);
        assert_eq!(counts(1_000_000), pit::LONGEST);
        assert_eq!(counts(u64::MAX), pit::LONGEST);
        assert_eq!(counts(20_000), 23_864);
    }

    #[test]
    fn ticks_of_any_rate_become_microseconds_without_overflow() {
        for hz in [2_000_000, 999_999_937, 5_000_000_000] {
            let hour_us = scale(hz * 3600, us_per_tick(hz));
            assert!(
                (3_599_999_999..=3_600_000_000).contains(&hour_us),
                "{hz} Hz: {hour_us}"
            );
        }
    }
}
