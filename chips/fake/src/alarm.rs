//! A counter and its alarm.

use std::{cell::Cell, marker::PhantomData};

use kernel::{
    ErrorCode,
    hil::time::{self, AlarmClient, Freq1MHz, Frequency, Ticks, Ticks64},
    utilities::cells::OptionalCell,
};

use crate::leak;

/// A counter of any width and frequency, with one alarm. It counts when it is told to.
///
/// Its shortest distance is one tick: an alarm that is set in the past fires when the next tick passes,
/// and a client that always sets one does not hold time up.
pub struct Alarm<T: Ticks = Ticks64, F: Frequency = Freq1MHz> {
    first: u64,
    /// Ticks since the alarm was made. Everything is reckoned in these, which do not wrap.
    passed: Cell<u64>,
    /// When it fires.
    due: Cell<Option<u64>>,
    set_to: Cell<T>,
    times_set: Cell<usize>,
    client: OptionalCell<&'static dyn AlarmClient>,
    frequency: PhantomData<F>,
}

impl Alarm {
    /// A counter of microseconds that wraps at 64 bits and stands at 0.
    pub fn new() -> &'static Self {
        Self::starting_at(0)
    }
}

impl<T: Ticks, F: Frequency> Alarm<T, F> {
    /// A counter that stands at the low bits of `counter`.
    pub fn starting_at(counter: u64) -> &'static Self {
        leak(Self {
            first: counter,
            passed: Cell::new(0),
            due: Cell::new(None),
            set_to: Cell::new(0.into()),
            times_set: Cell::new(0),
            client: OptionalCell::empty(),
            frequency: PhantomData,
        })
    }

    /// Lets `ticks` pass. Whenever the alarm is due time stands still while its client is called.
    pub fn advance(&self, ticks: u64) {
        let mut left = ticks;
        while left > 0 {
            left -= self.step(left);
        }
    }

    /// Lets `at_most` ticks pass, but no more than until the alarm fires once. Returns how many passed.
    pub fn step(&self, at_most: u64) -> u64 {
        let left = self
            .due
            .get()
            .map_or(at_most, |due| due - self.passed.get());
        let ticks = left.min(at_most);
        self.jump(ticks);
        ticks
    }

    /// Lets `ticks` pass while nobody looks: an alarm that was due meanwhile fires late, once.
    pub fn jump(&self, ticks: u64) {
        self.passed.set(self.passed.get() + ticks);
        if self.due.get().is_some_and(|due| due <= self.passed.get()) {
            self.due.set(None);
            self.client.map(AlarmClient::alarm);
        }
    }

    /// Ticks that have passed since the alarm was made. They do not wrap.
    pub fn passed(&self) -> u64 {
        self.passed.get()
    }

    /// How often the alarm was set.
    pub fn times_set(&self) -> usize {
        self.times_set.get()
    }
}

impl<T: Ticks, F: Frequency> time::Time for Alarm<T, F> {
    type Frequency = F;
    type Ticks = T;

    fn now(&self) -> T {
        let bits = u64::MAX >> (u64::BITS - T::width());
        T::from_or_max(self.first.wrapping_add(self.passed.get()) & bits)
    }
}

impl<T: Ticks, F: Frequency> time::Alarm<'static> for Alarm<T, F> {
    fn set_alarm_client(&self, client: &'static dyn AlarmClient) {
        self.client.set(client);
    }

    fn set_alarm(&self, reference: T, dt: T) {
        let elapsed = time::Time::now(self).wrapping_sub(reference);
        let left = if elapsed < dt {
            dt.wrapping_sub(elapsed).into_usize() as u64
        } else {
            0
        };
        self.due.set(Some(self.passed.get() + left.max(1)));
        self.set_to.set(reference.wrapping_add(dt));
        self.times_set.set(self.times_set.get() + 1);
    }

    fn get_alarm(&self) -> T {
        self.set_to.get()
    }

    fn disarm(&self) -> Result<(), ErrorCode> {
        self.due.set(None);
        Ok(())
    }

    fn is_armed(&self) -> bool {
        self.due.get().is_some()
    }

    fn minimum_dt(&self) -> T {
        1.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::hil::time::{Alarm as _, Ticks16, Time};
    use std::cell::RefCell;

    /// Notes when it is called.
    struct Log<T: Ticks + 'static> {
        alarm: &'static Alarm<T>,
        fired: RefCell<Vec<u64>>,
    }

    impl<T: Ticks> AlarmClient for Log<T> {
        fn alarm(&self) {
            assert!(!self.alarm.is_armed());
            self.fired.borrow_mut().push(self.alarm.passed());
        }
    }

    fn listen<T: Ticks>(alarm: &'static Alarm<T>) -> &'static Log<T> {
        let log = leak(Log {
            alarm,
            fired: RefCell::default(),
        });
        alarm.set_alarm_client(log);
        log
    }

    #[test]
    fn an_alarm_fires_once_at_its_tick_and_not_inside_the_call() {
        let alarm = Alarm::new();
        let log = listen(alarm);
        alarm.advance(3);
        alarm.set_alarm(alarm.now(), 10u64.into());
        alarm.advance(9);
        assert_eq!(*log.fired.borrow(), []);
        alarm.advance(100);
        assert_eq!(*log.fired.borrow(), [13]);
    }

    #[test]
    fn an_alarm_in_the_past_fires_with_the_next_tick() {
        let alarm = Alarm::new();
        let log = listen(alarm);
        alarm.advance(50);
        alarm.set_alarm(0u64.into(), 20u64.into());
        assert!(alarm.is_armed() && log.fired.borrow().is_empty());
        alarm.advance(1);
        assert_eq!(*log.fired.borrow(), [51]);
    }

    #[test]
    fn an_alarm_across_the_wrap_is_not_early() {
        let alarm = Alarm::<Ticks16>::starting_at(65_530);
        let log = listen(alarm);
        alarm.set_alarm(alarm.now(), 20u16.into());
        assert_eq!(alarm.get_alarm(), 14u16.into());
        alarm.advance(100);
        assert_eq!(*log.fired.borrow(), [20]);
        assert_eq!(alarm.now(), 94u16.into());
    }

    #[test]
    fn a_late_look_finds_the_alarm_fired_once() {
        let alarm = Alarm::new();
        let log = listen(alarm);
        alarm.set_alarm(alarm.now(), 10u64.into());
        alarm.jump(1_000);
        assert_eq!(*log.fired.borrow(), [1_000]);
    }

    #[test]
    fn a_disarmed_alarm_does_not_fire() {
        let alarm = Alarm::new();
        let log = listen(alarm);
        alarm.set_alarm(alarm.now(), 10u64.into());
        assert_eq!(alarm.disarm(), Ok(()));
        alarm.advance(100);
        assert_eq!((log.fired.borrow().len(), alarm.times_set()), (0, 1));
    }
}
