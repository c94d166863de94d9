//! The endpoints that packets go to, or come from, and their buffers.

use std::{cell::RefCell, collections::BTreeMap};

use kernel::{
    hil::usb::TransferType,
    utilities::registers::{
        InMemoryRegister,
        interfaces::{Readable, Writeable},
    },
};

pub(super) type Buffer = &'static [InMemoryRegister<u8>];

/// The endpoints of one direction by their numbers. One with a type is enabled.
#[derive(Default)]
pub(super) struct Endpoints(RefCell<BTreeMap<usize, (Buffer, Option<TransferType>)>>);

impl Endpoints {
    pub(super) fn set_buffer(&self, endpoint: usize, buffer: Buffer) {
        self.0.borrow_mut().insert(endpoint, (buffer, None));
    }

    #[track_caller]
    pub(super) fn enable(&self, endpoint: usize, transfer_type: TransferType) {
        match self.0.borrow_mut().get_mut(&endpoint) {
            Some((_, enabled)) => *enabled = Some(transfer_type),
            None => panic!("endpoint {endpoint} is enabled after it has a buffer"),
        }
    }

    pub(super) fn get(&self, endpoint: usize) -> (Buffer, TransferType) {
        match self.0.borrow().get(&endpoint) {
            Some((buffer, Some(transfer_type))) => (buffer, *transfer_type),
            _ => panic!("the host uses endpoint {endpoint}, which is not enabled"),
        }
    }
}

/// Puts a packet in a buffer.
pub(super) fn write(buffer: Buffer, packet: &[u8]) {
    assert!(
        packet.len() <= buffer.len(),
        "a packet of {} bytes comes to a buffer of {}",
        packet.len(),
        buffer.len()
    );
    buffer
        .iter()
        .zip(packet)
        .for_each(|(place, byte)| place.set(*byte));
}

/// The packet of `len` bytes that is in a buffer.
pub(super) fn read(buffer: Buffer, len: usize) -> Vec<u8> {
    buffer[..len].iter().map(Readable::get).collect()
}
