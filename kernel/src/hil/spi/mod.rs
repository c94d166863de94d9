//! SPI: a clock, a line each way, and a line for each slave that says it is meant.
//!
//! Both ends send at once: for each byte written, one is read. [`SpiMaster`] is the whole bus,
//! [`SpiMasterDevice`] one slave on it, [`SpiSlave`] the other end.

pub mod cs;
mod master;
mod settings;
mod slave;

pub use master::{SpiMaster, SpiMasterClient, SpiMasterDevice};
pub use settings::{ClockPhase, ClockPolarity, DataOrder};
pub use slave::{SpiSlave, SpiSlaveClient, SpiSlaveDevice};
