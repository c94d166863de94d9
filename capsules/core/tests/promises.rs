//! What shares a device among many keeps the promises of the device: each promise is a test.

#[path = "../../../chips/fake/tests/promises/bench.rs"]
#[allow(dead_code)] // nothing here needs the outside
mod bench;

use capsules_core::{AlarmMux, DateTimeMux};
use chip_fake as fake;
use kernel::{
    collections::DeadlineNode,
    hil::{
        date_time::{DateTime as _, DateTimeValues, DayOfWeek, Month},
        time::Alarm as _,
    },
    utilities::cells::OptionalCell,
};

use bench::Bench;

/// Makes a test of each promise: the caller's `check` is given its name.
macro_rules! tests {
    ($($promise:ident)*) => {
        $(
            #[test]
            fn $promise() {
                check(stringify!($promise));
            }
        )*
    };
}

/// One alarm of two, of which the other is set to a moment in between.
mod virtual_alarm {
    use super::*;

    const OTHERS_DT_US: u64 = 500;

    fn check(promise: &'static str) {
        let hardware = fake::Alarm::new();
        let nodes = fake::leak([const { DeadlineNode::new() }; 2]);
        let clients = fake::leak([const { OptionalCell::empty() }; 2]);
        let mux = &*fake::leak(AlarmMux::new(hardware, nodes, clients));
        hardware.set_alarm_client(mux);
        let [alarm, other] = [(); 2].map(|()| &*fake::leak(mux.alarm().expect("there are two")));
        other.set_alarm(0u64.into(), OTHERS_DT_US.into());
        Bench::new()
            .passing(move |us| hardware.advance(us))
            .check(|pace, _| {
                let suite = &*fake::leak(promises::alarm::Suite::new(alarm, pace));
                suite.start();
                suite.check(promise)
            });
    }

    promises::alarm_promises!(tests);
}

/// One of two users of a clock that knows the date.
mod virtual_date_time {
    use super::*;

    const DATE: DateTimeValues = DateTimeValues {
        year: 2026,
        month: Month::November,
        day: 26,
        day_of_week: DayOfWeek::Thursday,
        hour: 23,
        minute: 59,
        seconds: 59,
    };

    fn check(promise: &'static str) {
        let clock = fake::DateTime::new(DATE);
        let users = &*fake::leak(DateTimeMux::<2>::new(clock));
        clock.set_client(users);
        let user = &*fake::leak(users.user().expect("there are two"));
        Bench::new().check(|pace, _| {
            let suite = &*fake::leak(promises::date_time::Suite::new(user, pace));
            suite.start();
            suite.check(promise)
        });
    }

    promises::date_time_promises!(tests);
}
