//! Schedulers, under Tock's names. Each picks the next process in a few instructions, however many
//! processes there are.

mod cooperative;
mod mlfq;
mod priority;
mod rotation;
mod round_robin;

pub use cooperative::CooperativeSched;
pub use mlfq::MLFQSched;
pub use priority::PrioritySched;
pub use round_robin::RoundRobinSched;
