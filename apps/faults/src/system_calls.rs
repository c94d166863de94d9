//! System calls that no library makes.

use core::arch::asm;

use capsa::process;

const YIELD: usize = 0;
const SUBSCRIBE: usize = 1;
const COMMAND: usize = 2;
const LEND_TO_WRITE: usize = 3;
const LEND_TO_READ: usize = 4;
const MEMOP: usize = 5;
const EXIT: usize = 6;

const ALARM: usize = 0;
const CONSOLE: usize = 1;

const SUCCESS: usize = 128;

const INVAL: usize = 6;
const NOMEM: usize = 9;
const NOSUPPORT: usize = 10;
const NODEVICE: usize = 11;

const KERNEL: usize = 0xffff_ffff_8010_0000;
const IMAGE: usize = 0x40_0000;

/// A system call, and some instructions before and after it.
macro_rules! call {
    ($class:expr, $arguments:expr) => {
        call!([], $class, $arguments, [])
    };
    ([$($before:literal),*], $class:expr, $arguments:expr, [$($after:literal),*]) => {{
        let [a, b, c, d]: [usize; 4] = $arguments;
        let (variant, first, second, third): (usize, usize, usize, usize);
        // SAFETY: none; that is what the kernel is tested with. No call that succeeds lends or subscribes.
        unsafe {
            asm!(
                $($before,)*
                "syscall",
                $($after,)*
                inlateout("rax") $class => variant,
                inlateout("rdi") a => first,
                inlateout("rsi") b => second,
                inlateout("rdx") c => third,
                inlateout("r10") d => _,
                out("rcx") _,
                out("r8") _,
                out("r9") _,
                out("r11") _,
                out("r12") _,
            );
        }
        [variant, first, second, third]
    }};
}

pub fn unknown_class() {
    call!(99_usize, [0; 4]);
}

pub fn unknown_yield() {
    call!(YIELD, [99, 0, 0, 0]);
}

/// The kernel must not use the app's stack.
pub fn no_stack() -> bool {
    let answer = call!(
        ["mov r12, rsp", "xor esp, esp"],
        COMMAND,
        [CONSOLE, 0, 0, 0],
        ["mov rsp, r12"]
    );
    answer[0] == SUCCESS
}

/// The kernel must not copy backwards because an app does.
pub fn direction_flag() -> bool {
    call!(["std"], COMMAND, [CONSOLE, 0, 0, 0], ["cld"])[0] == SUCCESS
}

/// The kernel must not be checked for alignment because an app is.
pub fn alignment_flag() -> bool {
    let answer = call!(
        ["pushfq", "or qword ptr [rsp], 0x40000", "popfq"],
        COMMAND,
        [CONSOLE, 0, 0, 0],
        ["pushfq", "and qword ptr [rsp], ~0x40000", "popfq"]
    );
    answer[0] == SUCCESS
}

/// Whether memory is refused, in both ways to lend it, as the kernel says it: with what was offered.
fn is_refused(start: usize, len_bytes: usize) -> bool {
    const REFUSED: usize = 5;
    [LEND_TO_WRITE, LEND_TO_READ].iter().all(|class| {
        call!(*class, [CONSOLE, 1, start, len_bytes]) == [REFUSED, INVAL, start, len_bytes]
    })
}

pub fn lend_kernel() -> bool {
    is_refused(KERNEL, 16)
}

/// All of the app's memory, and a byte of what is the kernel's.
pub fn lend_beyond() -> bool {
    let start = process::memory_start();
    let end = process::memory_end();
    start.and_then(|start| Ok(is_refused(start, end? - start + 1))) == Ok(true)
}

pub fn lend_wrapping() -> bool {
    process::memory_start().is_ok_and(|start| is_refused(start, usize::MAX))
}

/// Constants may be read by a driver, and not be written.
pub fn lend_image_to_write() -> bool {
    let answer = call!(LEND_TO_WRITE, [CONSOLE, 1, IMAGE + 256, 16]);
    answer[..2] == [5, INVAL]
}

pub fn subscribe_kernel() -> bool {
    let answer = call!(SUBSCRIBE, [ALARM, 0, KERNEL, 7]);
    answer == [4, INVAL, KERNEL, 7]
}

pub fn break_beyond() -> bool {
    let end = process::memory_end().unwrap_or_default();
    call!(MEMOP, [0, end + 1, 0, 0])[..2] == [0, NOMEM]
}

pub fn break_below() -> bool {
    let start = process::memory_start().unwrap_or_default();
    call!(MEMOP, [0, start - 1, 0, 0])[..2] == [0, NOMEM]
}

pub fn no_driver() -> bool {
    const NOBODY: usize = 0xdead_beef;
    call!(COMMAND, [NOBODY, 0, 0, 0])[..2] == [0, NODEVICE]
        && call!(SUBSCRIBE, [NOBODY, 0, 0, 7]) == [4, NODEVICE, 0, 7]
}

pub fn unknown_exit() -> bool {
    call!(EXIT, [99, 0, 0, 0])[..2] == [0, NOSUPPORT]
}

/// The byte that a yield writes must not be the kernel's. Nothing is written, and nothing is returned.
pub fn yield_to_kernel() -> bool {
    call!(YIELD, [0, KERNEL, 0, 0])[0] == 0
}
