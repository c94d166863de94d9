//! The devices of a PC, behind the kernel's HIL.
//!
//! Each driver owns its I/O ports: a board makes one of each. Data sheets and specifications are cited
//! where a fact is used.
#![no_std]

#[cfg(test)]
extern crate std;

pub mod clock;
pub mod cmos;
pub mod pic;
mod pit;
mod port;
pub mod power;
pub mod ps2;
pub mod uart;
pub mod vga;
