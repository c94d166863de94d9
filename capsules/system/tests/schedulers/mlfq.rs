use capsules_system::scheduler::MLFQSched;
use chip_fake as fake;
use kernel::{
    hil::time::{Freq1MHz, Ticks32},
    scheduler::{Scheduler, StoppedExecutingReason},
};
use proptest::prelude::*;

use crate::{bench::*, reference};

const PERIOD_US: u64 = 5_000_000;

type Mlfq = MLFQSched<'static, fake::Alarm, PROCESSES>;

fn mlfq() -> (Mlfq, &'static fake::Alarm) {
    let clock = fake::Alarm::new();
    (MLFQSched::new(clock), clock)
}

/// Takes the processes in `slots` to the lowest level.
fn sink(scheduler: &Mlfq, slots: &[usize]) {
    for &slot in slots {
        scheduler.ready(slot);
        assert_eq!(spinning_turns(scheduler), [slot, slot]);
        scheduler.blocked(slot);
    }
}

#[test]
fn a_process_that_uses_its_slices_up_sinks_to_the_bottom_and_stays_there() {
    let (scheduler, _) = mlfq();
    scheduler.ready(7);
    for slice_us in [10_000, 20_000, 50_000, 50_000] {
        assert_eq!(next(&scheduler), Some((7, slice_us)));
        spinning_turns::<1>(&scheduler);
    }
}

#[test]
fn only_a_process_of_a_higher_level_is_to_run_before_the_one_whose_turn_it_is() {
    let (scheduler, _) = mlfq();
    assert!(scheduler.preempts());
    sink(&scheduler, &[1, 2]);
    scheduler.ready(1);
    interrupt(&scheduler, 1, 5);
    assert!(!scheduler.ready(2), "it is as low");
    assert!(scheduler.ready(7), "it is new, and so at the top");
    interrupt(&scheduler, 7, 5);
    assert!(!scheduler.ready(0), "it is at the top, too");
    assert!(!scheduler.ready(1), "it is lower");
}

#[test]
fn a_slice_counts_as_used_up_when_its_timer_fires_a_little_early() {
    let (scheduler, _) = mlfq();
    scheduler.ready(7);
    assert_eq!(next(&scheduler), Some((7, 10_000)));
    scheduler.result(7, StoppedExecutingReason::TimesliceExpired, 9_998);
    assert_eq!(next(&scheduler), Some((7, 20_000)));
}

#[test]
fn turns_too_short_to_measure_count_as_well() {
    let (scheduler, _) = mlfq();
    scheduler.ready(7);
    for _ in 0..10 {
        finish(&scheduler, scheduler.next().unwrap(), Conduct::Yields(0));
    }
    assert_eq!(next(&scheduler), Some((7, 9_990)));
}

#[test]
fn a_process_that_waits_before_its_slice_ends_keeps_its_level_and_what_is_left() {
    let (scheduler, _) = mlfq();
    for left_us in [10_000, 6_000, 2_000] {
        scheduler.ready(7);
        assert_eq!(next(&scheduler), Some((7, left_us)));
        finish(&scheduler, scheduler.next().unwrap(), Conduct::Waits(4_000));
    }
}

#[test]
fn many_short_turns_count_as_much_as_a_long_one() {
    let (scheduler, _) = mlfq();
    scheduler.ready(7);
    for _ in 0..10 {
        finish(
            &scheduler,
            scheduler.next().unwrap(),
            Conduct::Yields(1_000),
        );
    }
    assert_eq!(next(&scheduler), Some((7, 20_000)));
}

#[test]
fn an_interrupted_process_goes_on_before_others_of_its_level() {
    for sunk in [false, true] {
        let (scheduler, _) = mlfq();
        if sunk {
            sink(&scheduler, &[1, 2]);
        }
        make_ready(&scheduler, &[1, 2]);
        let (slot, slice_us) = next(&scheduler).unwrap();
        interrupt(&scheduler, slot, 4_000);
        assert_eq!(next(&scheduler), Some((slot, slice_us - 4_000)));
    }
}

#[test]
fn a_higher_process_takes_over_and_the_lower_one_then_goes_on_with_what_is_left() {
    let (scheduler, _) = mlfq();
    sink(&scheduler, &[1, 2]);
    make_ready(&scheduler, &[1, 2]);
    interrupt(&scheduler, 1, 30_000);
    scheduler.ready(9);
    assert_eq!(next(&scheduler), Some((9, 10_000)));
    finish(&scheduler, scheduler.next().unwrap(), Conduct::Waits(5));
    assert_eq!(next(&scheduler), Some((1, 20_000)));
}

#[test]
fn processes_of_one_level_take_turns() {
    let (scheduler, _) = mlfq();
    make_ready(&scheduler, &[1, 2, 3]);
    let turns = [1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3];
    assert_eq!(spinning_turns(&scheduler), turns);
}

#[test]
fn after_five_seconds_all_are_back_at_the_top_whether_they_can_run_or_not() {
    let (scheduler, clock) = mlfq();
    sink(&scheduler, &[1, 2, 3]);
    scheduler.ready(1);
    clock.advance(PERIOD_US - 1);
    assert_eq!(next(&scheduler), Some((1, 50_000)));
    clock.advance(1);
    assert_eq!(next(&scheduler), Some((1, 10_000)));
    scheduler.blocked(1);
    scheduler.ready(2);
    assert_eq!(next(&scheduler), Some((2, 10_000)));
}

#[test]
fn a_process_that_follows_a_stopped_one_in_its_slot_starts_at_the_top() {
    let (scheduler, _) = mlfq();
    for conduct in [Conduct::Ends(5), Conduct::IsReplaced(5)] {
        sink(&scheduler, &[7]);
        scheduler.ready(7);
        finish(&scheduler, scheduler.next().unwrap(), conduct);
        scheduler.ready(7);
        assert_eq!(next(&scheduler), Some((7, 10_000)));
        scheduler.blocked(7);
    }
}

#[test]
fn the_clock_may_wrap() {
    let clock = fake::Alarm::<Ticks32, Freq1MHz>::starting_at(u64::from(u32::MAX));
    let scheduler: MLFQSched<_, 1> = MLFQSched::new(clock);
    scheduler.ready(0);
    spinning_turns::<2>(&scheduler);
    clock.advance(PERIOD_US - 1);
    assert_eq!(next(&scheduler), Some((0, 50_000)));
    clock.advance(1);
    assert_eq!(next(&scheduler), Some((0, 10_000)));
}

proptest! {
    #[test]
    fn any_sequence_of_steps_agrees_with_the_reference(
        steps in prop::collection::vec(step(), 0..120),
    ) {
        let (scheduler, clock) = mlfq();
        let reference = reference::Levels::new(&[10_000, 20_000, 50_000], PERIOD_US);
        for step in steps {
            compare(&scheduler, &reference, step, |us| {
                clock.advance(us);
                reference.pass_us(us);
            })?;
        }
    }
}

proptest! {
    // A case is long: five seconds and more have to pass.
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// The first process can run all the time; the others are replaced before they sink, or do anything.
    #[test]
    fn nobody_waits_longer_than_the_period_and_a_round_of_turns(
        conducts in prop::collection::vec(
            prop_oneof![9 => Just(Conduct::IsReplaced(9_000)), 1 => conduct(50_000)],
            2_000,
        ),
    ) {
        let (scheduler, clock) = mlfq();
        let mut patience = Patience::default();
        sink(&scheduler, &SLOTS[..1]);
        let round_us = SLOTS.len() as u64 * 10_000;
        for conduct in conducts {
            make_ready(&scheduler, &SLOTS);
            let turn = scheduler.next().unwrap();
            let used_us = finish(&scheduler, turn, conduct);
            clock.advance(u64::from(used_us.max(1)));
            patience.ran(turn.slot(), used_us);
            prop_assert!(patience.waited_us() <= PERIOD_US + 50_000 + round_us);
        }
    }
}
