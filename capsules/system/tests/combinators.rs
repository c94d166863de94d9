//! `join` and `select` of `futures-util` work on tasks as they are: nothing of a task is lost between the
//! futures that it waits for at the same time.

use std::cell::Cell;

use capsules_core::Clock;
use chip_fake as fake;
use futures_util::future::{Either, join, join3, select};
use kernel::hil::time::Alarm as _;

fn machine() -> (fake::Machine, &'static fake::Alarm, &'static Clock<'static>) {
    let alarm = fake::Alarm::new();
    let clock = &*fake::leak(Clock::new(alarm));
    alarm.set_alarm_client(clock);
    (fake::Machine::new(), alarm, clock)
}

#[test]
fn joined_futures_are_over_when_the_last_one_is() {
    let (machine, alarm, clock) = machine();
    let done = machine.task("joins", async {
        join3(clock.after(20), clock.after(30), clock.after(10)).await;
        clock.now_us()
    });
    machine.advance_ms(alarm, 100);
    assert_eq!(done.take(), Some(30_000));
}

#[test]
fn the_first_of_two_futures_wins_and_the_other_can_go_on() {
    let (machine, alarm, clock) = machine();
    let done = machine.task("selects", async {
        let (slow, fast) = (Box::pin(clock.after(30)), Box::pin(clock.after(10)));
        let Either::Right(((), slow)) = select(slow, fast).await else {
            panic!("slow won")
        };
        let first = clock.now_us();
        slow.await;
        (first, clock.now_us())
    });
    machine.advance_ms(alarm, 100);
    assert_eq!(done.take(), Some((10_000, 30_000)));
}

#[test]
fn the_future_that_loses_is_dropped_where_it_waits() {
    struct Guard(&'static Cell<bool>);
    impl Drop for Guard {
        fn drop(&mut self) {
            self.0.set(true);
        }
    }
    let (machine, alarm, clock) = machine();
    let is_dropped = &*fake::leak(Cell::new(false));
    let passed = &*fake::leak(Cell::new(false));
    let done = machine.task("selects", async {
        let loses = async {
            let _guard = Guard(is_dropped);
            clock.after(20).await;
            passed.set(true);
        };
        select(Box::pin(loses), Box::pin(clock.after(10))).await;
    });
    machine.advance_ms(alarm, 100);
    assert!(done.is_there());
    assert_eq!((is_dropped.get(), passed.get()), (true, false));
}

#[test]
fn a_join_inside_a_select_inside_a_join_keeps_every_wait() {
    let (machine, alarm, clock) = machine();
    let done = machine.task("nests", async {
        let inner = async {
            let both = Box::pin(join(clock.after(5), clock.after(15)));
            select(both, Box::pin(clock.after(50))).await;
            clock.now_us()
        };
        join(inner, clock.after(25)).await.0
    });
    machine.advance_ms(alarm, 24);
    assert!(!done.is_there());
    machine.advance_ms(alarm, 1);
    assert_eq!(done.take(), Some(15_000));
}
