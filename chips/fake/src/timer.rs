//! A timer.

use std::cell::Cell;

use kernel::{
    ErrorCode,
    hil::time::{
        self, Alarm as _, AlarmClient, Freq1MHz, Frequency, Ticks, Ticks64, Time as _, TimerClient,
    },
    utilities::cells::OptionalCell,
};

use crate::{Alarm, leak};

/// A timer of any width and frequency. Its time passes when it is told to. Its shortest interval is one tick.
pub struct Timer<T: Ticks + 'static = Ticks64, F: Frequency + 'static = Freq1MHz> {
    alarm: &'static Alarm<T, F>,
    /// The interval asked for last, and whether again and again.
    asked: Cell<Option<(T, bool)>>,
    client: OptionalCell<&'static dyn TimerClient>,
}

impl Timer {
    /// A timer in microseconds, which wrap at 64 bits and stand at 0.
    pub fn new() -> &'static Self {
        Self::starting_at(0)
    }
}

impl<T: Ticks, F: Frequency> Timer<T, F> {
    /// A timer whose clock stands at the low bits of `counter`.
    pub fn starting_at(counter: u64) -> &'static Self {
        let timer = &*leak(Self {
            alarm: Alarm::starting_at(counter),
            asked: Cell::new(None),
            client: OptionalCell::empty(),
        });
        timer.alarm.set_alarm_client(timer);
        timer
    }

    /// Lets `ticks` pass. Whenever the timer is due time stands still while its client is called.
    pub fn advance(&self, ticks: u64) {
        self.alarm.advance(ticks);
    }

    fn start(&self, interval: T, again: bool) -> T {
        self.asked.set(Some((interval, again)));
        self.wait(self.now(), interval)
    }

    /// Waits for `interval` ticks after `reference`. Returns the interval in force.
    fn wait(&self, reference: T, interval: T) -> T {
        let interval = interval.max(self.alarm.minimum_dt());
        self.alarm.set_alarm(reference, interval);
        interval
    }
}

impl<T: Ticks, F: Frequency> time::Time for Timer<T, F> {
    type Frequency = F;
    type Ticks = T;

    fn now(&self) -> T {
        self.alarm.now()
    }
}

impl<T: Ticks, F: Frequency> time::Timer<'static> for Timer<T, F> {
    fn set_timer_client(&self, client: &'static dyn TimerClient) {
        self.client.set(client);
    }

    fn oneshot(&self, interval: T) -> T {
        self.start(interval, false)
    }

    fn repeating(&self, interval: T) -> T {
        self.start(interval, true)
    }

    fn interval(&self) -> Option<T> {
        self.asked.get().map(|(interval, _)| interval)
    }

    fn is_oneshot(&self) -> bool {
        self.asked.get().is_some_and(|(_, again)| !again)
    }

    fn is_repeating(&self) -> bool {
        self.asked.get().is_some_and(|(_, again)| again)
    }

    fn time_remaining(&self) -> Option<T> {
        let left = || self.alarm.get_alarm().wrapping_sub(self.now());
        self.is_enabled().then(left)
    }

    fn is_enabled(&self) -> bool {
        self.alarm.is_armed()
    }

    fn cancel(&self) -> Result<(), ErrorCode> {
        self.alarm.disarm()
    }
}

impl<T: Ticks, F: Frequency> AlarmClient for Timer<T, F> {
    fn alarm(&self) {
        if let Some((interval, true)) = self.asked.get() {
            self.wait(self.alarm.get_alarm(), interval);
        }
        self.client.map(TimerClient::timer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::hil::time::{Ticks16, Timer as _};
    use std::cell::RefCell;

    /// Notes when it is called.
    struct Log {
        timer: &'static Timer<Ticks16>,
        fired: RefCell<Vec<u16>>,
        /// How many calls are enough.
        enough: usize,
    }

    impl TimerClient for Log {
        fn timer(&self) {
            let mut fired = self.fired.borrow_mut();
            fired.push(self.timer.now().into_u16());
            if fired.len() == self.enough {
                assert_eq!(self.timer.cancel(), Ok(()));
            }
        }
    }

    /// A timer just before its clock wraps.
    fn timer(enough: usize) -> (&'static Timer<Ticks16>, &'static Log) {
        let timer = Timer::starting_at(65_530);
        let log = leak(Log {
            timer,
            fired: RefCell::default(),
            enough,
        });
        timer.set_timer_client(log);
        (timer, log)
    }

    #[test]
    fn a_timer_fires_once_after_its_interval_and_not_inside_the_call() {
        let (timer, log) = timer(usize::MAX);
        assert_eq!(timer.oneshot(10_u16.into()), 10_u16.into());
        assert_eq!((timer.is_oneshot(), timer.is_repeating()), (true, false));
        timer.advance(9);
        assert_eq!(*log.fired.borrow(), []);
        assert_eq!(timer.time_remaining(), Some(1_u16.into()));
        timer.advance(100);
        assert_eq!(*log.fired.borrow(), [4]);
        assert_eq!((timer.is_enabled(), timer.time_remaining()), (false, None));
        assert_eq!(timer.interval(), Some(10_u16.into()));
    }

    #[test]
    fn a_timer_fires_again_and_again_until_its_client_has_enough() {
        let (timer, log) = timer(3);
        assert_eq!(timer.repeating(10_u16.into()), 10_u16.into());
        assert_eq!((timer.is_oneshot(), timer.is_repeating()), (false, true));
        timer.advance(25);
        assert_eq!(timer.time_remaining(), Some(5_u16.into()));
        timer.advance(100);
        assert_eq!(*log.fired.borrow(), [4, 14, 24]);
    }

    #[test]
    fn the_timer_asked_for_last_is_the_one_that_fires() {
        let (timer, log) = timer(usize::MAX);
        assert_eq!((timer.interval(), timer.is_oneshot()), (None, false));
        timer.repeating(5_u16.into());
        timer.oneshot(7_u16.into());
        timer.advance(100);
        assert_eq!(*log.fired.borrow(), [1]);
    }

    #[test]
    fn no_interval_is_shorter_than_a_tick() {
        let (timer, log) = timer(2);
        assert_eq!(timer.repeating(0_u16.into()), 1_u16.into());
        assert!(log.fired.borrow().is_empty());
        timer.advance(5);
        assert_eq!(*log.fired.borrow(), [65_531, 65_532]);
    }
}
