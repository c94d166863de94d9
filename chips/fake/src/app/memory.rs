//! The memory of the process, as the process sees it.

use std::cell::Cell;

use kernel::process::ProcessAddresses;

use super::App;
use crate::processor::Space;

/// Alignment of what [`App::place`] places.
const ALIGN_BYTES: usize = 16;

/// Reads and sets the break.
const SBRK: usize = 1;

impl App<'_> {
    /// Where the parts of the process are.
    #[track_caller]
    pub fn addresses(&self) -> ProcessAddresses {
        self.process(|process| process.get_addresses())
    }

    /// Bytes from the start of RAM that the process can read and write.
    #[track_caller]
    pub fn accessible_bytes(&self) -> usize {
        self.space().accessible_bytes
    }

    /// Where the kernel sees the start of RAM.
    #[track_caller]
    pub fn kernel_start(&self) -> *const u8 {
        self.space().memory.ram.kernel_start().as_ptr()
    }

    /// Reads its own image or memory.
    ///
    /// # Panics
    /// Where a process would fault.
    #[track_caller]
    pub fn read(&self, address: usize, len_bytes: usize) -> Vec<u8> {
        let space = self.space();
        let image = space.memory.image.bytes(address, len_bytes);
        match image.or_else(|| writeable(&space, address, len_bytes)) {
            Some(bytes) => bytes.iter().map(Cell::get).collect(),
            None => panic!(
                "{} reads {len_bytes} bytes at {address:#x}: not its own",
                self.name
            ),
        }
    }

    /// Writes to its own memory.
    ///
    /// # Panics
    /// Where a process would fault.
    #[track_caller]
    pub fn write(&self, address: usize, bytes: &[u8]) {
        let (space, len_bytes) = (self.space(), bytes.len());
        match writeable(&space, address, len_bytes) {
            Some(cells) => cells
                .iter()
                .zip(bytes)
                .for_each(|(cell, byte)| cell.set(*byte)),
            None => panic!(
                "{} writes {len_bytes} bytes at {address:#x}: not its own",
                self.name
            ),
        }
    }

    /// Puts `bytes` where none was put before, and returns the address. The break is moved if need be.
    ///
    /// # Panics
    /// If the process has no memory left.
    #[track_caller]
    pub fn place(&self, bytes: &[u8]) -> usize {
        self.notice_restart();
        let used_bytes = self.used_bytes.get();
        let ProcessAddresses {
            sram_start,
            sram_app_brk,
            ..
        } = self.addresses();
        let address = sram_start + used_bytes;
        let end = (address + bytes.len()).next_multiple_of(ALIGN_BYTES);
        if end > sram_app_brk
            && let Err(error) = self.memop(SBRK, end - sram_app_brk)
        {
            let (name, len_bytes) = (&self.name, bytes.len());
            panic!("{name} has no memory for {len_bytes} bytes: {error:?}");
        }
        self.used_bytes.set(end - sram_start);
        self.write(address, bytes);
        address
    }
}

/// Memory that the process can write, as its address space says.
fn writeable(space: &Space, address: usize, len_bytes: usize) -> Option<&[Cell<u8>]> {
    let ram = &space.memory.ram;
    let end = ram.addresses().start + space.accessible_bytes;
    let is_inside = address.checked_add(len_bytes)? <= end;
    is_inside.then(|| ram.bytes(address, len_bytes))?
}
