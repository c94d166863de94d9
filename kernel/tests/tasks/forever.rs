//! The loop itself, which never returns: a test's processor ends it by a panic.

use std::{
    cell::Cell,
    panic::{AssertUnwindSafe, catch_unwind, panic_any},
};

use chip_fake as fake;
use kernel::{
    platform::{Chip, InterruptService, Pause, SystemCallHandler, interrupt_raised},
    process::StoredState,
    task::{Task, yield_now},
};

use super::task;

/// What ends the loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    ProcessRuns,
    Sleep,
}

/// Ends the loop instead of running a process or sleeping.
struct Processor;

impl Chip for Processor {
    fn accept_interrupts(&self) {}

    fn sleep(&self) {
        panic_any(End::Sleep);
    }

    fn run_process<H: SystemCallHandler>(&self, _: &StoredState, _: &mut H) -> Pause {
        panic_any(End::ProcessRuns);
    }
}

/// A line that has always been served.
struct Served;

impl InterruptService for Served {
    fn service_interrupt(&self, _line: u32) -> bool {
        true
    }
}

fn run(machine: &fake::Machine, tasks: &mut [Task<'static>]) -> End {
    let kernel = machine.kernel();
    let run = AssertUnwindSafe(|| kernel.run(&Processor, machine, &Served, tasks));
    let Err(end) = catch_unwind(run);
    *end.downcast().expect("the test's processor ends the loop")
}

/// A task that always wakes itself, and raises an interrupt the first `interrupts` times. It counts its turns.
fn busy(turns: &'static Cell<u32>, interrupts: u32) -> Task<'static> {
    task("busy", async move {
        loop {
            turns.set(turns.get() + 1);
            if turns.get() <= interrupts {
                interrupt_raised(3);
            }
            yield_now().await;
        }
    })
}

#[test]
fn a_process_has_its_turn_though_a_task_always_wakes_itself() {
    let (machine, turns) = (fake::Machine::new(), fake::leak(Cell::new(0)));
    let app = machine.app("app");
    machine.give_turn(&app);
    assert_eq!(run(&machine, &mut [busy(turns, 0)]), End::ProcessRuns);
    assert_eq!(turns.get(), 64);
}

#[test]
fn an_interrupt_is_served_before_a_process_has_its_turn() {
    let (machine, turns) = (fake::Machine::new(), fake::leak(Cell::new(0)));
    let app = machine.app("app");
    machine.give_turn(&app);
    assert_eq!(run(&machine, &mut [busy(turns, 100)]), End::ProcessRuns);
    assert_eq!(turns.get(), 101);
}

#[test]
fn a_machine_without_work_sleeps_and_one_with_work_does_not() {
    let machine = fake::Machine::new();
    assert_eq!(run(&machine, &mut []), End::Sleep);
    let (machine, turns) = (fake::Machine::new(), &*fake::leak(Cell::new(0)));
    let rest = task("rests after 200 turns", async {
        while turns.get() < 200 {
            turns.set(turns.get() + 1);
            yield_now().await;
        }
        std::future::pending().await
    });
    assert_eq!(run(&machine, &mut [rest]), End::Sleep);
    assert_eq!(turns.get(), 200);
}
