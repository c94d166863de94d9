//! Buffers that a process shares: what a driver opens to get at the bytes.

use core::{cell::Cell, ptr};

use super::{ReadableProcessSlice, WriteableProcessSlice};
use crate::{
    machine::machine,
    process::{Error, ProcessId, ProcessStandard},
};

/// A buffer that a driver may read.
pub trait ReadableProcessBuffer {
    /// How many bytes the process shares: 0 if it shares none, or is gone.
    fn len(&self) -> usize;

    /// Whether the process shares no byte.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The buffer's address as the process knows it; null if it was shared with no byte in it.
    ///
    /// A word to hand back to the process, in an upcall. It points to nothing in the kernel's own
    /// addresses, and nothing can be read through it.
    fn ptr(&self) -> *const u8;

    /// Calls `fun` with the bytes.
    ///
    /// # Errors
    /// `NoSuchApp` if the process is gone or never shared a buffer; `fun` is not called.
    fn enter<F, R>(&self, fun: F) -> Result<R, Error>
    where
        F: FnOnce(&ReadableProcessSlice) -> R;
}

/// A buffer that a driver may read and write.
pub trait WriteableProcessBuffer: ReadableProcessBuffer {
    /// The same word as [`ReadableProcessBuffer::ptr`].
    fn mut_ptr(&self) -> *mut u8 {
        self.ptr().cast_mut()
    }

    /// Calls `fun` with the bytes.
    ///
    /// # Errors
    /// `NoSuchApp` if the process is gone or never shared a buffer; `fun` is not called.
    fn mut_enter<F, R>(&self, fun: F) -> Result<R, Error>
    where
        F: FnOnce(&WriteableProcessSlice) -> R;
}

/// A buffer that a process shares for reading, for as long as its grant is entered.
#[derive(Clone, Copy)]
pub struct ReadOnlyProcessBufferRef<'a> {
    user_address: usize,
    bytes: &'a [Cell<u8>],
}

impl<'a> ReadOnlyProcessBufferRef<'a> {
    /// The buffer that the process knows by `user_address` and the kernel sees as `bytes`. A process that
    /// shares nothing shares no bytes.
    #[inline]
    pub fn new(user_address: usize, bytes: &'a [Cell<u8>]) -> Self {
        Self {
            user_address,
            bytes,
        }
    }
}

impl ReadableProcessBuffer for ReadOnlyProcessBufferRef<'_> {
    #[inline]
    fn len(&self) -> usize {
        self.bytes.len()
    }

    #[inline]
    fn ptr(&self) -> *const u8 {
        user_pointer(self.user_address, self.bytes.len())
    }

    #[inline]
    fn enter<F, R>(&self, fun: F) -> Result<R, Error>
    where
        F: FnOnce(&ReadableProcessSlice) -> R,
    {
        Ok(fun(ReadableProcessSlice::from_cells(self.bytes)))
    }
}

/// A buffer that a process shares for reading and writing, for as long as its grant is entered.
#[derive(Clone, Copy)]
pub struct ReadWriteProcessBufferRef<'a> {
    user_address: usize,
    bytes: &'a [Cell<u8>],
}

impl<'a> ReadWriteProcessBufferRef<'a> {
    /// The buffer that the process knows by `user_address` and the kernel sees as `bytes`. A process that
    /// shares nothing shares no bytes.
    #[inline]
    pub fn new(user_address: usize, bytes: &'a [Cell<u8>]) -> Self {
        Self {
            user_address,
            bytes,
        }
    }
}

impl ReadableProcessBuffer for ReadWriteProcessBufferRef<'_> {
    #[inline]
    fn len(&self) -> usize {
        self.bytes.len()
    }

    #[inline]
    fn ptr(&self) -> *const u8 {
        user_pointer(self.user_address, self.bytes.len())
    }

    #[inline]
    fn enter<F, R>(&self, fun: F) -> Result<R, Error>
    where
        F: FnOnce(&ReadableProcessSlice) -> R,
    {
        Ok(fun(ReadableProcessSlice::from_cells(self.bytes)))
    }
}

impl WriteableProcessBuffer for ReadWriteProcessBufferRef<'_> {
    #[inline]
    fn mut_enter<F, R>(&self, fun: F) -> Result<R, Error>
    where
        F: FnOnce(&WriteableProcessSlice) -> R,
    {
        Ok(fun(WriteableProcessSlice::from_bytes(self.bytes)))
    }
}

/// A buffer that a driver may keep, and that the process goes on reading and writing. Being kept, it is
/// checked each time it is used.
#[derive(Default)]
pub struct ReadWriteProcessBuffer(Option<Shared>);

/// What [`crate::syscall::SyscallDriver`] is given by a userspace-readable allow.
pub type UserspaceReadableProcessBuffer = ReadWriteProcessBuffer;

struct Shared {
    process_id: ProcessId,
    user_address: usize,
    len_bytes: usize,
}

impl ReadWriteProcessBuffer {
    /// The `len_bytes` that the process `process_id` knows by `user_address`.
    pub(crate) fn new(user_address: usize, len_bytes: usize, process_id: ProcessId) -> Self {
        Self(Some(Shared {
            process_id,
            user_address,
            len_bytes,
        }))
    }

    /// A buffer of no process.
    pub const fn const_default() -> Self {
        Self(None)
    }

    /// The address and the length that the process gave, for handing them back to it.
    pub(crate) fn consume(self) -> (usize, usize) {
        self.0.map_or((0, 0), |it| (it.user_address, it.len_bytes))
    }

    fn with_bytes<R>(&self, fun: impl FnOnce(&[Cell<u8>]) -> R) -> Result<R, Error> {
        let shared = self.0.as_ref().ok_or(Error::NoSuchApp)?;
        let table = machine().processes.get().ok_or(Error::NoSuchApp)?;
        let bytes = |process: &ProcessStandard| {
            if !process.state().is_alive() {
                return Err(Error::NoSuchApp);
            }
            // A process may share no bytes at any address.
            if shared.len_bytes == 0 {
                return Ok(fun(&[]));
            }
            let bytes = process.accessible_bytes(shared.user_address, shared.len_bytes);
            bytes.map(fun).ok_or(Error::AddressOutOfBounds)
        };
        let result = table.with(shared.process_id, bytes);
        result.unwrap_or(Err(Error::NoSuchApp))
    }
}

impl ReadableProcessBuffer for ReadWriteProcessBuffer {
    fn len(&self) -> usize {
        self.with_bytes(<[_]>::len).unwrap_or(0)
    }

    fn ptr(&self) -> *const u8 {
        self.0.as_ref().map_or(ptr::null(), |shared| {
            user_pointer(shared.user_address, shared.len_bytes)
        })
    }

    fn enter<F, R>(&self, fun: F) -> Result<R, Error>
    where
        F: FnOnce(&ReadableProcessSlice) -> R,
    {
        self.with_bytes(|bytes| fun(ReadableProcessSlice::from_cells(bytes)))
    }
}

impl WriteableProcessBuffer for ReadWriteProcessBuffer {
    fn mut_enter<F, R>(&self, fun: F) -> Result<R, Error>
    where
        F: FnOnce(&WriteableProcessSlice) -> R,
    {
        self.with_bytes(|bytes| fun(WriteableProcessSlice::from_bytes(bytes)))
    }
}

/// The buffer's address as a pointer that nothing can be reached through; null for a buffer without bytes,
/// whose address means nothing.
fn user_pointer(user_address: usize, len_bytes: usize) -> *const u8 {
    if len_bytes == 0 {
        return ptr::null();
    }
    ptr::without_provenance(user_address)
}
