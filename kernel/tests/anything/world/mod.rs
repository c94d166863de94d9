//! A machine on which anything happens: any system calls of any processes, any doings of drivers, in any
//! order. After each step everything is compared with a model of it.

pub mod drivers;
mod model;

use std::cell::{Cell, RefCell};

use chip_fake::{self as fake, App, Machine, Registers};
use kernel::{
    platform::WordSize,
    process::{CallResult, PAGE_BYTES, ProcessAddresses, State},
    syscall::class,
};

use drivers::{Action, DRIVERS, Driver, NUMBERS, notice};
use model::{Queued, Run, SLOTS, may_give, numbers};

/// Memory for processes: a few small ones, or one or two large ones.
const PAGES: usize = 24;

/// One thing that happens: what, to the process in which slot, and six bytes more that say how.
pub type Step = [u8; 8];

/// Classes of the calls that a process makes: those that are in use have their own places, and more.
const CALLS: [usize; 14] = [8, 1, 2, 3, 4, 5, 6, 7, 1, 2, 3, 4, 5, 7];

/// The machine. It is empty before and after each test, so one machine serves many.
struct World {
    machine: &'static Machine,
    small: &'static Driver<2>,
    large: &'static Driver<700>,
    apps: [RefCell<Option<App<'static>>>; SLOTS],
}

thread_local!(static IDLE: Cell<Option<World>> = const { Cell::new(None) });

/// Lets `steps` happen on an empty machine.
///
/// # Panics
/// If the kernel does, or if something is not as it must be.
pub fn run(steps: &[Step]) {
    // After a panic the machine is left as it is, and the next test takes a new one.
    let world = IDLE.take().unwrap_or_else(World::new);
    let free_bytes = world.machine.processes().pool().free_bytes();
    for step in steps {
        world.take(*step);
        world.check();
    }
    for slot in 0..SLOTS {
        if let Some(app) = world.apps[slot].take() {
            app.remove()
                .expect("nobody uses a process between two steps");
        }
        world.notice(slot);
    }
    let pool = world.machine.processes().pool();
    assert_eq!(
        (pool.free_bytes(), pool.largest_bytes()),
        (free_bytes, free_bytes)
    );
    IDLE.set(Some(world));
}

impl World {
    fn new() -> Self {
        let machine = Machine::with_room_for(SLOTS, PAGES);
        let (runs, written) = (fake::leak(RefCell::default()), fake::leak(Cell::default()));
        let (runs, written, table) = (&*runs, &*written, machine.processes());
        let (small, large) = (machine.grant(DRIVERS[0]), machine.grant(DRIVERS[1]));
        let small = &*fake::leak(Driver {
            number: DRIVERS[0],
            apps: small,
            table,
            runs,
            written,
        });
        let large = &*fake::leak(Driver {
            number: DRIVERS[1],
            apps: large,
            table,
            runs,
            written,
        });
        let machine = machine.driver(DRIVERS[0], small).driver(DRIVERS[1], large);
        Self {
            machine: fake::leak(machine),
            small,
            large,
            apps: Default::default(),
        }
    }

    fn take(&self, step: Step) {
        let slot = usize::from(step[1]) % SLOTS;
        if step[0].is_multiple_of(8) {
            let value = u32::from_le_bytes([step[4], step[5], step[6], step[7]]);
            let action = Action::of_words(step[2].into(), step[3].into(), value as usize);
            if step[1] & 4 == 0 {
                self.small.act(action, 0);
            } else {
                self.large.act(action, 0);
            }
            return;
        }
        let app = self.apps[slot].borrow();
        match (app.as_ref(), step[0] % 8) {
            (None, _) => {
                drop(app);
                self.load(step);
            }
            (Some(app), 1) => {
                let bytes = vec![step[2]; app.accessible_bytes()];
                app.write(app.addresses().sram_start, &bytes);
            }
            (Some(app), 2 | 3) => {
                let upcall = self.yields(app, slot, step);
                self.compare(app, upcall);
            }
            (Some(app), _) if self.may_call(app, slot) => {
                self.call(app, slot, step);
            }
            (Some(app), _) => {
                let upcall = self.goes_on(app, slot);
                self.compare(app, upcall);
            }
        }
    }

    fn load(&self, step: Step) {
        let image = match step[2] % 2 {
            0 => fake::image("wide"),
            _ => fake::image_of_32_bits("narrow"),
        };
        let pages = u32::from(step[3]) % 10;
        let image = image.minimum_ram(pages * PAGE_BYTES as u32);
        if let Ok(app) = self.machine.load(&image) {
            let slot = app.process_id().slot();
            self.notice(slot);
            self.apps[slot].replace(Some(app));
        }
    }

    /// Makes a system call that does not wait, mostly one that makes sense.
    fn call(&self, app: &App<'_>, slot: usize, step: Step) {
        let class = CALLS[usize::from(step[2]) % CALLS.len()];
        let at = app.addresses();
        let driver = [DRIVERS[0], DRIVERS[1], DRIVERS[0], 99][usize::from(step[3]) % 4];
        let number = usize::from(step[4]);
        let words = match class {
            class::COMMAND => [
                class,
                driver,
                number,
                step[5].into(),
                u32::from_le_bytes([step[6], step[7], step[0], step[1]]) as usize,
            ],
            class::MEMOP => [class, number % 13, address(app, step[5], step[6]), 0, 0],
            class::EXIT => [class, number % 3, number, 0, 0],
            class::SUBSCRIBE if step[7] < 192 => {
                let function = [0, at.flash_non_protected_start][usize::from(step[7]) % 2];
                [class, driver, number % 3, function, step[6].into()]
            }
            _ => [
                class,
                driver,
                number % 3,
                address(app, step[5], step[6]),
                usize::from(step[7]) << (step[4] / 32),
            ],
        };
        let words = words.map(|word| narrowed(app, word));
        let accessible_bytes = app.accessible_bytes();
        let id = app.process_id();
        let registers = app.try_system_call(words);
        self.notice(slot);
        if !self.is_same_run(slot, id) {
            return;
        }
        let gives = [
            class::SUBSCRIBE,
            class::READ_WRITE_ALLOW,
            class::READ_ONLY_ALLOW,
            class::USERSPACE_READABLE_ALLOW,
        ];
        if gives.contains(&class) {
            let registers = registers.expect("nothing stops it");
            self.gives(app, slot, words, &at, &registers);
        }
        if app.accessible_bytes() > accessible_bytes {
            let fresh = app.accessible_bytes() - accessible_bytes;
            let fresh = app.read(at.sram_start + accessible_bytes, fresh);
            assert!(fresh.iter().all(|byte| *byte == 0), "new memory is zeroed");
        }
    }

    /// The process has tried to give something to a driver, and goes on.
    fn gives(
        &self,
        app: &App<'_>,
        slot: usize,
        words: [usize; 5],
        at: &ProcessAddresses,
        registers: &Registers,
    ) {
        let [class, driver, number, first, second] = words;
        let numbers = match class {
            class::USERSPACE_READABLE_ALLOW => 1,
            _ => NUMBERS.into(),
        };
        let run = &mut self.small.runs.borrow_mut()[slot];
        let is_right = may_give(class, (first, second), at, app.entry().word_size);
        if is_right && number < numbers && run.grants.contains_key(&driver) {
            assert_eq!(registers.result, CallResult::values(3));
            let before = run.give((class, driver, number), (first, second), at);
            assert_eq!((registers.words[1], registers.words[2]), before);
        } else {
            assert_eq!(registers.result, CallResult::values(4));
            assert_eq!(registers.words[2..4], [first, second]);
        }
    }

    /// Whether it can run, and not to take what it waited for.
    fn may_call(&self, app: &App<'_>, slot: usize) -> bool {
        app.state() == State::Running && self.small.runs.borrow()[slot].got.is_none()
    }

    fn is_same_run(&self, slot: usize, id: kernel::ProcessId) -> bool {
        self.small.runs.borrow()[slot].id == Some(id)
    }

    /// Yields, or goes on waiting. Returns what the process finds and what it should find.
    fn yields(&self, app: &App<'_>, slot: usize, step: Step) -> Outcome {
        if !self.may_call(app, slot) {
            return self.goes_on(app, slot);
        }
        // The last number is one that the driver has not.
        let number = usize::from(step[4]) % (usize::from(NUMBERS) + 1);
        let id = (DRIVERS[usize::from(step[3]) % 2], number);
        let variant = match usize::from(step[2]) {
            255 => 3, // there is none
            other => other % 3,
        };
        let mut runs = self.small.runs.borrow_mut();
        let expected = match variant {
            0 | 1 => runs[slot].next(),
            2 => runs[slot].take(id),
            _ => None,
        };
        drop(runs);
        let (first, second) = if variant == 2 {
            id
        } else {
            (app.addresses().sram_start, 0)
        };
        let registers = app.try_system_call([class::YIELD, variant, first, second, 0]);
        if variant == 0 && app.accessible_bytes() > 0 && app.addresses().sram_app_brk > first {
            assert_eq!(app.read(first, 1), [u8::from(expected.is_some())]);
        }
        Outcome {
            expected,
            registers,
            is_for_one: variant == 2,
            may_wait: variant != 0,
        }
    }

    fn goes_on(&self, app: &App<'_>, slot: usize) -> Outcome {
        let got = match app.state() {
            State::Running => self.small.runs.borrow_mut()[slot].got.take(),
            _ => None,
        };
        Outcome {
            expected: got.map(|(upcall, _)| upcall),
            registers: app.look(),
            is_for_one: got.is_some_and(|(_, is_for_one)| is_for_one),
            may_wait: true,
        }
    }

    /// Compares what a process finds with what it should.
    fn compare(&self, app: &App<'_>, outcome: Outcome) {
        let Outcome {
            expected,
            registers,
            is_for_one,
            may_wait,
        } = outcome;
        if !may_wait || app.state() == State::Running && expected.is_some() {
            let registers = registers.expect("it goes on");
            assert_eq!(
                registers.result == CallResult::UPCALL,
                expected.is_some() && !is_for_one
            );
        }
        let Some(upcall) = expected else {
            return assert!(!may_wait || registers.is_none(), "{registers:x?}");
        };
        let (a, b, c) = upcall.values;
        let words = match is_for_one {
            true => vec![a, b, c],
            false => vec![upcall.function, a, b, c, upcall.word],
        };
        let words: Vec<_> = words.into_iter().map(|word| narrowed(app, word)).collect();
        assert_eq!(
            registers.expect("its upcall has come").words[..words.len()],
            words
        );
    }

    fn notice(&self, slot: usize) {
        let mut runs = self.small.runs.borrow_mut();
        notice(self.machine.processes(), &mut runs[slot], slot);
    }

    /// What must hold after each step.
    fn check(&self) {
        for slot in 0..SLOTS {
            self.notice(slot);
            if self.machine.processes().with_slot(slot, |_| ()).is_none() {
                self.apps[slot].take();
            }
            if let Some(app) = self.apps[slot].borrow().as_ref() {
                self.check_process(app, &self.small.runs.borrow()[slot]);
            }
        }
        self.check_apart();
        self.check_written();
        let table = self.machine.processes();
        let can_run = |slot| table.with_slot(slot, |process| process.ready()) == Some(true);
        assert_eq!(table.any_can_run(), (0..SLOTS).any(can_run));
    }

    /// No two processes have the same memory.
    fn check_apart(&self) {
        let mut places: Vec<_> = (0..SLOTS)
            .filter_map(|slot| {
                let app = self.apps[slot].borrow();
                let (app, at) = (app.as_ref()?, app.as_ref()?.addresses());
                let start = app.kernel_start().addr();
                Some(start..start + (at.sram_end - at.sram_start))
            })
            .collect();
        places.sort_by_key(|place| place.start);
        assert!(places.is_sorted_by(|one, next| one.end <= next.start));
    }

    /// What a driver wrote last is where the process shares it.
    fn check_written(&self) {
        let Some((id, (address, len_bytes), byte)) = self.small.written.take() else {
            return;
        };
        let app = self.apps[id.slot()].borrow();
        if let Some(app) = app.as_ref().filter(|app| app.process_id() == id)
            && app.state().is_alive()
            && len_bytes > 0
        {
            assert_eq!(app.read(address, len_bytes), vec![byte; len_bytes]);
        }
    }

    fn check_process(&self, app: &App<'_>, run: &Run) {
        let at = app.addresses();
        run.check_memory(&at, app.accessible_bytes(), app.kernel_start().addr());
        app.process(|process| {
            assert_eq!(process.pending_tasks(), run.queue.len());
            let grants = process.grant_allocated_count();
            assert_eq!(grants.unwrap_or(0), run.grants.len());
            assert_eq!(process.ready(), process.get_state() == State::Running);
            let comes = match process.get_state() {
                State::Yielded => {
                    run.got.is_some() || run.queue.iter().any(|one| one.function != 0)
                }
                State::YieldedFor(id) => {
                    run.got.is_some() || run.queue.iter().any(|one| one.id == numbers(id))
                }
                _ => false,
            };
            assert!(!comes, "it waits for what has come");
        });
        assert!(app.is_known_to_be_ready());
    }
}

/// What a process that yields finds, and what it should find.
struct Outcome {
    expected: Option<Queued>,
    registers: Option<Registers>,
    is_for_one: bool,
    may_wait: bool,
}

/// As much of a word as the process has room for.
fn narrowed(app: &App<'_>, word: usize) -> usize {
    match app.entry().word_size {
        WordSize::Bits32 => word as u32 as usize,
        WordSize::Bits64 => word,
    }
}

/// An address near one where something begins or ends.
fn address(app: &App<'_>, near: u8, offset: u8) -> usize {
    let at = app.addresses();
    let places = [
        0,
        at.sram_start,
        at.sram_app_brk,
        at.sram_start,
        at.sram_grant_start,
        at.sram_end,
        at.flash_start,
        at.flash_non_protected_start,
        at.flash_end,
        usize::MAX,
        at.sram_grant_start / PAGE_BYTES * PAGE_BYTES,
        at.sram_start + PAGE_BYTES,
    ];
    let place = places[usize::from(near) % places.len()];
    let scale = if near < 128 { 1 } else { 512 };
    place.wrapping_add_signed(isize::from(offset as i8) * scale)
}
