//! The drivers that apps can call, as the capsules' own docs describe them.
//!
//! A capsule with a `DRIVER_NUM` has up to three tables in its `//!` docs, in this form:
//!
//! ```text
//! | command | arguments | result | errors |
//! |---|---|---|---|
//! | 1 | length | reads that much into read-write buffer 0; upcall 0 follows | `BUSY`: why; `NOMEM`; what the device says |
//!
//! | upcall | arguments |
//! |---|---|
//! | 0 | the read has ended: status, bytes read, 0 |
//!
//! | buffer | holds |
//! |---|---|
//! | read-write 0 | what is read |
//! ```
//!
//! The errors of a row stand between semicolons: each a code, with a reason or without, or words that stand for the
//! codes of something below the driver, which it passes on.
//!
//! From them comes the book's page of drivers, and the check that each row has a test.

mod capsules;
mod docs;
mod page;
mod tested;

pub use page::write as write_page;
pub use tested::{check as check_tested, forget_calls, note_calls_of, run as test_capsules};
