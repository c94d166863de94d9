//! System calls that no library makes.

use core::arch::asm;
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use capsa::{alarm, println, process, syscall};

use crate::raw::{
    ALARM, COMMAND, CONSOLE, EXIT, FAILURE, Garbage, IMAGE, IPC, KERNEL, LEND_TO_READ,
    LEND_TO_SHOW, LEND_TO_WRITE, MEMOP, NOBODY, NODEVICE, NONCANONICAL, NOSUPPORT, PHYSICAL,
    PLAIN_FLAGS, RNG, Registers, SUBSCRIBE, SUBSCRIBED, SUCCESS, UPCALL_REFUSED, YIELD, call,
    call_with,
};

pub fn class_8() {
    call(8, [0; 4]);
}

/// A command, but for a bit in the upper half.
pub fn class_wide() {
    call(1 << 32 | COMMAND, [CONSOLE, 0, 0, 0]);
}

pub fn class_last() {
    call(usize::MAX, [0; 4]);
}

pub fn yield_3() {
    call(YIELD, [3, 0, 0, 0]);
}

pub fn yield_last() {
    call(YIELD, [usize::MAX, 0, 0, 0]);
}

pub fn no_driver() -> bool {
    [NOBODY, usize::MAX, 1 << 32 | CONSOLE]
        .iter()
        .all(|driver| {
            call(COMMAND, [*driver, 0, 0, 0])[..2] == [FAILURE, NODEVICE]
                && call(SUBSCRIBE, [*driver, 0, 0, 7]) == [UPCALL_REFUSED, NODEVICE, 0, 7]
        })
}

pub fn unknown_command() -> bool {
    [99, usize::MAX, 1 << 32].iter().all(|command| {
        [ALARM, CONSOLE, IPC]
            .iter()
            .all(|driver| call(COMMAND, [*driver, *command, 0, 0])[..2] == [FAILURE, NOSUPPORT])
    })
}

pub fn unknown_exit() -> bool {
    [2, usize::MAX]
        .iter()
        .all(|variant| call(EXIT, [*variant, 0, 0, 0])[..2] == [FAILURE, NOSUPPORT])
}

pub fn unknown_memop() -> bool {
    [12, usize::MAX]
        .iter()
        .all(|operation| call(MEMOP, [*operation, 0, 0, 0])[..2] == [FAILURE, NOSUPPORT])
}

/// The byte that a yield writes must not be anyone else's. Nothing is written, and nothing is returned.
pub fn yield_byte() -> bool {
    let before = process::name();
    let gap = process::app_break().unwrap_or_default();
    let end = process::memory_end().unwrap_or_default();
    [
        0,
        1,
        KERNEL,
        PHYSICAL,
        NONCANONICAL,
        usize::MAX,
        IMAGE,
        IMAGE + 2,
        gap,
        end - 1,
        end,
    ]
    .iter()
    .all(|address| call(YIELD, [0, *address, 0, 0])[0] == 0)
        && process::name() == before
}

/// A command that succeeds.
fn ask_for_console() -> Registers {
    Registers {
        flags: PLAIN_FLAGS,
        rax: COMMAND,
        rdi: CONSOLE,
        ..Registers::default()
    }
}

/// The kernel must not use the app's stack, and must give the stack pointer back.
pub fn stacks() -> bool {
    [
        0,
        1,
        7,
        IMAGE,
        KERNEL,
        PHYSICAL,
        NONCANONICAL,
        0xffff_fffc,
        usize::MAX,
        usize::MAX - 7,
    ]
    .iter()
    .all(|stack| {
        let after = call_with(&Registers {
            rsp: *stack,
            ..ask_for_console()
        });
        after.rax == SUCCESS && after.rsp == *stack
    })
}

/// Carry, parity, auxiliary, zero, sign, direction and overflow; nested task, alignment check, identification.
const OWN_FLAGS: usize = 0xcd5 | 0x4000 | 0x4_0000 | 0x20_0000;

/// An app keeps the flags that are its own, gets no other, and the kernel minds none of them.
pub fn flags() -> bool {
    let single = (0..64).map(|bit| 1 << bit);
    // The trap flag has an act of its own.
    const TRAP: usize = 0x100;
    single.chain([usize::MAX, 0]).all(|given| {
        let flags = given & !TRAP;
        let after = call_with(&Registers {
            flags,
            ..ask_for_console()
        });
        after.rax == SUCCESS && after.flags == PLAIN_FLAGS | flags & OWN_FLAGS
    })
}

/// Also while it is interrupted, and while it waits.
pub fn flags_over_time() -> bool {
    let wait = Registers {
        flags: OWN_FLAGS,
        rax: COMMAND,
        rdi: ALARM,
        rsi: 5,
        rdx: 10,
        ..Registers::default()
    };
    let flags: usize;
    // SAFETY: the flags are as the compiler wants them after it.
    unsafe {
        asm!(
            "push {flags}",
            "popfq",
            "mov ecx, 5000000",
            "2:",
            "lea ecx, [ecx - 1]",
            "jrcxz 3f",
            "jmp 2b",
            "3:",
            "pushfq",
            "pop {flags}",
            "push 2",
            "popfq",
            flags = inout(reg) OWN_FLAGS => flags,
            out("rcx") _,
        );
    }
    flags == PLAIN_FLAGS | OWN_FLAGS
        && call_with(&wait).flags == PLAIN_FLAGS | OWN_FLAGS
        && call_with(&Registers {
            flags: OWN_FLAGS,
            rax: YIELD,
            rdi: 2,
            rsi: ALARM,
            rdx: 0,
            ..Registers::default()
        })
        .flags
            == PLAIN_FLAGS | OWN_FLAGS
}

/// Any words in any register, at each class that neither ends the process nor waits. No other register changes than
/// those that may.
pub fn garbage() -> bool {
    const ROUNDS: usize = 20_000;
    let mut garbage = Garbage::new();
    (0..ROUNDS).all(|_| {
        let before = unreasonable(&mut garbage);
        let after = call_with(&before);
        let kept = |it: &Registers| [it.rbx, it.rbp, it.r12, it.r13, it.r14, it.r15, it.rsp];
        kept(&before) == kept(&after)
            && (after.r8, after.r9) == (0, 0)
            && after.flags == PLAIN_FLAGS | before.flags & OWN_FLAGS
    })
}

fn unreasonable(garbage: &mut Garbage) -> Registers {
    const CLASSES: [usize; 7] = [
        YIELD,
        SUBSCRIBE,
        COMMAND,
        LEND_TO_WRITE,
        LEND_TO_READ,
        MEMOP,
        LEND_TO_SHOW,
    ];
    const DRIVERS: [usize; 10] = [
        ALARM, CONSOLE, 2, 8, IPC, 0x1_0002, RNG, 0x9_0003, 0x9_0005, 0x9_0007,
    ];
    const TRAP: usize = 0x100;
    let class = garbage.one_of(&CLASSES);
    let mut word = |limit: usize| match garbage.next() % 3 {
        0 => garbage.next() % limit,
        1 => garbage.one_of(&[
            0,
            1,
            IMAGE,
            KERNEL,
            PHYSICAL,
            NONCANONICAL,
            1 << 30,
            1 << 32,
            usize::MAX,
        ]),
        _ => garbage.next(),
    };
    let mut registers = Registers {
        flags: word(1 << 32) & !TRAP,
        rax: class,
        rdi: word(16),
        rsi: word(16),
        rdx: word(1 << 16),
        r10: word(1 << 16),
        rcx: word(16),
        r8: word(16),
        r9: word(16),
        r11: word(16),
        rbx: word(16),
        rbp: word(16),
        r12: word(16),
        r13: word(16),
        r14: word(16),
        r15: word(16),
        rsp: word(16),
    };
    if class != MEMOP && class != YIELD && !garbage.next().is_multiple_of(4) {
        registers.rdi = garbage.one_of(&DRIVERS);
    }
    match class {
        // Without waiting.
        YIELD => registers.rdi = 0,
        // The break stays.
        MEMOP if registers.rdi < 2 => registers.rsi = usize::MAX / 2,
        // The terminal stays clean, the screen too.
        COMMAND if matches!(registers.rdi, CONSOLE | 0x9_0003) => registers.rsi |= 1 << 20,
        _ => {}
    }
    registers
}

/// Upcalls that have found their function.
static CALLED: AtomicUsize = AtomicUsize::new(0);

extern "C" fn count(_: usize, _: usize, _: usize, _: usize) {
    CALLED.fetch_add(1, Relaxed);
}

/// A write of nothing ends at once: its upcall waits. So many can wait, the others are dropped; then all is as before.
pub fn full_queue() -> bool {
    const WRITE: usize = 1;
    const ROOM: usize = 10;
    let function = count as extern "C" fn(usize, usize, usize, usize) as usize;
    let subscribed = call(SUBSCRIBE, [CONSOLE, WRITE, function, 0])[0] == SUBSCRIBED;
    let written = (0..1000).all(|_| call(COMMAND, [CONSOLE, WRITE, 0, 0])[0] == SUCCESS);
    // An alarm that goes off while there is no room.
    call(COMMAND, [ALARM, 5, 1, 0]);
    let later = alarm::now().map_or(0, |now| now + 100);
    while alarm::now().is_ok_and(|now| now < later) {}
    while syscall::yield_no_wait() {}
    let called = CALLED.load(Relaxed);
    alarm::sleep_ms(1);
    call(SUBSCRIBE, [CONSOLE, WRITE, 0, 0]);
    subscribed && written && called == ROOM
}

/// Ends in an upcall, after another yield.
extern "C" fn end(_: usize, _: usize, _: usize, _: usize) {
    println!("{}: as it should be", process::name());
    process::exit(0);
}

/// Has the alarm go off soon, and waits for its upcall.
fn wait_for_alarm(function: extern "C" fn(usize, usize, usize, usize)) {
    const SOON_TICKS: usize = 100;
    call(SUBSCRIBE, [ALARM, 0, function as usize, 0]);
    call(COMMAND, [ALARM, 5, SOON_TICKS, 0]);
    syscall::yield_wait();
}

pub fn exit_in_upcall() -> bool {
    wait_for_alarm(end);
    false
}

extern "C" fn start_anew(_: usize, _: usize, _: usize, _: usize) {
    process::restart();
}

pub fn restart_in_upcall() {
    wait_for_alarm(start_anew);
}
