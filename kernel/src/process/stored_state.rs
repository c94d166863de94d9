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
    /// The processor's own: see [`StoredState::chip`].
    chip: [Cell<usize>; CHIP_WORDS],
    /// What `call` holds for a process that made a system call.
    pub result: Cell<CallResult>,
}

/// What the words in [`StoredState::call`] mean to the process when it goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallResult(u8);

impl CallResult {
    /// An upcall: the function, its three values, and the word that the process gave with it.
    pub const UPCALL: Self = Self(u8::MAX);

    /// The first `count` of the words are results, from 0 to 4; the others hold what the process left in its
    /// registers.
    pub const fn values(count: u8) -> Self {
        assert!(count <= 4);
        Self(count)
    }

    /// How many of the words are results, or `None` if they are an upcall.
    pub const fn count(self) -> Option<usize> {
        match self {
            Self::UPCALL => None,
            Self(count) => Some(count as usize),
        }
    }
}

impl StoredState {
    /// All zeros.
    pub const fn new() -> Self {
        Self {
            call: [const { Cell::new(0) }; 5],
            chip: [const { Cell::new(0) }; CHIP_WORDS],
            result: Cell::new(CallResult::values(0)),
        }
    }

    /// The processor's own words, all 0 at first. They follow those of the call in memory.
    ///
    /// # Safety
    /// For the [`AddressSpaces`](crate::platform::AddressSpaces) that the process was created by, and nobody else: it
    /// trusts what they hold.
    pub const unsafe fn chip(&self) -> &[Cell<usize>; CHIP_WORDS] {
        &self.chip
    }
}

impl Default for StoredState {
    fn default() -> Self {
        Self::new()
    }
}
