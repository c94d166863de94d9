//! SPI: a bus as its master sees it, and one slave on a bus of somebody else's.

mod device;
mod master;
mod wire;

pub use device::SpiDevice;
pub use master::SpiMaster;
