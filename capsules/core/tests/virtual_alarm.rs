//! Many alarms on one, on counters of every width.

use std::cell::RefCell;

use capsules_core::{AlarmMux, VirtualAlarm};
use chip_fake as fake;
use kernel::{
    ErrorCode,
    collections::DeadlineNode,
    hil::time::{Alarm as _, AlarmClient, Ticks, Ticks16, Ticks24, Ticks32, Ticks64, Time as _},
    utilities::cells::OptionalCell,
};
use proptest::prelude::*;

type Virtual<T> = VirtualAlarm<'static, fake::Alarm<T>>;

/// What a client does when its alarm fires.
type Reaction = Box<dyn Fn()>;

/// `N` alarms on a counter, and a list of when each fired.
struct Bench<T: Ticks + 'static, const N: usize> {
    hardware: &'static fake::Alarm<T>,
    mux: &'static AlarmMux<'static, fake::Alarm<T>>,
    alarms: [&'static Virtual<T>; N],
    clients: [&'static Client<T>; N],
    fired: &'static RefCell<Vec<(u64, usize)>>,
}

struct Client<T: Ticks + 'static> {
    number: usize,
    alarm: &'static Virtual<T>,
    fired: &'static RefCell<Vec<(u64, usize)>>,
    reaction: RefCell<Reaction>,
    hardware: &'static fake::Alarm<T>,
}

impl<T: Ticks> AlarmClient for Client<T> {
    fn alarm(&self) {
        assert!(
            !self.alarm.is_armed(),
            "an alarm that fires is no longer armed"
        );
        self.fired
            .borrow_mut()
            .push((self.hardware.passed(), self.number));
        (self.reaction.borrow())();
    }
}

impl<T: Ticks, const N: usize> Bench<T, N> {
    /// A counter that stands at the low bits of `counter`.
    fn starting_at(counter: u64) -> Self {
        let hardware = fake::Alarm::<T>::starting_at(counter);
        let nodes = fake::leak([const { DeadlineNode::new() }; N]);
        let clients = fake::leak([const { OptionalCell::empty() }; N]);
        let mux = &*fake::leak(AlarmMux::new(hardware, nodes, clients));
        hardware.set_alarm_client(mux);
        let fired = &*fake::leak(RefCell::default());
        let alarms = [(); N].map(|()| &*fake::leak(mux.alarm().unwrap()));
        let clients = std::array::from_fn(|number| {
            let alarm = alarms[number];
            let reaction: RefCell<Reaction> = RefCell::new(Box::new(|| ()));
            let client = &*fake::leak(Client {
                number,
                alarm,
                fired,
                reaction,
                hardware,
            });
            alarm.set_alarm_client(client);
            client
        });
        Self {
            hardware,
            mux,
            alarms,
            clients,
            fired,
        }
    }

    fn set(&self, alarm: usize, dt: u64) {
        self.alarms[alarm].set_alarm(self.hardware.now(), T::from_or_max(dt));
    }

    /// Says what a client does when its alarm fires.
    fn reacts(&self, client: usize, reaction: impl Fn() + 'static) {
        *self.clients[client].reaction.borrow_mut() = Box::new(reaction);
    }

    /// When which alarm fired.
    fn fired(&self) -> Vec<(u64, usize)> {
        self.fired.borrow().clone()
    }
}

#[test]
fn an_alarm_beyond_the_end_of_time_holds_up_no_other() {
    let bench = Bench::<Ticks64, 2>::starting_at(0);
    bench.hardware.advance(10);
    bench.set(0, u64::MAX);
    bench.set(1, 5);
    bench.hardware.advance(5);
    assert_eq!(bench.fired(), [(15, 1)]);
    assert!(bench.alarms[0].is_armed());
}

#[test]
fn alarms_fire_in_order_of_their_time_each_at_its_own() {
    let bench = Bench::<Ticks64, 4>::starting_at(0);
    for (alarm, dt) in [(0, 30), (1, 10), (2, 20), (3, 10)] {
        bench.set(alarm, dt);
    }
    bench.hardware.advance(9);
    assert_eq!(bench.fired(), []);
    bench.hardware.advance(100);
    let mut fired = bench.fired();
    fired.sort();
    assert_eq!(fired, [(10, 1), (10, 3), (20, 2), (30, 0)]);
    assert!(bench.fired().is_sorted_by_key(|(time, _)| *time));
}

#[test]
fn an_alarm_set_again_forgets_the_time_before() {
    let bench = Bench::<Ticks64, 2>::starting_at(0);
    bench.set(0, 10);
    bench.set(1, 20);
    bench.set(0, 30);
    bench.set(1, 5);
    bench.hardware.advance(100);
    assert_eq!(bench.fired(), [(5, 1), (30, 0)]);
}

#[test]
fn an_alarm_set_in_its_callback_keeps_its_period() {
    let bench = Bench::<Ticks64, 2>::starting_at(0);
    let alarm = bench.alarms[0];
    bench.reacts(0, move || alarm.set_alarm(alarm.now(), 10u64.into()));
    bench.set(0, 10);
    bench.set(1, 25);
    bench.hardware.advance(40);
    assert_eq!(bench.fired(), [(10, 0), (20, 0), (25, 1), (30, 0), (40, 0)]);
}

#[test]
fn a_client_that_always_sets_an_alarm_in_the_past_does_not_starve_the_others() {
    let bench = Bench::<Ticks64, 2>::starting_at(1_000);
    let alarm = bench.alarms[0];
    bench.reacts(0, move || alarm.set_alarm(0u64.into(), 1u64.into()));
    bench.set(0, 1);
    bench.set(1, 50);
    bench.hardware.advance(49);
    assert!(bench.fired().iter().all(|(_, alarm)| *alarm == 0));
    bench.hardware.advance(1);
    assert!(bench.fired().contains(&(50, 1)));
    assert_eq!(bench.fired().len(), 51, "once a tick, and the other");
}

#[test]
fn all_that_is_due_at_a_late_look_fires_in_that_look() {
    let bench = Bench::<Ticks64, 3>::starting_at(0);
    let alarm = bench.alarms[0];
    bench.reacts(0, move || alarm.set_alarm(0u64.into(), 1u64.into()));
    for (alarm, dt) in [(0, 10), (1, 20), (2, 30)] {
        bench.set(alarm, dt);
    }
    bench.hardware.jump(25);
    assert_eq!(bench.fired(), [(25, 0), (25, 1)]);
}

#[test]
fn a_disarmed_alarm_does_not_fire_and_the_others_do() {
    let bench = Bench::<Ticks64, 2>::starting_at(0);
    bench.set(0, 10);
    bench.set(1, 20);
    assert!(bench.alarms[0].is_armed());
    assert_eq!(bench.alarms[0].disarm(), Ok(()));
    assert_eq!(
        bench.alarms[0].disarm(),
        Ok(()),
        "disarming twice is no error"
    );
    assert!(!bench.alarms[0].is_armed());
    bench.hardware.advance(15);
    assert_eq!(bench.alarms[1].disarm(), Ok(()));
    assert!(!bench.hardware.is_armed(), "nothing is left to fire for");
    bench.hardware.advance(100);
    assert_eq!(bench.fired(), []);
}

#[test]
fn a_callback_may_disarm_any_alarm_and_arm_its_own() {
    let bench = Bench::<Ticks64, 3>::starting_at(0);
    let [own, due, later] = bench.alarms;
    bench.reacts(0, move || {
        assert_eq!((own.disarm(), due.disarm()), (Ok(()), Ok(())));
        assert!(!own.is_armed() && !due.is_armed() && later.is_armed());
        own.set_alarm(own.now(), 5u64.into());
        assert!(own.is_armed());
        assert_eq!(own.disarm(), Ok(()));
        own.set_alarm(own.now(), 7u64.into());
    });
    for (alarm, dt) in [(0, 10), (1, 11), (2, 16)] {
        bench.set(alarm, dt);
    }
    bench.hardware.advance(9);
    bench.hardware.jump(3);
    bench.reacts(0, || ());
    bench.hardware.advance(7);
    assert_eq!(bench.fired(), [(12, 0), (16, 2), (19, 0)]);
}

#[test]
fn an_alarm_says_what_it_was_set_to() {
    let bench = Bench::<Ticks16, 1>::starting_at(65_530);
    bench.alarms[0].set_alarm(65_530u16.into(), 10u16.into());
    assert_eq!(bench.alarms[0].get_alarm(), 4u16.into());
}

#[test]
fn a_full_multiplexer_has_no_more_alarms() {
    let bench = Bench::<Ticks64, 2>::starting_at(0);
    assert_eq!(bench.mux.alarm().err(), Some(ErrorCode::NOMEM));
}

/// Alarms of lengths that matter, across the counter's wrap.
fn the_wrap_makes_no_difference<T: Ticks + 'static>() {
    let turn = 1u64 << T::width();
    for start in [0, turn / 2 - 1, turn - 3, turn - 1] {
        for dt in [1, 5, turn / 2 - 1, turn / 2, turn / 2 + 1, turn - 1] {
            let bench = Bench::<T, 2>::starting_at(start);
            // Several turns in which no alarm is set, and nobody looks.
            bench.hardware.advance(3 * turn + 7);
            let now = bench.hardware.passed();
            bench.set(0, dt);
            bench.hardware.advance(2 * turn);
            assert_eq!(bench.fired(), [(now + dt, 0)], "{dt} ticks from {start}");
        }
    }
}

/// A look may be late by less than half a turn, and costs no more than that.
fn a_late_look_loses_no_turn<T: Ticks + 'static>() {
    let turn = 1u64 << T::width();
    let bench = Bench::<T, 1>::starting_at(5);
    bench.set(0, turn - 1);
    bench.hardware.advance(turn - 2);
    bench.hardware.jump(turn / 4);
    assert_eq!(bench.fired(), [(turn - 2 + turn / 4, 0)]);
}

#[test]
fn a_long_alarm_that_is_served_late_does_not_lose_a_turn() {
    a_late_look_loses_no_turn::<Ticks16>();
    a_late_look_loses_no_turn::<Ticks24>();
    a_late_look_loses_no_turn::<Ticks32>();
}

#[test]
fn a_counter_of_16_bits_may_wrap() {
    the_wrap_makes_no_difference::<Ticks16>();
}

#[test]
fn a_counter_of_24_bits_may_wrap() {
    the_wrap_makes_no_difference::<Ticks24>();
}

#[test]
fn a_counter_of_32_bits_may_wrap() {
    the_wrap_makes_no_difference::<Ticks32>();
}

const ALARMS: usize = 5;

#[derive(Clone, Copy, Debug)]
enum Step {
    /// Sets an alarm for `dt` after a moment that was `ago`.
    Set {
        alarm: usize,
        ago: u64,
        dt: u64,
    },
    Disarm {
        alarm: usize,
    },
    Advance {
        ticks: u64,
    },
    /// Nobody looks for so long.
    Late {
        ticks: u64,
    },
}

/// Steps for a counter that turns in `turn` ticks: short times, and times of its own order.
fn steps(turn: u64) -> impl Strategy<Value = Vec<Step>> {
    let time = move || prop_oneof![0..20u64, 0..turn];
    let step = prop_oneof![
        4 => (0..ALARMS, time(), time()).prop_map(|(alarm, ago, dt)| Step::Set { alarm, ago, dt }),
        1 => (0..ALARMS).prop_map(|alarm| Step::Disarm { alarm }),
        3 => prop_oneof![0..20u64, 0..2 * turn].prop_map(|ticks| Step::Advance { ticks }),
        1 => prop_oneof![0..20u64, 0..turn / 2].prop_map(|ticks| Step::Late { ticks }),
    ];
    prop::collection::vec(step, 1..40)
}

/// Takes out what is due up to `now`: when, and which alarm.
fn take_due(due: &mut [Option<u64>; ALARMS], now: u64) -> impl Iterator<Item = (u64, usize)> {
    due.iter_mut()
        .enumerate()
        .filter_map(move |(alarm, due)| Some((due.take_if(|time| *time <= now)?, alarm)))
}

/// Every alarm fires at `reference + dt`, or with the next tick if that is over, and at no other
/// time; when nobody looks then, as soon as somebody does.
fn agrees_with_the_model<T: Ticks + 'static>(
    start: u64,
    turn: u64,
    steps: &[Step],
) -> Result<(), TestCaseError> {
    let bench = Bench::<T, ALARMS>::starting_at(start);
    let mut due = [None; ALARMS];
    let mut expected = Vec::new();
    for step in steps {
        let now = bench.hardware.passed();
        match *step {
            Step::Set { alarm, ago, dt } => {
                let counter = start.wrapping_add(now);
                let reference = T::from_or_max(counter.wrapping_sub(ago) & (turn - 1));
                bench.alarms[alarm].set_alarm(reference, T::from_or_max(dt));
                due[alarm] = Some(now + dt.saturating_sub(ago).max(1));
            }
            Step::Disarm { alarm } => {
                bench.alarms[alarm].disarm().unwrap();
                due[alarm] = None;
            }
            Step::Advance { ticks } => {
                bench.hardware.advance(ticks);
                expected.extend(take_due(&mut due, now + ticks));
            }
            Step::Late { ticks } => {
                bench.hardware.jump(ticks);
                let fired = take_due(&mut due, now + ticks);
                expected.extend(fired.map(|(_, alarm)| (now + ticks, alarm)));
            }
        }
        for (alarm, due) in due.iter().enumerate() {
            prop_assert_eq!(bench.alarms[alarm].is_armed(), due.is_some());
        }
    }
    let mut fired = bench.fired();
    prop_assert!(fired.is_sorted_by_key(|(time, _)| *time));
    fired.sort();
    expected.sort();
    prop_assert_eq!(fired, expected);
    Ok(())
}

proptest! {
    #[test]
    fn any_alarms_fire_when_due_on_16_bits(start in 0..1u64 << 16, steps in steps(1 << 16)) {
        agrees_with_the_model::<Ticks16>(start, 1 << 16, &steps)?;
    }

    #[test]
    fn any_alarms_fire_when_due_on_24_bits(start in 0..1u64 << 24, steps in steps(1 << 24)) {
        agrees_with_the_model::<Ticks24>(start, 1 << 24, &steps)?;
    }

    #[test]
    fn any_alarms_fire_when_due_on_32_bits(start in 0..1u64 << 32, steps in steps(1 << 32)) {
        agrees_with_the_model::<Ticks32>(start, 1 << 32, &steps)?;
    }

    /// A counter of 64 bits does not wrap in the life of a machine.
    #[test]
    fn any_alarms_fire_when_due_on_64_bits(steps in steps(1 << 40)) {
        agrees_with_the_model::<Ticks64>(1 << 41, 1 << 63, &steps)?;
    }
}
