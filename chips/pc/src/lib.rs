//! The devices of a PC, behind the kernel's HIL.
//!
//! Each driver owns its I/O ports: a board makes one of each. Data sheets and specifications are cited
//! where a fact is used.
//!
//! No driver has an interrupt handler of its own. The one of each line acknowledges it at the controller
//! ([`pic`]) and sets its bit; the driver's `handle_interrupt` is called by the kernel loop, with interrupts
//! off. So what a driver keeps is shared with no handler, and a `Cell` is enough.
#![no_std]

#[cfg(test)]
extern crate std;

pub mod clock;
pub mod cmos;
pub mod flash;
pub mod pic;
mod pit;
mod port;
pub mod power;
pub mod ps2;
pub mod uart;
pub mod vga;
