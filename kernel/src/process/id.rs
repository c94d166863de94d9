//! Who a process is.

/// Names one run of one app. It stays the name of that run for ever: after a restart the app has another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProcessId {
    index: usize,
    identifier: usize,
}

impl ProcessId {
    /// The process in place `index` of the process table, in its run number `identifier`.
    pub const fn new(index: usize, identifier: usize) -> Self {
        Self { index, identifier }
    }

    /// A number that no other run of any app has.
    pub fn id(&self) -> usize {
        self.identifier
    }

    /// The process's place in the process table.
    pub fn index(&self) -> Option<usize> {
        Some(self.index)
    }
}
