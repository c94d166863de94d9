//! The app of a test makes real system calls, and its test hears of each surprise.

use chip_fake as fake;
use kernel::{
    ErrorCode, ProcessId,
    grant::{AllowRoCount, AllowRwCount, Grant, UpcallCount},
    process::{self, State},
    processbuffer::{ReadableProcessBuffer, WriteableProcessBuffer},
    syscall::{CommandReturn, SyscallDriver},
};

const NUMBER: usize = 0x99999;

type Apps = Grant<u32, UpcallCount<2>, AllowRoCount<1>, AllowRwCount<1>>;

/// Command 1 counts, 2 copies the read-only buffer to the other one, 3 schedules upcall `r2` with `r3`.
struct Driver(Apps);

impl SyscallDriver for Driver {
    fn command(&self, number: usize, r2: usize, r3: usize, id: ProcessId) -> CommandReturn {
        let result = self.0.enter(id, |count, kernel_data| match number {
            1 => {
                **count += r2 as u32;
                CommandReturn::success_u32_u64(**count, u64::MAX - r3 as u64)
            }
            2 => {
                let source = kernel_data.get_readonly_processbuffer(0).unwrap();
                let destination = kernel_data.get_readwrite_processbuffer(0).unwrap();
                let copied = source.enter(|source| {
                    destination.mut_enter(|destination| destination.copy_from(source))
                });
                CommandReturn::success_u32(copied.unwrap().unwrap() as u32)
            }
            3 => {
                let scheduled = kernel_data.schedule_upcall(r2, (r3, 2, 3));
                scheduled.map_err(|_| ErrorCode::FAIL).into()
            }
            _ => CommandReturn::failure(ErrorCode::NOSUPPORT),
        });
        result.unwrap_or_else(CommandReturn::from)
    }

    fn allocate_grant(&self, id: ProcessId) -> Result<(), process::Error> {
        self.0.enter(id, |_, _| ())
    }
}

fn machine() -> fake::Machine {
    let machine = fake::Machine::new();
    let driver = fake::leak(Driver(machine.grant(NUMBER)));
    machine.driver(NUMBER, driver)
}

/// An app of either width.
fn each_width(test: impl Fn(&fake::App)) {
    let machine = machine();
    test(&machine.app("wide"));
    let image = fake::image_of_32_bits("narrow");
    test(&machine.load(&image).unwrap());
}

#[test]
fn a_command_reaches_the_driver_of_its_number_and_no_other() {
    each_width(|app| {
        let answer = app.command(NUMBER, 1, 20, 3);
        assert_eq!(answer, CommandReturn::success_u32_u64(20, u64::MAX - 3));
        let answer = app.command(NUMBER, 1, 1, 0);
        assert_eq!(answer.get_success_u32_u64(), Some((21, u64::MAX)));
        let answer = app.command(NUMBER + 1, 1, 0, 0);
        assert_eq!(answer, CommandReturn::failure(ErrorCode::NODEVICE));
    });
}

#[test]
fn buffers_are_in_the_apps_own_memory() {
    each_width(|app| {
        let source = app.allow_ro(NUMBER, 0, b"hello");
        app.allow_rw(NUMBER, 0, b"___________");
        assert_eq!(app.command(NUMBER, 2, 0, 0), CommandReturn::success_u32(5));
        assert_eq!(app.buffer(NUMBER, 0), b"hello______");
        app.write(source, b"J");
        app.command(NUMBER, 2, 0, 0);
        assert_eq!(app.buffer(NUMBER, 0), b"Jello______");
        assert_eq!(app.share_ro(NUMBER, 0, 0, 0), Ok((source, 5)));
    });
}

#[test]
fn more_than_a_page_is_placed_after_the_break_has_moved() {
    let machine = machine();
    let image = fake::image("large").minimum_ram(4 * 4096);
    let app = machine.load(&image).unwrap();
    app.allow_rw(NUMBER, 0, &[7; 10_000]);
    assert_eq!(app.buffer(NUMBER, 0), [7; 10_000]);
}

#[test]
fn an_upcall_says_who_sent_it() {
    each_width(|app| {
        app.subscribe(NUMBER, 1);
        assert_eq!(app.yield_no_wait(), None);
        assert_eq!(app.try_yield_wait(), None);
        assert_eq!(app.state(), State::Yielded);
        app.restart();
        app.subscribe(NUMBER, 1);
        app.command(NUMBER, 3, 1, 9);
        let upcall = fake::Upcall {
            driver: NUMBER,
            number: 1,
            arguments: [9, 2, 3],
        };
        assert_eq!(app.yield_wait(), upcall);
        app.command(NUMBER, 3, 1, 9);
        assert_eq!(app.yield_no_wait(), Some(upcall));
        app.command(NUMBER, 3, 0, 8);
        assert_eq!(app.yield_for(NUMBER, 0), [8, 2, 3]);
        app.unsubscribe(NUMBER, 1);
    });
}

#[test]
#[should_panic = "tester waits (Yielded), and nothing that would wake it is under way"]
fn waiting_in_vain_is_said_aloud() {
    machine().app("tester").yield_wait();
}

#[test]
#[should_panic = "tester can't make a system call"]
fn a_stopped_app_makes_no_call() {
    let machine = machine();
    let app = machine.app("tester");
    app.stop();
    app.command(NUMBER, 1, 0, 0);
}

#[test]
#[should_panic = "tester writes 1 bytes at 0x501000: not its own"]
fn writing_beyond_what_is_accessible_is_a_fault() {
    let machine = machine();
    let app = machine.app("tester");
    app.write(app.addresses().sram_app_brk, &[0]);
}

#[test]
#[should_panic = "tester has been removed"]
fn an_app_that_was_removed_is_no_more() {
    let machine = machine();
    let app = machine.app("tester");
    app.remove().unwrap();
    app.state();
}
