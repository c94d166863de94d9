//! A process of the test's own, which makes real system calls.
//!
//! What the process does, the test says: [`App::command`] puts the call's words into the process's
//! registers and lets the kernel run the process once. From there on everything is as on a board, from the
//! kernel loop's choice of a process to the words that the process finds in its registers. A test that fails shows
//! the newest calls and what came of them.

mod answer;
mod calls;
mod control;
mod history;
mod memory;
mod record;
mod upcalls;

pub(crate) use history::History;
pub use upcalls::Upcall;

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
};

use kernel::{
    ProcessId,
    platform::{Entry, WordSize},
    process::{CallResult, Process, State},
    syscall::class,
};

use crate::{
    Machine,
    processor::{Registers, Space, Step},
};

/// A process of the test's own. It is in the machine until it is removed, whether or not the test holds this.
pub struct App<'a> {
    machine: &'a Machine,
    pub(crate) slot: usize,
    space: usize,
    name: String,
    /// The run that the next three fields are of.
    run: Cell<ProcessId>,
    /// The yield that it has not come back from: its variant and what it waits for.
    yields: Cell<Option<[usize; 3]>>,
    /// Bytes from the start of RAM that the test has used.
    used_bytes: Cell<usize>,
    /// Address and length of the buffer shared to be written, by driver and number.
    buffers: RefCell<BTreeMap<(usize, usize), (usize, usize)>>,
}

impl<'a> App<'a> {
    /// The process that was loaded last.
    pub(crate) fn new(machine: &'a Machine, id: ProcessId) -> Self {
        let slot = id.index().expect("the process was loaded just now");
        let name = |process: &dyn Process| process.get_process_name().to_owned();
        Self {
            machine,
            slot,
            space: machine.processor.newest_space(),
            name: machine
                .processes()
                .with_slot(slot, name)
                .unwrap_or_default(),
            run: Cell::new(id),
            yields: Cell::new(None),
            used_bytes: Cell::new(0),
            buffers: RefCell::default(),
        }
    }

    /// What people know the app by.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the machine's drivers know the app's present run by.
    #[track_caller]
    pub fn process_id(&self) -> ProcessId {
        self.process(|process| process.processid())
    }

    /// What the process is doing.
    #[track_caller]
    pub fn state(&self) -> State {
        self.process(|process| process.get_state())
    }

    /// Where and how its present run started.
    #[track_caller]
    pub fn entry(&self) -> Entry {
        let entry = self.space().entry;
        entry.expect("a process is started when it is loaded")
    }

    /// Looks at the process as a capsule does.
    ///
    /// # Panics
    /// If it has been removed.
    #[track_caller]
    pub fn process<R>(&self, look: impl FnOnce(&dyn Process) -> R) -> R {
        self.space();
        let result = self.machine.processes().with_slot(self.slot, look);
        result.expect("a process has an address space until it is removed")
    }

    /// Makes a system call: its class and its four arguments. Returns the words that it finds in its
    /// registers then. If it has to wait, the machine runs until there is nothing else to do.
    ///
    /// # Panics
    /// If the process can't make a call, or still waits then.
    #[track_caller]
    pub fn system_call(&self, words: [usize; 5]) -> [usize; 5] {
        match self.try_system_call(words) {
            Some(registers) => registers.words,
            None => self.nothing_comes(),
        }
    }

    /// As [`App::system_call`], but `None` if the process still waits, has ended or was stopped.
    ///
    /// # Panics
    /// If the process can't make a call, be it because it has not come back from a yield.
    #[track_caller]
    pub fn try_system_call(&self, words: [usize; 5]) -> Option<Registers> {
        self.notice_restart();
        assert_eq!(
            self.yields.get(),
            None,
            "{} is in a yield and can't make a system call ({words:x?})",
            self.name
        );
        assert_eq!(
            self.state(),
            State::Running,
            "{} can't make a system call ({words:x?})",
            self.name
        );
        let answer = self.go_on(Step::Call(words.map(|word| self.register(word))));
        self.machine.history.note(&self.name, words, answer);
        answer
    }

    /// Lets the process run without making a call: `None` if it can't run.
    #[track_caller]
    pub fn look(&self) -> Option<Registers> {
        self.go_on(Step::Look)
    }

    /// Yields, or goes on with a yield that it has not come back from: `None` if it still has not when there is
    /// nothing else to do.
    #[track_caller]
    fn yields(&self, call: [usize; 3]) -> Option<Registers> {
        self.notice_restart();
        let registers = if self.yields.get() == Some(call) {
            self.machine.run();
            self.look()
        } else {
            let [variant, first, second] = call;
            self.try_system_call([class::YIELD, variant, first, second, 0])
        };
        self.yields.set(registers.is_none().then_some(call));
        registers
    }

    #[track_caller]
    fn go_on(&self, step: Step) -> Option<Registers> {
        let mut registers = self.machine.step(self.slot, step);
        let can_run = self.space_if_any().is_some() && self.state() == State::Running;
        assert!(
            can_run || !self.machine.went_on(),
            "{} went on although it can't run",
            self.name
        );
        self.space_if_any()?;
        if matches!(self.state(), State::Yielded | State::YieldedFor(_)) {
            self.machine.run();
            assert!(
                self.is_known_to_be_ready(),
                "{} can run, and the scheduler was not told",
                self.name
            );
            registers = self.machine.step(self.slot, Step::Look);
        }
        let is_running = self.space_if_any().is_some() && self.state() == State::Running;
        registers.filter(|_| is_running).map(|registers| Registers {
            words: registers.words.map(|word| self.register(word)),
            ..registers
        })
    }

    /// Whether the scheduler was told that the process can run, if it can. A wake-up that it does not hear of
    /// is lost; one too many does no harm.
    #[track_caller]
    pub fn is_known_to_be_ready(&self) -> bool {
        !self.process(|process| process.ready()) || self.machine.is_ready(self.slot)
    }

    #[track_caller]
    fn nothing_comes(&self) -> ! {
        panic!(
            "{} waits ({:?}), and nothing that would wake it is under way",
            self.name,
            self.state()
        )
    }

    /// As much of a word as there is room for in a register of the process.
    fn register(&self, word: usize) -> usize {
        match self.entry().word_size {
            WordSize::Bits32 => word as u32 as usize,
            WordSize::Bits64 => word,
        }
    }

    fn space_if_any(&self) -> Option<Space> {
        self.machine.processor.space(self.space)
    }

    #[track_caller]
    fn space(&self) -> Space {
        match self.space_if_any() {
            Some(space) => space,
            None => panic!("{} has been removed", self.name),
        }
    }

    /// Forgets what was true of an earlier run.
    #[track_caller]
    fn notice_restart(&self) {
        let run = self.process_id();
        if self.run.replace(run) != run {
            self.yields.set(None);
            self.used_bytes.set(0);
            self.buffers.borrow_mut().clear();
        }
    }
}

/// Whether a call has so many results.
fn has_values(registers: &Registers, count: u8) -> bool {
    registers.result == CallResult::values(count)
}
