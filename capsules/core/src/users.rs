//! Who may use a device that people share out.

use kernel::ProcessId;

/// The processes that may use a device now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Users {
    /// Every one.
    All,
    /// This one alone.
    One(ProcessId),
    /// None: people have it for themselves.
    None,
}

impl Users {
    /// Whether a process is among them.
    pub(crate) fn include(self, process_id: ProcessId) -> bool {
        match self {
            Self::All => true,
            Self::One(user) => user == process_id,
            Self::None => false,
        }
    }
}
