//! What a driver has of a process inside its grant: its own state, and what the process has given it.

use core::{
    cell::Cell,
    ops::{Deref, DerefMut},
};

use crate::{
    process::{Error, ProcessStandard, QueuedUpcall},
    processbuffer::{ReadOnlyProcessBufferRef, ReadWriteProcessBufferRef},
    upcall::{UpcallError, UpcallId},
};

use super::layout::{KernelPart, Kind};

/// The state that a driver keeps of a process, inside a closure.
pub struct GrantData<'a, T: 'a + ?Sized> {
    pub(super) data: &'a mut T,
}

impl<T: ?Sized> Deref for GrantData<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.data
    }
}

impl<T: ?Sized> DerefMut for GrantData<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.data
    }
}

/// What a process has given to a driver, inside a closure: its upcalls and its buffers.
pub struct GrantKernelData<'a> {
    pub(super) process: &'a ProcessStandard,
    pub(super) driver_num: usize,
    pub(super) part: KernelPart<'a>,
}

impl GrantKernelData<'_> {
    /// Schedules the upcall that the process has subscribed to under `subscribe_num`, with the values `r`.
    ///
    /// # Errors
    /// [`UpcallError`].
    #[inline]
    pub fn schedule_upcall(
        &self,
        subscribe_num: usize,
        r: (usize, usize, usize),
    ) -> Result<(), UpcallError> {
        let id = self.upcall_id(subscribe_num);
        let arguments = [r.0, r.1, r.2];
        // Most often the process waits for just this.
        if self.process.waits_for(id) && self.part.has(Kind::Upcall, subscribe_num) {
            self.process.answer_wait(arguments);
            return Ok(());
        }
        let upcall = self.part.pair(Kind::Upcall, subscribe_num);
        let (function, appdata) = upcall.ok_or(UpcallError::InvalidSubscribeNum)?.get();
        self.process.enqueue(QueuedUpcall {
            id,
            function,
            appdata,
            arguments,
        })
    }

    /// Takes the first upcall of this number that waits out of the process's queue.
    pub fn remove_upcall(&self, subscribe_num: usize) -> Option<QueuedUpcall> {
        self.process.take_upcall(self.upcall_id(subscribe_num))
    }

    /// Takes all upcalls of this number that wait out of the process's queue, and returns how many.
    pub fn remove_pending_upcalls(&self, subscribe_num: usize) -> usize {
        self.process.drop_upcalls(self.upcall_id(subscribe_num))
    }

    /// The buffer that the process shares to be read under `allow_ro_num`; empty if it shares none.
    ///
    /// # Errors
    /// `AddressOutOfBounds` if the grant has no such number.
    #[inline]
    pub fn get_readonly_processbuffer(
        &self,
        allow_ro_num: usize,
    ) -> Result<ReadOnlyProcessBufferRef<'_>, Error> {
        let (address, bytes) = self.buffer(Kind::ReadOnly, allow_ro_num)?;
        Ok(ReadOnlyProcessBufferRef::new(address, bytes))
    }

    /// The buffer that the process shares to be read and written under `allow_rw_num`; empty if it shares
    /// none.
    ///
    /// # Errors
    /// `AddressOutOfBounds` if the grant has no such number.
    #[inline]
    pub fn get_readwrite_processbuffer(
        &self,
        allow_rw_num: usize,
    ) -> Result<ReadWriteProcessBufferRef<'_>, Error> {
        let (address, bytes) = self.buffer(Kind::ReadWrite, allow_rw_num)?;
        Ok(ReadWriteProcessBufferRef::new(address, bytes))
    }

    #[inline]
    fn buffer(&self, kind: Kind, number: usize) -> Result<(usize, &[Cell<u8>]), Error> {
        let pair = self.part.pair(kind, number);
        let (address, len_bytes) = pair.ok_or(Error::AddressOutOfBounds)?.get();
        if len_bytes == 0 {
            return Ok((address, &[]));
        }
        // The range was checked when it was shared, and the break can't go below it since.
        let bytes = self.process.bytes(address, len_bytes);
        Ok((address, bytes.ok_or(Error::AddressOutOfBounds)?))
    }

    fn upcall_id(&self, subscribe_num: usize) -> UpcallId {
        UpcallId {
            driver_num: self.driver_num,
            subscribe_num,
        }
    }
}
