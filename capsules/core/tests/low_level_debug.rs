//! Low-level debug, as apps and a reader of the log see it.

use capsules_core::low_level_debug::{DRIVER_NUM, LowLevelDebug};
use chip_fake as fake;
use kernel::{ErrorCode, syscall::CommandReturn};

#[test]
fn each_command_is_a_line_of_the_log_that_names_the_process() {
    let machine = fake::Machine::new().driver(DRIVER_NUM, &LowLevelDebug);
    let (first, second) = (machine.app("first"), machine.app("second"));
    let (one, two) = (first.process_id(), second.process_id());
    assert_ne!(one, two);
    for (app, command) in [(&first, 1), (&second, 2), (&first, 3)] {
        let answer = app.command(DRIVER_NUM, command, 0x2a, 7);
        assert_eq!(answer, CommandReturn::success());
    }
    assert_eq!(
        machine.log(),
        [
            format!("app {one:?}: alert code 0x2a"),
            format!("app {two:?}: 0x2a"),
            format!("app {one:?}: 0x2a 0x7"),
        ]
    );
}

#[test]
fn an_app_can_ask_whether_it_is_there_without_a_line() {
    let machine = fake::Machine::new().driver(DRIVER_NUM, &LowLevelDebug);
    let app = machine.app("tester");
    assert_eq!(app.command(DRIVER_NUM, 0, 0, 0), CommandReturn::success());
    for command in [4, usize::MAX] {
        let answer = app.command(DRIVER_NUM, command, 1, 0);
        assert_eq!(answer, CommandReturn::failure(ErrorCode::NOSUPPORT));
    }
    assert!(machine.log().is_empty());
}

#[test]
fn it_takes_no_memory_of_the_app() {
    let machine = fake::Machine::new().driver(DRIVER_NUM, &LowLevelDebug);
    let app = machine.app("tester");
    app.command(DRIVER_NUM, 2, 1, 0);
    assert_eq!(
        app.process(|process| process.grant_allocated_count()),
        Some(0)
    );
    assert!(app.try_subscribe(DRIVER_NUM, 0).is_err());
}
