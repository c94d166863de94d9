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
//! Every register is as it was after a call, and the words that a result does not have are 0, as on Tock; an
//! upcall and the start are like the C function's call.
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
    state.result.set(CallResult::values(0));
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
    if let Some(count) = state.result.get().count() {
        let [mut results @ .., _] = words;
        let places = stack::<4>(context)?;
        if count > 0 {
            results.iter_mut().skip(count).for_each(|word| *word = 0);
            // SAFETY: the bytes are there, in cells.
            unsafe { places.write_unaligned(results) };
        }
    } else {
        let [function, first, second, third, fourth] = words;
        let returns_to = frame.rip.get() as Word;
        frame.rsp.set(below(frame.rsp.get(), 1));
        // SAFETY: as above.
        unsafe {
            stack::<5>(context)?.write_unaligned([returns_to, first, second, third, fourth]);
        }
        frame.rip.set(function as usize);
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
    state.result.set(CallResult::UPCALL);
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

#[cfg(test)]
mod tests {
    use kernel::platform::WordSize;

    use super::*;

    const RAM_START: usize = 0x50_0000;
    const RAM_BYTES: usize = 32;
    const FUNCTION: usize = 0x40_0123;

    type Ram = [Cell<Word>; RAM_BYTES / size_of::<Word>()];

    fn ram() -> Ram {
        [const { Cell::new(0xee) }; RAM_BYTES / size_of::<Word>()]
    }

    fn contents(ram: &Ram) -> [Word; RAM_BYTES / size_of::<Word>()] {
        ram.each_ref().map(Cell::get)
    }

    /// A process that may access all of `ram` and has its stack pointer at `offset` in it.
    fn process(ram: &Ram, offset: usize) -> StoredState {
        let state = StoredState::new();
        let context = Context::of(&state);
        context.ram_start.set(RAM_START);
        context.ram.set(ram.as_ptr().cast_mut().cast());
        context.accessible_bytes.set(RAM_BYTES);
        context.frame.rsp.set(RAM_START.wrapping_add(offset));
        state
    }

    fn set_call(state: &StoredState, words: [usize; 5]) {
        for (place, word) in state.call.iter().zip(words) {
            place.set(word);
        }
    }

    #[test]
    fn a_call_is_taken_from_al_and_the_four_words_on_the_stack() {
        let ram = ram();
        let state = process(&ram, 8);
        for (place, word) in ram[2..].iter().zip([11, 12, 13, Word::MAX]) {
            place.set(word);
        }
        Context::of(&state).frame.rax.set(0x7702);
        assert!(take_call(&state).is_ok());
        let call = state.call.each_ref().map(Cell::get);
        assert_eq!(call, [2, 11, 12, 13, 0xffff_ffff]);
    }

    #[test]
    fn results_replace_the_four_words_and_no_register_changes() {
        let ram = ram();
        let state = process(&ram, 8);
        let frame = &Context::of(&state).frame;
        let registers = [&frame.rax, &frame.rdi, &frame.rsi, &frame.rdx, &frame.rsp];
        let before = [0x7702, 2, 3, 4, RAM_START + 8];
        for (register, value) in registers.into_iter().zip(before) {
            register.set(value);
        }
        assert!(take_call(&state).is_ok());
        set_call(&state, [128, 1, 2, 3, 99]);
        state.result.set(CallResult::values(4));
        assert!(give_result(&state).is_ok());
        assert_eq!(registers.map(Cell::get), before);
        assert_eq!(contents(&ram), [0xee, 0xee, 128, 1, 2, 3, 0xee, 0xee]);
    }

    #[test]
    fn words_that_a_result_does_not_have_are_0_and_without_a_result_all_stay() {
        for (count, after) in [(0, [1, 2, 3, 4]), (1, [128, 0, 0, 0]), (3, [128, 7, 8, 0])] {
            let ram = ram();
            let state = process(&ram, 0);
            for (place, word) in ram.iter().zip([1, 2, 3, 4]) {
                place.set(word);
            }
            assert!(take_call(&state).is_ok());
            set_call(&state, [128, 7, 8, 9, 10]);
            state.result.set(CallResult::values(count));
            assert!(give_result(&state).is_ok());
            assert_eq!(contents(&ram)[..4], after, "{count}");
        }
    }

    #[test]
    fn an_upcall_returns_to_where_the_call_was() {
        let ram = ram();
        let state = process(&ram, 8);
        let frame = &Context::of(&state).frame;
        frame.rip.set(0x40_0456);
        assert!(take_call(&state).is_ok());
        set_call(&state, [FUNCTION, 1, 2, 3, 4]);
        state.result.set(CallResult::UPCALL);
        assert!(give_result(&state).is_ok());
        assert_eq!(contents(&ram), [0xee, 0x40_0456, 1, 2, 3, 4, 0xee, 0xee]);
        assert_eq!(frame.rsp.get(), RAM_START + 4);
        assert_eq!(frame.rip.get(), FUNCTION);
    }

    #[test]
    fn after_an_upcall_the_next_call_has_results_again() {
        let ram = ram();
        let state = process(&ram, 8);
        state.result.set(CallResult::UPCALL);
        assert!(take_call(&state).is_ok());
        assert_eq!(state.result.get(), CallResult::values(0));
    }

    #[test]
    fn a_process_starts_with_its_arguments_on_its_stack_and_nowhere_to_return() {
        let ram = ram();
        let state = process(&ram, 0);
        let entry = Entry {
            function: FUNCTION,
            arguments: [1, 2, 3, 4],
            stack_pointer: RAM_START + RAM_BYTES,
            word_size: WordSize::Bits32,
        };
        start(&state, &entry);
        assert!(give_result(&state).is_ok());
        assert_eq!(contents(&ram), [0xee, 0xee, 0xee, 0, 1, 2, 3, 4]);
        let frame = &Context::of(&state).frame;
        assert_eq!(frame.rsp.get(), RAM_START + 12);
        assert_eq!(frame.rip.get(), FUNCTION);
    }

    #[test]
    fn a_stack_that_leaves_the_accessible_memory_is_refused() {
        let ram = ram();
        for offset in [RAM_BYTES - 15, RAM_BYTES, RAM_BYTES + 1, usize::MAX] {
            let state = process(&ram, offset);
            assert!(take_call(&state).is_err(), "{offset:#x}");
            assert!(give_result(&state).is_err(), "{offset:#x}");
        }
        assert!(take_call(&process(&ram, RAM_BYTES - 16)).is_ok());
    }

    #[test]
    fn an_upcall_without_room_for_its_return_address_is_refused() {
        let ram = ram();
        let state = process(&ram, 0);
        state.result.set(CallResult::UPCALL);
        assert!(give_result(&state).is_err());
        assert_eq!(contents(&ram), [0xee; RAM_BYTES / size_of::<Word>()]);
    }
}
