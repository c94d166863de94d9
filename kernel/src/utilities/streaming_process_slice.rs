//! A stream of chunks to a process that does not say when it is ready for the next one: packets, samples.
//!
//! The process shares a buffer that starts with a header, the driver appends chunks behind it, and the
//! process takes what has come by swapping a fresh buffer in, which is one step of the kernel's. So
//! nothing is lost between two buffers, and the driver keeps none of its own.
//!
//! | bytes | field | |
//! |---|---|---|
//! | 0..2 | version | 0 |
//! | 2..4 | flags, big-endian | bit 0 EXCEEDED, bit 1 HALT, the others 0 |
//! | 4..8 | offset, native-endian | how many bytes of data there are |
//! | 8.. | data | |
//!
//! The process writes the header before it shares the buffer: offset 0, EXCEEDED clear, HALT as it likes. The
//! driver never writes below `offset`; above it, it may. A chunk goes in whole or not at all: if it does
//! not fit, EXCEEDED is set. From then on a buffer with HALT takes nothing more, and one without takes
//! smaller chunks that still fit. A process believes the header and not the number of upcalls.

use crate::{ErrorCode, processbuffer::WriteableProcessSlice};

const HEADER_BYTES: usize = 8;
const EXCEEDED: u16 = 1 << 0;
const HALT: u16 = 1 << 1;

/// The buffer of a process that chunks are appended to. The module says how it is laid out.
#[repr(transparent)]
pub struct StreamingProcessSlice<'a> {
    slice: &'a WriteableProcessSlice,
}

/// What the buffer starts with, but for its version.
#[derive(Clone, Copy)]
struct Header {
    flags: u16,
    offset: u32,
}

impl<'a> StreamingProcessSlice<'a> {
    /// The buffer `slice`. Its header is checked at each chunk, because the process can change it.
    pub fn new(slice: &'a WriteableProcessSlice) -> Self {
        Self { slice }
    }

    /// Appends `chunk`. Returns whether it is the first one in the buffer that has a byte, and the
    /// offset behind it.
    ///
    /// # Errors
    /// `SIZE` if the chunk does not fit, or the buffer is too short for a header. `BUSY` if the buffer takes
    /// nothing more. `INVAL` for a version or a flag that is not known. `FAIL` if the offset does not fit its
    /// field.
    pub fn append_chunk(&self, chunk: &[u8]) -> Result<(bool, u32), ErrorCode> {
        let header = self.open()?;
        let start = header.offset as usize;
        let end = start.checked_add(chunk.len()).ok_or(ErrorCode::FAIL)?;
        let new_offset = u32::try_from(end).map_err(|_| ErrorCode::FAIL)?;
        let Some(room) = self.slice[HEADER_BYTES..].get(start..end) else {
            return self.exceed(header);
        };
        room.copy_from_slice_or_err(chunk)?;
        self.close(header, new_offset)
    }

    /// Appends the bytes of `src` as one chunk, as [`Self::append_chunk`] does. If they do not fit, those that
    /// do are in the buffer, above the offset.
    ///
    /// # Errors
    /// Those of [`Self::append_chunk`].
    pub fn append_chunk_from_iter<I: IntoIterator<Item = u8>>(
        &self,
        src: I,
    ) -> Result<(bool, u32), ErrorCode> {
        let header = self.open()?;
        let data = &self.slice[HEADER_BYTES..];
        let mut end = header.offset as usize;
        for byte in src {
            let Some(place) = data.get(end) else {
                return self.exceed(header);
            };
            place.set(byte);
            end += 1;
        }
        let new_offset = u32::try_from(end).map_err(|_| ErrorCode::FAIL)?;
        self.close(header, new_offset)
    }

    /// The header, if another chunk may be written.
    fn open(&self) -> Result<Header, ErrorCode> {
        let mut bytes = [0; HEADER_BYTES];
        let start = self.slice.get(..HEADER_BYTES).ok_or(ErrorCode::SIZE)?;
        start.copy_to_slice_or_err(&mut bytes)?;
        let [version0, version1, flags0, flags1, offset @ ..] = bytes;
        let flags = u16::from_be_bytes([flags0, flags1]);
        if [version0, version1] != [0, 0] || flags & !(EXCEEDED | HALT) != 0 {
            return Err(ErrorCode::INVAL);
        }
        if flags == EXCEEDED | HALT {
            return Err(ErrorCode::BUSY);
        }
        Ok(Header {
            flags,
            offset: u32::from_ne_bytes(offset),
        })
    }

    fn close(&self, old: Header, offset: u32) -> Result<(bool, u32), ErrorCode> {
        self.write(Header { offset, ..old })?;
        Ok((old.offset == 0 && offset != 0, offset))
    }

    fn exceed(&self, old: Header) -> Result<(bool, u32), ErrorCode> {
        let flags = old.flags | EXCEEDED;
        self.write(Header { flags, ..old })?;
        Err(ErrorCode::SIZE)
    }

    fn write(&self, header: Header) -> Result<(), ErrorCode> {
        let [flags0, flags1] = header.flags.to_be_bytes();
        let [a, b, c, d] = header.offset.to_ne_bytes();
        self.slice[..HEADER_BYTES].copy_from_slice_or_err(&[0, 0, flags0, flags1, a, b, c, d])
    }
}
