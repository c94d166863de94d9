//! SPI: a bus as its master sees it, one slave on a bus of somebody else's, and the other end.

mod device;
mod master;
mod slave;
mod wire;

pub use device::SpiDevice;
pub use master::SpiMaster;
pub use slave::SpiSlave;
