//! Counts, for apps: each has one of its own, and there is the sum of all.
//!
//! | command | argument | result | errors |
//! |---|---|---|---|
//! | 0 | | success: the driver is here | |
//! | 1 | number | adds it to the app's count; upcall 0 follows | `INVAL`: the sum would not fit in 32 bits; `NOMEM` |
//! | 2 | | the app's count (`u32`) | `NOMEM` |
//!
//! | upcall | arguments |
//! |---|---|
//! | 0 | the count has changed: the app's count, the sum of all counts, 0 |
//!
//! Any other command is `NOSUPPORT`. An app's count is in the app's own memory, and goes with it. The sum is the
//! driver's, and stays.

use core::cell::Cell;

use kernel::{
    ErrorCode, ProcessId,
    grant::{AllowRoCount, AllowRwCount, Grant, UpcallCount},
    process,
    syscall::{CommandReturn, SyscallDriver},
};

/// The driver's number.
pub const DRIVER_NUM: usize = 0x8000_0100;

/// The upcall that says that the count has changed.
const COUNTED: usize = 0;

/// What the driver keeps in each process: an [`App`], one upcall, no buffers.
pub type Apps = Grant<App, UpcallCount<1>, AllowRoCount<0>, AllowRwCount<0>>;

/// What the driver knows of a process.
#[derive(Default)]
pub struct App {
    count: u32,
}

/// The driver.
pub struct Tally {
    apps: Apps,
    sum: Cell<u32>,
}

impl Tally {
    /// A driver that has counted nothing.
    pub const fn new(grant: Apps) -> Self {
        Self {
            apps: grant,
            sum: Cell::new(0),
        }
    }

    fn add(&self, process_id: ProcessId, number: usize) -> Result<(), ErrorCode> {
        let number = u32::try_from(number).map_err(|_| ErrorCode::INVAL)?;
        let sum = self.sum.get().checked_add(number);
        let sum = sum.ok_or(ErrorCode::INVAL)?;
        self.apps.enter(process_id, |app, data| {
            // No count is above the sum, which has room for it.
            app.count += number;
            self.sum.set(sum);
            // An upcall that there is no room for is counted by the kernel.
            let _ = data.schedule_upcall(COUNTED, (app.count as usize, sum as usize, 0));
        })?;
        Ok(())
    }

    fn count(&self, process_id: ProcessId) -> Result<u32, ErrorCode> {
        Ok(self.apps.enter(process_id, |app, _| app.count)?)
    }
}

impl SyscallDriver for Tally {
    fn command(
        &self,
        command_num: usize,
        number: usize,
        _: usize,
        process_id: ProcessId,
    ) -> CommandReturn {
        match command_num {
            0 => CommandReturn::success(),
            1 => self.add(process_id, number).into(),
            2 => self
                .count(process_id)
                .map_or_else(CommandReturn::failure, CommandReturn::success_u32),
            _ => CommandReturn::failure(ErrorCode::NOSUPPORT),
        }
    }

    fn allocate_grant(&self, process_id: ProcessId) -> Result<(), process::Error> {
        self.apps.enter(process_id, |_, _| {})
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chip_fake as fake;

    fn machine() -> fake::Machine {
        let machine = fake::Machine::new();
        let driver = fake::leak(Tally::new(machine.grant(DRIVER_NUM)));
        machine.driver(DRIVER_NUM, driver)
    }

    fn add(app: &fake::App<'_>, number: usize) -> CommandReturn {
        app.command(DRIVER_NUM, 1, number, 0)
    }

    fn count(app: &fake::App<'_>) -> CommandReturn {
        app.command(DRIVER_NUM, 2, 0, 0)
    }

    #[test]
    fn an_app_can_ask_whether_the_driver_is_there() {
        let machine = machine();
        let app = machine.app("tester");
        assert_eq!(app.command(DRIVER_NUM, 0, 0, 0), CommandReturn::success());
    }

    #[test]
    fn adding_is_told_by_an_upcall_with_the_count_and_the_sum() {
        let machine = machine();
        let app = machine.app("tester");
        app.subscribe(DRIVER_NUM, COUNTED);
        for (number, count) in [(2, 2), (0, 2), (40, 42)] {
            assert_eq!(add(&app, number), CommandReturn::success());
            let upcall = app.yield_wait();
            assert_eq!((upcall.driver, upcall.number), (DRIVER_NUM, COUNTED));
            assert_eq!(upcall.arguments, [count, count, 0]);
        }
    }

    #[test]
    fn the_count_is_nothing_at_first_and_then_what_was_added() {
        let machine = machine();
        let app = machine.app("tester");
        for sum in [0, 7, 14] {
            assert_eq!(count(&app), CommandReturn::success_u32(sum));
            assert_eq!(add(&app, 7), CommandReturn::success());
        }
    }

    #[test]
    fn a_number_that_the_sum_has_no_room_for_changes_nothing() {
        let machine = machine();
        let app = machine.app("tester");
        assert_eq!(add(&app, 1), CommandReturn::success());
        assert_eq!(app.told(DRIVER_NUM, COUNTED), Some([1, 1, 0]));
        for number in [u32::MAX as usize, 1 << 32, usize::MAX] {
            assert_eq!(add(&app, number), CommandReturn::failure(ErrorCode::INVAL));
        }
        assert_eq!(app.told(DRIVER_NUM, COUNTED), None);
        let most = u32::MAX as usize;
        assert_eq!(add(&app, most - 1), CommandReturn::success());
        assert_eq!(app.told(DRIVER_NUM, COUNTED), Some([most, most, 0]));
    }

    #[test]
    fn a_command_that_does_not_exist_is_not_supported() {
        let machine = machine();
        let app = machine.app("tester");
        for command in [3, usize::MAX] {
            let answer = app.command(DRIVER_NUM, command, 0, 0);
            assert_eq!(answer, CommandReturn::failure(ErrorCode::NOSUPPORT));
        }
    }

    #[test]
    fn two_apps_have_counts_of_their_own_and_one_sum() {
        let machine = machine();
        let apps = ["a", "b"].map(|name| machine.app(name));
        assert_eq!(add(&apps[0], 1), CommandReturn::success());
        assert_eq!(add(&apps[1], 2), CommandReturn::success());
        assert_eq!(apps[0].told(DRIVER_NUM, COUNTED), Some([1, 1, 0]));
        assert_eq!(apps[1].told(DRIVER_NUM, COUNTED), Some([2, 3, 0]));
    }

    #[test]
    fn an_app_that_dies_takes_its_count_with_it_and_leaves_the_sum() {
        let machine = machine();
        let apps = ["a", "b"].map(|name| machine.app(name));
        assert_eq!(add(&apps[0], 1), CommandReturn::success());
        apps[0].fault();
        assert_eq!(add(&apps[1], 2), CommandReturn::success());
        assert_eq!(apps[1].told(DRIVER_NUM, COUNTED), Some([2, 3, 0]));
        apps[1].exit_and_restart(0);
        assert_eq!(add(&apps[1], 4), CommandReturn::success());
        assert_eq!(apps[1].told(DRIVER_NUM, COUNTED), Some([4, 7, 0]));
    }

    #[test]
    fn an_app_without_room_for_its_count_is_told_so() {
        let machine = machine().with_hungry_drivers();
        let app = machine.app("full");
        app.use_all_memory();
        assert_eq!(add(&app, 1), CommandReturn::failure(ErrorCode::NOMEM));
        assert_eq!(count(&app), CommandReturn::failure(ErrorCode::NOMEM));
    }
}
