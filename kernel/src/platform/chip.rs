//! The processor and its interrupts, as the kernel loop sees them.

use core::{fmt, ops::Range};

use crate::process::{ProcessMemory, StoredState};

/// The processor.
///
/// Interrupts are off whenever kernel code runs. These three functions are the only places where the
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

    /// Lets a process run, with interrupts on, until one of the events in [`Pause`], and returns with
    /// interrupts off. Each system call on the way is handed to `calls`.
    ///
    /// # Panics
    /// If the process was not created and started (see [`AddressSpaces`]).
    fn run_process<H: SystemCallHandler>(&self, state: &StoredState, calls: &mut H) -> Pause;
}

/// Why a process does not run any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pause {
    /// [`SystemCallHandler::system_call`] said so.
    SystemCall,
    /// An interrupt was handled.
    Interrupted,
    /// The process did what it may not do. [`AddressSpaces::write_fault`] says what.
    Fault,
}

/// What serves system calls: the kernel.
///
/// # Safety
/// A process waits in the middle of its call. So none of this returns after it has let a process run
/// ([`Chip::run_process`]).
pub unsafe trait SystemCallHandler {
    /// Serves the system call in the process's [`StoredState::call`] and leaves its result there. Returns
    /// whether the process goes on at once. A process that was started anew on the way does not.
    fn system_call(&mut self) -> bool;
}

/// How wide the registers of a process are, which decides by which door it makes system calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WordSize {
    /// 32 bits.
    Bits32,
    /// 64 bits.
    Bits64,
}

/// The processor's means to keep processes apart. None of this is on the way of a system call.
///
/// # Safety
/// The kernel divides memory by what [`table_bytes`](AddressSpaces::table_bytes) and
/// [`extra_state_bytes`](AddressSpaces::extra_state_bytes) say: they say the same whenever they are asked. The kernel
/// lies in the memory of processes, so nobody but the process writes there, and it no more than it may; and to none
/// of it after [`forget`](AddressSpaces::forget).
pub unsafe trait AddressSpaces {
    /// The addresses that a process can have, in whole pages; never the page at 0.
    fn user_addresses(&self) -> Range<usize>;

    /// Bytes that a process that sees its image and its RAM at these addresses needs for the processor's own
    /// tables, in whole pages.
    fn table_bytes(&self, image: &Range<usize>, ram: &Range<usize>) -> usize;

    /// Bytes that the processor keeps of a process beyond its [`StoredState`], a multiple of 64.
    fn extra_state_bytes(&self) -> usize;

    /// Makes an address space in which the process sees its image, to read and execute, and nothing else
    /// yet, and keeps in `state` what it needs to find it.
    ///
    /// # Safety
    /// `tables` must be [`AddressSpaces::table_bytes`] bytes that start a page, `extra_state` must be
    /// [`AddressSpaces::extra_state_bytes`] bytes aligned to 64, both seen where the kernel sees `memory`.
    /// They and `memory` must belong to this process alone until `state` is used no more.
    unsafe fn create(
        &self,
        state: &StoredState,
        memory: &ProcessMemory,
        tables: *mut u8,
        extra_state: *mut u8,
    );

    /// Forgets a process: its state and its memory are about to be given to somebody else.
    fn forget(&self, state: &StoredState);

    /// Lets the process read and write the first `accessible_bytes` of its memory, whole pages, and no more.
    fn set_accessible(&self, state: &StoredState, memory: &ProcessMemory, accessible_bytes: usize);

    /// Makes the registers those of a process that is about to execute its first instruction.
    fn start(&self, state: &StoredState, entry: &Entry);

    /// Writes the registers, for people.
    ///
    /// # Errors
    /// Those of `out`.
    fn write_registers(&self, state: &StoredState, out: &mut dyn fmt::Write) -> fmt::Result;

    /// Writes what the process did when it was paused with [`Pause::Fault`], in one line.
    ///
    /// # Errors
    /// Those of `out`.
    fn write_fault(&self, state: &StoredState, out: &mut dyn fmt::Write) -> fmt::Result;
}

/// Where and how a process starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Address of its first instruction.
    pub function: usize,
    /// Its arguments: where the app's binary starts, where its memory starts, how long that is, and the end
    /// of what it may access (TRD 104 leaves them to the platform; Tock's apps expect these).
    pub arguments: [usize; 4],
    /// Its first stack pointer.
    pub stack_pointer: usize,
    /// The width of its registers.
    pub word_size: WordSize,
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
