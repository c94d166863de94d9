//! An interrupt at every instruction of the kernel's critical paths: no tick, no key and no byte is lost, and an app
//! does not notice. `boards/qemu-x86/src/interrupts.rs` says how.

use std::collections::BTreeSet;

use qemu::Options;
use system_tests::{LIMIT, interrupts};
use tbf::Image;

/// QEMU's exit status after a write of 0x10 to port 0xf4.
const DONE: i32 = 0x10 << 1 | 1;

/// Where the kernel puts an image that does not say.
const IMAGE: usize = 0x40_0000;
const RAM_BYTES: u32 = 4096;

const COMMAND: u32 = 2;
/// The driver of the machine that interrupts itself. Its command 1 says where a path begins.
const DRIVER: u32 = 0xb000_0001;
const BEGIN: u32 = 1;
const NOTHING: u32 = 0;
/// The return variant of a command that has nothing to say (TRD 104, section 3.2).
const SUCCESS: u32 = 128;
/// What an app's registers hold, and the kernel has to keep.
const PATTERN: u32 = 0x1357_9bdf;

/// Runs a machine to its end, and returns what it said on the debug console.
#[track_caller]
fn run(options: Options) -> String {
    let mut machine = qemu::Machine::boot(options);
    let status = machine.try_wait_exit(LIMIT);
    let said = machine.debug_console();
    let last = said.lines().last().unwrap_or_default();
    assert_eq!(
        status,
        Some(DONE),
        "it said last: {last}\n{}",
        machine.transcript()
    );
    said
}

/// The numbers in the line that sums a path up: interrupts in the window, asleep, and in the process.
#[track_caller]
fn places(said: &str, path: &str) -> [u32; 3] {
    let summary = said
        .lines()
        .find_map(|line| line.strip_prefix(&format!("{path}: ")))
        .unwrap_or_else(|| panic!("nothing sums {path} up"));
    let numbers = summary.split(' ').filter_map(|word| word.parse().ok());
    numbers.collect::<Vec<_>>().try_into().unwrap()
}

#[test]
fn nothing_is_lost_wherever_in_the_loop_an_interrupt_comes() {
    let said = run(interrupts());
    let [window, asleep, process] = places(&said, "idle");
    assert!(
        window > 0 && asleep > 0 && process == 0,
        "{window} {asleep} {process}"
    );
    let [window, asleep, process] = places(&said, "busy");
    assert!(
        window > 0 && asleep == 0 && process == 0,
        "{window} {asleep} {process}"
    );
}

/// An app that makes one system call after the other, and faults if anything is not as it should be: what it does
/// first, and what it does again and again, instruction by instruction.
struct App {
    start: Vec<Vec<u8>>,
    turn: Vec<Vec<u8>>,
}

/// Has it interrupted, and looks whether that was before each of its instructions.
#[track_caller]
fn expect_no_notice(app: App) {
    let App { start, mut turn } = app;
    let len_bytes = turn.concat().len() as i32;
    // jmp
    turn.push([&[0xe9], &(-len_bytes - 5).to_le_bytes()[..]].concat());
    let code = [start.concat(), turn.concat()].concat();
    let image = |code: &[u8]| {
        Image::app(code)
            .name("busy")
            .kernel_version(2, 0)
            .minimum_ram(RAM_BYTES)
            .build()
    };
    let mut address = IMAGE + image(&[]).len() + start.concat().len();
    let mut expected = BTreeSet::new();
    for instruction in &turn {
        // One that faults is never reached.
        if *instruction != UD2 {
            expected.insert(address);
        }
        address += instruction.len();
    }

    let said = run(interrupts().images([image(&code)]));
    let place = |line: &str| {
        let rip = line
            .trim_start()
            .strip_prefix("rip 0x")?
            .split(' ')
            .next()?;
        usize::from_str_radix(rip, 16).ok()
    };
    let interrupted: BTreeSet<usize> = said.lines().filter_map(place).collect();
    let missed: Vec<_> = expected.difference(&interrupted).collect();
    assert!(missed.is_empty(), "never interrupted at {missed:x?}");
    for path in ["called", "interrupted"] {
        let [_, asleep, process] = places(&said, path);
        assert!(asleep == 0 && process > 0, "{path}: {asleep} {process}");
    }
}

const UD2: [u8; 2] = [0x0f, 0x0b];

/// A comparison with `value`, and a fault if it is another: cmp; je +2; ud2
fn expect(compare: &[u8], value: u32) -> [Vec<u8>; 3] {
    let compare = [compare, &value.to_le_bytes()].concat();
    [compare, vec![0x74, 2], UD2.into()]
}

fn with_word(operation: &[u8], value: u32) -> Vec<u8> {
    [operation, &value.to_le_bytes()].concat()
}

#[test]
fn an_app_of_64_bits_notices_no_interrupt_wherever_it_comes() {
    // What loads a register, and what compares it: ebx, ebp, r12d to r15d.
    const KEPT: [(&[u8], &[u8]); 6] = [
        (&[0xbb], &[0x81, 0xfb]),
        (&[0xbd], &[0x81, 0xfd]),
        (&[0x41, 0xbc], &[0x41, 0x81, 0xfc]),
        (&[0x41, 0xbd], &[0x41, 0x81, 0xfd]),
        (&[0x41, 0xbe], &[0x41, 0x81, 0xfe]),
        (&[0x41, 0xbf], &[0x41, 0x81, 0xff]),
    ];
    let pattern = |number: usize| PATTERN.wrapping_mul(number as u32 + 1);
    let load = |(number, (load, _)): (usize, (&[u8], &[u8]))| with_word(load, pattern(number));
    // endbr64
    let start = [vec![0xf3, 0x0f, 0x1e, 0xfa]].into_iter();
    let start = start
        .chain(KEPT.into_iter().enumerate().map(load))
        .collect();
    let mut turn = Vec::new();
    for command in [BEGIN, NOTHING] {
        // mov eax, class; mov edi, driver; mov esi, command; mov edx, 0; mov r10d, 0; syscall
        turn.extend([
            with_word(&[0xb8], COMMAND),
            with_word(&[0xbf], DRIVER),
            with_word(&[0xbe], command),
            with_word(&[0xba], 0),
            with_word(&[0x41, 0xba], 0),
            vec![0x0f, 0x05],
        ]);
        turn.extend(expect(&[0x3d], SUCCESS)); // eax
    }
    for (number, (_, compare)) in KEPT.into_iter().enumerate() {
        turn.extend(expect(compare, pattern(number)));
    }
    expect_no_notice(App { start, turn });
}

#[test]
fn an_app_of_32_bits_notices_no_interrupt_wherever_it_comes() {
    // What loads a register, and what compares it: ebx, ecx, edx, esi, edi, ebp.
    const KEPT: [(u8, u8); 6] = [
        (0xbb, 0xfb),
        (0xb9, 0xf9),
        (0xba, 0xfa),
        (0xbe, 0xfe),
        (0xbf, 0xff),
        (0xbd, 0xfd),
    ];
    let pattern = |number: usize| PATTERN.wrapping_mul(number as u32 + 1);
    let load = |(number, (load, _)): (usize, (u8, u8))| with_word(&[load], pattern(number));
    let start = KEPT.into_iter().enumerate().map(load).collect();
    let mut turn = Vec::new();
    for command in [BEGIN, NOTHING] {
        // push 0; push 0; push command; push driver; mov eax, class; int 0x40
        turn.extend([
            vec![0x6a, 0],
            vec![0x6a, 0],
            vec![0x6a, command as u8],
            with_word(&[0x68], DRIVER),
            with_word(&[0xb8], COMMAND),
            vec![0xcd, 0x40],
        ]);
        turn.extend(expect(&[0x81, 0x3c, 0x24], SUCCESS)); // dword ptr [esp]
        turn.push(vec![0x83, 0xc4, 16]); // add esp, 16
    }
    for (number, (_, compare)) in KEPT.into_iter().enumerate() {
        turn.extend(expect(&[0x81, compare], pattern(number)));
    }
    expect_no_notice(App { start, turn });
}
