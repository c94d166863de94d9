//! I/O ports whose bits have names.

use core::marker::PhantomData;

use kernel::utilities::registers::{
    RegisterLongName,
    interfaces::{Readable, Writeable},
};
use x86_64::instructions::port::{PortRead, PortWrite};

/// An 8-bit I/O port.
pub struct Port<R: RegisterLongName = ()> {
    number: u16,
    names: PhantomData<R>,
}

impl<R: RegisterLongName> Port<R> {
    /// The port of that number.
    ///
    /// # Safety
    /// The port must belong to a device that its driver owns, and that can't be made to change memory
    /// through it.
    pub const unsafe fn new(number: u16) -> Self {
        Self {
            number,
            names: PhantomData,
        }
    }
}

impl<R: RegisterLongName> Readable for Port<R> {
    type T = u8;
    type R = R;

    fn get(&self) -> u8 {
        // SAFETY: `new`'s caller promised that reading does no harm to memory.
        unsafe { u8::read_from_port(self.number) }
    }
}

impl<R: RegisterLongName> Writeable for Port<R> {
    type T = u8;
    type R = R;

    fn set(&self, value: u8) {
        // SAFETY: `new`'s caller promised that writing does no harm to memory.
        unsafe { u8::write_to_port(self.number, value) }
    }
}
