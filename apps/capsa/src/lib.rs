//! What an app is written with: its start, system calls, drivers and tasks.
//!
//! An app is an ordinary `fn main`, named to [`app!`]. It needs no `unsafe` and no heap. What waits for
//! people or for time is there as a future for [`tasks`]; other calls wait by themselves.
//!
//! On the host the same app is an ordinary program: its system calls reach a [`fake::Kernel`], which tests look
//! into.
#![cfg_attr(target_os = "none", no_std)]

pub mod alarm;
pub mod completion;
pub mod console;
pub mod date_time;
mod door;
pub mod error;
#[cfg(not(target_os = "none"))]
pub mod fake;
#[cfg(all(target_os = "none", feature = "alloc"))]
mod heap;
pub mod ipc;
pub mod keyboard;
pub mod led;
pub mod low_level_debug;
mod name;
mod pieces;
pub mod process;
pub mod rng;
pub mod start;
pub mod syscall;
pub mod tasks;
pub mod text_screen;

pub use error::{ErrorCode, Result};
