//! Upcalls: in order, once, and only when the process yields.

use chip_fake::App;
use kernel::{
    process::State,
    syscall::class,
    upcall::{UpcallError, UpcallId},
};

use crate::bench::{Bench, DRIVER, UPCALLS, each_width};

/// Upcalls that can wait.
const CAPACITY: usize = 10;

fn dropped(app: &App) -> usize {
    app.process(|process| process.debug_dropped_upcall_count())
}

fn pending(app: &App) -> usize {
    app.process(|process| process.pending_tasks())
}

#[test]
fn upcalls_come_in_order_one_each_yield() {
    each_width(|bench, app| {
        for number in [0, 1, 2] {
            app.subscribe(DRIVER, number);
        }
        for (value, number) in [2, 0, 1, 0].into_iter().enumerate() {
            bench.driver.schedule(app, number, (value, 0, 0)).unwrap();
        }
        let mut got = Vec::new();
        while let Some(upcall) = app.yield_no_wait() {
            got.push((upcall.number, upcall.arguments[0]));
        }
        assert_eq!(got, [(2, 0), (0, 1), (1, 2), (0, 3)]);
        assert_eq!(app.try_yield_wait(), None);
    });
}

#[test]
fn an_upcall_wakes_a_process_that_waits() {
    each_width(|bench, app| {
        app.subscribe(DRIVER, 1);
        assert_eq!(app.try_yield_wait(), None);
        assert_eq!(app.state(), State::Yielded);
        bench.driver.schedule(app, 1, (4, 5, 6)).unwrap();
        assert!(app.process(|process| process.ready()));
        assert_eq!(app.yield_wait().arguments, [4, 5, 6]);
        assert_eq!(app.state(), State::Running);
    });
}

#[test]
fn a_process_that_does_not_yield_is_not_disturbed() {
    each_width(|bench, app| {
        app.subscribe(DRIVER, 1);
        bench.driver.schedule(app, 1, (4, 5, 6)).unwrap();
        app.command(DRIVER, 0, 0, 0);
        app.memop(2, 0).unwrap();
        assert_eq!(pending(app), 1);
    });
}

#[test]
fn the_eleventh_upcall_is_dropped_and_counted() {
    each_width(|bench, app| {
        app.subscribe(DRIVER, 0);
        for value in 0..CAPACITY {
            bench.driver.schedule(app, 0, (value, 0, 0)).unwrap();
        }
        for _ in 0..2 {
            let result = bench.driver.schedule(app, 0, (99, 0, 0));
            assert_eq!(result, Err(UpcallError::QueueFull));
        }
        assert_eq!((dropped(app), pending(app)), (2, CAPACITY));
        for value in 0..CAPACITY {
            assert_eq!(app.yield_wait().arguments[0], value);
        }
        assert_eq!(app.yield_no_wait(), None);
    });
}

#[test]
fn the_queue_is_used_again_and_again() {
    let bench = Bench::new();
    let app = bench.machine.app("tester");
    app.subscribe(DRIVER, 0);
    for value in 0..5 * CAPACITY {
        bench.driver.schedule(&app, 0, (value, 0, 0)).unwrap();
        if value >= 3 {
            assert_eq!(app.yield_wait().arguments[0], value - 3);
        }
    }
}

#[test]
fn an_upcall_that_the_grant_has_not_is_the_drivers_mistake() {
    each_width(|bench, app| {
        app.subscribe(DRIVER, 0);
        let schedule = || bench.driver.schedule(app, UPCALLS.into(), (1, 2, 3));
        assert_eq!(schedule(), Err(UpcallError::InvalidSubscribeNum));
        assert_eq!((dropped(app), pending(app)), (0, 0));
        assert_eq!(app.try_yield_for(DRIVER, UPCALLS.into()), None);
        assert_eq!(schedule(), Err(UpcallError::InvalidSubscribeNum));
        assert_eq!(app.try_yield_for(DRIVER, UPCALLS.into()), None);
    });
}

#[test]
fn a_process_that_ends_while_its_driver_is_in_its_grant_gets_no_upcall() {
    let bench = Bench::new();
    let app = bench.machine.app("tester");
    app.subscribe(DRIVER, 0);
    let result = bench.driver.enter(&app, |_, kernel_data| {
        app.terminate();
        kernel_data.schedule_upcall(0, (1, 2, 3))
    });
    assert_eq!(result, Err(UpcallError::KernelError));
    assert_eq!((dropped(&app), pending(&app)), (1, 0));
}

#[test]
fn a_stopped_process_collects_upcalls_and_gets_them_when_it_is_resumed() {
    each_width(|bench, app| {
        app.subscribe(DRIVER, 0);
        assert_eq!(app.try_yield_wait(), None);
        app.stop();
        bench.driver.schedule(app, 0, (1, 2, 3)).unwrap();
        assert!(!app.process(|process| process.ready()));
        app.resume();
        assert_eq!(app.yield_wait().arguments, [1, 2, 3]);
    });
}

#[test]
fn a_process_stopped_while_it_waits_for_one_upcall_goes_on_with_that_one() {
    each_width(|bench, app| {
        app.subscribe(DRIVER, 0);
        assert_eq!(app.try_yield_for(DRIVER, 1), None);
        app.stop();
        bench.driver.schedule(app, 0, (1, 1, 1)).unwrap();
        app.resume();
        assert_eq!(app.try_yield_for(DRIVER, 1), None);
        app.stop();
        bench.driver.schedule(app, 1, (2, 2, 2)).unwrap();
        app.resume();
        assert_eq!(app.yield_for(DRIVER, 1), [2, 2, 2]);
        assert_eq!(app.yield_wait().arguments, [1, 1, 1]);
    });
}

#[test]
fn an_upcall_without_a_function_wakes_nobody_that_waits_for_any() {
    each_width(|bench, app| {
        app.subscribe(DRIVER, 0);
        app.unsubscribe(DRIVER, 1);
        assert_eq!(app.try_yield_wait(), None);
        bench.driver.schedule(app, 1, (1, 1, 1)).unwrap();
        assert!(!app.process(|process| process.ready()));
        assert_eq!(app.try_yield_wait(), None);
        bench.driver.schedule(app, 0, (2, 2, 2)).unwrap();
        assert_eq!(app.yield_wait().arguments, [2, 2, 2]);
        assert_eq!(
            app.try_yield_for(DRIVER, 1),
            None,
            "it was taken no notice of"
        );
    });
}

#[test]
fn upcalls_without_a_function_are_passed_over() {
    each_width(|bench, app| {
        app.subscribe(DRIVER, 0);
        bench.driver.schedule(app, 1, (1, 1, 1)).unwrap();
        bench.driver.schedule(app, 0, (2, 2, 2)).unwrap();
        bench.driver.schedule(app, 1, (3, 3, 3)).unwrap();
        assert_eq!(app.yield_wait().arguments, [2, 2, 2]);
        assert_eq!(
            app.yield_for(DRIVER, 1),
            [3, 3, 3],
            "one came later, and is kept"
        );
    });
}

#[test]
fn an_upcall_without_a_function_is_kept_behind_one_that_wakes_the_process() {
    each_width(|bench, app| {
        app.subscribe(DRIVER, 0);
        assert_eq!(app.try_yield_wait(), None);
        bench.driver.schedule(app, 0, (1, 1, 1)).unwrap();
        bench.driver.schedule(app, 1, (2, 2, 2)).unwrap();
        assert_eq!(app.yield_wait().arguments, [1, 1, 1]);
        assert_eq!(app.yield_for(DRIVER, 1), [2, 2, 2]);
    });
}

#[test]
fn waiting_for_one_upcall_takes_it_out_of_order_and_leaves_the_others() {
    each_width(|bench, app| {
        for number in [0, 1] {
            app.subscribe(DRIVER, number);
        }
        for (value, number) in [0, 1, 0, 1].into_iter().enumerate() {
            bench.driver.schedule(app, number, (value, 0, 0)).unwrap();
        }
        assert_eq!(app.yield_for(DRIVER, 1)[0], 1);
        assert_eq!(app.yield_wait().arguments[0], 0);
        assert_eq!(app.yield_for(DRIVER, 1)[0], 3);
        assert_eq!(app.yield_wait().arguments[0], 2);
        assert_eq!(app.yield_no_wait(), None);
    });
}

#[test]
fn waiting_for_one_upcall_sleeps_through_the_others() {
    each_width(|bench, app| {
        for number in [0, 1] {
            app.subscribe(DRIVER, number);
        }
        assert_eq!(app.try_yield_for(DRIVER, 1), None);
        let id = UpcallId {
            driver_num: DRIVER,
            subscribe_num: 1,
        };
        assert_eq!(app.state(), State::YieldedFor(id));
        bench.driver.schedule(app, 0, (1, 1, 1)).unwrap();
        assert!(!app.process(|process| process.ready()));
        assert_eq!(app.try_yield_for(DRIVER, 1), None);
        bench.driver.schedule(app, 1, (2, 3, 4)).unwrap();
        assert_eq!(app.yield_for(DRIVER, 1), [2, 3, 4]);
        assert_eq!(app.yield_wait().arguments, [1, 1, 1]);
    });
}

#[test]
fn waiting_for_one_upcall_needs_no_function() {
    each_width(|bench, app| {
        app.command(DRIVER, 0, 0, 0);
        bench.driver.schedule(app, 2, (7, 8, 9)).unwrap();
        assert_eq!(app.yield_for(DRIVER, 2), [7, 8, 9]);
        assert_eq!(app.try_yield_for(DRIVER, 2), None);
        bench.driver.schedule(app, 2, (1, 2, 3)).unwrap();
        assert_eq!(app.yield_for(DRIVER, 2), [1, 2, 3]);
    });
}

#[test]
fn yielding_without_waiting_writes_its_byte_only_to_memory_of_the_process() {
    each_width(|bench, app| {
        app.subscribe(DRIVER, 0);
        let at = app.addresses();
        let outside = [0, at.flash_start, at.sram_app_brk, at.sram_end - 1];
        for address in outside {
            bench.driver.schedule(app, 0, (1, 2, 3)).unwrap();
            let before = app.read(at.flash_start, at.flash_end - at.flash_start);
            for _ in 0..2 {
                app.system_call([class::YIELD, 0, address, 0, 0]);
            }
            let after = app.read(at.flash_start, at.flash_end - at.flash_start);
            assert_eq!((pending(app), before), (0, after));
        }
        app.write(at.sram_app_brk - 1, &[9]);
        app.system_call([class::YIELD, 0, at.sram_app_brk - 1, 0, 0]);
        assert_eq!(app.read(at.sram_app_brk - 1, 1), [0]);
    });
}

#[test]
fn a_wide_process_sees_a_null_function_when_no_upcall_has_come_and_a_narrow_one_nothing() {
    each_width(|_, app| {
        let registers = app.try_system_call([class::YIELD, 0, 11, 12, 13]).unwrap();
        let results = if app.name() == "wide" { 1 } else { 0 };
        assert_eq!(registers.result.count(), Some(results));
        assert_eq!(registers.words, [0, 0, 11, 12, 13]);
    });
}

#[test]
fn who_looks_at_a_process_can_see_and_take_its_upcalls() {
    each_width(|bench, app| {
        let id = |subscribe_num| UpcallId {
            driver_num: DRIVER,
            subscribe_num,
        };
        let has_tasks = || app.process(|process| process.has_tasks());
        app.subscribe(DRIVER, 0);
        assert!(!has_tasks());
        for (number, value) in [(0, 1), (1, 2), (0, 3), (0, 4)] {
            bench.driver.schedule(app, number, (value, 0, 0)).unwrap();
        }
        let first = app.process(|process| process.remove_upcall(id(0)));
        assert_eq!(first.unwrap().arguments, [1, 0, 0]);
        assert_eq!(
            app.process(|process| process.remove_pending_upcalls(id(0))),
            2
        );
        assert!(has_tasks() && pending(app) == 1);
        assert_eq!(
            app.process(|process| process.remove_pending_upcalls(id(1))),
            1
        );
        assert!(!has_tasks());
        assert_eq!(app.process(|process| process.remove_upcall(id(0))), None);
    });
}

#[test]
fn a_driver_can_take_upcalls_back() {
    each_width(|bench, app| {
        for number in [0, 1] {
            app.subscribe(DRIVER, number);
        }
        for (value, number) in [0, 1, 0, 0].into_iter().enumerate() {
            bench.driver.schedule(app, number, (value, 0, 0)).unwrap();
        }
        bench.driver.enter(app, |_, kernel_data| {
            let first = kernel_data.remove_upcall(0).unwrap();
            assert_eq!(first.arguments, [0, 0, 0]);
            assert_eq!(kernel_data.remove_pending_upcalls(0), 2);
            assert_eq!(kernel_data.remove_upcall(0), None);
        });
        assert_eq!(app.yield_wait().arguments[0], 1);
        assert_eq!(app.yield_no_wait(), None);
    });
}

#[test]
fn an_upcall_that_a_waiting_process_was_given_is_not_taken_back() {
    each_width(|bench, app| {
        app.subscribe(DRIVER, 0);
        assert_eq!(app.try_yield_wait(), None);
        bench.driver.schedule(app, 0, (1, 2, 3)).unwrap();
        let removed = bench
            .driver
            .enter(app, |_, kernel_data| kernel_data.remove_pending_upcalls(0));
        assert_eq!(removed, 0);
        assert_eq!(app.yield_wait().arguments, [1, 2, 3]);
    });
}
