//! What an app is written with: its start, system calls, drivers and tasks.
//!
//! An app is an ordinary `fn main`, named to [`app!`]. It needs no `unsafe` and no heap. Calls that wait are
//! there twice: as plain functions, and as futures for [`tasks`].
//!
//! On the host the same app is an ordinary program: its system calls reach a [`fake::Kernel`], which tests look
//! into.
#![cfg_attr(target_os = "none", no_std)]

mod door;
pub mod console;
pub mod error;
#[cfg(not(target_os = "none"))]
pub mod fake;
pub mod process;
pub mod start;
pub mod syscall;

pub use error::{ErrorCode, Result};
