//! The timer that ends the turns of processes, as the kernel loop uses it.

use core::num::NonZeroU32;

use capsules_core::SliceTimer;
use chip_fake::{self as fake, leak};
use kernel::{hil::time::Alarm as _, platform::SchedulerTimer};

/// The distance of ticks.
const TICK_US: u64 = 4_000;

type Timer = &'static SliceTimer<'static, fake::Alarm>;

fn timer() -> (Timer, &'static fake::Alarm) {
    let alarm = fake::Alarm::new();
    let timer = &*leak(SliceTimer::new(alarm));
    alarm.set_alarm_client(timer);
    (timer, alarm)
}

fn us(us: u32) -> Option<NonZeroU32> {
    NonZeroU32::new(us)
}

/// Lets a process that never waits run as the kernel loop does, which a tick takes the processor from, and
/// returns how long it had it.
fn run_for(timer: Timer, alarm: &fake::Alarm, slice_us: u32) -> u64 {
    let begin_us = alarm.passed();
    let mut left_us = slice_us;
    loop {
        timer.start(us(left_us));
        alarm.step(10 * TICK_US);
        if timer.has_expired() {
            return alarm.passed() - begin_us;
        }
        left_us -= timer.used_us();
    }
}

#[test]
fn a_turn_of_10_ms_ends_after_8_to_13_whenever_it_begins() {
    for phase_us in (0..TICK_US).step_by(100) {
        let (timer, alarm) = timer();
        timer.start(us(1));
        alarm.advance(phase_us);
        let lasted_us = run_for(timer, alarm, 10_000);
        assert!((8_000..=13_000).contains(&lasted_us), "{lasted_us} us");
    }
}

#[test]
fn a_process_that_never_waits_loses_each_of_its_turns() {
    let (timer, alarm) = timer();
    for _ in 0..100 {
        assert_eq!(run_for(timer, alarm, 10_000), 3 * TICK_US);
    }
}

#[test]
fn turns_are_charged_right_on_average() {
    let (timer, alarm) = timer();
    let mut charged_us = 0;
    for turn in 0..1_000 {
        timer.start(us(10_000));
        alarm.advance(137 + turn * 7 % 1_000);
        charged_us += u64::from(timer.used_us());
    }
    let passed_us = alarm.passed();
    assert!(
        charged_us.abs_diff(passed_us) <= TICK_US,
        "{charged_us} of {passed_us} us"
    );
}

#[test]
fn a_new_turn_starts_with_nothing_used() {
    let (timer, alarm) = timer();
    timer.start(us(4_000));
    alarm.advance(TICK_US);
    assert!(timer.has_expired());
    timer.start(us(10_000));
    assert!(!timer.has_expired());
    assert_eq!(timer.used_us(), 0);
}

#[test]
fn a_turn_without_a_limit_is_never_over_and_is_charged_all_the_same() {
    let (timer, alarm) = timer();
    timer.start(None);
    for _ in 0..100 {
        timer.start(None);
        alarm.advance(TICK_US);
        assert!(!timer.has_expired());
        assert_eq!(u64::from(timer.used_us()), TICK_US);
    }
}

#[test]
fn starting_a_turn_sets_the_alarm_only_if_it_is_not_set() {
    let (timer, alarm) = timer();
    for _ in 0..100 {
        timer.start(us(10_000));
        timer.start(None);
    }
    assert_eq!(alarm.times_set(), 1);
}

#[test]
fn an_idle_machine_does_not_tick() {
    let (timer, alarm) = timer();
    assert_eq!(alarm.times_set(), 0, "nothing ever ran");
    timer.start(us(10_000));
    alarm.advance(2 * TICK_US);
    let times_set = alarm.times_set();
    alarm.advance(100 * TICK_US);
    assert_eq!(alarm.times_set(), times_set);
    assert!(!alarm.is_armed());
    timer.start(us(10_000));
    assert!(alarm.is_armed());
}
