//! Beats that do not drift.

use capsules_core::Clock;

/// Calls `beat` `times` times, every `period_ms` milliseconds from now on, however long it takes.
///
/// # Cancellation
/// The beats that have not come do not come.
pub async fn beats(clock: &Clock<'_>, period_ms: u32, times: u32, mut beat: impl AsyncFnMut()) {
    let start_us = clock.now_us();
    for number in 1..=u64::from(times) {
        clock
            .until(start_us + number * u64::from(period_ms) * 1_000)
            .await;
        beat().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chip_fake::{self as fake, leak};
    use kernel::hil::time::Alarm;
    use std::{cell::RefCell, rc::Rc};

    #[test]
    fn a_beat_that_takes_long_does_not_delay_the_next() {
        let (machine, alarm) = (fake::Machine::new(), fake::Alarm::new());
        let clock = &*leak(Clock::new(alarm));
        alarm.set_alarm_client(clock);
        let moments_ms = Rc::new(RefCell::new(Vec::new()));
        let noted = moments_ms.clone();
        machine.task("beats", async move {
            let beat = async || {
                noted.borrow_mut().push(clock.now_us() / 1_000);
                clock.after(30).await;
            };
            beats(clock, 100, 3, beat).await;
        });
        machine.advance_ms(alarm, 1_000);
        assert_eq!(*moments_ms.borrow(), [100, 200, 300]);
    }
}
