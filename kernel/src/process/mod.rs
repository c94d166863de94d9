//! Processes: untrusted apps, each in its own address space.

mod app_memory;
mod error;
mod grants;
mod id;
mod image_buffer;
mod introspection;
mod life;
mod load_error;
mod loader;
mod memory;
mod memory_pool;
mod printer;
mod standard;
mod state;
mod storage_policy;
mod stored_state;
mod table;
mod upcall_queue;
mod upcalls;

pub use error::Error;
pub(crate) use grants::GrantNumber;
pub use id::{MAX_PROCESSES, ProcessId, ShortId};
pub use image_buffer::ImageBuffer;
pub use introspection::{Process, ProcessAddresses, ProcessSizes};
pub use load_error::ProcessLoadError;
pub use loader::LoadError;
pub use memory::{PAGE_BYTES, ProcessMemory, Window};
pub use memory_pool::MemoryPool;
pub use printer::{ProcessPrinter, ProcessPrinterContext};
pub use standard::ProcessStandard;
pub use state::{FaultAction, ProcessFaultPolicy, State, StoppedState};
pub use storage_policy::StoragePermissionsPolicy;
pub use stored_state::{CallResult, StoredState};
pub use table::{FaultReason, ProcessEndClient, ProcessSlot, ProcessTable};
pub use upcall_queue::QueuedUpcall;
