//! Memory operations (TRD 104, section 4.6).

use super::answer::wide_shape;
use crate::{
    ErrorCode, platform::WordSize, process::ProcessStandard, syscall::CommandReturn,
    syscall_driver::shape,
};

/// What a memory operation answers.
enum Memory {
    Nothing,
    Number(usize),
    Pointer(usize),
    Address(usize),
}

impl ProcessStandard {
    pub(super) fn memop(&self, operation: usize, argument: usize) {
        match self.try_memop(operation, argument) {
            Ok(Memory::Nothing) => self.answer([shape::SUCCESS as usize]),
            Ok(Memory::Number(number)) => self.answer([shape::SUCCESS_U32 as usize, number]),
            Ok(Memory::Pointer(pointer)) => {
                self.answer([self.address_shape(wide_shape::SUCCESS_POINTER), pointer]);
            }
            Ok(Memory::Address(address)) => {
                self.answer([self.address_shape(wide_shape::SUCCESS_ADDRESS), address]);
            }
            Err(error) => self.answer_command(CommandReturn::failure(error)),
        }
    }

    fn address_shape(&self, wide: usize) -> usize {
        match self.word_size() {
            WordSize::Bits64 => wide,
            WordSize::Bits32 => shape::SUCCESS_U32 as usize,
        }
    }

    fn try_memop(&self, operation: usize, argument: usize) -> Result<Memory, ErrorCode> {
        let memory = self.memory();
        let (ram, image) = (memory.ram.addresses(), memory.image.addresses());
        Ok(match operation {
            0 => {
                self.set_break(argument)?;
                Memory::Nothing
            }
            1 => {
                let before = self.app_break();
                let after = before.checked_add_signed(self.signed(argument));
                self.set_break(after.ok_or(ErrorCode::NOMEM)?)?;
                Memory::Pointer(before)
            }
            2 => Memory::Pointer(ram.start),
            3 => Memory::Pointer(ram.end),
            4 => Memory::Pointer(image.start),
            5 => Memory::Pointer(image.end),
            6 => Memory::Address(self.grant_break()),
            7 => Memory::Number(self.image().writeable_flash_regions().len()),
            8 | 9 => {
                let region = self.image().writeable_flash_regions().nth(argument);
                let region = region.ok_or(ErrorCode::FAIL)?;
                let start = image.start + region.offset as usize;
                let size = if operation == 9 { region.size } else { 0 };
                Memory::Pointer(start + size as usize)
            }
            10 => {
                self.note_stack_top(argument);
                Memory::Nothing
            }
            11 => {
                self.note_heap_start(argument);
                Memory::Nothing
            }
            _ => return Err(ErrorCode::NOSUPPORT),
        })
    }

    /// A word of the process as a signed number.
    fn signed(&self, word: usize) -> isize {
        match self.word_size() {
            WordSize::Bits32 => word as u32 as i32 as isize,
            WordSize::Bits64 => word as isize,
        }
    }
}
