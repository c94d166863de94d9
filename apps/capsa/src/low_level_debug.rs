//! Numbers for whoever debugs an app: they come out although nothing else works.

use crate::error::Result;
use crate::syscall::command;

const DRIVER: usize = 8;

/// Reports an alert code; Tock names the first few, such as 1 for a panic.
///
/// # Errors
///
/// `NODEVICE` without the driver.
pub fn alert(code: u32) -> Result {
    command(DRIVER, 1, code as usize, 0).unit()
}

/// Prints a number, in hexadecimal.
///
/// # Errors
///
/// `NODEVICE` without the driver.
pub fn print(number: usize) -> Result {
    command(DRIVER, 2, number, 0).unit()
}

/// Prints two numbers, in hexadecimal.
///
/// # Errors
///
/// `NODEVICE` without the driver.
pub fn print_two(first: usize, second: usize) -> Result {
    command(DRIVER, 3, first, second).unit()
}
