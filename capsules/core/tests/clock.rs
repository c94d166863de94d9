//! Waiting for time.

use std::{
    cell::Cell,
    future::{Future, poll_fn},
    pin::Pin,
    rc::Rc,
    task::Poll,
};

use capsules_core::{AlarmMux, Clock};
use chip_fake as fake;
use kernel::{collections::DeadlineNode, hil::time::Alarm as _, utilities::cells::OptionalCell};

type MachineClock = &'static Clock<'static>;

/// A machine with one clock on the hardware alarm itself.
fn machine() -> (fake::Machine, &'static fake::Alarm, MachineClock) {
    let alarm = fake::Alarm::starting_at(5_000_000);
    let clock = &*fake::leak(Clock::new(alarm));
    alarm.set_alarm_client(clock);
    (fake::Machine::new(), alarm, clock)
}

/// Waits for all of `futures` in one task.
async fn all(mut futures: Vec<Pin<Box<dyn Future<Output = ()>>>>) {
    poll_fn(|context| {
        futures.retain_mut(|future| future.as_mut().poll(context).is_pending());
        if futures.is_empty() {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}

/// When, in microseconds, each of `waits` was over.
fn moments(clock: MachineClock, waits: &[u32]) -> (impl Future<Output = ()>, Rc<[Cell<u64>]>) {
    let moments: Rc<[Cell<u64>]> = waits.iter().map(|_| Cell::new(0)).collect();
    let futures = waits.iter().enumerate().map(|(index, ms)| {
        let (ms, moments) = (*ms, moments.clone());
        Box::pin(async move {
            clock.after(ms).await;
            moments[index].set(clock.now_us());
        }) as Pin<Box<dyn Future<Output = ()>>>
    });
    (all(futures.collect()), moments.clone())
}

#[test]
fn a_wait_takes_its_time_and_no_more() {
    let (machine, alarm, clock) = machine();
    let done = machine.task("waits", clock.after(10));
    machine.advance(alarm, 9_999);
    assert!(!done.is_there());
    machine.advance(alarm, 1);
    assert!(done.is_there());
    assert_eq!(clock.now_us(), 5_010_000);
}

#[test]
fn a_wait_counts_from_the_call_and_not_from_the_first_poll() {
    let (machine, alarm, clock) = machine();
    let wait = clock.after(10);
    alarm.advance(4_000);
    let done = machine.task("waits", wait);
    machine.advance(alarm, 6_000);
    assert!(done.is_there());
}

#[test]
fn a_wait_for_nothing_or_for_the_past_is_over_at_once() {
    let (_, alarm, clock) = machine();
    assert_eq!(fake::poll_once(clock.after(0)), Some(()));
    assert_eq!(fake::poll_once(clock.until(5_000_000)), Some(()));
    assert_eq!(fake::poll_once(clock.until(0)), Some(()));
    assert_eq!(fake::poll_once(clock.until(5_000_001)), None);
    assert_eq!(alarm.times_set(), 1);
}

#[test]
fn a_moment_can_be_waited_for() {
    let (machine, alarm, clock) = machine();
    let done = machine.task("waits", clock.until(5_000_123));
    machine.advance(alarm, 122);
    assert!(!done.is_there());
    machine.advance(alarm, 1);
    assert!(done.is_there());
}

#[test]
fn work_that_ends_in_time_has_its_result() {
    let (machine, alarm, clock) = machine();
    let result = machine.task("works", async {
        let result = clock.timeout(10, async { clock.after(10).await }).await;
        (result, clock.now_us())
    });
    machine.advance_ms(alarm, 10);
    assert_eq!(result.take(), Some((Some(()), 5_010_000)));
}

#[test]
fn work_that_takes_too_long_is_dropped() {
    struct Dropped(Rc<Cell<bool>>);
    impl Drop for Dropped {
        fn drop(&mut self) {
            self.0.set(true);
        }
    }
    let (machine, alarm, clock) = machine();
    let is_dropped = Rc::new(Cell::new(false));
    let guard = Dropped(is_dropped.clone());
    let work = async move {
        let _guard = guard;
        clock.after(11).await;
    };
    let result = machine.task("works", clock.timeout(10, work));
    machine.advance(alarm, 9_999);
    assert!(!is_dropped.get());
    machine.advance(alarm, 1);
    assert_eq!((result.take(), is_dropped.get()), (Some(None), true));
}

#[test]
fn several_waits_in_one_task_end_each_at_its_own_time() {
    let (machine, alarm, clock) = machine();
    let (waits, moments) = moments(clock, &[30, 10, 20, 10, 0]);
    let done = machine.task("waits", waits);
    machine.advance_ms(alarm, 29);
    assert!(!done.is_there());
    machine.advance_ms(alarm, 100);
    let moments: Vec<u64> = moments
        .iter()
        .map(|moment| moment.get() - 5_000_000)
        .collect();
    assert_eq!(moments, [30_000, 10_000, 20_000, 10_000, 0]);
}

#[test]
fn a_wait_that_is_given_up_does_not_disturb_the_next() {
    let (machine, alarm, clock) = machine();
    let moments = machine.task("waits", async {
        let mut moments = Vec::new();
        // The first of each pair is given up: once the longer, once the shorter.
        clock.timeout(5, clock.after(1_000)).await;
        moments.push(clock.now_us());
        clock.timeout(50, clock.after(5)).await;
        moments.push(clock.now_us());
        clock.after(10).await;
        moments.push(clock.now_us());
        moments
    });
    machine.advance_ms(alarm, 5_000);
    assert_eq!(moments.take().unwrap(), [5_005_000, 5_010_000, 5_020_000]);
}

#[test]
fn a_task_that_waits_is_polled_once_for_each_wait() {
    let (machine, alarm, clock) = machine();
    machine.task("waits", async {
        for _ in 0..10 {
            clock.after(1).await;
        }
    });
    machine.advance_ms(alarm, 100);
    assert_eq!(machine.kernel().tasks().next().unwrap().polls, 11);
    assert_eq!(alarm.times_set(), 10);
}

#[test]
fn two_clocks_on_one_alarm_keep_their_own_time() {
    let (machine, alarm) = (fake::Machine::new(), fake::Alarm::new());
    let nodes = fake::leak([const { DeadlineNode::new() }; 2]);
    let clients = fake::leak([const { OptionalCell::empty() }; 2]);
    let mux = &*fake::leak(AlarmMux::new(alarm, nodes, clients));
    alarm.set_alarm_client(mux);
    let ticks = [(); 2].map(|()| &*fake::leak(Cell::new(0)));
    for (ticks, period_ms) in ticks.into_iter().zip([2, 5]) {
        let alarm = &*fake::leak(mux.alarm().unwrap());
        let clock: MachineClock = fake::leak(Clock::new(alarm));
        alarm.set_alarm_client(clock);
        machine.task("ticks", async move {
            loop {
                clock.after(period_ms).await;
                assert_eq!(clock.now_us() % u64::from(period_ms * 1_000), 0);
                ticks.set(ticks.get() + 1);
            }
        });
    }
    machine.advance_ms(alarm, 100);
    assert_eq!(ticks.map(Cell::get), [50, 20]);
}
