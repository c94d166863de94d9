//! Counters and their alarms: [`kernel::hil::time`].

use core::cell::Cell;

use kernel::hil::time::{Alarm, AlarmClient, ConvertTicks, Ticks};

use crate::{Pace, Verdict, callbacks::Callbacks, ensure};

/// Hands the names of this suite's promises to the macro `$each`.
#[macro_export]
macro_rules! alarm_promises {
    ($each:ident) => {
        $each! {
            the_counter_never_runs_backwards
            the_counter_counts
            an_alarm_fires_once_and_not_early
            a_distant_alarm_is_not_early_either
            an_alarm_of_any_short_distance_fires_and_not_early
            an_alarm_whose_time_is_over_fires_at_once
            an_alarm_fires_no_more_once_it_is_disarmed
            a_later_alarm_takes_the_place_of_the_one_before
            an_earlier_alarm_takes_the_place_of_the_one_before
            an_alarm_is_armed_until_it_fires_or_is_disarmed
            the_alarm_says_what_it_was_set_to
            the_client_may_set_the_next_alarm_from_within_the_callback
        }
    };
}

/// Distances that fit any counter of 24 bits or more at a megahertz.
const NEAR_US: u32 = 1_000;
const FAR_US: u32 = 20_000;
/// Longer than the interval timer of a PC counts at a time, which is 54.9 ms.
const DISTANT_US: u32 = 120_000;

/// The suite.
pub struct Suite<A: Alarm<'static> + 'static> {
    alarm: &'static A,
    pace: &'static dyn Pace,
    /// The counter at each callback, and whether the alarm was armed there.
    fired: Callbacks<(A::Ticks, bool)>,
    /// How many alarms the client sets from within its callback.
    again: Cell<usize>,
}

impl<A: Alarm<'static>> AlarmClient for Suite<A> {
    fn alarm(&self) {
        self.fired.note((self.alarm.now(), self.alarm.is_armed()));
        if self.again.get() > 0 {
            self.again.set(self.again.get() - 1);
            self.alarm.set_alarm(self.alarm.get_alarm(), self.near());
        }
    }
}

impl<A: Alarm<'static>> Suite<A> {
    /// The suite for `alarm`.
    pub fn new(alarm: &'static A, pace: &'static dyn Pace) -> Self {
        Self {
            alarm,
            pace,
            fired: Callbacks::new(),
            again: Cell::new(0),
        }
    }

    /// Becomes the alarm's client.
    pub fn start(&'static self) {
        self.alarm.set_alarm_client(self);
    }

    alarm_promises!(by_name);

    fn near(&self) -> A::Ticks {
        self.alarm.ticks_from_us(NEAR_US)
    }

    fn far(&self) -> A::Ticks {
        self.alarm.ticks_from_us(FAR_US)
    }

    /// Sets the alarm `dt` after now. Returns now.
    fn set(&self, dt: A::Ticks) -> A::Ticks {
        let now = self.alarm.now();
        self.fired.during(|| self.alarm.set_alarm(now, dt));
        now
    }

    /// Waits for the one callback of the alarm `dt` after `reference`.
    async fn expect(&self, reference: A::Ticks, dt: A::Ticks) -> Verdict {
        let (fired_at, _) = self.fired.one(self.pace).await?;
        let passed = fired_at.wrapping_sub(reference);
        ensure(passed >= dt, "the alarm fires early")
    }

    async fn fires_after(&self, dt: A::Ticks) -> Verdict {
        let reference = self.set(dt);
        self.expect(reference, dt).await
    }

    async fn the_counter_never_runs_backwards(&'static self) -> Verdict {
        let mut before = self.alarm.now();
        for _ in 0..100 {
            let now = self.alarm.now();
            let passed = now.wrapping_sub(before);
            ensure(passed < A::Ticks::half_max_value(), "it runs backwards")?;
            before = now;
            self.pace.pass(10).await;
        }
        Ok(())
    }

    async fn the_counter_counts(&'static self) -> Verdict {
        let before = self.alarm.now();
        let counts = || self.alarm.now().wrapping_sub(before) >= self.near();
        ensure(self.pace.until(counts).await, "it stands still")
    }

    async fn an_alarm_fires_once_and_not_early(&'static self) -> Verdict {
        self.fires_after(self.near()).await
    }

    async fn a_distant_alarm_is_not_early_either(&'static self) -> Verdict {
        self.fires_after(self.alarm.ticks_from_us(DISTANT_US)).await
    }

    async fn an_alarm_of_any_short_distance_fires_and_not_early(&'static self) -> Verdict {
        for dt in 0..=self.alarm.minimum_dt().into_u32() + 2 {
            self.fires_after(dt.into()).await?;
        }
        Ok(())
    }

    async fn an_alarm_whose_time_is_over_fires_at_once(&'static self) -> Verdict {
        let reference = self.alarm.now();
        self.pace.pass(u64::from(2 * NEAR_US)).await;
        let dt = self.near();
        self.fired.during(|| self.alarm.set_alarm(reference, dt));
        self.expect(reference, dt).await
    }

    async fn an_alarm_fires_no_more_once_it_is_disarmed(&'static self) -> Verdict {
        self.set(self.near());
        let disarmed = self.alarm.disarm();
        self.pace.pass(u64::from(2 * NEAR_US)).await;
        if disarmed.is_err() {
            // It said that a callback may follow.
            self.fired.forget();
        }
        self.fired.none(self.pace).await
    }

    async fn a_later_alarm_takes_the_place_of_the_one_before(&'static self) -> Verdict {
        self.set(self.near());
        self.fires_after(self.far()).await
    }

    async fn an_earlier_alarm_takes_the_place_of_the_one_before(&'static self) -> Verdict {
        let first = self.set(self.far());
        self.set(self.near());
        let (fired_at, _) = self.fired.one(self.pace).await?;
        let passed = fired_at.wrapping_sub(first);
        ensure(passed < self.far(), "the alarm that was replaced fires")?;
        self.pace.pass(u64::from(FAR_US)).await;
        self.fired.none(self.pace).await
    }

    async fn an_alarm_is_armed_until_it_fires_or_is_disarmed(&'static self) -> Verdict {
        ensure(!self.alarm.is_armed(), "it is armed before it is set")?;
        self.set(self.near());
        ensure(self.alarm.is_armed(), "it is not armed when it is set")?;
        let (_, was_armed) = self.fired.one(self.pace).await?;
        ensure(!was_armed, "it is armed in its callback")?;
        ensure(!self.alarm.is_armed(), "it is armed when it has fired")?;
        self.set(self.far());
        let is_disarmed = self.alarm.disarm().is_ok();
        ensure(
            self.alarm.is_armed() != is_disarmed,
            "it is armed when it was disarmed",
        )
    }

    async fn the_alarm_says_what_it_was_set_to(&'static self) -> Verdict {
        let reference = self.set(self.near());
        let set_to = reference.wrapping_add(self.near());
        ensure(self.alarm.get_alarm() == set_to, "it was set to another")?;
        self.fired.one(self.pace).await?;
        let says = self.alarm.get_alarm();
        ensure(says == set_to, "it says another once it has fired")
    }

    async fn the_client_may_set_the_next_alarm_from_within_the_callback(&'static self) -> Verdict {
        const MORE: usize = 3;
        self.again.set(MORE);
        let reference = self.set(self.near());
        let (fired_at, _) = self.fired.last_of(MORE + 1, self.pace).await?;
        let at_least = self.alarm.ticks_from_us(NEAR_US * (MORE as u32 + 1));
        ensure(
            fired_at.wrapping_sub(reference) >= at_least,
            "one fires early",
        )
    }
}
