//! What a driver offers to apps: commands (TRD 104, section 4.3).

use core::fmt;

use crate::{ErrorCode, ProcessId, process, processbuffer::UserspaceReadableProcessBuffer};

/// What a command answers. The shape of the answer (how many values, of which width) is part of a
/// driver's interface: an app checks it.
///
/// Two words, so that it is returned in registers: the number of the shape (TRD 104, section 3.2) with the
/// first value above it, and the other two values or the wide one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct CommandReturn {
    head: u64,
    tail: u64,
}

/// The numbers of the shapes.
pub(crate) mod shape {
    pub const FAILURE: u32 = 0;
    pub const FAILURE_U32: u32 = 1;
    pub const FAILURE_U32_U32: u32 = 2;
    pub const FAILURE_U64: u32 = 3;
    pub const SUCCESS: u32 = 128;
    pub const SUCCESS_U32: u32 = 129;
    pub const SUCCESS_U32_U32: u32 = 130;
    pub const SUCCESS_U64: u32 = 131;
    pub const SUCCESS_U32_U32_U32: u32 = 132;
    pub const SUCCESS_U32_U64: u32 = 133;
}

impl CommandReturn {
    const fn new(shape: u32, first: u32, tail: u64) -> Self {
        Self {
            head: shape as u64 | (first as u64) << 32,
            tail,
        }
    }

    /// The number of its shape.
    #[inline]
    pub(crate) const fn shape(self) -> u32 {
        self.head as u32
    }

    /// The first value; the error's number in a failure.
    #[inline]
    pub(crate) const fn first(self) -> u32 {
        (self.head >> 32) as u32
    }

    /// The wide value, or the second value with the third one above it.
    #[inline]
    pub(crate) const fn tail(self) -> u64 {
        self.tail
    }

    const fn pair(low: u32, high: u32) -> u64 {
        low as u64 | (high as u64) << 32
    }

    fn is(self, shape: u32) -> Option<Self> {
        (self.shape() == shape).then_some(self)
    }

    fn error(self) -> ErrorCode {
        ErrorCode::from_number(self.first()).expect("a failure is made with an error")
    }
}

/// Constructors.
impl CommandReturn {
    /// Failure with nothing but the error.
    #[inline]
    pub fn failure(rc: ErrorCode) -> Self {
        Self::new(shape::FAILURE, rc as u32, 0)
    }

    /// Failure with a value.
    #[inline]
    pub fn failure_u32(rc: ErrorCode, data0: u32) -> Self {
        Self::new(shape::FAILURE_U32, rc as u32, data0.into())
    }

    /// Failure with two values.
    #[inline]
    pub fn failure_u32_u32(rc: ErrorCode, data0: u32, data1: u32) -> Self {
        Self::new(shape::FAILURE_U32_U32, rc as u32, Self::pair(data0, data1))
    }

    /// Failure with a wide value.
    #[inline]
    pub fn failure_u64(rc: ErrorCode, data0: u64) -> Self {
        Self::new(shape::FAILURE_U64, rc as u32, data0)
    }

    /// Success with nothing more to say.
    #[inline]
    pub fn success() -> Self {
        Self::new(shape::SUCCESS, 0, 0)
    }

    /// Success with a value.
    #[inline]
    pub fn success_u32(data0: u32) -> Self {
        Self::new(shape::SUCCESS_U32, data0, 0)
    }

    /// Success with two values.
    #[inline]
    pub fn success_u32_u32(data0: u32, data1: u32) -> Self {
        Self::new(shape::SUCCESS_U32_U32, data0, data1.into())
    }

    /// Success with a wide value.
    #[inline]
    pub fn success_u64(data0: u64) -> Self {
        Self::new(shape::SUCCESS_U64, 0, data0)
    }

    /// Success with three values.
    #[inline]
    pub fn success_u32_u32_u32(data0: u32, data1: u32, data2: u32) -> Self {
        Self::new(shape::SUCCESS_U32_U32_U32, data0, Self::pair(data1, data2))
    }

    /// Success with a value and a wide value.
    #[inline]
    pub fn success_u32_u64(data0: u32, data1: u64) -> Self {
        Self::new(shape::SUCCESS_U32_U64, data0, data1)
    }
}

/// Which shape an answer has.
impl CommandReturn {
    /// Whether this is a failure with nothing but the error.
    pub fn is_failure(&self) -> bool {
        self.shape() == shape::FAILURE
    }

    /// Whether this is a failure with a value.
    pub fn is_failure_u32(&self) -> bool {
        self.shape() == shape::FAILURE_U32
    }

    /// Whether this is a failure with two values.
    pub fn is_failure_2_u32(&self) -> bool {
        self.shape() == shape::FAILURE_U32_U32
    }

    /// Whether this is a failure with a wide value.
    pub fn is_failure_u64(&self) -> bool {
        self.shape() == shape::FAILURE_U64
    }

    /// Whether this is success with nothing more to say.
    pub fn is_success(&self) -> bool {
        self.shape() == shape::SUCCESS
    }

    /// Whether this is success with a value.
    pub fn is_success_u32(&self) -> bool {
        self.shape() == shape::SUCCESS_U32
    }

    /// Whether this is success with two values.
    pub fn is_success_2_u32(&self) -> bool {
        self.shape() == shape::SUCCESS_U32_U32
    }

    /// Whether this is success with a wide value.
    pub fn is_success_u64(&self) -> bool {
        self.shape() == shape::SUCCESS_U64
    }

    /// Whether this is success with three values.
    pub fn is_success_3_u32(&self) -> bool {
        self.shape() == shape::SUCCESS_U32_U32_U32
    }

    /// Whether this is success with a value and a wide value.
    pub fn is_success_u32_u64(&self) -> bool {
        self.shape() == shape::SUCCESS_U32_U64
    }
}

/// The values in an answer, if it has the shape asked for.
impl CommandReturn {
    /// The error of a failure with nothing but the error.
    pub fn get_failure(&self) -> Option<ErrorCode> {
        self.is(shape::FAILURE).map(|this| this.error())
    }

    /// The values of a failure with a value.
    pub fn get_failure_u32(&self) -> Option<(ErrorCode, u32)> {
        self.is(shape::FAILURE_U32)
            .map(|this| (this.error(), this.tail as u32))
    }

    /// The values of a failure with two values.
    pub fn get_failure_2_u32(&self) -> Option<(ErrorCode, u32, u32)> {
        self.is(shape::FAILURE_U32_U32)
            .map(|this| (this.error(), this.tail as u32, (this.tail >> 32) as u32))
    }

    /// The values of a failure with a wide value.
    pub fn get_failure_u64(&self) -> Option<(ErrorCode, u64)> {
        self.is(shape::FAILURE_U64)
            .map(|this| (this.error(), this.tail))
    }

    /// The value of a success with a value.
    pub fn get_success_u32(&self) -> Option<u32> {
        self.is(shape::SUCCESS_U32).map(|this| this.first())
    }

    /// The values of a success with two values.
    pub fn get_success_2_u32(&self) -> Option<(u32, u32)> {
        self.is(shape::SUCCESS_U32_U32)
            .map(|this| (this.first(), this.tail as u32))
    }

    /// The value of a success with a wide value.
    pub fn get_success_u64(&self) -> Option<u64> {
        self.is(shape::SUCCESS_U64).map(|this| this.tail)
    }

    /// The values of a success with three values.
    pub fn get_success_3_u32(&self) -> Option<(u32, u32, u32)> {
        self.is(shape::SUCCESS_U32_U32_U32)
            .map(|this| (this.first(), this.tail as u32, (this.tail >> 32) as u32))
    }

    /// The values of a success with a value and a wide value.
    pub fn get_success_u32_u64(&self) -> Option<(u32, u64)> {
        self.is(shape::SUCCESS_U32_U64)
            .map(|this| (this.first(), this.tail))
    }
}

/// As it was made: `failure(BUSY)`, `success_u32(7)`.
impl fmt::Debug for CommandReturn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, wide) = (self.first(), self.tail);
        let (second, third) = (wide as u32, (wide >> 32) as u32);
        match self.shape() {
            shape::FAILURE => write!(f, "failure({:?})", self.error()),
            shape::FAILURE_U32 => write!(f, "failure_u32({:?}, {second})", self.error()),
            shape::FAILURE_U32_U32 => {
                write!(f, "failure_u32_u32({:?}, {second}, {third})", self.error())
            }
            shape::FAILURE_U64 => write!(f, "failure_u64({:?}, {wide})", self.error()),
            shape::SUCCESS => f.write_str("success()"),
            shape::SUCCESS_U32 => write!(f, "success_u32({first})"),
            shape::SUCCESS_U32_U32 => write!(f, "success_u32_u32({first}, {second})"),
            shape::SUCCESS_U64 => write!(f, "success_u64({wide})"),
            shape::SUCCESS_U32_U32_U32 => {
                write!(f, "success_u32_u32_u32({first}, {second}, {third})")
            }
            _ => write!(f, "success_u32_u64({first}, {wide})"),
        }
    }
}

impl From<Result<(), ErrorCode>> for CommandReturn {
    fn from(result: Result<(), ErrorCode>) -> Self {
        match result {
            Ok(()) => Self::success(),
            Err(error) => Self::failure(error),
        }
    }
}

impl From<process::Error> for CommandReturn {
    fn from(error: process::Error) -> Self {
        Self::failure(error.into())
    }
}

/// A driver that apps can call.
///
/// A command does little and returns at once. What takes time is started by a command and ends with an
/// upcall. Subscribing to upcalls and sharing buffers is the kernel's business: the driver finds both in
/// its grant.
#[allow(unused_variables)] // of the default bodies: their names are documentation
pub trait SyscallDriver {
    /// Command `command_num` of the process `process_id`, with the arguments `r2` and `r3`.
    ///
    /// Command 0 asks whether the driver exists, and succeeds.
    ///
    /// # Errors
    /// `NOSUPPORT` for a command that the driver does not have.
    fn command(
        &self,
        command_num: usize,
        r2: usize,
        r3: usize,
        process_id: ProcessId,
    ) -> CommandReturn {
        CommandReturn::failure(ErrorCode::NOSUPPORT)
    }

    /// Makes room for the driver's state of one process, by entering the driver's grant. A driver that
    /// keeps no such state returns `Ok`.
    ///
    /// # Errors
    /// What entering the grant returns.
    fn allocate_grant(&self, process_id: ProcessId) -> Result<(), process::Error>;

    /// Takes a buffer that the process goes on reading while the driver writes to it, under number `which`,
    /// and returns the one that it replaces.
    ///
    /// # Errors
    /// `NOSUPPORT` for a number that the driver does not have. The buffer comes back with the error.
    fn allow_userspace_readable(
        &self,
        process_id: ProcessId,
        which: usize,
        slice: UserspaceReadableProcessBuffer,
    ) -> Result<UserspaceReadableProcessBuffer, (UserspaceReadableProcessBuffer, ErrorCode)> {
        Err((slice, ErrorCode::NOSUPPORT))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_gives_its_values_in_its_own_shape_only() {
        let answer = CommandReturn::success_u32_u64(7, 1 << 40);
        assert_eq!(answer.get_success_u32_u64(), Some((7, 1 << 40)));
        assert!(answer.is_success_u32_u64());
        assert!(!answer.is_success() && !answer.is_failure());
        assert_eq!(answer.get_success_u32(), None);
        assert_eq!(answer.get_success_u64(), None);
    }

    #[test]
    fn an_answer_is_shown_as_it_was_made() {
        let wide = 5 << 32 | 4;
        for (answer, shown) in [
            (CommandReturn::failure(ErrorCode::BUSY), "failure(BUSY)"),
            (
                CommandReturn::failure_u32(ErrorCode::SIZE, 4),
                "failure_u32(SIZE, 4)",
            ),
            (
                CommandReturn::failure_u32_u32(ErrorCode::OFF, 4, 5),
                "failure_u32_u32(OFF, 4, 5)",
            ),
            (
                CommandReturn::failure_u64(ErrorCode::OFF, wide),
                "failure_u64(OFF, 21474836484)",
            ),
            (CommandReturn::success(), "success()"),
            (CommandReturn::success_u32(3), "success_u32(3)"),
            (
                CommandReturn::success_u32_u32(3, 4),
                "success_u32_u32(3, 4)",
            ),
            (CommandReturn::success_u64(wide), "success_u64(21474836484)"),
            (
                CommandReturn::success_u32_u32_u32(3, 4, 5),
                "success_u32_u32_u32(3, 4, 5)",
            ),
            (
                CommandReturn::success_u32_u64(3, wide),
                "success_u32_u64(3, 21474836484)",
            ),
        ] {
            assert_eq!(std::format!("{answer:?}"), shown);
        }
    }

    #[test]
    fn a_result_becomes_success_or_failure() {
        assert!(CommandReturn::from(Ok(())).is_success());
        let failure = CommandReturn::from(Err(ErrorCode::BUSY));
        assert_eq!(failure.get_failure(), Some(ErrorCode::BUSY));
        let no_memory = CommandReturn::from(process::Error::OutOfMemory);
        assert_eq!(no_memory.get_failure(), Some(ErrorCode::NOMEM));
    }
}
