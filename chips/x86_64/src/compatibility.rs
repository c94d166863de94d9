//! Processes of 32 bits: the words of a system call are on their stack, as for Tock's x86 apps.
//!
//! ```text
//!   at `int 0x40`            after a call         in an upcall, and at the start
//!     argument 3               result 3             the process's word (argument 3)
//!     argument 2               result 2             value 2
//!     argument 1               result 1             value 1
//!   ESP -> argument 0        ESP -> result 0        value 0
//!                                                 ESP -> where it went on: the upcall returns there
//! ```
//!
//! Every register is as it was after a call; an upcall and the start are like the C function's call.
//! The five words of a [`StoredState`] are registers at the same time, so four of the process's registers
//! wait in such that code of 32 bits does not have.

use core::{cell::Cell, ptr::NonNull};

use kernel::process::{CallResult, StoredState, Window};

use crate::context::Context;

/// The stack is not in the memory that the process may access.
pub(crate) struct BadStack;

const WORD_BYTES: usize = 4;
/// What a register of 32 bits can hold.
const WORD: usize = 0xffff_ffff;

/// Takes the words of a system call from the process's stack to its [`StoredState::call`].
pub(crate) fn take_call(state: &StoredState) -> Result<(), BadStack> {
    const CLASS: usize = 0xff;
    let context = Context::of(state);
    let ram = ram(context)?;
    let arguments = stack::<4>(&ram, context.frame.rsp.get())?;
    for (register, place) in parked(context) {
        place.set(register.get());
    }
    let [class, words @ ..] = &state.call;
    class.set(class.get() & CLASS);
    for (word, bytes) in words.iter().zip(arguments) {
        let bytes = bytes.each_ref().map(Cell::get);
        word.set(u32::from_le_bytes(bytes) as usize);
    }
    Ok(())
}

/// Takes the words in [`StoredState::call`] to the process's stack, and lets an upcall begin.
pub(crate) fn give_result(state: &StoredState) -> Result<(), BadStack> {
    let context = Context::of(state);
    let frame = &context.frame;
    let ram = ram(context)?;
    let [first, second, third, fourth, fifth] = state.call.each_ref().map(Cell::get);
    for (register, place) in parked(context) {
        register.set(place.get());
    }
    match state.result.get() {
        CallResult::Values(count) => {
            let words = stack::<4>(&ram, frame.rsp.get())?;
            let values = [first, second, third, fourth];
            write(words, values.into_iter().take(count.into()));
        }
        CallResult::Upcall => {
            frame
                .rsp
                .set(frame.rsp.get().wrapping_sub(WORD_BYTES) & WORD);
            let words = stack::<5>(&ram, frame.rsp.get())?;
            let values = [frame.rip.get(), second, third, fourth, fifth];
            write(words, values);
            frame.rip.set(first & WORD);
        }
    }
    Ok(())
}

/// Makes the registers those of a process that calls its first function like an upcall.
pub(crate) fn start(state: &StoredState, function: usize, arguments: [usize; 4], stack: usize) {
    let context = Context::of(state);
    let top = stack.wrapping_sub(arguments.len() * WORD_BYTES);
    context.frame.rsp.set(top & WORD);
    let [first, values @ ..] = &state.call;
    first.set(function);
    for (value, argument) in values.iter().zip(arguments) {
        value.set(argument);
    }
    state.result.set(CallResult::Upcall);
}

/// The registers that share their place with the words of a call, and where they wait meanwhile.
fn parked(context: &Context) -> [(&Cell<usize>, &Cell<usize>); 4] {
    let frame = &context.frame;
    [
        (&frame.rax, &frame.r12),
        (&frame.rdi, &frame.r13),
        (&frame.rsi, &frame.r14),
        (&frame.rdx, &frame.r15),
    ]
}

/// The memory that the process may access.
fn ram(context: &Context) -> Result<Window, BadStack> {
    let start = NonNull::new(context.ram.get()).ok_or(BadStack)?;
    let len_bytes = context.accessible_bytes.get();
    // SAFETY: `AddressSpaces::create` was given this start of the process's RAM, and `set_accessible` has
    // checked the length.
    Ok(unsafe { Window::new(context.ram_start.get(), len_bytes, start) })
}

/// The first words on the stack.
fn stack<const WORDS: usize>(
    ram: &Window,
    top: usize,
) -> Result<&[[Cell<u8>; WORD_BYTES]; WORDS], BadStack> {
    let bytes = ram.bytes(top & WORD, WORDS * WORD_BYTES).ok_or(BadStack)?;
    let (words, _) = bytes.as_chunks();
    words.try_into().map_err(|_| BadStack)
}

fn write(places: &[[Cell<u8>; WORD_BYTES]], words: impl IntoIterator<Item = usize>) {
    for (place, word) in places.iter().zip(words) {
        for (byte, value) in place.iter().zip(word.to_le_bytes()) {
            byte.set(value);
        }
    }
}
