//! A job for a pool that comes to its end.

use capsules_core::Clock;
use kernel::hil::led::Led;

/// Lights `led` `times` times for `ms` milliseconds, with as much darkness after each.
///
/// # Cancellation
/// The light stays as it is.
pub async fn flash(led: &dyn Led, clock: &Clock<'_>, ms: u32, times: u32) {
    for _ in 0..times {
        led.on();
        clock.after(ms).await;
        led.off();
        clock.after(ms).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chip_fake::{self as fake, leak};
    use kernel::{hil::time::Alarm, pool::Pool};

    #[test]
    fn a_worker_is_free_again_when_its_job_has_ended() {
        let (machine, alarm) = (fake::Machine::new(), fake::Alarm::new());
        let clock = &*leak(Clock::new(alarm));
        alarm.set_alarm_client(clock);
        let leds = &*leak(fake::Leds::<1>::new());
        let pool = &*leak(Pool::<u32, 1>::new());
        machine.task(
            "worker",
            pool.worker(0, async |times| {
                flash(leds.as_hil()[0], clock, 10, times).await
            }),
        );
        assert_eq!(pool.spawn(2), Ok(0));
        assert_eq!(
            pool.spawn(3),
            Err(3),
            "the job comes back: there is no free worker"
        );
        machine.advance_ms(alarm, 39);
        assert_eq!(pool.spawn(3), Err(3));
        machine.advance_ms(alarm, 1);
        assert_eq!(pool.spawn(3), Ok(0));
    }
}
