//! The 8254 interval timer (Intel data sheet 231164): one counter that interrupts, one that measures.

use kernel::utilities::registers::{
    interfaces::{ReadWriteable, Readable, Writeable},
    register_bitfields,
};

use crate::port::Port;

/// Counts per second: a third of the colour burst crystal's 14.31818 MHz, by four.
pub const FREQUENCY_HZ: u64 = 1_193_182;

/// The longest count.
pub const LONGEST: u16 = u16::MAX;

/// Microseconds in `count` counts, rounded down.
pub const fn us(count: u16) -> u64 {
    count as u64 * 1_000_000 / FREQUENCY_HZ
}

register_bitfields![u8,
    Command [
        MODE OFFSET(1) NUMBITS(3) [
            /// Counts down once; the output rises at zero.
            InterruptOnTerminalCount = 0
        ],
        ACCESS OFFSET(4) NUMBITS(2) [
            Latch = 0,
            LowThenHigh = 3
        ],
        CHANNEL OFFSET(6) NUMBITS(2) [
            Interrupt = 0,
            Speaker = 2
        ]
    ],
    /// Port B of the old peripheral interface.
    PortB [
        SPEAKER_GATE OFFSET(0) NUMBITS(1) [],
        SPEAKER_DATA OFFSET(1) NUMBITS(1) [],
        SPEAKER_OUTPUT OFFSET(5) NUMBITS(1) []
    ]
];

/// The timer.
pub struct Pit {
    interrupt_counter: Port,
    speaker_counter: Port,
    command: Port<Command::Register>,
    port_b: Port<PortB::Register>,
}

impl Pit {
    pub const fn new() -> Self {
        // SAFETY: ports of the interval timer and of the speaker's gate; this driver alone uses them.
        unsafe {
            Self {
                interrupt_counter: Port::new(0x40),
                speaker_counter: Port::new(0x42),
                command: Port::new(0x43),
                port_b: Port::new(0x61),
            }
        }
    }

    /// Interrupts once, after `count` counts, instead of when it was to before.
    pub fn interrupt_after(&self, count: u16) {
        let once = Command::MODE::InterruptOnTerminalCount + Command::ACCESS::LowThenHigh;
        self.command.write(once + Command::CHANNEL::Interrupt);
        let [low, high] = count.to_le_bytes();
        self.interrupt_counter.set(low);
        self.interrupt_counter.set(high);
    }

    /// Starts measuring. The speaker stays silent.
    pub fn start_measuring(&self) {
        let gate_open = PortB::SPEAKER_GATE::SET + PortB::SPEAKER_DATA::CLEAR;
        self.port_b.modify(gate_open);
        let once = Command::MODE::InterruptOnTerminalCount + Command::ACCESS::LowThenHigh;
        self.command.write(once + Command::CHANNEL::Speaker);
        let [low, high] = LONGEST.to_le_bytes();
        self.speaker_counter.set(low);
        self.speaker_counter.set(high);
    }

    /// Counts since [`Pit::start_measuring`]; `None` when that is too long ago to tell.
    pub fn measured(&self) -> Option<u16> {
        self.command
            .write(Command::ACCESS::Latch + Command::CHANNEL::Speaker);
        let low = self.speaker_counter.get();
        let high = self.speaker_counter.get();
        let is_over = self.port_b.is_set(PortB::SPEAKER_OUTPUT);
        (!is_over).then_some(LONGEST - u16::from_le_bytes([low, high]))
    }
}
