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

use core::cell::Cell;

use kernel::{
    platform::Entry,
    process::{CallResult, StoredState},
};

use crate::context::Context;

/// The stack is not in the memory that the process may access.
pub(crate) struct BadStack;

/// What a register of such a process holds.
type Word = u32;

/// Takes the words of a system call from the process's stack to its [`StoredState::call`].
pub(crate) fn take_call(state: &StoredState) -> Result<(), BadStack> {
    const CLASS: usize = 0xff;
    let context = Context::of(state);
    let stack = stack::<4>(context)?;
    // SAFETY: the bytes are there, and any value of them is one of words.
    let arguments = unsafe { stack.read_unaligned() };
    for (register, place) in parked(context) {
        place.set(register.get());
    }
    let [class, words @ ..] = &state.call;
    class.set(class.get() & CLASS);
    for (word, argument) in words.iter().zip(arguments) {
        word.set(argument as usize);
    }
    state.result.set(CallResult::Values(0));
    Ok(())
}

/// Takes the words in [`StoredState::call`] to the process's stack, and lets an upcall begin.
pub(crate) fn give_result(state: &StoredState) -> Result<(), BadStack> {
    let context = Context::of(state);
    let frame = &context.frame;
    let words = state.call.each_ref().map(|word| word.get() as Word);
    for (register, place) in parked(context) {
        register.set(place.get());
    }
    match state.result.get() {
        CallResult::Values(count) => {
            let [results @ .., _] = words;
            let places = stack::<4>(context)?.cast::<Word>();
            for (number, result) in results.into_iter().enumerate().take(count.into()) {
                // SAFETY: the bytes are there, in cells.
                unsafe { places.add(number).write_unaligned(result) };
            }
        }
        CallResult::Upcall => {
            let [function, first, second, third, fourth] = words;
            let returns_to = frame.rip.get() as Word;
            frame.rsp.set(below(frame.rsp.get(), 1));
            // SAFETY: as above.
            unsafe {
                stack::<5>(context)?.write_unaligned([returns_to, first, second, third, fourth]);
            }
            frame.rip.set(function as usize);
        }
    }
    Ok(())
}

/// Makes the registers those of a process that calls its first function like an upcall.
pub(crate) fn start(state: &StoredState, entry: &Entry) {
    let context = Context::of(state);
    context.frame.rsp.set(below(entry.stack_pointer, 4));
    let [function, values @ ..] = &state.call;
    function.set(entry.function);
    for (value, argument) in values.iter().zip(entry.arguments) {
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

/// The stack pointer after `words` words have been pushed.
fn below(stack_pointer: usize, words: usize) -> usize {
    let bytes = words * size_of::<Word>();
    (stack_pointer as Word).wrapping_sub(bytes as Word) as usize
}

/// Where the kernel sees the first words on the stack, all of them in memory that the process may access.
fn stack<const WORDS: usize>(context: &Context) -> Result<*mut [Word; WORDS], BadStack> {
    let top = context.frame.rsp.get() as Word as usize;
    let offset = top.wrapping_sub(context.ram_start.get());
    let accessible_bytes = context.accessible_bytes.get();
    if offset > accessible_bytes || accessible_bytes - offset < WORDS * size_of::<Word>() {
        return Err(BadStack);
    }
    Ok(context.ram.get().wrapping_add(offset).cast())
}
