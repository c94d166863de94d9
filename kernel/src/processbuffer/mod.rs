//! Memory that a process shares with a driver: what stands behind `allow`, under Tock's names.
//!
//! A process may share the same bytes several times, read-only here and read-write there, so no driver
//! ever gets a `&[u8]` or a `&mut [u8]` of them: it gets a slice of cells ([`ReadableProcessSlice`],
//! [`WriteableProcessSlice`]), and only inside a closure, so that it cannot keep it.
//!
//! In Tock a process's addresses are the kernel's. Here they are not, and that decides what a buffer is:
//!
//! - [`ReadOnlyProcessBufferRef`] and [`ReadWriteProcessBufferRef`], which a grant hands out while it is
//!   entered, hold the bytes as the kernel sees them. Whoever makes one has checked them, so using
//!   one costs no look-up.
//! - [`ReadWriteProcessBuffer`], which a driver may keep, holds an address of the process's and the name
//!   of the process. Each use asks where that memory is now, and fails once the process is gone.
//!
//! Tock's owned `ReadOnlyProcessBuffer` is not here: no driver can come by one.

mod buffer;
mod slice;

pub use buffer::{
    ReadOnlyProcessBufferRef, ReadWriteProcessBuffer, ReadWriteProcessBufferRef,
    ReadableProcessBuffer, UserspaceReadableProcessBuffer, WriteableProcessBuffer,
};
pub use slice::{
    ProcessSlice, ProcessSliceIndex, ReadableProcessByte, ReadableProcessSlice,
    WriteableProcessSlice,
};
