//! A light that blinks.

use core::convert::Infallible;

use capsules_core::Clock;
use kernel::hil::led::Led;

/// Toggles `led` now, and every `period_ms` milliseconds from then on.
///
/// # Cancellation
/// The light stays as it is.
pub async fn blink(led: &dyn Led, clock: &Clock<'_>, period_ms: u32) -> Infallible {
    loop {
        led.toggle();
        clock.after(period_ms).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chip_fake as fake;
    use kernel::hil::time::Alarm as _;

    fn alarm_and_clock() -> (&'static fake::Alarm, &'static Clock<'static>) {
        let alarm = fake::Alarm::new();
        let clock = &*fake::leak(Clock::new(alarm));
        alarm.set_alarm_client(clock);
        (alarm, clock)
    }

    #[test]
    fn the_light_changes_at_once_and_after_each_period() {
        let (machine, led) = (fake::Machine::new(), fake::Led::new());
        let (alarm, clock) = alarm_and_clock();
        machine.task("tester", blink(led, clock, 50));
        machine.run();
        for _ in 0..3 {
            assert!(led.read());
            machine.advance_ms(alarm, 49);
            assert!(led.read());
            machine.advance_ms(alarm, 1);
            assert!(!led.read());
            machine.advance_ms(alarm, 50);
        }
    }

    #[test]
    fn the_light_stays_as_it_is_when_the_future_is_dropped() {
        let (machine, led) = (fake::Machine::new(), fake::Led::new());
        let (alarm, clock) = alarm_and_clock();
        let blinking = blink(led, clock, 50);
        let outcome = machine.task("tester", clock.timeout(120, blinking));
        machine.advance_ms(alarm, 120);
        assert!(outcome.is_there(), "the time is over");
        machine.advance_ms(alarm, 1000);
        assert!(led.read());
    }
}
