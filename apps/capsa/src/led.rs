//! Lights, counted from 0.

use crate::error::Result;
use crate::syscall::command;

const DRIVER: usize = 2;

/// How many lights there are.
///
/// # Errors
///
/// `NODEVICE` without lights.
pub fn count() -> Result<usize> {
    command(DRIVER, 0, 0, 0).u32().map(|count| count as usize)
}

/// Turns a light on.
///
/// # Errors
///
/// `INVAL` if there is no such light.
pub fn turn_on(light: usize) -> Result {
    command(DRIVER, 1, light, 0).unit()
}

/// Turns a light off.
///
/// # Errors
///
/// `INVAL` if there is no such light.
pub fn turn_off(light: usize) -> Result {
    command(DRIVER, 2, light, 0).unit()
}

/// Turns a light on if it is off, and off if it is on.
///
/// # Errors
///
/// `INVAL` if there is no such light.
pub fn toggle(light: usize) -> Result {
    command(DRIVER, 3, light, 0).unit()
}

/// Whether a light is on.
///
/// # Errors
///
/// `INVAL` if there is no such light; `NOSUPPORT` where the kernel does not tell.
pub fn is_on(light: usize) -> Result<bool> {
    command(DRIVER, 4, light, 0).u32().map(|lit| lit != 0)
}
