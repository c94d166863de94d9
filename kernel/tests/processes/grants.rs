//! Grants: a driver's state of a process, in the process's memory.

use std::{cell::Cell, ops::Range};

use chip_fake::{self as fake, App};
use kernel::{
    ErrorCode, ProcessId,
    grant::{AllowRoCount, AllowRwCount, Grant, UpcallCount},
    process::{Error, PAGE_BYTES, ProcessTable, State},
};

use crate::bench::{Bench, DRIVER};

/// A grant with nothing but a `T`.
type Bare<T> = Grant<T, UpcallCount<0>, AllowRoCount<0>, AllowRwCount<0>>;

/// So many bytes.
struct Bytes<const COUNT: usize>([u8; COUNT]);

impl<const COUNT: usize> Default for Bytes<COUNT> {
    fn default() -> Self {
        Self([0; COUNT])
    }
}

fn app_with_grant<'a>(bench: &'a Bench, name: &str) -> App<'a> {
    let app = bench.machine.app(name);
    app.subscribe(DRIVER, 0);
    app
}

#[test]
fn state_is_the_default_at_first_and_then_what_the_driver_left() {
    let bench = Bench::new();
    let app = bench.machine.app("tester");
    assert_eq!(bench.driver.enter(&app, |count, _| **count), 0);
    bench.driver.enter(&app, |count, _| **count = 5);
    assert_eq!(bench.driver.enter(&app, |count, _| **count), 5);
}

#[test]
fn each_process_has_state_of_its_own() {
    let bench = Bench::new();
    let apps = ["one", "two", "three"].map(|name| bench.machine.app(name));
    for (number, app) in apps.iter().enumerate() {
        bench.driver.enter(app, |count, _| **count = number as u32);
    }
    let counts = apps
        .each_ref()
        .map(|app| bench.driver.enter(app, |count, _| **count));
    assert_eq!(counts, [0, 1, 2]);
}

#[test]
fn a_grant_of_a_process_that_was_removed_or_is_another_run_is_not_entered() {
    let ends: [fn(&App); 2] = [|app| app.remove().unwrap(), |app| app.restart()];
    for end in ends {
        let bench = Bench::new();
        let app = app_with_grant(&bench, "tester");
        let id = app.process_id();
        end(&app);
        assert_eq!(
            bench.driver.apps.enter(id, |_, _| ()),
            Err(Error::NoSuchApp)
        );
    }
}

#[test]
fn a_grant_of_a_process_that_has_ended_is_not_entered() {
    let ends: [fn(&App); 3] = [|app| app.terminate(), |app| app.exit(0), |app| app.fault()];
    for end in ends {
        for has_grant in [true, false] {
            let bench = Bench::new();
            let app = bench.machine.app("tester");
            if has_grant {
                app.subscribe(DRIVER, 0);
            }
            end(&app);
            let entered = bench.driver.apps.enter(app.process_id(), |_, _| ());
            assert_eq!(entered, Err(Error::InactiveApp));
            assert_eq!(bench.driver.apps.iter().count(), 0);
        }
    }
}

#[test]
fn a_name_that_was_never_given_finds_nobody() {
    let bench = Bench::new();
    let app = bench.machine.app("tester");
    let id = app.process_id();
    let strangers = [
        0,
        usize::MAX,
        id.token() + 1,
        id.token() - 1,
        id.token() + (1 << 12),
    ];
    for token in strangers {
        let stranger = ProcessId::from_token(token);
        let entered = bench.driver.apps.enter(stranger, |_, _| ());
        assert_eq!((entered, stranger.index()), (Err(Error::NoSuchApp), None));
    }
    assert_eq!(ProcessId::from_token(id.token()), id);
}

#[test]
fn a_stopped_process_keeps_its_grant() {
    let bench = Bench::new();
    let app = app_with_grant(&bench, "tester");
    app.stop();
    bench.driver.enter(&app, |count, _| **count = 1);
}

#[test]
fn a_grant_is_not_entered_twice_at_a_time() {
    let bench = Bench::new();
    let apps = &bench.driver.apps;
    let app = app_with_grant(&bench, "tester");
    let id = app.process_id();
    bench.driver.enter(&app, |_, _| {
        assert_eq!(apps.enter(id, |_, _| ()), Err(Error::AlreadyInUse));
        assert!(apps.iter().next().unwrap().try_enter(|_, _| ()).is_none());
        apps.each(|_, _, _| panic!("the driver is in it"));
    });
    assert_eq!(apps.enter(id, |_, _| ()), Ok(()));
}

#[test]
#[should_panic = "a grant is entered twice"]
fn entering_twice_from_the_list_is_the_drivers_mistake() {
    let bench = Bench::new();
    let app = app_with_grant(&bench, "tester");
    bench.driver.enter(&app, |_, _| {
        bench.driver.apps.iter().next().unwrap().enter(|_, _| ());
    });
}

#[test]
fn grants_of_two_processes_can_be_entered_at_a_time() {
    let bench = Bench::new();
    let (one, two) = (app_with_grant(&bench, "one"), app_with_grant(&bench, "two"));
    bench.driver.enter(&one, |first, _| {
        bench.driver.enter(&two, |second, _| {
            **first = 1;
            **second = 2;
        });
        assert_eq!(**first, 1);
    });
    assert_eq!(bench.driver.enter(&two, |second, _| **second), 2);
}

#[test]
fn the_list_has_the_processes_with_the_grant_in_the_order_of_the_table() {
    let bench = Bench::new();
    let apps = ["one", "two", "three", "four"].map(|name| app_with_grant(&bench, name));
    let _without = bench.machine.app("without");
    apps[1].terminate();
    let expected = [0, 2, 3].map(|number: usize| apps[number].process_id());
    assert!(
        bench
            .driver
            .apps
            .iter()
            .map(|grant| grant.processid())
            .eq(expected)
    );
    let mut seen = Vec::new();
    bench.driver.apps.each(|id, _, _| seen.push(id));
    assert_eq!(seen, expected);
}

#[test]
fn a_process_can_be_removed_while_the_list_is_walked() {
    let bench = Bench::new();
    let apps = ["one", "two", "three"].map(|name| app_with_grant(&bench, name));
    let mut seen = Vec::new();
    bench.driver.apps.each(|id, _, _| {
        seen.push(id);
        let _ = apps[1].process_id();
        assert_eq!(
            bench.machine.processes().remove(id),
            Err(Error::AlreadyInUse)
        );
        if seen.len() == 1 {
            assert_eq!(
                bench.machine.processes().remove(apps[2].process_id()),
                Ok(())
            );
        }
    });
    assert_eq!(seen, [apps[0].process_id(), apps[1].process_id()]);
}

#[test]
fn a_process_that_is_started_anew_inside_its_own_grant_starts_when_that_is_left() {
    let bench = Bench::new();
    let app = app_with_grant(&bench, "tester");
    let id = app.process_id();
    bench.driver.enter(&app, |count, _| {
        app.restart();
        assert_eq!((app.state(), app.process_id()), (State::Terminated, id));
        let again = bench.driver.apps.enter(id, |_, _| ());
        assert_eq!(again, Err(Error::InactiveApp));
        **count = 99;
    });
    assert_ne!(app.process_id(), id);
    assert_eq!(app.state(), State::Running);
    assert_eq!(bench.driver.enter(&app, |count, _| **count), 0);
}

#[test]
fn a_process_that_is_started_anew_inside_two_grants_starts_when_both_are_left() {
    let machine = fake::Machine::new();
    let (outer, inner): (Bare<u8>, Bare<u16>) = (machine.grant(1), machine.grant(2));
    let app = machine.app("tester");
    let id = app.process_id();
    outer
        .enter(id, |_, _| {
            inner.enter(id, |_, _| app.restart()).unwrap();
            assert_eq!(app.process_id(), id);
        })
        .unwrap();
    assert_ne!(app.process_id(), id);
    assert_eq!(app.process(|process| process.get_restart_count()), 1);
}

#[test]
fn a_process_that_has_a_grant_entered_is_not_removed() {
    let bench = Bench::new();
    let app = app_with_grant(&bench, "tester");
    bench.driver.enter(&app, |_, _| {
        assert_eq!(app.remove(), Err(Error::AlreadyInUse))
    });
    assert_eq!(app.remove(), Ok(()));
}

/// A state that does as it is told when it is made.
struct Eager;

thread_local! {
    static ACT: Cell<Option<Box<dyn FnOnce()>>> = const { Cell::new(None) };
}

impl Default for Eager {
    fn default() -> Self {
        if let Some(act) = ACT.take() {
            act();
        }
        Self
    }
}

#[test]
fn a_process_that_ends_while_a_drivers_first_state_is_made_has_no_grant() {
    type Act = fn(&'static ProcessTable, ProcessId);
    let acts: [(Act, Error); 3] = [
        (
            |table, id| table.remove(id).expect("nobody looks at it"),
            Error::NoSuchApp,
        ),
        (
            |table, _| table.each(|process| process.try_restart(None)),
            Error::NoSuchApp,
        ),
        (
            |table, _| table.each(|process| process.terminate(None)),
            Error::InactiveApp,
        ),
    ];
    for (act, error) in acts {
        let machine = fake::Machine::new();
        let grant: Bare<Eager> = machine.grant(DRIVER);
        let (id, table) = (machine.app("tester").process_id(), machine.processes());
        ACT.set(Some(Box::new(move || act(table, id))));
        assert_eq!(grant.enter(id, |_, _| ()), Err(error));
        assert_eq!(grant.iter().count(), 0);
    }
}

#[test]
fn a_process_that_somebody_looks_at_is_not_removed_nor_started_anew_meanwhile() {
    let bench = Bench::new();
    let (app, other) = (bench.machine.app("tester"), bench.machine.app("other"));
    let (id, table) = (app.process_id(), bench.machine.processes());
    let mut visited = 0;
    table.each(|process| {
        visited += 1;
        assert_eq!(table.remove(process.processid()), Err(Error::AlreadyInUse));
        process.try_restart(None);
        assert_eq!(process.get_state(), State::Terminated);
        if visited == 1 {
            assert_eq!(other.remove(), Ok(()));
        }
    });
    assert_eq!(visited, 1);
    assert_ne!(app.process_id(), id);
}

#[test]
fn grants_take_memory_until_there_is_none_left() {
    let machine = fake::Machine::new();
    let grants: Vec<Bare<Bytes<300>>> = (0..64).map(|number| machine.grant(number)).collect();
    let app = machine.app("tester");
    let id = app.process_id();
    let mut entered = 0;
    let refused = grants.iter().find_map(|grant| {
        let result = grant.enter(id, |bytes, _| {
            assert_eq!(bytes.0, [0; 300]);
            bytes.0 = [0xee; 300];
        });
        entered += usize::from(result.is_ok());
        result.err()
    });
    assert_eq!(refused, Some(Error::OutOfMemory));
    assert!(
        entered >= 3,
        "{entered} grants of 300 bytes: a process has 1 KiB for grants at least"
    );
    let at = app.addresses();
    assert!(at.sram_grant_start >= at.sram_app_brk.next_multiple_of(PAGE_BYTES));
    assert_eq!(
        app.process(|process| process.grant_allocated_count()),
        Some(entered)
    );
    app.write(at.sram_start, &[1; PAGE_BYTES]);
    for grant in &grants[..entered] {
        grant
            .enter(id, |bytes, _| assert_eq!(bytes.0, [0xee; 300]))
            .unwrap();
    }
    app.memop(0, at.sram_start).unwrap();
    assert_eq!(
        grants[entered].enter(id, |_, _| ()),
        Ok(()),
        "the app gave memory back"
    );
}

#[test]
fn an_app_whose_memory_is_used_up_is_told_so() {
    let machine = fake::Machine::new();
    let machine = {
        struct Greedy(Bare<Bytes<8000>>);
        impl kernel::syscall::SyscallDriver for Greedy {
            fn allocate_grant(&self, id: ProcessId) -> Result<(), Error> {
                self.0.enter(id, |_, _| ())
            }
        }
        let driver = fake::leak(Greedy(machine.grant(1)));
        machine.driver(1, driver)
    };
    let app = machine.app("tester");
    assert_eq!(app.subscribe_raw(1, 0, 0, 0), Err(ErrorCode::NOMEM));
    assert_eq!(app.share_rw(1, 0, 0, 0), Err(ErrorCode::NOMEM));
}

#[derive(Default)]
#[repr(align(256))]
struct Aligned;

fn place<T>(value: &T) -> Range<usize> {
    let start = std::ptr::from_ref(value).addr();
    start..start + size_of::<T>()
}

#[test]
fn grants_lie_apart_each_as_aligned_as_its_type() {
    let machine = fake::Machine::new();
    let small: Bare<u8> = machine.grant(1);
    let aligned: Bare<Aligned> = machine.grant(2);
    let wide: Grant<u128, UpcallCount<9>, AllowRoCount<9>, AllowRwCount<9>> = machine.grant(3);
    let empty: Bare<()> = machine.grant(4);
    let app = machine.app("tester");
    let id = app.process_id();
    let mut places = vec![
        small.enter(id, |data, _| place(&**data)).unwrap(),
        aligned.enter(id, |data, _| place(&**data)).unwrap(),
        wide.enter(id, |data, _| place(&**data)).unwrap(),
    ];
    empty.enter(id, |_, _| ()).unwrap();
    assert!(places[1].start.is_multiple_of(256) && places[2].start.is_multiple_of(16));
    places.sort_by_key(|place| place.start);
    assert!(
        places.windows(2).all(|pair| pair[0].end <= pair[1].start),
        "{places:?}"
    );
}

#[test]
#[should_panic = "driver 0x5 has two grants"]
fn a_driver_has_one_grant() {
    let machine = fake::Machine::new();
    let _: Bare<u8> = machine.grant(5);
    let _: Bare<u8> = machine.grant(5);
}

#[test]
#[should_panic = "grant of driver 0x5: too late, processes are loaded"]
fn a_grant_is_made_before_the_first_process() {
    let machine = fake::Machine::new();
    machine.app("early");
    let _: Bare<u8> = machine.grant(5);
}
