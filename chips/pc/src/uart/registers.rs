//! The port's registers, and what arrives while they are set up.
//!
//! Setting up a 16550 empties its receive queue. But bytes may have arrived before: a pipe into QEMU is
//! read from the moment QEMU starts. So while the port is set up, every byte is taken out before it
//! would be dropped, and kept until somebody receives.

use kernel::utilities::registers::interfaces::{Readable, Writeable};
use uart_16550::backend::Backend;

use crate::port::Port;

/// Registers by offset.
const DATA: u8 = 0;
const FIFO_CONTROL: u8 = 2;
const MODEM_CONTROL: u8 = 4;
const LINE_STATUS: u8 = 5;

/// Bits of the FIFO control register.
const FIFO_ENABLE: u8 = 1 << 0;
const RECEIVE_RESET: u8 = 1 << 1;
/// Bit of the modem control register.
const LOOP_BACK: u8 = 1 << 4;
/// Bit of the line status register. All bits are set where there is no port.
const DATA_READY: u8 = 1 << 0;
const NO_PORT: u8 = 0xff;
/// Its bits that a read clears: what went wrong with what arrived.
pub const OVERRUN: u8 = 1 << 1;
pub const PARITY: u8 = 1 << 2;
pub const FRAMING: u8 = 1 << 3;
pub const BREAK: u8 = 1 << 4;

/// Bytes that are kept: more than the device's queue has, twice.
const EARLY: usize = 40;

/// The registers of a port.
pub struct Registers {
    base: u16,
    /// Whether what would be dropped is kept.
    pub keeps: bool,
    early: [u8; EARLY],
    pub early_len: usize,
    /// What went wrong with what has arrived, as bits of the line status register.
    pub line_errors: u8,
}

impl Registers {
    /// # Safety
    /// A 16550 or nothing must be at `base`, and nobody else may use it.
    pub const unsafe fn new(base: u16) -> Self {
        Self {
            base,
            keeps: false,
            early: [0; EARLY],
            early_len: 0,
            line_errors: 0,
        }
    }

    /// Moves what was kept into `room`; returns how many bytes.
    pub fn take_early(&mut self, room: &mut [u8]) -> usize {
        let taken = room.len().min(self.early_len);
        room[..taken].copy_from_slice(&self.early[..taken]);
        self.early.copy_within(taken..self.early_len, 0);
        self.early_len -= taken;
        taken
    }

    /// Writes to the device's queue, which must have room.
    pub fn send(&mut self, bytes: &[u8]) {
        let data = self.port(DATA);
        bytes.iter().for_each(|byte| data.set(*byte));
    }

    fn port(&self, offset: u8) -> Port {
        // SAFETY: `new`'s caller promised that the port is ours.
        unsafe { Port::new(self.base + u16::from(offset)) }
    }

    fn keep(&mut self, byte: u8) {
        if let Some(place) = self.early.get_mut(self.early_len) {
            *place = byte;
            self.early_len += 1;
        }
    }

    /// Empties the device and switches its queue on, which drops what has arrived. With the queue off the
    /// next byte arrives after this one was taken, so the line is cut between the two by looping the port
    /// back to itself.
    fn keep_all(&mut self) {
        let modem_control = self.port(MODEM_CONTROL).get();
        self.port(MODEM_CONTROL).set(LOOP_BACK);
        for _ in 0..EARLY {
            let status = self.port(LINE_STATUS).get();
            if status & DATA_READY == 0 || status == NO_PORT {
                break;
            }
            let byte = self.port(DATA).get();
            self.port(FIFO_CONTROL).set(FIFO_ENABLE);
            self.keep(byte);
        }
        self.port(MODEM_CONTROL).set(modem_control);
    }
}

impl Backend for Registers {
    unsafe fn read(&mut self, offset: u8) -> u8 {
        let value = self.port(offset).get();
        // Set-up reads data only to drop it.
        if self.keeps && offset == DATA {
            self.keep(value);
        }
        if offset == LINE_STATUS && value != NO_PORT {
            self.line_errors |= value & (OVERRUN | PARITY | FRAMING | BREAK);
        }
        value
    }

    unsafe fn write(&mut self, offset: u8, value: u8) {
        if self.keeps && offset == FIFO_CONTROL {
            self.keep_all();
            return self.port(offset).set(value & !RECEIVE_RESET);
        }
        self.port(offset).set(value);
    }
}
