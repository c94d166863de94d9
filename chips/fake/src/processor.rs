//! A processor without instructions: what a process does when it runs, the test says.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    fmt,
    ops::Range,
    slice,
};

use kernel::{
    platform::{AddressSpaces, Chip, Entry, Pause, SystemCallHandler},
    process::{CallResult, PAGE_BYTES, ProcessMemory, StoredState},
};

/// What a process does when it runs next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// It looks at its registers, and is interrupted.
    Look,
    /// It makes a system call of this class with these arguments.
    Call([usize; 5]),
    /// It does what it may not do.
    Fault,
}

/// The registers of a process that ran, as far as the kernel knows them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Registers {
    /// The words of a system call.
    pub words: [usize; 5],
    /// What they mean.
    pub result: CallResult,
}

/// Bytes of a process's tables, and of its state beyond the registers.
const TABLE_BYTES: usize = PAGE_BYTES;
const EXTRA_STATE_BYTES: usize = 1024;

/// What the tables and the state are full of, for as long as the process is there.
const PROCESSORS_OWN: u8 = 0xa5;

/// The address space of a process.
#[derive(Clone, Copy)]
pub(crate) struct Space {
    pub(crate) memory: ProcessMemory,
    processors_own: [(*const u8, usize); 2],
    pub(crate) accessible_bytes: usize,
    pub(crate) entry: Option<Entry>,
}

/// The processor.
pub(crate) struct Processor {
    /// The address space of each process, by a number that no other had; the process's first chip word is it.
    spaces: RefCell<BTreeMap<usize, Space>>,
    /// The number of the address space that was made last.
    newest_space: Cell<usize>,
    step: Cell<Option<Step>>,
    registers: Cell<Option<Registers>>,
    went_on: Cell<bool>,
}

impl Processor {
    pub(crate) fn new() -> Self {
        Self {
            spaces: RefCell::default(),
            newest_space: Cell::new(0),
            step: Cell::new(None),
            registers: Cell::new(None),
            went_on: Cell::new(false),
        }
    }

    /// Says what the process does that runs next.
    pub(crate) fn set_step(&self, step: Step) {
        self.step.set(Some(step));
        self.registers.set(None);
        self.went_on.set(false);
    }

    /// Whether the process that ran made a system call and went on at once.
    pub(crate) fn went_on(&self) -> bool {
        self.went_on.get()
    }

    /// The registers of the process that ran; `None` if none did.
    pub(crate) fn take_registers(&self) -> Option<Registers> {
        self.step.set(None);
        self.registers.take()
    }

    /// The number of the address space that was made last.
    pub(crate) fn newest_space(&self) -> usize {
        self.newest_space.get()
    }

    /// An address space by its number; `None` if its process is gone.
    pub(crate) fn space(&self, number: usize) -> Option<Space> {
        self.spaces.borrow().get(&number).copied()
    }

    /// The number of a process's address space.
    fn number(state: &StoredState) -> &Cell<usize> {
        // SAFETY: it is the processor of all processes of its machine.
        unsafe { &state.chip()[0] }
    }

    fn change(&self, state: &StoredState, change: impl FnOnce(&mut Space)) {
        let mut spaces = self.spaces.borrow_mut();
        let space = spaces.get_mut(&Self::number(state).get());
        change(space.expect("the process is gone"));
    }
}

impl Chip for Processor {
    fn accept_interrupts(&self) {}

    fn sleep(&self) {}

    fn run_process<H: SystemCallHandler>(&self, state: &StoredState, calls: &mut H) -> Pause {
        let pause = match self
            .step
            .take()
            .expect("a process runs that nobody let run")
        {
            Step::Look => Pause::Interrupted,
            Step::Fault => Pause::Fault,
            Step::Call(words) => {
                for (register, word) in state.call.iter().zip(words) {
                    register.set(word);
                }
                if calls.system_call() {
                    self.went_on.set(true);
                    Pause::Interrupted
                } else {
                    Pause::SystemCall
                }
            }
        };
        self.registers.set(Some(Registers {
            words: state.call.each_ref().map(Cell::get),
            result: state.result.get(),
        }));
        pause
    }
}

// SAFETY: the lengths are constant. Only what `create` was promised is written, and by a test what a process may write.
unsafe impl AddressSpaces for Processor {
    fn user_addresses(&self) -> Range<usize> {
        0x1_0000..1 << 30
    }

    fn table_bytes(&self, _image: &Range<usize>, _ram: &Range<usize>) -> usize {
        TABLE_BYTES
    }

    fn extra_state_bytes(&self) -> usize {
        EXTRA_STATE_BYTES
    }

    unsafe fn create(
        &self,
        state: &StoredState,
        memory: &ProcessMemory,
        tables: *mut u8,
        extra_state: *mut u8,
    ) {
        assert_whole_pages(memory);
        assert!(tables.addr().is_multiple_of(PAGE_BYTES) && extra_state.addr().is_multiple_of(64));
        let processors_own = [(tables, TABLE_BYTES), (extra_state, EXTRA_STATE_BYTES)];
        for (start, len_bytes) in processors_own {
            // SAFETY: the promise of this function.
            unsafe { start.write_bytes(PROCESSORS_OWN, len_bytes) };
        }
        let number = self.newest_space.get() + 1;
        self.newest_space.set(number);
        Self::number(state).set(number);
        let space = Space {
            memory: *memory,
            processors_own: processors_own
                .map(|(start, len_bytes)| (start.cast_const(), len_bytes)),
            accessible_bytes: 0,
            entry: None,
        };
        self.spaces.borrow_mut().insert(number, space);
    }

    fn forget(&self, state: &StoredState) {
        let space = self.spaces.borrow_mut().remove(&Self::number(state).get());
        for (start, len_bytes) in space.expect("a process is forgotten once").processors_own {
            // SAFETY: the promise of `create`, until the process is forgotten.
            let bytes = unsafe { slice::from_raw_parts(start, len_bytes) };
            let is_own = bytes.iter().all(|byte| *byte == PROCESSORS_OWN);
            assert!(is_own, "somebody wrote to what is the processor's own");
        }
    }

    fn set_accessible(&self, state: &StoredState, memory: &ProcessMemory, accessible_bytes: usize) {
        let ram_bytes = memory.ram.addresses().len();
        assert!(
            accessible_bytes.is_multiple_of(PAGE_BYTES) && accessible_bytes <= ram_bytes,
            "{accessible_bytes} bytes of {ram_bytes} made accessible: not whole pages of them"
        );
        self.change(state, |space| space.accessible_bytes = accessible_bytes);
    }

    fn start(&self, state: &StoredState, entry: &Entry) {
        self.change(state, |space| space.entry = Some(*entry));
    }

    fn write_registers(&self, state: &StoredState, out: &mut dyn fmt::Write) -> fmt::Result {
        writeln!(out, "call {:x?}", state.call.each_ref().map(Cell::get))
    }

    fn write_fault(&self, _state: &StoredState, out: &mut dyn fmt::Write) -> fmt::Result {
        out.write_str("its test said so")
    }
}

/// The process sees whole pages: the image and the RAM must begin as far into a page as it knows them to, and
/// the image's pages must hold nothing else.
fn assert_whole_pages(memory: &ProcessMemory) {
    for window in [&memory.image, &memory.ram] {
        let (start, kernel_start) = (window.addresses().start, window.kernel_start().addr().get());
        assert_eq!(start % PAGE_BYTES, kernel_start % PAGE_BYTES);
    }
    let Range { start, end } = memory.image.addresses();
    let before = start % PAGE_BYTES;
    let after = end.next_multiple_of(PAGE_BYTES) - end;
    let image = memory.image.kernel_start().as_ptr();
    // SAFETY: the image's pages are the process's.
    let margins = unsafe {
        [
            slice::from_raw_parts(image.sub(before), before),
            slice::from_raw_parts(image.add(end - start), after),
        ]
    };
    let mut rest = margins.into_iter().flatten();
    assert!(
        rest.all(|byte| *byte == 0),
        "what others left is on the image's pages"
    );
}
