//! Commands, filters, and calls that do not exist.

use std::{
    cell::{Cell, RefCell},
    future::poll_fn,
    task::{Poll, Waker},
};

use chip_fake as fake;
use kernel::{
    ErrorCode,
    platform::SyscallFilter,
    process::{Process, State},
    scheduler::StoppedExecutingReason,
    syscall::{CommandReturn, Syscall, class},
};

use crate::bench::{Bench, DRIVER, NOBODY, each_width};

#[test]
fn a_command_brings_its_arguments_and_the_name_of_its_process() {
    each_width(|bench, app| {
        let id = app.process_id();
        bench.driver.next_command(move |arguments, process_id| {
            assert_eq!((arguments, process_id), ([5, 6, usize::MAX >> 32], id));
            CommandReturn::success()
        });
        let answer = app.command(DRIVER, 5, 6, usize::MAX >> 32);
        assert_eq!(answer, CommandReturn::success());
    });
}

#[test]
fn an_answer_of_each_shape_arrives_whole() {
    const WIDE: u64 = 0x0123_4567_89ab_cdef;
    let answers = [
        CommandReturn::failure(ErrorCode::NOACK),
        CommandReturn::failure_u32(ErrorCode::FAIL, u32::MAX),
        CommandReturn::failure_u32_u32(ErrorCode::BUSY, 1, u32::MAX),
        CommandReturn::failure_u64(ErrorCode::SIZE, WIDE),
        CommandReturn::success(),
        CommandReturn::success_u32(u32::MAX),
        CommandReturn::success_u32_u32(u32::MAX, 7),
        CommandReturn::success_u64(WIDE),
        CommandReturn::success_u32_u32_u32(1, u32::MAX, 3),
        CommandReturn::success_u32_u64(9, WIDE),
    ];
    each_width(|bench, app| {
        for answer in answers {
            bench.driver.next_command(move |_, _| answer);
            assert_eq!(app.command(DRIVER, 1, 2, 3), answer);
        }
    });
}

#[test]
fn words_that_are_no_result_keep_what_the_process_left_there() {
    each_width(|bench, app| {
        let words = app.system_call([class::COMMAND, DRIVER, 11, 12, 13]);
        assert_eq!(words, [128, DRIVER, 11, 12, 13]);
        bench
            .driver
            .next_command(|_, _| CommandReturn::success_u32(1));
        let words = app.system_call([class::COMMAND, DRIVER, 11, 12, 13]);
        assert_eq!(words, [129, 1, 11, 12, 13]);
    });
}

#[test]
fn a_command_to_nobody_is_nodevice() {
    each_width(|_, app| {
        let answer = app.command(NOBODY, 1, 2, 3);
        assert_eq!(answer, CommandReturn::failure(ErrorCode::NODEVICE));
    });
}

#[test]
fn a_process_goes_on_at_once_unless_the_kernel_has_work() {
    let bench = Bench::new();
    let polls = &*fake::leak(Cell::new(0));
    let waker = &*fake::leak(RefCell::new(None::<Waker>));
    bench.machine.task(
        "counts",
        poll_fn(|context| {
            polls.set(polls.get() + 1);
            waker.replace(Some(context.waker().clone()));
            Poll::<()>::Pending
        }),
    );
    let app = bench.machine.app("caller");
    bench.machine.run();
    app.subscribe(DRIVER, 0);
    let calls = [
        [class::YIELD, 0, 0, 0, 0],
        [class::YIELD, 1, 0, 0, 0],
        [class::YIELD, 2, DRIVER, 0, 0],
        [class::SUBSCRIBE, DRIVER, 1, 0, 0],
        [class::COMMAND, DRIVER, 1, 0, 0],
        [class::READ_WRITE_ALLOW, DRIVER, 0, 0, 0],
        [class::READ_ONLY_ALLOW, DRIVER, 0, 0, 0],
        [class::USERSPACE_READABLE_ALLOW, DRIVER, 0, 0, 0],
        [class::MEMOP, 2, 0, 0, 0],
        [class::EXIT, 2, 0, 0, 0],
    ];
    let went_on = |call| {
        bench.driver.schedule(&app, 0, (1, 2, 3)).unwrap();
        app.system_call(call);
        bench
            .driver
            .enter(&app, |_, kernel_data| kernel_data.remove_pending_upcalls(0));
        let preempted = Some(StoppedExecutingReason::KernelPreemption);
        assert_eq!(bench.machine.last_stop(), preempted);
        bench.machine.went_on()
    };
    for call in calls {
        assert!(went_on(call), "{call:?}");
    }
    waker.borrow().as_ref().unwrap().wake_by_ref();
    for call in calls {
        assert!(!went_on(call), "{call:?}");
    }
    assert_eq!(polls.get(), 1, "the task has not had its turn");
    bench.machine.run();
    assert_eq!(polls.get(), 2);
}

#[test]
fn a_process_that_its_driver_stops_does_not_go_on() {
    each_width(|bench, app| {
        let table = bench.machine.processes();
        bench.driver.next_command(move |_, id| {
            table.with_slot(id.slot(), |process| process.stop());
            CommandReturn::success()
        });
        assert_eq!(app.try_system_call([class::COMMAND, DRIVER, 1, 0, 0]), None);
        assert!(!bench.machine.went_on());
    });
}

/// Refuses everything, and counts what it was asked.
struct Closed(Cell<Vec<Syscall>>);

impl SyscallFilter for Closed {
    fn filter_syscall(&self, _: &dyn Process, syscall: &Syscall) -> Result<(), ErrorCode> {
        let mut calls = self.0.take();
        calls.push(*syscall);
        self.0.set(calls);
        Err(ErrorCode::RESERVE)
    }
}

#[test]
fn a_filter_refuses_each_call_to_a_driver_with_nothing_but_its_error() {
    let filter = &*fake::leak(Closed(Cell::default()));
    let bench = Bench::on(fake::Machine::new().filter(filter));
    for image in [fake::image("wide"), fake::image_of_32_bits("narrow")] {
        let app = bench.machine.load(&image).unwrap();
        let (driver_number, subdriver_number) = (DRIVER, 7);
        let (allow_address, allow_size) = (8, 9);
        let calls = [
            (
                class::SUBSCRIBE,
                Syscall::Subscribe {
                    driver_number,
                    subdriver_number,
                    upcall_ptr: 8,
                    appdata: 9,
                },
            ),
            (
                class::COMMAND,
                Syscall::Command {
                    driver_number,
                    subdriver_number,
                    arg0: 8,
                    arg1: 9,
                },
            ),
            (
                class::READ_WRITE_ALLOW,
                Syscall::ReadWriteAllow {
                    driver_number,
                    subdriver_number,
                    allow_address,
                    allow_size,
                },
            ),
            (
                class::READ_ONLY_ALLOW,
                Syscall::ReadOnlyAllow {
                    driver_number,
                    subdriver_number,
                    allow_address,
                    allow_size,
                },
            ),
            (
                class::USERSPACE_READABLE_ALLOW,
                Syscall::UserspaceReadableAllow {
                    driver_number,
                    subdriver_number,
                    allow_address,
                    allow_size,
                },
            ),
        ];
        for (class, call) in calls {
            let words = app.system_call([class, DRIVER, 7, 8, 9]);
            let reserve = ErrorCode::RESERVE as usize;
            assert_eq!(words, [0, reserve, 7, 8, 9], "class {class}");
            assert_eq!(filter.0.take(), [call]);
            assert_eq!(call.driver_number(), Some(DRIVER));
            assert_eq!(call.subdriver_number(), Some(7));
        }
    }
}

#[test]
fn yields_memory_operations_and_exits_are_not_filtered() {
    let filter = fake::leak(Closed(Cell::default()));
    let bench = Bench::on(fake::Machine::new().filter(filter));
    let app = bench.machine.app("tester");
    assert_eq!(app.yield_no_wait(), None);
    assert!(app.memop(2, 0).is_ok());
    app.exit(3);
    assert!(filter.0.take().is_empty());
}

#[test]
fn a_class_that_does_not_exist_is_a_fault() {
    each_width(|bench, app| {
        assert_eq!(app.try_system_call([8, 0, 0, 0, 0]), None);
        assert_eq!(app.state(), State::Faulted);
        let log = bench.machine.log();
        assert!(
            log[0].ends_with("faulted: there is no system call class 8"),
            "{log:?}"
        );
    });
}

#[test]
fn a_yield_that_does_not_exist_is_a_fault() {
    each_width(|bench, app| {
        assert_eq!(app.try_system_call([class::YIELD, 3, 0, 0, 0]), None);
        assert_eq!(app.state(), State::Faulted);
        let log = bench.machine.log();
        assert!(log[0].ends_with("faulted: there is no yield 3"), "{log:?}");
    });
}

#[test]
fn each_system_call_is_counted() {
    let bench = Bench::new();
    let app = bench.machine.app("tester");
    app.command(DRIVER, 1, 0, 0);
    app.memop(99, 0).unwrap_err();
    assert_eq!(app.process(|process| process.debug_syscall_count()), 2);
}

/// Concerns nobody, so nobody's calls are its business.
struct Unconcerned;

impl SyscallFilter for Unconcerned {
    fn concerns(&self, _: &dyn Process) -> bool {
        false
    }

    fn filter_syscall(&self, _: &dyn Process, syscall: &Syscall) -> Result<(), ErrorCode> {
        panic!("it is asked about {syscall:?}");
    }
}

#[test]
fn a_filter_is_not_asked_about_a_process_that_it_does_not_concern() {
    let bench = Bench::on(fake::Machine::new().filter(&Unconcerned));
    let app = bench.machine.load(&fake::image("app")).unwrap();
    for class in [
        class::SUBSCRIBE,
        class::COMMAND,
        class::READ_WRITE_ALLOW,
        class::READ_ONLY_ALLOW,
        class::USERSPACE_READABLE_ALLOW,
    ] {
        assert!(app.try_system_call([class, DRIVER, 0, 0, 0]).is_some());
    }
}
