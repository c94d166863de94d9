//! What the words mean that a system call leaves in a process's registers (TRD 104, section 3.2, and the
//! draft for 64-bit registers: see `kernel/src/dispatch/answer.rs`).

use kernel::{ErrorCode, platform::WordSize, syscall::CommandReturn};

use super::has_values;
use crate::processor::Registers;

/// Numbers of answers.
mod shape {
    pub const FAILURE: usize = 0;
    pub const FAILURE_PAIR_32: usize = 2;
    pub const FAILURE_UPCALL_64: usize = 4;
    pub const FAILURE_BUFFER_64: usize = 5;
    pub const SUCCESS: usize = 128;
    pub const SUCCESS_ONE: usize = 129;
    pub const SUCCESS_PAIR_32: usize = 130;
    pub const SUCCESS_UPCALL_64: usize = 134;
    pub const SUCCESS_BUFFER_64: usize = 135;
    pub const SUCCESS_POINTER_64: usize = 136;
    pub const SUCCESS_ADDRESS_64: usize = 137;
}

#[track_caller]
fn error(number: usize) -> ErrorCode {
    u32::try_from(number)
        .ok()
        .and_then(ErrorCode::from_number)
        .unwrap_or_else(|| panic!("there is no error {number}"))
}

#[track_caller]
fn expect_values(registers: &Registers, count: u8) {
    assert!(
        has_values(registers, count),
        "answer {} has {count} words, not {registers:x?}",
        registers.words[0]
    );
}

/// The answer of a command.
#[track_caller]
pub(super) fn command(registers: &Registers, width: WordSize) -> CommandReturn {
    let [shape, first, second, third, _] = registers.words;
    let [a, b, c] = [first, second, third].map(|word| word as u32);
    let (count, answer) = match (shape, width) {
        (0, _) => (2, CommandReturn::failure(error(first))),
        (1, _) => (3, CommandReturn::failure_u32(error(first), b)),
        (2, _) => (4, CommandReturn::failure_u32_u32(error(first), b, c)),
        (3, _) => {
            let (count, value) = wide(second, third, width);
            (2 + count, CommandReturn::failure_u64(error(first), value))
        }
        (128, _) => (1, CommandReturn::success()),
        (129, _) => (2, CommandReturn::success_u32(a)),
        (130, _) => (3, CommandReturn::success_u32_u32(a, b)),
        (131, _) => {
            let (count, value) = wide(first, second, width);
            (1 + count, CommandReturn::success_u64(value))
        }
        (132, _) => (4, CommandReturn::success_u32_u32_u32(a, b, c)),
        (133, _) => {
            let (count, value) = wide(second, third, width);
            (2 + count, CommandReturn::success_u32_u64(a, value))
        }
        _ => panic!("a command is not answered so: {registers:x?}"),
    };
    expect_values(registers, count);
    answer
}

/// What became of a command: `success`, or the error's name.
#[track_caller]
pub(super) fn outcome(registers: &Registers) -> String {
    let [shape, first, ..] = registers.words;
    if shape >= shape::SUCCESS {
        return "success".into();
    }
    format!("{:?}", error(first))
}

/// A wide value, and how many words it takes.
fn wide(low: usize, high: usize, width: WordSize) -> (u8, u64) {
    match width {
        WordSize::Bits32 => (2, (high as u64) << 32 | low as u64),
        WordSize::Bits64 => (1, low as u64),
    }
}

/// The answer of a subscribe: the old function and its word.
#[track_caller]
pub(super) fn upcall(
    registers: &Registers,
    width: WordSize,
    passed: (usize, usize),
) -> Result<(usize, usize), ErrorCode> {
    let wide = [shape::SUCCESS_UPCALL_64, shape::FAILURE_UPCALL_64];
    swap(registers, width, wide, passed)
}

/// The answer of an allow: the old buffer's address and length.
#[track_caller]
pub(super) fn buffer(
    registers: &Registers,
    width: WordSize,
    passed: (usize, usize),
) -> Result<(usize, usize), ErrorCode> {
    let wide = [shape::SUCCESS_BUFFER_64, shape::FAILURE_BUFFER_64];
    swap(registers, width, wide, passed)
}

/// What was there before, or `passed` with the error. 64-bit processes are answered in shapes of the call's own, `wide`.
#[track_caller]
fn swap(
    registers: &Registers,
    width: WordSize,
    wide: [usize; 2],
    passed: (usize, usize),
) -> Result<(usize, usize), ErrorCode> {
    let [success, failure] = match width {
        WordSize::Bits32 => [shape::SUCCESS_PAIR_32, shape::FAILURE_PAIR_32],
        WordSize::Bits64 => wide,
    };
    let [shape, first, second, third, _] = registers.words;
    if shape == success {
        expect_values(registers, 3);
        Ok((first, second))
    } else if shape == failure {
        expect_values(registers, 4);
        assert_eq!((second, third), passed, "what was passed comes back");
        Err(error(first))
    } else if shape == shape::FAILURE {
        expect_values(registers, 2);
        Err(error(first))
    } else {
        panic!("a subscribe or an allow is not answered so: {registers:x?}")
    }
}

/// The answer of a memory operation; 0 if it is success without a value.
#[track_caller]
pub(super) fn memop(registers: &Registers, width: WordSize) -> Result<usize, ErrorCode> {
    let [shape, first, ..] = registers.words;
    match (shape, width) {
        (shape::FAILURE, _) => {
            expect_values(registers, 2);
            Err(error(first))
        }
        (shape::SUCCESS, _) => {
            expect_values(registers, 1);
            Ok(0)
        }
        (shape::SUCCESS_ONE, _)
        | (shape::SUCCESS_POINTER_64 | shape::SUCCESS_ADDRESS_64, WordSize::Bits64) => {
            expect_values(registers, 2);
            Ok(first)
        }
        _ => panic!("a memory operation is not answered so: {registers:x?}"),
    }
}
