//! Collections that need no heap: their storage is given to them once.

mod deadline_queue;
pub mod list;
mod number_map;
mod number_set;
pub mod queue;
mod ring;
pub mod ring_buffer;

pub use deadline_queue::{DeadlineNode, DeadlineQueue};
pub use number_map::NumberMap;
pub use number_set::NumberSet;
pub use ring::Ring;
