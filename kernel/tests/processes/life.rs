//! How a process starts, stops, faults, ends and starts anew.

use std::{
    cell::{Cell, RefCell},
    num::NonZeroU32,
    panic::catch_unwind,
};

use chip_fake as fake;
use fake::App;
use kernel::{
    ErrorCode, ProcessId,
    platform::{Chip, DriverTable, Pause, SchedulerTimer, SystemCallHandler},
    process::{
        Error, FaultAction, Process, ProcessEndClient, ProcessFaultPolicy, State, StoppedState,
        StoredState,
    },
    scheduler::StoppedExecutingReason,
    syscall::{CommandReturn, class},
    upcall::UpcallId,
};

use crate::bench::{Bench, DRIVER, each_width};

/// A way to end.
type End = fn(&App);

/// What a scheduler is told of a turn in which the app has started anew: who counts what an app uses goes on counting.
const STARTED_ANEW: Option<StoppedExecutingReason> = Some(StoppedExecutingReason::NoWorkLeft);

fn completion(app: &App) -> Option<Option<u32>> {
    app.process(|process| process.get_completion_code())
}

fn restarts(app: &App) -> usize {
    app.process(|process| process.get_restart_count())
}

#[test]
fn a_process_that_exits_has_ended_with_its_code() {
    each_width(|bench, app| {
        app.subscribe(DRIVER, 0);
        bench.driver.schedule(app, 0, (1, 2, 3)).unwrap();
        assert_eq!(completion(app), None);
        app.exit(42);
        assert_eq!(
            (app.state(), completion(app)),
            (State::Terminated, Some(Some(42)))
        );
        let reason = bench.machine.last_stop();
        assert_eq!(reason, Some(StoppedExecutingReason::Stopped));
        assert_eq!(app.process(|process| process.pending_tasks()), 0);
        assert_eq!(app.process(|process| process.grant_allocated_count()), None);
    });
}

#[test]
fn a_process_that_uses_up_its_time_slice_can_go_on_and_it_is_counted() {
    each_width(|bench, app| {
        let expired = || app.process(|process| process.debug_timeslice_expiration_count());
        for (expires, reason, count) in [
            (false, StoppedExecutingReason::KernelPreemption, 0),
            (true, StoppedExecutingReason::TimesliceExpired, 1),
            (true, StoppedExecutingReason::TimesliceExpired, 2),
            (false, StoppedExecutingReason::KernelPreemption, 2),
        ] {
            if expires {
                bench.machine.expire_slice();
            }
            app.command(DRIVER, 1, 0, 0);
            assert_eq!(bench.machine.last_stop(), Some(reason));
            assert_eq!((app.state(), expired()), (State::Running, count));
        }
    });
}

#[test]
fn people_can_read_what_a_process_is_doing() {
    let id = UpcallId {
        driver_num: 1,
        subscribe_num: 2,
    };
    let states = [
        (State::Running, "running"),
        (State::Yielded, "waiting"),
        (State::YieldedFor(id), "waiting for one"),
        (State::Stopped(StoppedState::Yielded), "stopped"),
        (State::Faulted, "faulted"),
        (State::Terminated, "ended"),
    ];
    for (state, words) in states {
        assert_eq!(state.to_string(), words);
    }
    let machine = fake::Machine::new();
    let mut registers = String::new();
    let app = machine.app("tester");
    app.process(|process| process.write_registers(&mut registers))
        .unwrap();
    assert_eq!(registers, "call [0, 0, 0, 0, 0]\n");
}

#[test]
fn a_process_that_exits_to_start_anew_is_another_run_in_the_same_place() {
    each_width(|bench, app| {
        let before = app.process_id();
        app.exit_and_restart(7);
        let after = app.process_id();
        assert_ne!(after, before);
        assert!(after.id() > before.id());
        assert_eq!(bench.machine.last_stop(), STARTED_ANEW);
        assert_eq!((before.index(), after.index()), (None, Some(before.slot())));
        assert_eq!(
            (app.state(), restarts(app), completion(app)),
            (State::Running, 1, None)
        );
        assert_eq!(app.command(DRIVER, 0, 0, 0), CommandReturn::success());
    });
}

#[test]
fn an_exit_that_does_not_exist_is_not_supported_and_the_process_goes_on() {
    each_width(|_, app| {
        let words = app.system_call([class::EXIT, 2, 5, 6, 7]);
        assert_eq!(words, [0, ErrorCode::NOSUPPORT as usize, 5, 6, 7]);
        assert_eq!(app.state(), State::Running);
    });
}

#[test]
fn a_run_starts_with_clean_memory_and_nothing_given() {
    each_width(|bench, app| {
        let at = app.addresses();
        let start = app.allow_rw(DRIVER, 0, b"old");
        app.allow_ro(DRIVER, 0, b"old");
        app.subscribe(DRIVER, 0);
        bench.driver.enter(app, |count, _| **count = 5);
        bench.driver.schedule(app, 0, (1, 2, 3)).unwrap();
        app.restart();
        assert_eq!(app.addresses(), at);
        assert_eq!(app.read(start, 16), [0; 16]);
        assert_eq!(
            app.process(|process| process.grant_allocated_count()),
            Some(0)
        );
        assert_eq!(app.yield_no_wait(), None);
        assert_eq!(app.share_rw(DRIVER, 0, 0, 0), Ok((0, 0)));
        assert_eq!(app.share_ro(DRIVER, 0, 0, 0), Ok((0, 0)));
        assert_eq!(app.subscribe_raw(DRIVER, 0, 0, 0), Ok((0, 0)));
        bench.driver.enter(app, |count, _| assert_eq!(**count, 0));
    });
}

#[test]
fn what_an_earlier_run_shared_does_not_hold_the_break() {
    let bench = Bench::new();
    let app = bench.machine.app("tester");
    let at = app.addresses();
    app.share_rw(DRIVER, 0, at.sram_app_brk - 1, 1).unwrap();
    assert_eq!(app.memop(0, at.sram_start), Err(ErrorCode::NOMEM));
    app.restart();
    assert_eq!(app.memop(0, at.sram_start), Ok(0));
}

#[test]
fn a_fault_ends_a_process_without_a_code() {
    each_width(|bench, app| {
        app.fault();
        assert_eq!((app.state(), completion(app)), (State::Faulted, Some(None)));
        let reason = bench.machine.last_stop();
        assert_eq!(reason, Some(StoppedExecutingReason::StoppedFaulted));
        let log = bench.machine.log();
        assert!(log[0].ends_with("faulted: its test said so"), "{log:?}");
    });
}

struct Always(FaultAction, Cell<usize>);

impl ProcessFaultPolicy for Always {
    fn action(&self, _: &dyn Process) -> FaultAction {
        self.1.set(self.1.get() + 1);
        self.0
    }
}

#[test]
fn the_policy_is_asked_once_for_each_fault() {
    each_width(|bench, app| {
        let policy = &*fake::leak(Always(FaultAction::Restart, Cell::new(0)));
        bench.machine.processes().set_fault_policy(policy);
        let id = app.process_id();
        app.fault();
        assert_eq!(
            (app.state(), restarts(app), policy.1.get()),
            (State::Running, 1, 1)
        );
        assert_eq!(bench.machine.last_stop(), STARTED_ANEW);
        assert_ne!(app.process_id(), id);
        app.try_system_call([99, 0, 0, 0, 0]);
        assert_eq!(
            (app.state(), restarts(app), policy.1.get()),
            (State::Running, 2, 2)
        );
        app.process(|process| process.set_fault_state());
        assert_eq!(
            (app.state(), restarts(app), policy.1.get()),
            (State::Running, 3, 3)
        );
        app.terminate();
        app.process(|process| process.set_fault_state());
        assert_eq!(
            (app.state(), policy.1.get()),
            (State::Terminated, 3),
            "it has ended already"
        );
    });
}

#[test]
fn a_policy_can_stop_the_machine() {
    let result = catch_unwind(|| {
        let bench = Bench::new();
        let policy = fake::leak(Always(FaultAction::Panic, Cell::new(0)));
        bench.machine.processes().set_fault_policy(policy);
        bench.machine.app("tester").fault();
    });
    let message = result.unwrap_err().downcast::<String>().unwrap();
    assert_eq!(*message, "process tester (1) faulted");
}

#[test]
fn a_stopped_process_goes_on_from_where_it_was() {
    each_width(|_, app| {
        app.stop();
        app.stop();
        assert_eq!(app.state(), State::Stopped(StoppedState::Running));
        app.resume();
        assert_eq!(app.state(), State::Running);
        assert_eq!(app.try_yield_wait(), None);
        app.stop();
        assert_eq!(app.state(), State::Stopped(StoppedState::Yielded));
        app.resume();
        assert_eq!(app.state(), State::Yielded);
        app.resume();
        assert_eq!(app.state(), State::Yielded);
    });
}

#[test]
fn a_process_that_was_stopped_is_not_running_but_alive() {
    each_width(|_, app| {
        let facts = || app.process(|process| (process.ready(), process.is_running()));
        assert_eq!(facts(), (true, true));
        app.stop();
        assert_eq!(facts(), (false, true));
        app.terminate();
        assert_eq!(facts(), (false, false));
    });
}

#[test]
fn what_has_ended_is_neither_stopped_nor_resumed_nor_ended_again() {
    let ends: [(End, State); 2] = [
        (|app| app.exit(3), State::Terminated),
        (|app| app.fault(), State::Faulted),
    ];
    for (end, state) in ends {
        let bench = Bench::new();
        let app = bench.machine.app("tester");
        end(&app);
        let code = completion(&app);
        app.stop();
        app.resume();
        app.terminate();
        assert_eq!((app.state(), completion(&app)), (state, code));
    }
}

#[test]
fn what_has_ended_can_be_started() {
    each_width(|_, app| {
        app.start();
        assert_eq!(restarts(app), 0, "it runs already");
        app.exit(0);
        app.start();
        assert_eq!((restarts(app), app.state()), (1, State::Running));
        app.command(DRIVER, 0, 0, 0);
    });
}

#[test]
fn a_stopped_process_that_is_started_anew_runs() {
    each_width(|_, app| {
        app.stop();
        app.restart();
        assert_eq!((restarts(app), app.state()), (1, State::Running));
    });
}

/// Does something to the process that calls it.
fn in_command(bench: &Bench, app: &App, act: fn(&dyn Process)) -> Option<[usize; 5]> {
    let table = bench.machine.processes();
    bench.driver.next_command(move |_, id| {
        table.with_slot(id.slot(), act);
        CommandReturn::success_u32(5)
    });
    app.try_system_call([class::COMMAND, DRIVER, 1, 2, 3])
        .map(|registers| registers.words)
}

#[test]
fn a_driver_that_stops_its_caller_answers_when_it_is_resumed() {
    each_width(|bench, app| {
        assert_eq!(in_command(bench, app, |process| process.stop()), None);
        assert_eq!(app.state(), State::Stopped(StoppedState::Running));
        app.resume();
        assert_eq!(app.look().unwrap().words, [129, 5, 1, 2, 3]);
    });
}

#[test]
fn a_driver_that_ends_its_caller_is_not_answered_for() {
    each_width(|bench, app| {
        app.subscribe(DRIVER, 0);
        let words = in_command(bench, app, |process| process.terminate(Some(9)));
        assert_eq!(words, None);
        assert_eq!(
            (app.state(), completion(app)),
            (State::Terminated, Some(Some(9)))
        );
    });
}

#[test]
fn a_driver_that_restarts_its_caller_is_not_answered_for() {
    each_width(|bench, app| {
        let id = app.process_id();
        app.subscribe(DRIVER, 0);
        in_command(bench, app, |process| process.try_restart(None));
        assert_ne!(app.process_id(), id);
        assert_eq!((app.state(), restarts(app)), (State::Running, 1));
        assert_eq!(app.command(DRIVER, 0, 0, 0), CommandReturn::success());
    });
}

#[test]
fn a_driver_that_finds_fault_with_its_caller_is_not_answered_for() {
    each_width(|bench, app| {
        let words = in_command(bench, app, |process| process.set_fault_state());
        assert_eq!((words, app.state()), (None, State::Faulted));
    });
}

#[test]
fn a_driver_cannot_remove_its_caller() {
    each_width(|bench, app| {
        let table = bench.machine.processes();
        bench.driver.next_command(|_, id| {
            assert_eq!(table.remove(id), Err(Error::AlreadyInUse));
            CommandReturn::success()
        });
        assert_eq!(app.command(DRIVER, 1, 0, 0), CommandReturn::success());
    });
}

/// Notes who has ended, and does something about it.
struct Mourner {
    ended: RefCell<Vec<ProcessId>>,
    act: Box<dyn Fn(ProcessId)>,
}

impl ProcessEndClient for Mourner {
    fn process_ended(&self, process_id: ProcessId) {
        self.ended.borrow_mut().push(process_id);
        (self.act)(process_id);
    }
}

fn mourner(bench: &Bench, act: impl Fn(ProcessId) + 'static) -> &'static Mourner {
    let mourner = &*fake::leak(Mourner {
        ended: RefCell::default(),
        act: Box::new(act),
    });
    bench.machine.processes().set_end_client(mourner);
    mourner
}

#[test]
fn the_machine_stays_awake_for_a_process_that_can_run_and_for_no_other() {
    let ends: [End; 8] = [
        |app| app.exit(0),
        |app| app.fault(),
        |app| app.terminate(),
        |app| app.stop(),
        |app| app.remove().unwrap(),
        |app| assert_eq!(app.try_yield_wait(), None),
        |app| assert_eq!(app.try_yield_for(DRIVER, 0), None),
        |app| {
            app.stop();
            app.terminate();
        },
    ];
    for end in ends {
        let bench = Bench::new();
        let table = bench.machine.processes();
        assert!(!table.any_can_run());
        let (one, other) = (bench.machine.app("one"), bench.machine.app("other"));
        end(&one);
        assert!(table.any_can_run());
        end(&other);
        assert!(!table.any_can_run());
        bench.machine.app("another");
        assert!(table.any_can_run());
    }
}

#[test]
fn several_can_be_told_of_an_end() {
    let bench = Bench::new();
    let mourners = [0, 1].map(|_| mourner(&bench, |_| ()));
    let both = fake::leak(mourners.map(|mourner| mourner as &dyn ProcessEndClient));
    bench.machine.processes().set_end_client(both);
    let app = bench.machine.app("tester");
    let id = app.process_id();
    app.exit(0);
    for mourner in mourners {
        assert_eq!(*mourner.ended.borrow(), [id]);
    }
}

#[test]
fn each_run_that_ends_is_told_of_once() {
    let ends: [End; 6] = [
        |app| app.exit(0),
        |app| app.exit_and_restart(0),
        |app| app.fault(),
        |app| app.terminate(),
        |app| app.restart(),
        |app| app.remove().unwrap(),
    ];
    for end in ends {
        let bench = Bench::new();
        let mourner = mourner(&bench, |_| ());
        let app = bench.machine.app("tester");
        let id = app.process_id();
        end(&app);
        assert_eq!(*mourner.ended.borrow(), [id]);
    }
}

#[test]
fn who_is_told_of_an_end_can_enter_the_grant_for_the_last_time() {
    let bench = Bench::new();
    let (driver, entered) = (bench.driver, &*fake::leak(Cell::new(0)));
    mourner(&bench, |id| {
        let last = driver.apps.enter(id, |count, _| **count);
        entered.set(last.unwrap());
    });
    let app = bench.machine.app("tester");
    app.subscribe(DRIVER, 0);
    bench.driver.enter(&app, |count, _| **count = 77);
    app.exit(0);
    assert_eq!(entered.get(), 77);
    let after = driver.apps.enter(app.process_id(), |_, _| ());
    assert_eq!(after, Err(Error::InactiveApp));
}

#[test]
fn who_is_told_of_an_end_may_start_the_process_anew() {
    let ends: [End; 3] = [
        |app| app.exit(0),
        |app| app.terminate(),
        |app| app.restart(),
    ];
    for end in ends {
        let bench = Bench::new();
        let table = bench.machine.processes();
        let mourner = mourner(&bench, move |id| {
            table.with_slot(id.slot(), |process| process.try_restart(None));
        });
        let app = bench.machine.app("tester");
        end(&app);
        assert_eq!((app.state(), restarts(&app)), (State::Running, 1));
        assert_eq!(mourner.ended.borrow().len(), 1);
        app.subscribe(DRIVER, 0);
    }
}

#[test]
fn who_is_told_of_a_removal_can_do_nothing_about_it() {
    let bench = Bench::new();
    let table = bench.machine.processes();
    let free_bytes = table.pool().free_bytes();
    let mourner = mourner(&bench, move |id| {
        assert_eq!(table.remove(id), Err(Error::AlreadyInUse));
        table.with_slot(id.slot(), |process| process.try_restart(None));
    });
    let app = bench.machine.app("tester");
    let id = app.process_id();
    assert_eq!(app.remove(), Ok(()));
    assert_eq!(*mourner.ended.borrow(), [id]);
    assert_eq!(table.pool().free_bytes(), free_bytes);
    assert_eq!(id.index(), None);
    assert_eq!(table.remove(id), Err(Error::NoSuchApp));
}

/// A processor that interrupts each process at once.
struct Interrupting;

impl Chip for Interrupting {
    fn accept_interrupts(&self) {}

    fn sleep(&self) {}

    fn run_process<H: SystemCallHandler>(&self, _: &StoredState, _: &mut H) -> Pause {
        Pause::Interrupted
    }
}

/// A timer that does something else when a turn begins, and then says whether the slice is used up.
struct Busy<'a>(&'a dyn Fn(), bool);

impl SchedulerTimer for Busy<'_> {
    fn start(&self, _: Option<NonZeroU32>) {
        (self.0)();
    }

    fn used_us(&self) -> u32 {
        0
    }

    fn has_expired(&self) -> bool {
        self.1
    }
}

#[test]
fn a_process_whose_turn_begins_is_not_removed() {
    let bench = Bench::new();
    let app = bench.machine.app("tester");
    let (table, id) = (bench.machine.processes(), app.process_id());
    let removed = Cell::new(None);
    let timer = Busy(&|| removed.set(Some(table.remove(id))), false);
    let drivers = DriverTable::new(&[]);
    bench.machine.give_turn(&app);
    let kernel = bench.machine.kernel();
    kernel.run_next_process(&Interrupting, &(&drivers, &(), &timer));
    assert_eq!(removed.get(), Some(Err(Error::AlreadyInUse)));
    assert_eq!(app.state(), State::Running);
}

#[test]
fn an_interrupted_turn_of_a_process_that_has_gone_is_not_charged_to_who_follows_in_its_place() {
    let ends: [(End, StoppedExecutingReason); 5] = [
        (|app| app.remove().unwrap(), StoppedExecutingReason::Stopped),
        (|app| app.restart(), StoppedExecutingReason::Stopped),
        (|app| app.terminate(), StoppedExecutingReason::Stopped),
        (
            |app| app.process(|process| process.stop()),
            StoppedExecutingReason::Stopped,
        ),
        (
            |app| app.process(|process| process.set_fault_state()),
            StoppedExecutingReason::StoppedFaulted,
        ),
    ];
    let (drivers, timer) = (DriverTable::new(&[]), Busy(&|| (), true));
    for (end, reason) in ends {
        let Bench { machine, .. } = &Bench::new();
        let run = || {
            let kernel = machine.kernel();
            kernel.run_next_process(&Interrupting, &(&drivers, &(), &timer));
        };
        let app = machine.app("spinner");
        let slot = app.process_id().slot();
        machine.give_turn(&app);
        run();
        end(&app);
        let next = (machine.processes().with_slot(slot, |_| ()).is_none())
            .then(|| machine.app("newcomer"));
        run();
        assert_eq!(machine.last_stop(), Some(reason));
        let expired = next
            .unwrap_or(app)
            .process(|process| process.debug_timeslice_expiration_count());
        assert_eq!(expired, 0);
    }
}
