//! The alarm driver, as apps see it: each row of its table, and many apps at once.

use capsules_core::{
    AlarmDeadlines,
    alarm::{AlarmDriver, DRIVER_NUM},
};
use chip_fake::{self as fake, App, Upcall, leak};
use kernel::{ErrorCode, collections::DeadlineNode, hil::time::Alarm as _, syscall::CommandReturn};
use proptest::prelude::*;

const NOW: usize = 2;
const STOP: usize = 3;
const SET_RELATIVE: usize = 5;
const SET_ABSOLUTE: usize = 6;

type Alarm = &'static fake::Alarm;

/// A machine whose clock stands at `now`, with alarms for `places` processes.
fn machine_with(now: u64, places: usize) -> (fake::Machine, Alarm) {
    let alarm: Alarm = fake::Alarm::starting_at(now);
    let machine = fake::Machine::new();
    let nodes = (0..places).map(|_| DeadlineNode::new());
    let deadlines = leak(AlarmDeadlines::new(alarm, nodes.collect::<Vec<_>>().leak()));
    alarm.set_alarm_client(deadlines);
    let driver = leak(AlarmDriver::new(deadlines, machine.grant(DRIVER_NUM)));
    deadlines.set_client(driver);
    (machine.driver(DRIVER_NUM, driver), alarm)
}

fn machine_at(now: u64) -> (fake::Machine, Alarm) {
    machine_with(now, 64)
}

fn set(app: &App<'_>, distance: usize) -> CommandReturn {
    app.command(DRIVER_NUM, SET_RELATIVE, distance, 0)
}

fn fired(now: usize, set_to: usize) -> Option<Upcall> {
    Some(Upcall {
        driver: DRIVER_NUM,
        number: 0,
        arguments: [now, set_to, 0],
    })
}

fn subscribed<'a>(machine: &'a fake::Machine, name: &str) -> App<'a> {
    let app = machine.app(name);
    app.subscribe(DRIVER_NUM, 0);
    app
}

#[test]
fn an_app_can_ask_whether_there_are_alarms_and_how_fast_their_clock_is() {
    let (machine, _) = machine_at(0);
    let app = machine.app("tester");
    let answers = [0, 1].map(|command| app.command(DRIVER_NUM, command, 0, 0));
    assert_eq!(
        answers,
        [
            CommandReturn::success(),
            CommandReturn::success_u32(1_000_000)
        ]
    );
}

#[test]
fn an_app_sees_the_low_32_bits_of_the_clock() {
    let (machine, alarm) = machine_at(0x1_ffff_fffe);
    let app = machine.app("tester");
    let now = || app.command(DRIVER_NUM, NOW, 0, 0);
    assert_eq!(now(), CommandReturn::success_u32(0xffff_fffe));
    alarm.advance(5);
    assert_eq!(now(), CommandReturn::success_u32(3));
}

#[test]
fn an_alarm_fires_once_and_not_before_its_time() {
    let (machine, alarm) = machine_at(1_000);
    let app = subscribed(&machine, "tester");
    assert_eq!(set(&app, 50), CommandReturn::success_u32(1_050));
    machine.advance(alarm, 49);
    assert_eq!(app.yield_no_wait(), None);
    machine.advance(alarm, 1);
    assert_eq!(app.yield_no_wait(), fired(1_050, 1_050));
    machine.advance(alarm, 100);
    assert_eq!(app.yield_no_wait(), None);
}

#[test]
fn an_alarm_that_is_served_late_says_when_it_should_have_been() {
    let (machine, alarm) = machine_at(1_000);
    let app = subscribed(&machine, "tester");
    set(&app, 50);
    alarm.jump(70);
    assert_eq!(app.yield_no_wait(), fired(1_070, 1_050));
}

#[test]
fn a_distance_counts_from_the_reference() {
    let (machine, alarm) = machine_at(1_000);
    let app = subscribed(&machine, "tester");
    let answer = app.command(DRIVER_NUM, SET_ABSOLUTE, 990, 50);
    assert_eq!(answer, CommandReturn::success_u32(1_040));
    machine.advance(alarm, 39);
    assert_eq!(app.yield_no_wait(), None);
    machine.advance(alarm, 1);
    assert_eq!(app.yield_no_wait(), fired(1_040, 1_040));
}

#[test]
fn an_alarm_whose_time_is_past_fires_at_once() {
    for distance in [0, 9, 10] {
        let (machine, alarm) = machine_at(1_000);
        let app = subscribed(&machine, "tester");
        app.command(DRIVER_NUM, SET_ABSOLUTE, 990, distance);
        assert_eq!(app.yield_no_wait(), None, "not inside the call");
        machine.advance(alarm, 1);
        assert_eq!(app.yield_no_wait(), fired(1_001, 990 + distance));
    }
}

#[test]
fn an_alarm_is_right_across_the_wrap_of_the_apps_clock() {
    let (machine, alarm) = machine_at(0xffff_fff0);
    let app = subscribed(&machine, "tester");
    assert_eq!(set(&app, 0x20), CommandReturn::success_u32(0x10));
    machine.advance(alarm, 0x1f);
    assert_eq!(app.yield_no_wait(), None);
    machine.advance(alarm, 1);
    assert_eq!(app.yield_no_wait(), fired(0x10, 0x10));
    let answer = app.command(DRIVER_NUM, SET_ABSOLUTE, 0xffff_fff0, 0x30);
    assert_eq!(answer, CommandReturn::success_u32(0x20));
    machine.advance(alarm, 0x0f);
    assert_eq!(app.yield_no_wait(), None);
    machine.advance(alarm, 1);
    assert_eq!(app.yield_no_wait(), fired(0x20, 0x20));
}

#[test]
fn the_longest_distance_is_nearly_a_whole_turn_of_the_clock() {
    let (machine, alarm) = machine_at(5);
    let app = subscribed(&machine, "tester");
    set(&app, u32::MAX as usize);
    machine.advance(alarm, u64::from(u32::MAX) - 1);
    assert_eq!(app.yield_no_wait(), None);
    machine.advance(alarm, 1);
    assert_eq!(app.yield_no_wait(), fired(4, 4));
}

#[test]
fn a_stopped_alarm_does_not_fire_and_can_not_be_stopped_again() {
    let (machine, alarm) = machine_at(0);
    let app = subscribed(&machine, "tester");
    let stop = || app.command(DRIVER_NUM, STOP, 0, 0);
    let already = CommandReturn::failure(ErrorCode::ALREADY);
    assert_eq!(stop(), already, "none was ever set");
    set(&app, 10);
    assert_eq!(stop(), CommandReturn::success());
    assert_eq!(stop(), already);
    machine.advance(alarm, 20);
    assert_eq!(app.yield_no_wait(), None);
    set(&app, 10);
    machine.advance(alarm, 20);
    assert_eq!(stop(), already, "it has fired");
}

#[test]
fn an_alarm_that_is_set_again_forgets_its_first_time() {
    let (machine, alarm) = machine_at(0);
    let app = subscribed(&machine, "tester");
    for (first, second) in [(10, 30), (30, 10)] {
        let start = alarm.passed() as usize;
        set(&app, first);
        set(&app, second);
        machine.advance(alarm, 50);
        assert_eq!(app.yield_no_wait(), fired(start + second, start + second));
        assert_eq!(app.yield_no_wait(), None);
    }
}

#[test]
fn a_command_that_does_not_exist_is_not_supported() {
    let (machine, _) = machine_at(0);
    let app = machine.app("tester");
    for command in [4, 7, usize::MAX] {
        let answer = app.command(DRIVER_NUM, command, 1, 1);
        assert_eq!(answer, CommandReturn::failure(ErrorCode::NOSUPPORT));
    }
}

#[test]
fn a_32_bit_app_has_the_same_alarms() {
    let (machine, alarm) = machine_at(0xffff_fff0);
    let app = machine.load(&fake::image_of_32_bits("small")).unwrap();
    app.subscribe(DRIVER_NUM, 0);
    assert_eq!(set(&app, 0x20), CommandReturn::success_u32(0x10));
    machine.advance(alarm, 0x20);
    assert_eq!(app.yield_no_wait(), fired(0x10, 0x10));
}

#[test]
fn apps_have_alarms_of_their_own_that_fire_each_at_its_time() {
    let (machine, alarm) = machine_at(0);
    let apps: Vec<_> = (0..60).map(|_| subscribed(&machine, "tester")).collect();
    let distance = |number: usize| 1 + number * 37 % 60;
    for (number, app) in apps.iter().enumerate() {
        set(app, distance(number));
    }
    for now in 1..=60 {
        machine.advance(alarm, 1);
        for (number, app) in apps.iter().enumerate() {
            let expected = if distance(number) == now {
                fired(now, now)
            } else {
                None
            };
            assert_eq!(app.yield_no_wait(), expected);
        }
    }
}

#[test]
fn stopping_the_first_alarm_leaves_the_others() {
    let (machine, alarm) = machine_at(0);
    let (first, second) = (
        subscribed(&machine, "first"),
        subscribed(&machine, "second"),
    );
    set(&first, 10);
    set(&second, 20);
    first.command(DRIVER_NUM, STOP, 0, 0);
    machine.advance(alarm, 20);
    assert_eq!(first.yield_no_wait(), None);
    assert_eq!(second.yield_no_wait(), fired(20, 20));
}

#[test]
fn an_app_that_ends_takes_its_alarm_with_it() {
    let (machine, alarm) = machine_at(0);
    let (mortal, other) = (
        subscribed(&machine, "mortal"),
        subscribed(&machine, "other"),
    );
    set(&mortal, 10);
    set(&other, 20);
    mortal.exit_and_restart(0);
    let stopped = mortal.command(DRIVER_NUM, STOP, 0, 0);
    assert_eq!(stopped, CommandReturn::failure(ErrorCode::ALREADY));
    mortal.subscribe(DRIVER_NUM, 0);
    machine.advance(alarm, 20);
    assert_eq!(mortal.yield_no_wait(), None);
    assert_eq!(other.yield_no_wait(), fired(20, 20));
}

#[test]
fn an_app_does_not_get_the_alarm_of_one_that_was_in_its_place() {
    let (machine, alarm) = machine_at(0);
    let old = subscribed(&machine, "old");
    set(&old, 10);
    let place = old.process_id().slot();
    old.remove().unwrap();
    let new = subscribed(&machine, "new");
    assert_eq!(new.process_id().slot(), place);
    set(&new, 30);
    machine.advance(alarm, 20);
    assert_eq!(new.yield_no_wait(), None);
    machine.advance(alarm, 10);
    assert_eq!(new.yield_no_wait(), fired(30, 30));
}

#[test]
fn an_app_that_there_is_no_deadline_for_has_no_room() {
    let (machine, alarm) = machine_with(0, 1);
    let (first, second) = (
        subscribed(&machine, "first"),
        subscribed(&machine, "second"),
    );
    assert_eq!(set(&second, 10), CommandReturn::failure(ErrorCode::NOMEM));
    let absolute = second.command(DRIVER_NUM, SET_ABSOLUTE, 0, 10);
    assert_eq!(absolute, CommandReturn::failure(ErrorCode::NOMEM));
    let stopped = second.command(DRIVER_NUM, STOP, 0, 0);
    assert_eq!(stopped, CommandReturn::failure(ErrorCode::ALREADY));
    set(&first, 10);
    machine.advance(alarm, 10);
    assert_eq!(first.yield_no_wait(), fired(10, 10));
}

#[test]
fn an_app_without_room_for_what_is_kept_of_it_is_told_so() {
    let machine = machine_at(0).0.with_hungry_drivers();
    let app = machine.app("full");
    app.use_all_memory();
    for command in [STOP, SET_RELATIVE, SET_ABSOLUTE] {
        let answer = app.command(DRIVER_NUM, command, 0, 1);
        assert_eq!(answer, CommandReturn::failure(ErrorCode::NOMEM));
    }
}

#[test]
fn the_hardware_is_set_only_for_the_first_alarm() {
    let (machine, alarm) = machine_at(0);
    let apps: Vec<_> = (0..40).map(|_| subscribed(&machine, "tester")).collect();
    for (number, app) in apps.iter().enumerate() {
        set(app, 100 + number);
    }
    assert_eq!(alarm.times_set(), 1);
}

#[test]
fn the_hardware_is_not_kept_waiting_for_an_alarm_that_was_stopped() {
    let (machine, alarm) = machine_at(0);
    let (first, second) = (machine.app("first"), machine.app("second"));
    set(&first, 10);
    first.command(DRIVER_NUM, STOP, 0, 0);
    set(&second, 20);
    assert_eq!(alarm.get_alarm(), 20u64.into());
}

#[derive(Clone, Debug)]
enum Step {
    Set(usize, u32),
    SetFrom(usize, u32, u32),
    Stop(usize),
    Pass(u64),
}

const APPS: usize = 5;

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0..APPS, 0..100u32).prop_map(|(app, distance)| Step::Set(app, distance)),
        (0..APPS, 0..100u32, 0..100u32)
            .prop_map(|(app, ago, distance)| Step::SetFrom(app, ago, distance)),
        (0..APPS).prop_map(Step::Stop),
        (0..40u64).prop_map(Step::Pass),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Around the wrap of the apps' clock.
    #[test]
    fn any_sequence_of_calls_fires_each_alarm_at_its_tick(
        steps in prop::collection::vec(step(), 0..60),
    ) {
        let start = 0xffff_ff00_u64;
        let (machine, alarm) = machine_at(start);
        let apps: Vec<_> = (0..APPS).map(|_| subscribed(&machine, "tester")).collect();
        let mut due = [None::<u64>; APPS];
        for step in steps {
            let now = start + alarm.passed();
            match step {
                Step::Set(app, distance) => {
                    set(&apps[app], distance as usize);
                    due[app] = Some(now + u64::from(distance));
                }
                Step::SetFrom(app, ago, distance) => {
                    let reference = (now - u64::from(ago)) as u32 as usize;
                    apps[app].command(DRIVER_NUM, SET_ABSOLUTE, reference, distance as usize);
                    due[app] = Some(now - u64::from(ago) + u64::from(distance));
                }
                Step::Stop(app) => {
                    let expected = match due[app].take() {
                        Some(_) => CommandReturn::success(),
                        None => CommandReturn::failure(ErrorCode::ALREADY),
                    };
                    prop_assert_eq!(apps[app].command(DRIVER_NUM, STOP, 0, 0), expected);
                }
                Step::Pass(ticks) => {
                    for tick in 1..=ticks {
                        machine.advance(alarm, 1);
                        for (app, due) in apps.iter().zip(&mut due) {
                            let time = now + tick;
                            let set_to = due.take_if(|due| *due <= time);
                            let expected = set_to.and_then(|set_to| {
                                fired(time as u32 as usize, set_to as u32 as usize)
                            });
                            let has_fired = app.process(|process| process.has_tasks());
                            prop_assert_eq!(has_fired, expected.is_some());
                            if has_fired {
                                prop_assert_eq!(app.yield_no_wait(), expected);
                            }
                        }
                    }
                }
            }
        }
    }
}
