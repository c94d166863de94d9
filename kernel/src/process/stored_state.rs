//! What the processor keeps of a process that does not run.

use core::cell::Cell;

/// Words that only the processor's crate gives a meaning: registers, and where the tables are.
const CHIP_WORDS: usize = 26;

/// The registers of a process. The kernel knows five of them: those of a system call.
#[repr(C, align(64))]
pub struct StoredState {
    /// Before a system call: its class and its four arguments. After it: its results, as
    /// [`CallResult`] says.
    pub call: [Cell<usize>; 5],
    /// The processor's own.
    pub chip: [Cell<usize>; CHIP_WORDS],
    /// What `call` holds for a process that made a system call.
    pub result: Cell<CallResult>,
}

/// What the words in [`StoredState::call`] mean to the process when it goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum CallResult {
    /// None of the words is a result: all hold what the process left in its registers.
    Nothing,
    /// The first one is.
    One,
    /// The first two are.
    Two,
    /// The first three are.
    Three,
    /// The first four are.
    Four,
    /// An upcall: the function, its three values, and the word that the process gave with it.
    Upcall,
}

impl StoredState {
    /// All zeros.
    pub const fn new() -> Self {
        Self {
            call: [const { Cell::new(0) }; 5],
            chip: [const { Cell::new(0) }; CHIP_WORDS],
            result: Cell::new(CallResult::Nothing),
        }
    }
}

impl Default for StoredState {
    fn default() -> Self {
        Self::new()
    }
}
