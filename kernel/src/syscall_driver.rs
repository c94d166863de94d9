//! What a driver offers to apps: commands (TRD 104, section 4.3).

use crate::{ErrorCode, ProcessId, process};

/// What a command answers. The shape of the answer (how many values, of which width) is part of a
/// driver's interface: an app checks it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommandReturn(Shape);

/// The shapes that a driver may answer in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Failure(ErrorCode),
    FailureU32(ErrorCode, u32),
    FailureU32U32(ErrorCode, u32, u32),
    FailureU64(ErrorCode, u64),
    Success,
    SuccessU32(u32),
    SuccessU32U32(u32, u32),
    SuccessU64(u64),
    SuccessU32U32U32(u32, u32, u32),
    SuccessU32U64(u32, u64),
}

/// Constructors.
impl CommandReturn {
    /// Failure with nothing but the error.
    pub fn failure(rc: ErrorCode) -> Self {
        Self(Shape::Failure(rc))
    }

    /// Failure with a value.
    pub fn failure_u32(rc: ErrorCode, data0: u32) -> Self {
        Self(Shape::FailureU32(rc, data0))
    }

    /// Failure with two values.
    pub fn failure_u32_u32(rc: ErrorCode, data0: u32, data1: u32) -> Self {
        Self(Shape::FailureU32U32(rc, data0, data1))
    }

    /// Failure with a wide value.
    pub fn failure_u64(rc: ErrorCode, data0: u64) -> Self {
        Self(Shape::FailureU64(rc, data0))
    }

    /// Success with nothing more to say.
    pub fn success() -> Self {
        Self(Shape::Success)
    }

    /// Success with a value.
    pub fn success_u32(data0: u32) -> Self {
        Self(Shape::SuccessU32(data0))
    }

    /// Success with two values.
    pub fn success_u32_u32(data0: u32, data1: u32) -> Self {
        Self(Shape::SuccessU32U32(data0, data1))
    }

    /// Success with a wide value.
    pub fn success_u64(data0: u64) -> Self {
        Self(Shape::SuccessU64(data0))
    }

    /// Success with three values.
    pub fn success_u32_u32_u32(data0: u32, data1: u32, data2: u32) -> Self {
        Self(Shape::SuccessU32U32U32(data0, data1, data2))
    }

    /// Success with a value and a wide value.
    pub fn success_u32_u64(data0: u32, data1: u64) -> Self {
        Self(Shape::SuccessU32U64(data0, data1))
    }
}

/// Which shape an answer has.
impl CommandReturn {
    /// Whether this is a failure with nothing but the error.
    pub fn is_failure(&self) -> bool {
        matches!(self.0, Shape::Failure(..))
    }

    /// Whether this is a failure with a value.
    pub fn is_failure_u32(&self) -> bool {
        matches!(self.0, Shape::FailureU32(..))
    }

    /// Whether this is a failure with two values.
    pub fn is_failure_2_u32(&self) -> bool {
        matches!(self.0, Shape::FailureU32U32(..))
    }

    /// Whether this is a failure with a wide value.
    pub fn is_failure_u64(&self) -> bool {
        matches!(self.0, Shape::FailureU64(..))
    }

    /// Whether this is success with nothing more to say.
    pub fn is_success(&self) -> bool {
        matches!(self.0, Shape::Success)
    }

    /// Whether this is success with a value.
    pub fn is_success_u32(&self) -> bool {
        matches!(self.0, Shape::SuccessU32(..))
    }

    /// Whether this is success with two values.
    pub fn is_success_2_u32(&self) -> bool {
        matches!(self.0, Shape::SuccessU32U32(..))
    }

    /// Whether this is success with a wide value.
    pub fn is_success_u64(&self) -> bool {
        matches!(self.0, Shape::SuccessU64(..))
    }

    /// Whether this is success with three values.
    pub fn is_success_3_u32(&self) -> bool {
        matches!(self.0, Shape::SuccessU32U32U32(..))
    }

    /// Whether this is success with a value and a wide value.
    pub fn is_success_u32_u64(&self) -> bool {
        matches!(self.0, Shape::SuccessU32U64(..))
    }
}

/// The values in an answer, if it has the shape asked for.
impl CommandReturn {
    /// The error of a failure with nothing but the error.
    pub fn get_failure(&self) -> Option<ErrorCode> {
        match self.0 {
            Shape::Failure(rc) => Some(rc),
            _ => None,
        }
    }

    /// The values of a failure with a value.
    pub fn get_failure_u32(&self) -> Option<(ErrorCode, u32)> {
        match self.0 {
            Shape::FailureU32(rc, data0) => Some((rc, data0)),
            _ => None,
        }
    }

    /// The values of a failure with two values.
    pub fn get_failure_2_u32(&self) -> Option<(ErrorCode, u32, u32)> {
        match self.0 {
            Shape::FailureU32U32(rc, data0, data1) => Some((rc, data0, data1)),
            _ => None,
        }
    }

    /// The values of a failure with a wide value.
    pub fn get_failure_u64(&self) -> Option<(ErrorCode, u64)> {
        match self.0 {
            Shape::FailureU64(rc, data0) => Some((rc, data0)),
            _ => None,
        }
    }

    /// The value of a success with a value.
    pub fn get_success_u32(&self) -> Option<u32> {
        match self.0 {
            Shape::SuccessU32(data0) => Some(data0),
            _ => None,
        }
    }

    /// The values of a success with two values.
    pub fn get_success_2_u32(&self) -> Option<(u32, u32)> {
        match self.0 {
            Shape::SuccessU32U32(data0, data1) => Some((data0, data1)),
            _ => None,
        }
    }

    /// The value of a success with a wide value.
    pub fn get_success_u64(&self) -> Option<u64> {
        match self.0 {
            Shape::SuccessU64(data0) => Some(data0),
            _ => None,
        }
    }

    /// The values of a success with three values.
    pub fn get_success_3_u32(&self) -> Option<(u32, u32, u32)> {
        match self.0 {
            Shape::SuccessU32U32U32(data0, data1, data2) => Some((data0, data1, data2)),
            _ => None,
        }
    }

    /// The values of a success with a value and a wide value.
    pub fn get_success_u32_u64(&self) -> Option<(u32, u64)> {
        match self.0 {
            Shape::SuccessU32U64(data0, data1) => Some((data0, data1)),
            _ => None,
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
}

/// A row of a board's list of what apps may call.
pub struct DriverRow<'a> {
    /// The number that apps know the driver by.
    pub number: usize,
    /// Its name, for people.
    pub name: &'a str,
    /// The driver.
    pub driver: &'a dyn SyscallDriver,
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
    fn a_result_becomes_success_or_failure() {
        assert!(CommandReturn::from(Ok(())).is_success());
        let failure = CommandReturn::from(Err(ErrorCode::BUSY));
        assert_eq!(failure.get_failure(), Some(ErrorCode::BUSY));
        let no_memory = CommandReturn::from(process::Error::OutOfMemory);
        assert_eq!(no_memory.get_failure(), Some(ErrorCode::NOMEM));
    }
}
