//! Collections that need no heap: their storage is given to them once.

mod deadline_queue;
mod ring;

pub use deadline_queue::{DeadlineNode, DeadlineQueue};
pub use ring::Ring;
