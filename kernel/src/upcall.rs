//! Upcalls: how a driver tells a process that something has happened.

use core::fmt;

/// Which upcall of which driver.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct UpcallId {
    /// The driver's number.
    pub driver_num: usize,
    /// The number that the process subscribed with.
    pub subscribe_num: usize,
}

impl fmt::Debug for UpcallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x}:{}", self.driver_num, self.subscribe_num)
    }
}

/// Why an upcall could not be scheduled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpcallError {
    /// The driver's grant has no upcall of that number: a mistake in the driver.
    InvalidSubscribeNum,
    /// As many upcalls wait as the process has room for. The upcall is dropped and counted.
    QueueFull,
    /// The process has ended or has faulted.
    KernelError,
}
