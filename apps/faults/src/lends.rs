//! Memory and functions that an app cannot give to a driver, and some that it can.

use core::cell::UnsafeCell;

use capsa::{Result, process};

use crate::raw::{
    ALARM, CODE, COMMAND, CONSOLE, FAILURE, IMAGE, INVAL, IPC, KERNEL, LEND_TO_READ, LEND_TO_SHOW,
    LEND_TO_WRITE, LENT, LOAN_REFUSED, MEMOP, NOMEM, NONCANONICAL, NOSUPPORT, PHYSICAL, RNG,
    SUBSCRIBE, SUBSCRIBED, SUCCESS, UPCALL_REFUSED, call,
};

/// A buffer that the driver of the console has for each way to lend.
const BUFFER: usize = 1;

/// The app's memory.
struct Memory {
    start: usize,
    /// Where its own part ends.
    end: usize,
    /// Where the kernel's part ends.
    kernel_end: usize,
    image_end: usize,
}

impl Memory {
    fn ask() -> Result<Self> {
        Ok(Self {
            start: process::memory_start()?,
            end: process::app_break()?,
            kernel_end: process::memory_end()?,
            image_end: process::image_end()?,
        })
    }
}

/// Whether a loan is refused as the kernel says it: with what was offered.
fn is_refused(class: usize, start: usize, len_bytes: usize) -> bool {
    call(class, [CONSOLE, BUFFER, start, len_bytes]) == [LOAN_REFUSED, INVAL, start, len_bytes]
}

fn is_lent(class: usize, start: usize, len_bytes: usize) -> bool {
    call(class, [CONSOLE, BUFFER, start, len_bytes])[0] == LENT
}

/// Takes a loan back, and tells what it was.
fn take_back(class: usize) -> [usize; 2] {
    let [_, start, len_bytes, _] = call(class, [CONSOLE, BUFFER, 0, 0]);
    [start, len_bytes]
}

/// Memory that no driver may have.
pub fn lend_bad() -> bool {
    let Ok(memory) = Memory::ask() else {
        return false;
    };
    let Memory {
        start,
        end,
        kernel_end,
        image_end,
    } = memory;
    let nobody_s = [
        (0, 1),
        (1, 1),
        (0, usize::MAX),
        (KERNEL, 1),
        (PHYSICAL, 16),
        (NONCANONICAL, 1),
        (NONCANONICAL - 1, 1),
        (usize::MAX, 1),
        (usize::MAX - 15, 16),
        (usize::MAX, usize::MAX),
        // The header is the kernel's to read.
        (IMAGE, 1),
        (CODE - 1, 2),
        (image_end - 1, 2),
        (image_end, 1),
        (CODE, usize::MAX),
        (start - 1, 2),
        (start - 1, 1),
        (start, end - start + 1),
        (start, usize::MAX),
        (start, usize::MAX - start + 1),
        (end - 1, 2),
        (end - 1, usize::MAX),
        (end, 1),
        (end + 1, 1),
        (kernel_end - 1, 1),
        (kernel_end - 64, 128),
        (kernel_end, 1),
        (start | 1 << 32, 1),
        (start | 1 << 63, 1),
    ];
    let image = [(CODE, 16), (CODE, image_end - CODE)];
    let all_are = |class: usize, loans: &[(usize, usize)]| {
        loans
            .iter()
            .all(|(start, len)| is_refused(class, *start, *len))
    };
    [LEND_TO_WRITE, LEND_TO_READ, LEND_TO_SHOW]
        .iter()
        .all(|class| all_are(*class, &nobody_s))
        && [LEND_TO_WRITE, LEND_TO_SHOW]
            .iter()
            .all(|class| all_are(*class, &image))
}

/// Nothing can be lent from anywhere. It is told back as it was.
pub fn lend_empty() -> bool {
    [LEND_TO_WRITE, LEND_TO_READ].iter().all(|class| {
        [0, 1, IMAGE, KERNEL, PHYSICAL, NONCANONICAL, usize::MAX]
            .iter()
            .all(|start| is_lent(*class, *start, 0) && take_back(*class) == [*start, 0])
    })
}

/// A byte of a static at any place, and all of the app's memory.
pub fn lend_unaligned() -> bool {
    static BYTES: [u8; 16] = [0; 16];
    let start = BYTES.as_ptr().expose_provenance();
    let whole = Memory::ask().map(|memory| (memory.start, memory.end - memory.start));
    (0..16).all(|offset| {
        is_lent(LEND_TO_READ, start + offset, 16 - offset)
            && take_back(LEND_TO_READ) == [start + offset, 16 - offset]
    }) && whole.is_ok_and(|(start, len_bytes)| {
        is_lent(LEND_TO_WRITE, start, len_bytes) && take_back(LEND_TO_WRITE) == [start, len_bytes]
    })
}

/// A driver may read the app's image, up to its last byte.
pub fn lend_image() -> bool {
    process::image_end().is_ok_and(|end| {
        is_lent(LEND_TO_READ, CODE, end - CODE) && take_back(LEND_TO_READ) == [CODE, end - CODE]
    })
}

/// Memory that an app shares with drivers.
#[repr(C, align(16))]
struct Shared(UnsafeCell<[u8; 64]>);

// SAFETY: an app has one thread, and what drivers write is bytes.
unsafe impl Sync for Shared {}

/// The same memory for several drivers, to read and to write at once.
pub fn lend_overlapping() -> bool {
    static SHARED: Shared = Shared(UnsafeCell::new([b' '; 64]));
    const WRITE: usize = 1;
    let start = SHARED.0.get().expose_provenance();
    let lent = [
        (LEND_TO_READ, CONSOLE, 1, 0, 64),
        (LEND_TO_WRITE, CONSOLE, 1, 8, 56),
        (LEND_TO_WRITE, RNG, 0, 16, 32),
        (LEND_TO_READ, IPC, 0, 24, 8),
        (LEND_TO_READ, IPC, 1, 24, 8),
    ]
    .iter()
    .all(|(class, driver, buffer, offset, len_bytes)| {
        call(*class, [*driver, *buffer, start + offset, *len_bytes])[0] == LENT
    });
    let under_way = call(COMMAND, [CONSOLE, 2, 56, 0])[0] == SUCCESS;
    let asked = call(COMMAND, [RNG, 1, 32, 0])[0] == SUCCESS;
    let ended = call(COMMAND, [CONSOLE, 3, 0, 0])[0] == SUCCESS;
    let written = call(COMMAND, [CONSOLE, WRITE, 0, 0])[0] == SUCCESS;
    lent && under_way && asked && ended && written
}

/// Where the app's stack is, for a driver to write to: what it writes is the app's own concern, and nobody else's.
pub fn lend_own_stack() -> bool {
    let here = [0_usize; 4];
    let start = (&raw const here).expose_provenance();
    is_lent(LEND_TO_WRITE, start, size_of_val(&here)) && take_back(LEND_TO_WRITE)[0] == start
}

/// Functions that are none of the app's, or not all of their first word.
pub fn subscribe_bad() -> bool {
    let Ok(Memory {
        start,
        end,
        kernel_end,
        image_end,
    }) = Memory::ask()
    else {
        return false;
    };
    let is_refused = |function: usize| {
        call(SUBSCRIBE, [ALARM, 0, function, 7]) == [UPCALL_REFUSED, INVAL, function, 7]
    };
    let bad = [
        1,
        KERNEL,
        PHYSICAL,
        NONCANONICAL,
        usize::MAX,
        usize::MAX - 7,
        IMAGE,
        CODE - 1,
        image_end - 7,
        image_end,
        start - 1,
        end - 7,
        end,
        kernel_end - 8,
        kernel_end,
        CODE | 1 << 32,
        CODE | 1 << 63,
    ];
    bad.iter().all(|function| is_refused(*function))
        && [CODE, image_end - 8, start, end - 8, 0]
            .iter()
            .all(|function| call(SUBSCRIBE, [ALARM, 0, *function, 7])[0] == SUBSCRIBED)
        && call(SUBSCRIBE, [ALARM, 99, CODE, 7]) == [UPCALL_REFUSED, NOSUPPORT, CODE, 7]
}

/// A break that is not in the app's memory. It stays where it is.
pub fn break_bad() -> bool {
    const SET: usize = 0;
    const MOVE: usize = 1;
    let Ok(Memory {
        start,
        end,
        kernel_end,
        ..
    }) = Memory::ask()
    else {
        return false;
    };
    let is_refused =
        |operation, argument| call(MEMOP, [operation, argument, 0, 0])[..2] == [FAILURE, NOMEM];
    [
        0,
        1,
        start - 1,
        kernel_end - 1,
        kernel_end,
        kernel_end + 1,
        KERNEL,
        NONCANONICAL,
        usize::MAX,
    ]
    .iter()
    .all(|address| is_refused(SET, *address))
        && [
            usize::MAX / 2,
            1 << 63,
            kernel_end - end,
            start.wrapping_sub(end + 1),
        ]
        .iter()
        .all(|distance| is_refused(MOVE, *distance))
        && process::app_break() == Ok(end)
}

/// What a driver may write to stays the app's, also when it was taken back.
pub fn break_under_loan() -> bool {
    const MOVE: usize = 1;
    const STEP_BYTES: usize = 64;
    // SAFETY: it moves up, and this app has no heap.
    let Ok(old_end) = (unsafe { process::move_break(STEP_BYTES as isize) }) else {
        return false;
    };
    let back = || call(MEMOP, [MOVE, STEP_BYTES.wrapping_neg(), 0, 0]);
    let lent = is_lent(LEND_TO_WRITE, old_end, STEP_BYTES);
    let refused = back()[..2] == [FAILURE, NOMEM];
    let taken_back = take_back(LEND_TO_WRITE) == [old_end, STEP_BYTES];
    lent && refused && taken_back && back()[..2] == [FAILURE, NOMEM]
}
