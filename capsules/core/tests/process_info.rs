//! Process information, as an app sees it.

use capsules_core::process_info::{DRIVER_NUM, ProcessInfo};
use chip_fake::{self as fake, App, leak};
use kernel::{
    ErrorCode,
    capabilities::{ProcessManagementCapability, ProcessStartCapability},
    create_capability,
    process::State,
    syscall::CommandReturn,
};

const COUNT: usize = 1;
const IDS: usize = 2;
const APPS: usize = 3;
const NAME: usize = 4;
const COUNTERS: usize = 5;
const CHANGE: usize = 6;
const BUFFER: usize = 0;

fn machine() -> fake::Machine {
    let machine = fake::Machine::new();
    let right = create_capability!(ProcessManagementCapability, ProcessStartCapability);
    let grant = machine.grant(DRIVER_NUM);
    let driver = leak(ProcessInfo::new(machine.processes(), grant, right));
    machine.driver(DRIVER_NUM, driver)
}

/// An app that may call the driver.
#[track_caller]
fn permitted<'a>(machine: &'a fake::Machine, name: &str) -> App<'a> {
    let image = fake::image(name).permissions(&[(DRIVER_NUM as u32, 0, u64::MAX)]);
    machine.load(&image).unwrap()
}

/// Gives a command with a buffer of dots, and returns what it answers and what is in the buffer then.
fn ask(
    app: &App<'_>,
    command: usize,
    process: usize,
    len_bytes: usize,
) -> (CommandReturn, Vec<u8>) {
    app.allow_rw(DRIVER_NUM, BUFFER, &vec![b'.'; len_bytes]);
    let answer = app.command(DRIVER_NUM, command, process, 0);
    (answer, app.buffer(DRIVER_NUM, BUFFER))
}

fn number(app: &App<'_>) -> usize {
    app.process_id().id()
}

fn words(bytes: &[u8]) -> Vec<u32> {
    let words = bytes.chunks_exact(4);
    words
        .map(|word| u32::from_le_bytes(word.try_into().unwrap()))
        .collect()
}

#[test]
fn an_app_can_ask_whether_the_driver_is_there() {
    let machine = machine();
    let app = permitted(&machine, "tester");
    assert_eq!(app.command(DRIVER_NUM, 0, 0, 0), CommandReturn::success());
    for command in [7, usize::MAX] {
        let answer = app.command(DRIVER_NUM, command, number(&app), 1);
        assert_eq!(answer, CommandReturn::failure(ErrorCode::NOSUPPORT));
    }
}

#[test]
fn every_process_is_counted_and_listed() {
    let machine = machine();
    let app = permitted(&machine, "tester");
    let image = fake::image("numbered").short_id(77);
    let numbered = machine.load(&image).unwrap();
    let count = CommandReturn::success_u32(2);
    assert_eq!(app.command(DRIVER_NUM, COUNT, 0, 0), count);
    let (answer, ids) = ask(&app, IDS, 0, 8);
    assert_eq!(answer, count);
    assert_eq!(words(&ids), [number(&app) as u32, number(&numbered) as u32]);
    let (answer, apps) = ask(&app, APPS, 0, 8);
    assert_eq!((answer, words(&apps)), (count, vec![0, 77]));
}

#[test]
fn a_process_is_found_by_its_listed_number_after_billions_of_runs() {
    let machine = machine();
    machine.processes().skip_runs(1 << 32);
    let app = permitted(&machine, "tester");
    let (_, ids) = ask(&app, IDS, 0, 4);
    let (_, name) = ask(&app, NAME, words(&ids)[0] as usize, 6);
    assert_eq!(name, b"tester");
}

#[test]
fn a_list_is_cut_after_the_last_whole_word_that_fits() {
    let machine = machine();
    let (app, other) = (permitted(&machine, "tester"), permitted(&machine, "other"));
    let all = [number(&app) as u32, number(&other) as u32];
    for (len_bytes, whole) in [(0, 0), (3, 0), (7, 1), (12, 2)] {
        let (answer, ids) = ask(&app, IDS, 0, len_bytes);
        assert_eq!(answer, CommandReturn::success_u32(2));
        let (ids, rest) = ids.split_at(whole * 4);
        assert_eq!(words(ids), all[..whole]);
        assert!(rest.iter().all(|byte| *byte == b'.'));
    }
}

#[test]
fn a_process_is_told_by_its_name() {
    let machine = machine();
    let (app, other) = (permitted(&machine, "tester"), permitted(&machine, "other"));
    for (len_bytes, name) in [(8, "other..."), (3, "oth"), (0, "")] {
        let (answer, buffer) = ask(&app, NAME, number(&other), len_bytes);
        assert_eq!(answer, CommandReturn::success_u32(5), "the whole length");
        assert_eq!(buffer, name.as_bytes());
    }
}

#[test]
fn counters_and_state_are_those_of_the_process() {
    let machine = machine();
    let (app, other) = (permitted(&machine, "tester"), permitted(&machine, "other"));
    other.exit_and_restart(0);
    other.command(DRIVER_NUM, 0, 0, 0);
    let counters = || {
        let (answer, buffer) = ask(&app, COUNTERS, number(&other), 16);
        assert_eq!(answer, CommandReturn::success());
        words(&buffer)
    };
    let calls = other.process(|process| process.debug_syscall_count()) as u32;
    assert_eq!(counters(), [0, calls, 1, 0]);
    other.stop();
    assert_eq!(counters()[3], 3);
    other.resume();
    assert_eq!(other.try_yield_for(DRIVER_NUM, 0), None);
    assert_eq!(counters()[3], 2);
    other.restart();
    assert_eq!(other.try_yield_wait(), None);
    assert_eq!(counters()[3], 1);
    other.restart();
    other.fault();
    assert_eq!(counters()[3], 4);
    other.start();
    other.exit(0);
    assert_eq!(counters()[3], 5);
}

#[test]
fn a_process_changes_its_state_as_it_is_told() {
    let machine = machine();
    let (app, other) = (permitted(&machine, "tester"), permitted(&machine, "other"));
    let change = |change| {
        let answer = app.command(DRIVER_NUM, CHANGE, number(&other), change);
        assert_eq!(answer, CommandReturn::success());
        other.state()
    };
    assert!(matches!(change(2), State::Stopped(_)));
    assert_eq!(change(1), State::Running);
    assert_eq!(change(3), State::Faulted);
    assert_eq!(change(5), State::Faulted, "it has not ended");
    other.start();
    assert_eq!(change(4), State::Terminated);
    let before = number(&other);
    assert_eq!(change(5), State::Running);
    assert_ne!(number(&other), before);
}

#[test]
fn a_process_that_is_not_there_and_a_change_that_there_is_not_are_invalid() {
    let machine = machine();
    let app = permitted(&machine, "tester");
    let gone = permitted(&machine, "gone");
    let gone_number = number(&gone);
    gone.remove().unwrap();
    let invalid = CommandReturn::failure(ErrorCode::INVAL);
    for number in [gone_number, usize::MAX] {
        for command in [NAME, COUNTERS] {
            assert_eq!(
                ask(&app, command, number, 8),
                (invalid, b"........".to_vec())
            );
        }
        assert_eq!(app.command(DRIVER_NUM, CHANGE, number, 1), invalid);
    }
    for change in [0, 6] {
        let answer = app.command(DRIVER_NUM, CHANGE, number(&app), change);
        assert_eq!(answer, invalid);
    }
}

#[test]
fn an_app_may_stop_itself() {
    let machine = machine();
    let app = permitted(&machine, "tester");
    let words = [2, DRIVER_NUM, CHANGE, number(&app), 2];
    assert_eq!(app.try_system_call(words), None);
    assert!(matches!(app.state(), State::Stopped(_)));
    app.resume();
    assert_eq!(
        app.command(DRIVER_NUM, COUNT, 0, 0),
        CommandReturn::success_u32(1)
    );
}

#[test]
fn an_app_whose_header_does_not_name_the_driver_may_do_nothing() {
    let machine = machine();
    let (app, other) = (machine.app("tester"), machine.app("other"));
    let refused = CommandReturn::failure(ErrorCode::NODEVICE);
    assert_eq!(ask(&app, COUNT, 0, 8), (refused, vec![b'.'; 8]));
    for command in 0..8 {
        assert_eq!(app.command(DRIVER_NUM, command, number(&other), 4), refused);
    }
    assert_eq!(other.state(), State::Running);
}

#[test]
fn an_app_may_end_itself_in_any_way() {
    for (change, state) in [(3, State::Faulted), (4, State::Terminated)] {
        let machine = machine();
        let (app, other) = (permitted(&machine, "tester"), permitted(&machine, "other"));
        let words = [2, DRIVER_NUM, CHANGE, number(&app), change];
        assert_eq!(app.try_system_call(words), None);
        assert_eq!(app.state(), state);
        let count = CommandReturn::success_u32(2);
        assert_eq!(other.command(DRIVER_NUM, COUNT, 0, 0), count);
    }
}

#[test]
fn without_a_buffer_the_answer_is_all_there_is() {
    let machine = machine();
    let app = permitted(&machine, "tester");
    let ask = |command| app.command(DRIVER_NUM, command, number(&app), 0);
    for _ in 0..2 {
        assert_eq!(ask(IDS), CommandReturn::success_u32(1));
        assert_eq!(ask(NAME), CommandReturn::success_u32(6));
        assert_eq!(ask(COUNTERS), CommandReturn::success());
        app.allow_rw(DRIVER_NUM, BUFFER, b"....");
        app.share_rw(DRIVER_NUM, BUFFER, 0, 0).unwrap();
    }
}

#[test]
fn an_app_without_room_for_what_is_kept_of_it_is_told_so() {
    let machine = machine().with_hungry_drivers();
    let drivers = fake::HUNGRY_DRIVERS.chain([DRIVER_NUM]);
    let permissions = drivers.map(|driver| (driver as u32, 0, u64::MAX));
    let permissions: Vec<_> = permissions.collect();
    let app = machine.load(&fake::image("full").permissions(&permissions));
    let app = app.unwrap();
    app.use_all_memory();
    for command in [IDS, APPS, NAME, COUNTERS] {
        let answer = app.command(DRIVER_NUM, command, number(&app), 0);
        assert_eq!(answer, CommandReturn::failure(ErrorCode::NOMEM));
    }
    let count = CommandReturn::success_u32(1);
    assert_eq!(app.command(DRIVER_NUM, COUNT, 0, 0), count);
}
