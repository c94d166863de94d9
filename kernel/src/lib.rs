//! Capsa's kernel: the traits that drivers and chips meet at, and the loop that serves them.
//!
//! The kernel knows no architecture. A chip crate implements [`platform::Chip`] and the traits in
//! [`hil`]; capsules use those traits and may be written as `async fn`; a board names both and
//! starts [`Kernel::run`].
//!
//! # The invariant ONE-THREAD
//!
//! All kernel code, every capsule and every driver run on one processor with interrupts off, except
//! in the short windows that [`platform::Chip`] opens, when no kernel code is half done. An interrupt
//! handler calls nothing here but [`platform::interrupt_raised`], which touches atomics only. So a
//! `Cell` is all that shared state needs. Each use of this invariant cites its name.
//!
//! The ready set is all that a handler and the code that it interrupts share in memory: a handler is a
//! function that is given a line's number, so it could reach nothing else but a static, and `cargo xtask
//! check` knows them all. The set is model-checked (`tests/loom.rs`). Rings, deferred calls and whatever a
//! driver keeps belong to kernel code alone. In QEMU an interrupt is made to come at every instruction of
//! the loop and of a system call (`system-tests/tests/interrupts.rs` of the board).
#![no_std]
#![deny(clippy::undocumented_unsafe_blocks)]

#[cfg(not(target_os = "none"))]
extern crate std;

pub mod boot;
pub mod capabilities;
pub mod collections;
pub mod component;
pub mod debug;
pub mod deferred_call;
mod dispatch;
pub mod dynamic_binary_storage;
pub mod errorcode;
pub mod grant;
pub mod hil;
pub mod introspection;
mod kernel;
mod machine;
pub mod platform;
pub mod pool;
pub mod process;
pub mod processbuffer;
pub mod ready;
pub mod scheduler;
pub mod storage_permissions;
pub mod syscall;
mod syscall_driver;
pub mod task;
pub mod tbf;
pub mod upcall;
pub mod utilities;

pub use crate::errorcode::ErrorCode;
pub use crate::kernel::Kernel;
pub use crate::process::ProcessId;
pub use crate::tbf::{KERNEL_MAJOR_VERSION, KERNEL_MINOR_VERSION};
