//! Any system calls of any processes, and any doings of their drivers, in any order.

#[path = "../../kernel/tests/anything/world/mod.rs"]
mod world;

use kernel::syscall::class;
use world::{Step, drivers::Doing};

/// Does a step with each eight bytes, on an empty machine.
pub fn run(bytes: &[u8]) {
    let (steps, _) = bytes.as_chunks();
    world::run(steps);
}

/// Processes that are given upcalls, that share buffers and move their break, and that end in all ways.
pub fn seeds() -> Vec<Vec<u8>> {
    let upcalls = [
        load(0, WIDE),
        load(1, NARROW),
        subscribe(0, 0),
        subscribe(0, 1),
        subscribe(1, 0),
        act(Doing::Schedule, 0, 0),
        act(Doing::Schedule, 0, 1),
        act(Doing::Schedule, 1, 0),
        yields(0, 2, 1),
        yields(0, 0, 0),
        yields(0, 1, 0),
        act(Doing::Stop, 0, 0),
        act(Doing::Schedule, 0, 1),
        act(Doing::Resume, 0, 0),
        yields(1, 1, 0),
        yields(1, 2, 0),
        act(Doing::Schedule, 1, 0),
        yields(1, 2, 0),
        act(Doing::Stop, 1, 0),
        act(Doing::Schedule, 1, 0),
        act(Doing::Resume, 1, 0),
        yields(1, 2, 0),
        subscribe(0, 0),
        act(Doing::RemoveUpcalls, 0, 0),
    ];
    let buffers = [
        load(0, WIDE),
        load(1, NARROW),
        call(0, class::READ_WRITE_ALLOW, 0, [RAM, 0, 64]),
        call(0, class::READ_ONLY_ALLOW, 1, [BINARY, 0, 64]),
        call(0, class::USERSPACE_READABLE_ALLOW, 0, [RAM, 8, 16]),
        act(Doing::Write, 0, 0),
        act(Doing::CheckReadOnly, 0, 1),
        act(Doing::WriteReadable, 0, 0),
        call(1, class::READ_WRITE_ALLOW, 0, [SECOND_PAGE, 0, 0]),
        call(1, class::MEMOP, 0, [SECOND_PAGE, 16, 0]),
        call(1, class::READ_WRITE_ALLOW, 0, [SECOND_PAGE, 0, 16]),
        act(Doing::Write, 1, 0),
        call(1, class::MEMOP, 0, [SECOND_PAGE, 0, 0]),
        call(1, class::READ_ONLY_ALLOW, 1, [GRANTS, 0, 8]),
    ];
    let ends = [
        load(0, WIDE),
        load(1, NARROW),
        load(2, WIDE),
        subscribe(0, 0),
        act(Doing::Schedule, 0, 0),
        call(0, class::EXIT, 0, [0; 3]),
        call(1, class::EXIT, 1, [0; 3]),
        yields(2, 1, 0),
        act(Doing::Schedule, 0, 0),
        act(Doing::Restart, 0, 0),
        call(0, class::COMMAND, Doing::Terminate as u8, [0; 3]),
        call(
            1,
            class::COMMAND,
            Doing::Nest as u8,
            [1, Doing::Restart as u8, 1],
        ),
        act(Doing::Fault, 2, 0),
        act(Doing::Terminate, 1, 0),
        act(Doing::Remove, 0, 0),
        load(0, NARROW),
    ];
    [&upcalls[..], &buffers, &ends].map(<[_]>::concat).into()
}

const WIDE: u8 = 0;
const NARROW: u8 = 1;

/// Places that an address can be near to.
const RAM: u8 = 1;
const GRANTS: u8 = 4;
const BINARY: u8 = 7;
const SECOND_PAGE: u8 = 11;

/// An app is loaded, to the first free slot. With a slot that is in use, its process makes a call.
fn load(slot: u8, width: u8) -> Step {
    [4, slot, width, 1, 0, 0, 0, 0]
}

fn call(slot: u8, class: usize, number: u8, [first, second, third]: [u8; 3]) -> Step {
    [4, slot, class as u8, 0, number, first, second, third]
}

fn subscribe(slot: u8, number: u8) -> Step {
    call(slot, class::SUBSCRIBE, number, [0, 7, 1])
}

fn yields(slot: u8, variant: u8, number: u8) -> Step {
    [2, slot, variant, 0, number, 0, 0, 0]
}

fn act(doing: Doing, slot: u8, number: u8) -> Step {
    [0, 0, doing as u8, slot + 4 * number, 7, 0, 0, 0]
}
