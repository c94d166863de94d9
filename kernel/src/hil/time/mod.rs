//! Time: counters, alarms and timers, over clocks of any frequency and width.
//!
//! An alarm is set by a reference and a distance, not by a point in time: "`dt` ticks after `reference`"
//! can be judged right even when the counter wraps, or when the moment has passed by the time the call
//! is made (Tock TRD 105).

mod frequency;
mod ticks;

pub use frequency::*;
pub use ticks::*;

use crate::ErrorCode;

/// A clock that can be read.
pub trait Time {
    /// How fast it counts.
    type Frequency: Frequency;
    /// How wide it counts.
    type Ticks: Ticks;

    /// The time now.
    fn now(&self) -> Self::Ticks;
}

/// A clock's ticks as units of time, for every [`Time`]. Fractions are rounded down; what does not fit is
/// the largest value.
pub trait ConvertTicks<T: Ticks> {
    /// Ticks in `s` seconds.
    fn ticks_from_seconds(&self, s: u32) -> T;
    /// Ticks in `ms` milliseconds.
    fn ticks_from_ms(&self, ms: u32) -> T;
    /// Ticks in `us` microseconds.
    fn ticks_from_us(&self, us: u32) -> T;
    /// Seconds in `tick` ticks.
    fn ticks_to_seconds(&self, tick: T) -> u32;
    /// Milliseconds in `tick` ticks.
    fn ticks_to_ms(&self, tick: T) -> u32;
    /// Microseconds in `tick` ticks.
    fn ticks_to_us(&self, tick: T) -> u32;
}

impl<T: Time + ?Sized> ConvertTicks<T::Ticks> for T {
    #[inline]
    fn ticks_from_seconds(&self, s: u32) -> T::Ticks {
        ticks_from::<T>(s, 1)
    }

    #[inline]
    fn ticks_from_ms(&self, ms: u32) -> T::Ticks {
        ticks_from::<T>(ms, 1_000)
    }

    #[inline]
    fn ticks_from_us(&self, us: u32) -> T::Ticks {
        ticks_from::<T>(us, 1_000_000)
    }

    #[inline]
    fn ticks_to_seconds(&self, tick: T::Ticks) -> u32 {
        tick.saturating_scale(1, T::Frequency::frequency())
    }

    #[inline]
    fn ticks_to_ms(&self, tick: T::Ticks) -> u32 {
        tick.saturating_scale(1_000, T::Frequency::frequency())
    }

    #[inline]
    fn ticks_to_us(&self, tick: T::Ticks) -> u32 {
        tick.saturating_scale(1_000_000, T::Frequency::frequency())
    }
}

fn ticks_from<T: Time + ?Sized>(count: u32, units_per_second: u64) -> T::Ticks {
    let ticks = u64::from(T::Frequency::frequency()) * u64::from(count) / units_per_second;
    T::Ticks::from_or_max(ticks)
}

/// A clock whose reading never changes.
pub trait Timestamp: Time {}

/// Hears that a counter has gone from its largest value to zero.
pub trait OverflowClient {
    /// The counter is at zero again.
    fn overflow(&self);
}

/// A counter that can be started and stopped.
pub trait Counter<'a>: Time {
    /// Starts counting.
    ///
    /// # Errors
    /// `OFF` if its clock has no power; `FAIL` if it does not count.
    fn start(&self) -> Result<(), ErrorCode>;

    /// Stops counting.
    ///
    /// # Errors
    /// `BUSY` if something else needs it to count; `FAIL` if it still counts.
    fn stop(&self) -> Result<(), ErrorCode>;

    /// Makes the count zero.
    ///
    /// # Errors
    /// `FAIL` if it is not zero.
    fn reset(&self) -> Result<(), ErrorCode>;

    /// Whether it counts.
    fn is_running(&self) -> bool;
}

/// Hears that an alarm has fired.
pub trait AlarmClient {
    /// The alarm's time has come. The alarm is no longer armed; the client may arm it again in here.
    fn alarm(&self);
}

/// A clock that calls back at a moment.
pub trait Alarm<'a>: Time {
    /// Says who is called.
    fn set_alarm_client(&self, client: &'a dyn AlarmClient);

    /// Calls back once, not before `dt` ticks have passed since `reference`, which is in the past: as soon as can
    /// be if that is over. An alarm set before is forgotten.
    fn set_alarm(&self, reference: Self::Ticks, dt: Self::Ticks);

    /// The moment the alarm was last set to, whether or not it has fired since.
    fn get_alarm(&self) -> Self::Ticks;

    /// Forgets the alarm: no callback follows.
    ///
    /// # Errors
    /// `FAIL` if a callback may follow nevertheless.
    fn disarm(&self) -> Result<(), ErrorCode>;

    /// Whether a callback will come.
    fn is_armed(&self) -> bool;

    /// The shortest distance that the hardware can keep; shorter ones take this long.
    fn minimum_dt(&self) -> Self::Ticks;
}

/// Hears that a timer has fired.
pub trait TimerClient {
    /// The timer's interval has passed.
    fn timer(&self);
}

/// A clock that calls back after an interval, once or again and again.
pub trait Timer<'a>: Time {
    /// Says who is called.
    fn set_timer_client(&self, client: &'a dyn TimerClient);

    /// Calls back once, after at least `interval` ticks. Returns the interval in force, which may be
    /// longer.
    fn oneshot(&self, interval: Self::Ticks) -> Self::Ticks;

    /// Calls back every `interval` ticks. Returns the interval in force, which may be longer.
    fn repeating(&self, interval: Self::Ticks) -> Self::Ticks;

    /// The interval asked for last.
    fn interval(&self) -> Option<Self::Ticks>;

    /// Whether the timer asked for last fires once.
    fn is_oneshot(&self) -> bool;

    /// Whether the timer asked for last fires again and again.
    fn is_repeating(&self) -> bool;

    /// Ticks left until the next callback; `None` if none will come.
    fn time_remaining(&self) -> Option<Self::Ticks>;

    /// Whether a callback will come.
    fn is_enabled(&self) -> bool;

    /// Stops the timer.
    ///
    /// # Errors
    /// `FAIL` if a callback may follow nevertheless.
    fn cancel(&self) -> Result<(), ErrorCode>;
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Clock<F, T>(core::marker::PhantomData<(F, T)>);

    impl<F: Frequency, T: Ticks> Time for Clock<F, T> {
        type Frequency = F;
        type Ticks = T;

        fn now(&self) -> T {
            T::from(0)
        }
    }

    fn clock<F: Frequency, T: Ticks>() -> Clock<F, T> {
        Clock(core::marker::PhantomData)
    }

    #[test]
    fn units_of_time_become_ticks_rounded_down() {
        let slow = clock::<Freq32KHz, Ticks32>();
        assert_eq!(slow.ticks_from_seconds(2), 65_536.into());
        assert_eq!(slow.ticks_from_ms(1), 32.into());
        assert_eq!(slow.ticks_from_us(30), 0.into());
    }

    #[test]
    fn ticks_become_units_of_time_rounded_down() {
        let slow = clock::<Freq32KHz, Ticks32>();
        assert_eq!(slow.ticks_to_ms(33.into()), 1);
        assert_eq!(slow.ticks_to_us(1.into()), 30);
        assert_eq!(slow.ticks_to_seconds(32_767.into()), 0);
    }

    #[test]
    fn what_does_not_fit_is_the_largest_value() {
        let narrow = clock::<Freq1KHz, Ticks16>();
        assert_eq!(narrow.ticks_from_seconds(66), u32::from(u16::MAX).into());
        let wide = clock::<Freq1MHz, Ticks64>();
        assert_eq!(wide.ticks_to_us(u64::MAX.into()), u32::MAX);
        assert_eq!(
            wide.ticks_from_seconds(u32::MAX).into_u64(),
            u64::from(u32::MAX) * 1_000_000
        );
    }

    #[test]
    fn a_clock_can_be_a_trait_object() {
        let object: &dyn Time<Frequency = Freq1KHz, Ticks = Ticks24> = &clock();
        assert_eq!(object.ticks_to_seconds(5_000_000.into()), 5_000);
    }
}
