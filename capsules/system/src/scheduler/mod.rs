//! Schedulers, under Tock's names. Each picks the next process in a few instructions, however many
//! processes there are.

mod rotation;
mod round_robin;

pub use round_robin::RoundRobinSched;
