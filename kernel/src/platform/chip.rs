//! The processor and its interrupts, as the kernel loop sees them.

/// The processor.
///
/// Interrupts are off whenever kernel code runs. These two functions are the only places where the
/// kernel lets them in; a handler acknowledges its line, calls
/// [`interrupt_raised`](super::interrupt_raised) and returns.
pub trait Chip {
    /// Lets interrupts that wait be handled now, and returns with interrupts off.
    fn accept_interrupts(&self);

    /// Sleeps until an interrupt has been handled, and returns with interrupts off.
    ///
    /// The kernel calls it with interrupts off and an empty ready set. Switching interrupts on and going to
    /// sleep must be one step for an interrupt that waits, or a wake-up could be lost between them.
    fn sleep(&self);
}

/// Serves interrupts: the board's table from lines to drivers.
pub trait InterruptService {
    /// Serves an interrupt of line `interrupt`. Returns whether the line has a driver.
    ///
    /// Called from the kernel loop. Interrupts of one line may be merged, so the driver must look at its
    /// device for all there is to do.
    fn service_interrupt(&self, interrupt: u32) -> bool;
}

impl InterruptService for () {
    fn service_interrupt(&self, _interrupt: u32) -> bool {
        false
    }
}
