//! The two 8259A interrupt controllers (Intel data sheet 231468).
//!
//! Their registers are what an interrupt handler and the kernel share here. A handler writes commands and reads the
//! in-service register that it has selected itself; the kernel reads and writes masks, with interrupts off.

use chip_x86_64::{FIRST_INTERRUPT_VECTOR, INTERRUPT_LINES, InterruptController};
use kernel::utilities::registers::interfaces::{Readable, Writeable};
use pic8259::ChainedPics;

use crate::port::Port;

/// The line of the first controller that the second one hangs on.
const CASCADE: usize = 2;

/// Lines where an interrupt that vanished before it was acknowledged shows up: the last of each
/// controller ("default IR7").
const SPURIOUS: [usize; 2] = [7, 15];

/// Command ports of the two controllers.
const COMMAND: [u16; 2] = [0x20, 0xa0];

/// Operation command word 2: the interrupt in service has been served ("non-specific EOI").
const END_OF_INTERRUPT: u8 = 0x20;

/// Operation command word 3: the next read of the command port gives the in-service register.
const READ_IN_SERVICE: u8 = 0x0b;

/// Both controllers, as one with sixteen lines.
pub struct Pic(());

impl Pic {
    /// Makes line 0 interrupt at the processor's first free vector and masks every line.
    ///
    /// A PC has these controllers, so a board makes this once, before interrupts are switched on.
    pub fn new() -> Self {
        let mut controllers = controllers();
        // SAFETY: the vectors are those of the interrupt stubs, and interrupts are off.
        unsafe {
            controllers.initialize();
            controllers.write_masks(!(1 << CASCADE), !0);
        }
        Self(())
    }

    /// Lets `line` interrupt.
    ///
    /// # Panics
    /// If there is no such line.
    pub fn enable(&self, line: usize) {
        assert!(
            line < INTERRUPT_LINES,
            "the interrupt controller has no line {line}"
        );
        let mut controllers = controllers();
        // SAFETY: every line has a stub; a line without a driver is reported by the kernel loop.
        unsafe {
            let [first, second] = controllers.read_masks();
            let masks = u16::from_le_bytes([first, second]) & !(1 << line);
            let [first, second] = masks.to_le_bytes();
            controllers.write_masks(first, second);
        }
    }
}

impl Default for Pic {
    fn default() -> Self {
        Self::new()
    }
}

impl InterruptController for Pic {
    #[inline]
    fn acknowledge(line: usize) -> bool {
        if SPURIOUS.contains(&line) && !is_in_service(line) {
            if line == SPURIOUS[1] {
                // The first controller has seen a real interrupt of its cascade line.
                end_of_interrupt(CASCADE);
            }
            return false;
        }
        end_of_interrupt(line);
        true
    }
}

const fn controllers() -> ChainedPics {
    // SAFETY: the ports belong to the controllers of every PC; only this file uses them.
    unsafe { ChainedPics::new_contiguous(FIRST_INTERRUPT_VECTOR) }
}

/// On the way of each interrupt, so it does not ask `pic8259`, which searches for the line's controller.
#[inline]
fn end_of_interrupt(line: usize) {
    if line >= 8 {
        command(1).set(END_OF_INTERRUPT);
    }
    command(0).set(END_OF_INTERRUPT);
}

#[cold]
fn is_in_service(line: usize) -> bool {
    let command = command(line / 8);
    command.set(READ_IN_SERVICE);
    command.get() & (1 << (line % 8)) != 0
}

#[inline]
fn command(controller: usize) -> Port {
    // SAFETY: as above; commands change no memory.
    unsafe { Port::new(COMMAND[controller]) }
}
