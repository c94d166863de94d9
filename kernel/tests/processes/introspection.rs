//! What capsules learn of all processes, and of one by its name.

use std::cell::RefCell;

use chip_fake as fake;
use kernel::{
    ErrorCode,
    capabilities::ProcessManagementCapability,
    create_capability,
    introspection::KernelInfo,
    platform::ContextSwitchCallback,
    process::{Process, State},
    syscall::CommandReturn,
};

use crate::bench::{Bench, DRIVER, each_width};

#[test]
fn all_processes_are_shown_in_the_order_of_the_table() {
    let machine = fake::Machine::new();
    let _apps = ["first", "second"].map(|name| machine.app(name));
    let right = create_capability!(ProcessManagementCapability);
    let mut names = Vec::new();
    machine.kernel().process_each_capability(&right, |process| {
        names.push(process.get_process_name().to_owned());
    });
    assert_eq!(names, ["first", "second"]);
}

#[test]
fn all_processes_that_are_alive_fault_at_once_if_somebody_wants_it() {
    let machine = fake::Machine::new();
    let [runs, ended] = ["runs", "ended"].map(|name| machine.app(name));
    ended.exit(1);
    let right = create_capability!(ProcessManagementCapability);
    machine.kernel().hardfault_all_apps(&right);
    assert_eq!(
        (runs.state(), ended.state()),
        (State::Faulted, State::Terminated)
    );
}

#[test]
fn processes_are_counted_by_what_they_are_doing() {
    let bench = Bench::new();
    let right = create_capability!(ProcessManagementCapability);
    let info = KernelInfo::new(bench.machine.kernel());
    let count = || {
        [
            info.number_loaded_processes(&right),
            info.number_active_processes(&right),
            info.number_inactive_processes(&right),
        ]
    };
    assert_eq!(count(), [0, 0, 0]);
    let [waits, waits_for_one, stopped, ended, faulted, _runs] =
        [(); 6].map(|()| bench.machine.app("tester"));
    assert_eq!(count(), [6, 6, 0]);
    assert_eq!(waits.try_system_call([0, 1, 0, 0, 0]), None);
    assert_eq!(waits_for_one.try_system_call([0, 2, DRIVER, 0, 0]), None);
    assert_eq!(count(), [6, 6, 0]);
    stopped.process(|process| process.stop());
    ended.exit(0);
    faulted.fault();
    assert_eq!(count(), [6, 3, 3]);
}

#[test]
fn what_a_process_did_is_counted_and_a_process_that_is_gone_has_zeros() {
    let bench = Bench::new();
    let right = create_capability!(ProcessManagementCapability);
    let info = KernelInfo::new(bench.machine.kernel());
    let app = bench.machine.app("tester");
    let numbers = |id| {
        [
            info.number_app_syscalls(id, &right),
            info.number_app_dropped_upcalls(id, &right),
            info.number_app_restarts(id, &right),
            info.number_app_timeslice_expirations(id, &right),
            info.number_app_grant_uses(id, &right).0,
        ]
    };
    app.restart();
    bench.machine.expire_slice();
    app.subscribe(DRIVER, 0);
    app.command(DRIVER, 0, 0, 0);
    while bench.driver.schedule(&app, 0, (0, 0, 0)).is_ok() {}
    let id = app.process_id();
    assert_eq!(numbers(id), [2, 1, 1, 1, 1]);
    assert_eq!(info.number_app_grant_uses(id, &right), (1, 1));
    assert_eq!(info.timeslice_expirations(&right), 1);
    bench.machine.processes().remove(id).unwrap();
    assert_eq!(numbers(id), [0; 5]);
    assert_eq!(info.timeslice_expirations(&right), 0);
}

#[test]
fn a_name_leads_to_the_binary_until_the_process_is_gone() {
    each_width(|bench, app| {
        let (id, at) = (app.process_id(), app.addresses());
        let binary = (at.flash_non_protected_start, at.flash_end);
        assert_eq!(id.get_editable_flash_range(), binary);
        bench.machine.processes().remove(id).unwrap();
        assert_eq!(id.get_editable_flash_range(), (0, 0));
    });
}

#[test]
fn nobody_may_store_anything_where_no_policy_says_so() {
    let machine = fake::Machine::new();
    let image = fake::image("tester")
        .short_id(7)
        .storage_permissions(7, &[7], &[7]);
    let id = machine.load(&image).unwrap().process_id();
    let permissions = id.get_storage_permissions().unwrap();
    assert_eq!(permissions.get_write_id(), None);
    assert!(!permissions.check_read_permission(7));
    machine.processes().remove(id).unwrap();
    assert!(id.get_storage_permissions().is_none());
}

/// Notes who runs, and how many system calls it has made by then.
#[derive(Default)]
struct Switches(RefCell<Vec<(String, usize)>>);

impl ContextSwitchCallback for Switches {
    fn context_switch_hook(&self, process: &dyn Process) {
        let name = process.get_process_name().to_owned();
        self.0
            .borrow_mut()
            .push((name, process.debug_syscall_count()));
    }
}

#[test]
fn whoever_wants_to_know_is_told_before_a_process_runs_and_before_it_goes_on_after_a_call() {
    let switches = &*fake::leak(Switches::default());
    let bench = Bench::on(fake::Machine::new().on_switch(switches));
    let taken = || switches.0.take();
    let [one, other] = ["one", "other"].map(|name| bench.machine.app(name));
    let run = |name: &str, calls| (name.to_owned(), calls);
    assert_eq!(one.command(DRIVER, 0, 0, 0), CommandReturn::success());
    assert_eq!(taken(), [run("one", 0), run("one", 1)]);
    let answer = other.command(DRIVER + 1, 0, 0, 0);
    assert_eq!(answer, CommandReturn::failure(ErrorCode::NODEVICE));
    assert_eq!(taken(), [run("other", 0), run("other", 1)]);
    other.exit(0);
    assert_eq!(taken(), [run("other", 1)]);
}
