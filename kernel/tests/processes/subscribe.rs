//! Subscribing: which functions a process may name, and what becomes of upcalls under way.

use chip_fake as fake;
use kernel::{ErrorCode, ProcessId, grant::*, process, syscall::SyscallDriver};

use crate::bench::{DRIVER, NOBODY, POOR_DRIVER, UPCALLS, each_width};

#[test]
fn the_first_upcall_is_null_and_each_returns_the_one_before() {
    each_width(|_, app| {
        let function = app.addresses().flash_non_protected_start;
        assert_eq!(app.subscribe_raw(DRIVER, 1, function, 7), Ok((0, 0)));
        assert_eq!(
            app.subscribe_raw(DRIVER, 1, function + 8, 8),
            Ok((function, 7))
        );
        assert_eq!(app.subscribe_raw(DRIVER, 1, 0, 9), Ok((function + 8, 8)));
        assert_eq!(app.subscribe_raw(DRIVER, 1, 0, 0), Ok((0, 9)));
        assert_eq!(
            app.subscribe_raw(DRIVER, 0, 0, 0),
            Ok((0, 0)),
            "another number"
        );
    });
}

#[test]
fn a_number_beyond_the_drivers_is_not_supported() {
    each_width(|_, app| {
        for number in [usize::from(UPCALLS), 255, 256, usize::MAX >> 32] {
            let result = app.subscribe_raw(DRIVER, number, 0, 5);
            assert_eq!(result, Err(ErrorCode::NOSUPPORT));
        }
    });
}

#[test]
fn a_function_is_wholly_in_the_binary_or_in_memory_below_the_break() {
    each_width(|_, app| {
        let is_wide = app.name() == "wide";
        let width = if is_wide { 8 } else { 4 };
        let at = app.addresses();
        let may = [
            at.flash_non_protected_start,
            at.flash_end - width,
            at.sram_start,
            at.sram_app_brk - width,
        ];
        for function in may {
            assert!(
                app.subscribe_raw(DRIVER, 0, function, 0).is_ok(),
                "{function:#x}"
            );
        }
        let may_not = [
            1,
            at.flash_start,
            at.flash_non_protected_start - 1,
            at.flash_end - width + 1,
            at.sram_start - 1,
            at.sram_app_brk - width + 1,
            at.sram_grant_start,
            at.sram_end - width,
            if is_wide {
                usize::MAX
            } else {
                u32::MAX as usize
            },
        ];
        for function in may_not {
            let result = app.subscribe_raw(DRIVER, 0, function, 0);
            assert_eq!(result, Err(ErrorCode::INVAL), "{function:#x}");
        }
    });
}

#[test]
fn a_wrong_function_is_told_before_a_wrong_driver() {
    each_width(|_, app| {
        assert_eq!(app.subscribe_raw(NOBODY, 0, 1, 2), Err(ErrorCode::INVAL));
        assert_eq!(app.subscribe_raw(NOBODY, 0, 0, 2), Err(ErrorCode::NODEVICE));
    });
}

#[test]
fn the_first_subscribe_makes_the_grant() {
    each_width(|_, app| {
        let before = app.addresses().sram_grant_start;
        app.subscribe(DRIVER, 0);
        let after = app.addresses().sram_grant_start;
        assert!(after < before);
        app.subscribe(DRIVER, 1);
        assert_eq!(app.addresses().sram_grant_start, after);
        assert_eq!(
            app.process(|process| process.grant_allocated_count()),
            Some(1)
        );
    });
}

#[test]
fn a_driver_without_a_grant_has_no_room_for_upcalls() {
    each_width(|_, app| {
        assert_eq!(
            app.subscribe_raw(POOR_DRIVER, 0, 0, 0),
            Err(ErrorCode::NOMEM)
        );
    });
}

/// Has a grant, and does not make it when it should.
struct Lazy(
    Grant<u8, UpcallCount<1>, AllowRoCount<0>, AllowRwCount<0>>,
    process::Error,
);

impl SyscallDriver for Lazy {
    fn allocate_grant(&self, _: ProcessId) -> Result<(), process::Error> {
        Err(self.1)
    }
}

#[test]
fn a_grant_that_is_not_made_is_no_memory_whatever_the_driver_says() {
    for error in [process::Error::OutOfMemory, process::Error::AlreadyInUse] {
        let machine = fake::Machine::new();
        let driver = fake::leak(Lazy(machine.grant(1), error));
        let machine = machine.driver(1, driver);
        let app = machine.app("tester");
        assert_eq!(app.try_subscribe(1, 0), Err(ErrorCode::NOMEM));
        let _ = &driver.0;
    }
}

#[test]
fn subscribing_drops_the_calls_of_the_function_before() {
    each_width(|bench, app| {
        app.subscribe(DRIVER, 0);
        app.subscribe(DRIVER, 1);
        bench.driver.schedule(app, 0, (1, 1, 1)).unwrap();
        bench.driver.schedule(app, 1, (2, 2, 2)).unwrap();
        bench.driver.schedule(app, 0, (3, 3, 3)).unwrap();
        app.subscribe(DRIVER, 0);
        assert_eq!(app.yield_wait().arguments, [2, 2, 2]);
        assert_eq!(app.yield_no_wait(), None);
    });
}

#[test]
fn subscribing_keeps_what_came_without_a_function() {
    each_width(|bench, app| {
        app.command(DRIVER, 0, 0, 0);
        bench.driver.schedule(app, 0, (1, 2, 3)).unwrap();
        app.subscribe(DRIVER, 0);
        assert_eq!(app.yield_for(DRIVER, 0), [1, 2, 3]);
    });
}

#[test]
fn a_subscribe_that_fails_changes_nothing() {
    each_width(|bench, app| {
        app.subscribe(DRIVER, 0);
        bench.driver.schedule(app, 0, (1, 2, 3)).unwrap();
        assert_eq!(app.subscribe_raw(DRIVER, 0, 1, 0), Err(ErrorCode::INVAL));
        assert_eq!(app.yield_wait().arguments, [1, 2, 3]);
        bench.driver.schedule(app, 0, (4, 5, 6)).unwrap();
        assert_eq!(app.yield_wait().arguments, [4, 5, 6]);
    });
}
