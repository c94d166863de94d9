use capsules_system::scheduler::RoundRobinSched;
use kernel::scheduler::Scheduler;
use proptest::prelude::*;

use crate::{bench::*, reference};

const SLICE_US: u32 = 10_000;

#[test]
fn processes_that_never_wait_have_turns_in_the_order_of_their_slots() {
    let scheduler = RoundRobinSched::new();
    make_ready(&scheduler, &[64, 0, 130]);
    assert_eq!(spinning_turns(&scheduler), [0, 64, 130, 0, 64, 130]);
}

#[test]
fn an_interrupted_process_goes_on_with_what_is_left_of_its_slice() {
    let scheduler = RoundRobinSched::new_with_time(500);
    make_ready(&scheduler, &[1, 2]);
    interrupt(&scheduler, 1, 100);
    interrupt(&scheduler, 1, 150);
    assert_eq!(next(&scheduler), Some((1, 250)));
    interrupt(&scheduler, 1, 250);
    assert_eq!(next(&scheduler), Some((2, 500)));
}

#[test]
fn whoever_follows_a_process_that_gave_up_its_turn_has_a_whole_slice() {
    let scheduler = RoundRobinSched::new();
    make_ready(&scheduler, &[1, 2]);
    interrupt(&scheduler, 1, 9_000);
    scheduler.blocked(1);
    assert_eq!(next(&scheduler), Some((2, SLICE_US)));
}

#[test]
fn a_process_interrupted_within_a_microsecond_each_time_does_not_run_for_ever() {
    let scheduler = RoundRobinSched::new_with_time(50);
    make_ready(&scheduler, &[1, 2]);
    for _ in 0..50 {
        interrupt(&scheduler, 1, 0);
    }
    assert_eq!(next(&scheduler), Some((2, 50)));
}

#[test]
#[should_panic = "a time slice of 0 us lets nothing run"]
fn a_time_slice_of_nothing_is_refused() {
    RoundRobinSched::new_with_time(0);
}

proptest! {
    #[test]
    fn any_sequence_of_steps_agrees_with_the_reference(
        steps in prop::collection::vec(step(), 0..80),
    ) {
        let scheduler = RoundRobinSched::new();
        let reference = reference::Levels::new(&[SLICE_US], u64::MAX);
        for step in steps {
            compare(&scheduler, &reference, step, |us| reference.pass_us(us))?;
        }
    }

    /// The first process can run all the time.
    #[test]
    fn while_a_process_waits_no_other_runs_longer_than_a_slice(
        steps in prop::collection::vec((conduct(SLICE_US), slot()), 0..120),
    ) {
        let scheduler = RoundRobinSched::new();
        let mut patience = Patience::default();
        for (conduct, wakes) in steps {
            make_ready(&scheduler, &[SLOTS[0], wakes]);
            let turn = scheduler.next().unwrap();
            patience.ran(turn.slot(), finish(&scheduler, turn, conduct));
            prop_assert!(patience.waited_for_one_us() <= u64::from(SLICE_US));
        }
    }
}
