//! Small tools that drivers of all kinds use, under Tock's names.

pub mod binary_write;
pub mod cells;
pub mod copy_slice;
pub mod io_write;
pub mod leasable_buffer;
pub mod math;
pub mod mut_imut_buffer;
pub mod static_init;
pub mod streaming_process_slice;

/// Descriptions of device registers, from the `tock-registers` crate.
pub mod registers {
    pub use tock_registers::fields::{Field, FieldValue};
    pub use tock_registers::interfaces;
    pub use tock_registers::registers::InMemoryRegister;
    pub use tock_registers::registers::{Aliased, ReadOnly, ReadWrite, WriteOnly};
    pub use tock_registers::{LocalRegisterCopy, RegisterLongName};
    pub use tock_registers::{register_bitfields, register_structs};
}
