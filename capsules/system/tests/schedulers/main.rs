//! What each scheduler promises, tried as the kernel would use it.

mod bench;
mod cooperative;
mod mlfq;
mod priority;
mod reference;
mod round_robin;
