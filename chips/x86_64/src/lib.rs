//! The x86-64 processor: its tables, traps and pages, how it sleeps and how it counts time.
//!
//! Facts are from the Intel 64 and IA-32 Architectures Software Developer's Manual ("SDM", volume 3
//! unless said otherwise).
#![no_std]

mod address_space;
mod compatibility;
mod context;
mod doors;
mod floating_point;
mod frame;
pub mod paging;
mod processor;
mod random;
mod segments;
pub mod time_stamp;
mod traps;
mod user_mode;

pub use processor::Processor;
pub use random::RandomNumbers;
pub use traps::{FIRST_INTERRUPT_VECTOR, INTERRUPT_LINES, InterruptController};
