use capsules_system::scheduler::CooperativeSched;
use kernel::scheduler::Scheduler;
use proptest::prelude::*;

use crate::bench::*;

#[test]
fn a_process_runs_until_it_waits() {
    let scheduler = CooperativeSched::new();
    make_ready(&scheduler, &[3, 5]);
    for _ in 0..100 {
        interrupt(&scheduler, 3, u32::MAX);
    }
    finish(&scheduler, scheduler.next().unwrap(), Conduct::Waits(1));
    assert_eq!(scheduler.next().map(|turn| turn.slot()), Some(5));
}

#[test]
fn a_process_that_waits_for_what_is_there_lets_the_others_run_first() {
    let scheduler = CooperativeSched::new();
    make_ready(&scheduler, &[3, 5, 7]);
    let turns = [(); 6].map(|()| {
        let turn = scheduler.next().unwrap();
        finish(&scheduler, turn, Conduct::Yields(1));
        turn.slot()
    });
    assert_eq!(turns, [3, 5, 7, 3, 5, 7]);
}

proptest! {
    #[test]
    fn the_turn_changes_only_when_it_was_given_up_and_only_to_one_that_can_run(
        steps in prop::collection::vec(step(), 0..80),
    ) {
        let scheduler = CooperativeSched::new();
        let mut ready = [false; PROCESSES];
        let mut keeps = None;
        for step in steps {
            match step {
                Step::Ready(slot) => {
                    scheduler.ready(slot);
                    ready[slot] = true;
                }
                Step::Blocked(slot) => {
                    scheduler.blocked(slot);
                    ready[slot] = false;
                }
                Step::Ask | Step::Pass(_) => {}
                Step::Turn(conduct) => {
                    let turn = scheduler.next();
                    prop_assert_eq!(turn.is_some(), ready.contains(&true));
                    let Some(turn) = turn else { continue };
                    prop_assert!(ready[turn.slot()]);
                    prop_assert_eq!(turn.timeslice_us(), None);
                    if let Some(slot) = keeps.take().filter(|slot: &usize| ready[*slot]) {
                        prop_assert_eq!(turn.slot(), slot);
                    }
                    finish(&scheduler, turn, conduct);
                    ready[turn.slot()] = conduct.leaves_ready();
                    keeps = conduct.is_interrupted().then_some(turn.slot());
                }
            }
        }
    }
}
