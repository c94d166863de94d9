use capsules_system::scheduler::PrioritySched;
use kernel::scheduler::{Scheduler, Turn};
use proptest::prelude::*;

use crate::bench::*;

#[test]
fn a_process_with_a_lower_slot_takes_over_when_it_becomes_ready() {
    let scheduler = PrioritySched::new();
    make_ready(&scheduler, &[64, 130]);
    interrupt(&scheduler, 64, 5);
    scheduler.ready(2);
    interrupt(&scheduler, 2, 5);
    scheduler.blocked(2);
    interrupt(&scheduler, 64, 5);
}

#[test]
fn only_a_lower_slot_is_to_run_before_the_one_whose_turn_it_is() {
    let scheduler = PrioritySched::new();
    assert!(scheduler.preempts());
    make_ready(&scheduler, &[64]);
    interrupt(&scheduler, 64, 5);
    for (slot, runs_before) in [(63, true), (64, false), (65, false)] {
        assert_eq!(scheduler.ready(slot), runs_before, "{slot}");
    }
}

proptest! {
    #[test]
    fn whoever_runs_is_the_lowest_that_can_and_has_no_slice(
        steps in prop::collection::vec(step(), 0..80),
    ) {
        let scheduler = PrioritySched::new();
        let mut ready = [false; PROCESSES];
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
                    let lowest = ready.iter().position(|is_ready| *is_ready);
                    let turn = lowest.map(|slot| Turn::new(slot, None));
                    prop_assert_eq!(scheduler.next(), turn);
                    if let Some(turn) = turn {
                        finish(&scheduler, turn, conduct);
                        ready[turn.slot()] = conduct.leaves_ready();
                    }
                }
            }
        }
    }
}
