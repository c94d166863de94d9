//! Fault policies, the permission filter and the policies of stored state, as apps and drivers meet them.

use capsules_system::{
    fault_policy::{
        PanicFaultPolicy, RestartFaultPolicy, StopFaultPolicy, ThresholdRestartFaultPolicy,
    },
    permission_filter::TbfHeaderFilterDefaultAllow,
    storage_permissions::{IndividualStoragePermissions, TbfHeaderStoragePermissions},
};
use chip_fake as fake;
use kernel::{
    ErrorCode, ProcessId,
    capabilities::ApplicationStorageCapability,
    create_capability,
    grant::{AllowRoCount, AllowRwCount, Grant, UpcallCount},
    process::{self, ProcessFaultPolicy, State, StoragePermissionsPolicy},
    syscall::{CommandReturn, SyscallDriver},
};

fn machine_with(policy: &'static dyn ProcessFaultPolicy) -> fake::Machine {
    let machine = fake::Machine::new();
    machine.processes().set_fault_policy(policy);
    machine
}

#[test]
fn a_process_that_is_stopped_for_a_fault_stays_so_and_the_log_says_it() {
    let machine = machine_with(&StopFaultPolicy);
    let app = machine.app("tester");
    app.fault();
    assert_eq!(app.state(), State::Faulted);
    assert_eq!(machine.log().last().unwrap(), "process tester is stopped");
}

#[test]
fn a_process_that_is_started_anew_for_each_fault_goes_on_for_ever() {
    let machine = machine_with(&RestartFaultPolicy);
    let app = machine.app("tester");
    for faults in 1..20 {
        app.fault();
        assert_eq!(app.state(), State::Running);
        let restarts = app.process(|process| process.get_restart_count());
        assert_eq!(restarts, faults);
    }
    assert_eq!(
        machine.log().last().unwrap(),
        "process tester is started anew"
    );
}

#[test]
fn a_process_is_stopped_that_was_started_anew_more_often_than_the_threshold() {
    for threshold in 0..4 {
        let machine = machine_with(fake::leak(ThresholdRestartFaultPolicy::new(threshold)));
        let app = machine.app("tester");
        for _ in 0..=threshold {
            app.fault();
            assert_eq!(app.state(), State::Running);
        }
        app.fault();
        assert_eq!(app.state(), State::Faulted);
    }
}

#[test]
fn one_process_over_the_threshold_takes_no_restart_from_another() {
    let machine = machine_with(&const { ThresholdRestartFaultPolicy::new(0) });
    let (first, second) = (machine.app("first"), machine.app("second"));
    first.fault();
    first.fault();
    second.fault();
    assert_eq!(
        (first.state(), second.state()),
        (State::Faulted, State::Running)
    );
}

#[test]
#[should_panic = "tester"]
fn a_fault_stops_the_machine_if_a_developer_wants_it() {
    machine_with(&PanicFaultPolicy).app("tester").fault();
}

/// A driver that takes every command, upcall and buffer.
struct Anything(Grant<(), UpcallCount<1>, AllowRoCount<1>, AllowRwCount<1>>);

impl SyscallDriver for Anything {
    fn command(&self, _: usize, _: usize, _: usize, _: ProcessId) -> CommandReturn {
        CommandReturn::success()
    }

    fn allocate_grant(&self, process_id: ProcessId) -> Result<(), process::Error> {
        self.0.enter(process_id, |_, _| {})
    }
}

const ONE: usize = 7;
const OTHER: usize = 8;

fn filtered_machine() -> fake::Machine {
    let machine = fake::Machine::new();
    let drivers = [ONE, OTHER].map(|number| &*fake::leak(Anything(machine.grant(number))));
    machine
        .driver(ONE, drivers[0])
        .driver(OTHER, drivers[1])
        .filter(&TbfHeaderFilterDefaultAllow)
}

const NO_DEVICE: Result<(usize, usize), ErrorCode> = Err(ErrorCode::NODEVICE);

#[test]
fn an_app_without_permissions_may_call_everything() {
    let machine = filtered_machine();
    let app = machine.app("tester");
    for driver in [ONE, OTHER] {
        for command in [0, 63, 64, usize::MAX] {
            let answer = app.command(driver, command, 0, 0);
            assert_eq!(answer, CommandReturn::success());
        }
        app.subscribe(driver, 0);
        app.allow_ro(driver, 0, b"a");
        app.allow_rw(driver, 0, b"a");
    }
}

#[test]
fn an_app_with_permissions_may_give_the_commands_that_they_name() {
    let machine = filtered_machine();
    let allowed = [0, 5, 63, 64 + 2];
    let image = fake::image("tester").permissions(&[
        (ONE as u32, 0, 1 | 1 << 5 | 1 << 63),
        (ONE as u32, 1, 1 << 2),
    ]);
    let app = machine.load(&image).unwrap();
    for command in (0..200).chain([usize::MAX]) {
        let expected = if allowed.contains(&command) {
            CommandReturn::success()
        } else {
            CommandReturn::failure(ErrorCode::NODEVICE)
        };
        assert_eq!(app.command(ONE, command, 0, 0), expected, "{command}");
        let other = app.command(OTHER, command, 0, 0);
        assert_eq!(other, CommandReturn::failure(ErrorCode::NODEVICE));
    }
}

#[test]
fn an_app_with_permissions_may_share_with_the_drivers_that_they_name() {
    let machine = filtered_machine();
    let image = fake::image("tester").permissions(&[(ONE as u32, 1, 1)]);
    let app = machine.load(&image).unwrap();
    app.subscribe(ONE, 0);
    app.allow_ro(ONE, 0, b"a");
    app.allow_rw(ONE, 0, b"a");
    let address = app.place(b"a");
    assert_eq!(app.try_subscribe(OTHER, 0), Err(ErrorCode::NODEVICE));
    assert_eq!(app.share_ro(OTHER, 0, address, 1), NO_DEVICE);
    assert_eq!(app.share_rw(OTHER, 0, address, 1), NO_DEVICE);
    assert_eq!(app.share_readable(OTHER, 0, address, 1), NO_DEVICE);
}

#[test]
fn waiting_memory_and_ending_take_no_permission() {
    let machine = filtered_machine();
    let image = fake::image("tester").permissions(&[]);
    let app = machine.load(&image).unwrap();
    assert_eq!(
        app.command(ONE, 0, 0, 0),
        CommandReturn::failure(ErrorCode::NODEVICE)
    );
    assert_eq!(app.yield_no_wait(), None);
    assert!(app.memop(2, 0).is_ok());
    app.exit_and_restart(0);
    app.exit(0);
    assert_eq!(app.state(), State::Terminated);
}

/// An app with number 7, which lists its own state to be read, and others'.
fn storing_image() -> tbf::Image {
    fake::image("tester")
        .short_id(7)
        .storage_permissions(7, &[7, 3, 4], &[5])
}

/// The number that an app's new state gets, and which of the numbers 0 to 9 it may read, and which modify.
fn stored(
    policy: impl StoragePermissionsPolicy + 'static,
    image: &tbf::Image,
) -> (Option<u32>, Vec<u32>, Vec<u32>) {
    let machine = fake::Machine::new();
    machine.processes().set_storage_policy(fake::leak(policy));
    let id = machine.load(image).unwrap().process_id();
    let permissions = id.get_storage_permissions().unwrap();
    (
        permissions.get_write_id(),
        (0..10)
            .filter(|id| permissions.check_read_permission(*id))
            .collect(),
        (0..10)
            .filter(|id| permissions.check_modify_permission(*id))
            .collect(),
    )
}

#[test]
fn individual_permissions_reach_the_apps_own_state_whatever_its_header_says() {
    let policy =
        || IndividualStoragePermissions::new(create_capability!(ApplicationStorageCapability));
    let own = (Some(7), vec![7], vec![7]);
    assert_eq!(stored(policy(), &storing_image()), own);
    assert_eq!(stored(policy(), &fake::image("tester").short_id(7)), own);
    let nameless = fake::image("tester").storage_permissions(7, &[3], &[5]);
    assert_eq!(stored(policy(), &nameless), (None, vec![], vec![]));
}

#[test]
fn header_permissions_reach_what_the_header_lists_and_nothing_else() {
    let policy =
        || TbfHeaderStoragePermissions::new(create_capability!(ApplicationStorageCapability));
    let listed = (Some(7), vec![3, 4, 7], vec![5]);
    assert_eq!(stored(policy(), &storing_image()), listed);
    let reader =
        fake::image("tester")
            .short_id(7)
            .storage_permissions(0, &[1, 2, 3, 4, 5, 6, 8, 9], &[]);
    let read = (None, vec![1, 2, 3, 4, 5, 6, 8, 9], vec![]);
    assert_eq!(stored(policy(), &reader), read);
    for silent in [
        fake::image("tester").short_id(7),
        fake::image("tester").storage_permissions(7, &[3], &[5]),
    ] {
        assert_eq!(stored(policy(), &silent), (None, vec![], vec![]));
    }
}
