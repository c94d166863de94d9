//! What a process gives to drivers, in exchange for what it gave before: upcalls and buffers.
//!
//! The kernel keeps them beside the driver's grant. Where that is there already, no driver is asked.

use super::answer::wide_shape;
use crate::{
    ErrorCode, grant::Kind, platform::WordSize, process::ProcessStandard, syscall::class,
    syscall_driver::shape, upcall::UpcallId,
};

/// An exchange that was answered, or what was in its way.
pub(super) type Exchanged = Result<(), Obstacle>;

/// Why nothing was exchanged.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Obstacle {
    /// The process has no such function.
    NotItsFunction,
    /// The process has no such memory.
    NotItsMemory,
    /// The process has no grant of this driver.
    NoGrant,
    /// The grant has no such number.
    NoNumber,
}

impl From<Obstacle> for ErrorCode {
    fn from(obstacle: Obstacle) -> Self {
        match obstacle {
            Obstacle::NotItsFunction | Obstacle::NotItsMemory => Self::INVAL,
            Obstacle::NoGrant => Self::NOMEM,
            Obstacle::NoNumber => Self::NOSUPPORT,
        }
    }
}

impl ProcessStandard {
    /// Exchanges an upcall.
    #[inline(always)]
    pub(super) fn subscribe(&self) -> Exchanged {
        let [driver_num, subscribe_num, function, _] = self.call_arguments();
        if function != 0 && !self.may_call(function) {
            return Err(Obstacle::NotItsFunction);
        }
        self.exchange(Kind::Upcall)?;
        self.drop_function_calls(UpcallId {
            driver_num,
            subscribe_num,
        });
        Ok(())
    }

    /// Exchanges a buffer that the driver may read and write.
    #[inline(always)]
    pub(super) fn allow_read_write(&self) -> Exchanged {
        let [_, _, address, size] = self.call_arguments();
        if size == 0 {
            return self.exchange(Kind::ReadWrite);
        }
        if !self.is_accessible(address, size) {
            return Err(Obstacle::NotItsMemory);
        }
        self.exchange(Kind::ReadWrite)?;
        self.note_shared(address + size);
        Ok(())
    }

    /// Exchanges a buffer that the driver may read.
    #[inline(always)]
    pub(super) fn allow_read_only(&self) -> Exchanged {
        let [_, _, address, size] = self.call_arguments();
        if size > 0 && self.is_accessible(address, size) {
            self.exchange(Kind::ReadOnly)?;
            self.note_shared(address + size);
            return Ok(());
        }
        if size > 0 && !self.is_readable_image(address, size) {
            return Err(Obstacle::NotItsMemory);
        }
        self.exchange(Kind::ReadOnly)
    }

    /// Puts what the process passes in the place of what it gave before, and answers with that.
    #[inline(always)]
    fn exchange(&self, kind: Kind) -> Exchanged {
        let [driver_num, number, first, second] = self.call_arguments();
        let grant = self.grant_of(driver_num);
        let part = grant
            .and_then(|grant| self.kernel_part(grant))
            .ok_or(Obstacle::NoGrant)?;
        let pair = part.pair(kind, number).ok_or(Obstacle::NoNumber)?;
        self.answer_exchange(kind, pair.replace((first, second)));
        Ok(())
    }

    /// Answers with what the process gave before.
    #[inline]
    pub(super) fn answer_exchange(&self, kind: Kind, (first, second): (usize, usize)) {
        let shape = match self.word_size() {
            WordSize::Bits32 => shape::SUCCESS_U32_U32 as usize,
            WordSize::Bits64 if kind == Kind::Upcall => wide_shape::SUCCESS_UPCALL,
            WordSize::Bits64 => wide_shape::SUCCESS_BUFFER,
        };
        self.answer([shape, first, second]);
    }

    /// Answers with an error, and with what the process passes.
    #[cold]
    pub(super) fn refuse_exchange(&self, error: ErrorCode) {
        let [_, _, first, second] = self.call_arguments();
        let shape = match self.word_size() {
            WordSize::Bits32 => shape::FAILURE_U32_U32 as usize,
            WordSize::Bits64 if self.call_class() == class::SUBSCRIBE => wide_shape::FAILURE_UPCALL,
            WordSize::Bits64 => wide_shape::FAILURE_BUFFER,
        };
        self.answer([shape, error.into(), first, second]);
    }
}
