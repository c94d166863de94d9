//! Processes: untrusted apps, each in its own address space.

mod error;
mod id;
mod memory;
mod stored_state;

pub use error::Error;
pub use id::ProcessId;
pub use memory::{PAGE_BYTES, ProcessMemory, Window};
pub use stored_state::{CallResult, StoredState};
