//! Who a process is.

use core::{fmt, num::NonZeroU32};

use super::{Process, ProcessStandard};
use crate::{machine::machine, storage_permissions::StoragePermissions};

/// Bits of a [`ProcessId`] that are the place in the process table.
const SLOT_BITS: u32 = 12;

/// Processes that there can be at a time.
pub const MAX_PROCESSES: usize = 1 << SLOT_BITS;

/// Names one run of one app. It stays the name of that run for ever: after a restart the app has another.
///
/// It is one word: which run it is since the machine started, and the process's place in the process table.
/// So finding a process takes no search, and a stale name is told from a valid one by a comparison.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ProcessId(usize);

impl ProcessId {
    /// The process in place `index` of the process table, in the machine's run number `identifier`.
    ///
    /// # Panics
    /// If there is no such place.
    pub const fn new(index: usize, identifier: usize) -> Self {
        assert!(index < MAX_PROCESSES, "no such place in the process table");
        Self(identifier << SLOT_BITS | index)
    }

    /// A number that no other run of any app has.
    pub fn id(&self) -> usize {
        self.0 >> SLOT_BITS
    }

    /// This name as one word, for an app to hand back. It tells an app nothing.
    pub fn token(&self) -> usize {
        self.0
    }

    /// The name that [`ProcessId::token`] made a word of. From an app the word may be anything: whatever it
    /// names is checked wherever a process is looked up.
    pub fn from_token(token: usize) -> Self {
        Self(token)
    }

    /// The process's place in the process table, if it is still the one that is meant.
    pub fn index(&self) -> Option<usize> {
        self.process().map(|_| self.slot())
    }

    /// Which app this is a run of; [`ShortId::LocallyUnique`] if the process is gone.
    pub fn short_app_id(&self) -> ShortId {
        self.process()
            .map_or(ShortId::LocallyUnique, |process| process.short_app_id())
    }

    /// Start and end of the app's binary, at the addresses that the process knows; (0, 0) if the process is gone.
    pub fn get_editable_flash_range(&self) -> (usize, usize) {
        self.process().map_or((0, 0), |process| {
            let addresses = process.get_addresses();
            (addresses.flash_non_protected_start, addresses.flash_end)
        })
    }

    /// What the app may do with stored state; `None` if the process is gone.
    pub fn get_storage_permissions(&self) -> Option<StoragePermissions> {
        let table = machine().processes.get()?;
        table.with(*self, |process| process.get_storage_permissions())
    }

    fn process(&self) -> Option<&'static ProcessStandard> {
        machine().processes.get()?.find(*self)
    }

    /// The place in the process table that the process has or had.
    #[inline]
    pub fn slot(self) -> usize {
        self.0 % MAX_PROCESSES
    }
}

impl fmt::Debug for ProcessId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.id(), f)
    }
}

/// A number by which an app is known, where it has one.
#[derive(Clone, Copy, Debug)]
pub enum ShortId {
    /// The app has no number. It is not the same app as any other, not even another without a number.
    LocallyUnique,
    /// The app's number.
    Fixed(NonZeroU32),
}

impl PartialEq for ShortId {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Fixed(one), Self::Fixed(other)) => one == other,
            _ => false,
        }
    }
}

impl Eq for ShortId {}

impl From<Option<NonZeroU32>> for ShortId {
    fn from(id: Option<NonZeroU32>) -> Self {
        id.map_or(Self::LocallyUnique, Self::Fixed)
    }
}

impl fmt::Display for ShortId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LocallyUnique => f.pad("Unique"),
            Self::Fixed(id) => write!(f, "{id:#x}"),
        }
    }
}
