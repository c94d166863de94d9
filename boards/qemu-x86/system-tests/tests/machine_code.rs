//! Apps of a few instructions each, made here: every vector, every selector, and what apps of 32 bits can do.
//!
//! A process must fault where the processor's manual says so (SDM volume 2), and end by itself otherwise. Each group
//! has a witness beside it.

use std::iter;

use qemu::{Machine, Options};
use system_tests::{
    LIMIT, PROMPT, app, expect_going_on, kernel, line_on_serial, list, wait_for_list,
};
use tbf::Image;

/// An app that ends if anything of its own changes.
const WITNESS: &str = "witness";

const RAM: u32 = 0x50_0000;
const RAM_BYTES: u32 = 4096;
/// Where the kernel puts an image that does not say.
const IMAGE: u32 = 0x40_0000;
/// `endbr64`, by which the kernel knows an app of 64 bits.
const START: [u8; 4] = [0xf3, 0x0f, 0x1e, 0xfa];

const YIELD: u32 = 0;
const SUBSCRIBE: u32 = 1;
const COMMAND: u32 = 2;
const ALLOW_READ_ONLY: u32 = 4;
const MEMOP: u32 = 5;
const EXIT: u32 = 6;
const ALARM: u32 = 0;
const CONSOLE: u32 = 1;

/// A process, and how it must end.
struct Case {
    name: String,
    image: Vec<u8>,
    state: &'static str,
}

fn image(name: &str, code: &[u8]) -> Image {
    Image::app(code)
        .name(name)
        .kernel_version(2, 0)
        .minimum_ram(RAM_BYTES)
}

/// An app of 64 bits that ends after `code` if nothing stops it.
fn wide(name: String, code: &[u8], survives: bool) -> Case {
    let code = [&START, code, &call_64(EXIT, [0; 4])].concat();
    let image = image(&name, &code).build();
    let state = if survives { "ended" } else { "faulted" };
    Case { name, image, state }
}

/// As [`wide`], of 32 bits.
fn narrow(name: &str, code: &[u8], survives: bool) -> Case {
    let code = [code, &call_32(EXIT, [0; 4])].concat();
    let image = image(name, &code).build();
    let state = if survives { "ended" } else { "faulted" };
    let name = name.into();
    Case { name, image, state }
}

/// A system call of an app of 64 bits.
fn call_64(class: u32, [a, b, c, d]: [u32; 4]) -> Vec<u8> {
    let mut code = Vec::new();
    // mov eax, class; mov edi, a; mov esi, b; mov edx, c; mov r10d, d; syscall
    let loads: [(&[u8], u32); 5] = [
        (&[0xb8], class),
        (&[0xbf], a),
        (&[0xbe], b),
        (&[0xba], c),
        (&[0x41, 0xba], d),
    ];
    for (load, word) in loads {
        code.extend_from_slice(load);
        code.extend(word.to_le_bytes());
    }
    code.extend([0x0f, 0x05]);
    code
}

/// A system call of an app of 32 bits.
fn call_32(class: u32, arguments: [u32; 4]) -> Vec<u8> {
    let mut code = Vec::new();
    for word in arguments.iter().rev() {
        code.push(0x68); // push word
        code.extend(word.to_le_bytes());
    }
    code.push(0xb8); // mov eax, class
    code.extend(class.to_le_bytes());
    code.extend([0xcd, 0x40]); // int 0x40
    code
}

/// Runs all of them beside a witness, and leaves the machine with both well.
#[track_caller]
fn expect_ends(options: Options, cases: &[Case]) -> Machine {
    let images = cases.iter().map(|case| case.image.clone());
    let mut machine = Machine::boot(options.apps([app(WITNESS)]).images(images));
    // Before that nobody listens.
    machine.expect(PROMPT, LIMIT);
    wait_for_list(&mut machine, |rows| {
        let wrong: Vec<String> = cases
            .iter()
            .zip(&rows[1..])
            .filter(|(case, row)| !(row.is_of(&case.name) && row.state == case.state))
            .map(|(case, row)| format!("{} is not {}: {row:?}", case.name, case.state))
            .collect();
        wrong.is_empty().then_some(()).ok_or(wrong.join("\n"))
    });
    assert_eq!(list(&mut machine).len(), cases.len() + 1);
    expect_going_on(&mut machine, WITNESS);
    assert_eq!(
        line_on_serial(&mut machine, "echo still here"),
        "still here"
    );
    machine
}

#[test]
fn no_app_of_64_bits_can_raise_an_interrupt() {
    let interrupt = |vector: u8| wide(format!("int_{vector:#04x}"), &[0xcd, vector], false);
    let cases: Vec<Case> = (0..=u8::MAX).map(interrupt).collect();
    expect_ends(kernel(), &cases);
}

#[test]
fn an_app_of_32_bits_can_raise_the_one_that_is_its_door() {
    let interrupt = |vector: u8| {
        let name = format!("int_{vector:#04x}");
        match vector {
            // Its exit is one.
            0x40 => narrow(&name, &[], true),
            _ => narrow(&name, &[0xcd, vector], false),
        }
    };
    let cases: Vec<Case> = (0..=u8::MAX).map(interrupt).collect();
    expect_ends(kernel(), &cases);
}

/// A way to load a segment register: its name, the code that does it with a selector, and whether that is survived.
type Load = (&'static str, fn(u8) -> Vec<u8>, fn(u8) -> bool);

const LOADS: [Load; 5] = [
    ("ds", |selector| load(selector, 0xd8), is_for_data),
    ("es", |selector| load(selector, 0xc0), is_for_data),
    ("fs", |selector| load(selector, 0xe0), is_for_data),
    ("gs", |selector| load(selector, 0xe8), is_for_data),
    ("ss", |selector| load(selector, 0xd0), is_for_stack),
];

/// Ways to go on in another segment of code, and to return to one of code and one of data.
const TRANSFERS: [Load; 5] = [
    ("jmp", |selector| far(selector, 0x2c), is_for_wide_code),
    ("call", |selector| far(selector, 0x1c), is_for_wide_code),
    (
        "retf",
        |selector| retf(selector),
        |selector| selector == 0x2b,
    ),
    (
        "iretq",
        |selector| iretq(selector, 0x23),
        |selector| selector == 0x2b,
    ),
    ("iretq_ss", |selector| iretq(0x2b, selector), is_for_stack),
];

/// Null, or a segment for apps: code of 32 bits, data, code of 64 bits.
fn is_for_data(selector: u8) -> bool {
    matches!(selector, 0..=3 | 0x18..=0x1b | 0x20..=0x23 | 0x28..=0x2b)
}

fn is_for_stack(selector: u8) -> bool {
    selector == 0x23
}

/// In code of 32 bits this app's next system call is one by the wrong door.
fn is_for_wide_code(selector: u8) -> bool {
    matches!(selector, 0x28..=0x2b)
}

/// mov eax, selector; mov SEGMENT, eax
fn load(selector: u8, segment: u8) -> Vec<u8> {
    vec![0xb8, selector, 0, 0, 0, 0x8e, segment]
}

/// lea rax, [rip + 11]; push rax; mov dword ptr [rsp + 4], selector; jmp or call fword ptr [rsp]
fn far(selector: u8, operation: u8) -> Vec<u8> {
    vec![
        0x48, 0x8d, 0x05, 12, 0, 0, 0, 0x50, 0xc7, 0x44, 0x24, 4, selector, 0, 0, 0, 0xff,
        operation, 0x24,
    ]
}

/// push selector; lea rax, [rip + 3]; push rax; retfq
fn retf(selector: u8) -> Vec<u8> {
    vec![
        0x6a, selector, 0x48, 0x8d, 0x05, 3, 0, 0, 0, 0x50, 0x48, 0xcb,
    ]
}

/// mov rax, rsp; push stack; push rax; push 0x202; push code; lea rax, [rip + 3]; push rax; iretq
fn iretq(code: u8, stack: u8) -> Vec<u8> {
    vec![
        0x48, 0x89, 0xe0, 0x6a, stack, 0x50, 0x68, 2, 2, 0, 0, 0x6a, code, 0x48, 0x8d, 0x05, 3, 0,
        0, 0, 0x50, 0x48, 0xcf,
    ]
}

/// With all selectors that are in the table, each with every level, and those after its end; those of a local table too.
fn with_all_selectors(loads: &[Load]) -> Vec<Case> {
    const SELECTORS: u8 = 72;
    let cases = loads.iter().flat_map(|(what, code, survives)| {
        (0..SELECTORS).map(move |selector| {
            let name = format!("{what}_{selector:#04x}");
            wide(name, &code(selector), survives(selector))
        })
    });
    cases.collect()
}

#[test]
fn an_app_can_load_its_own_segments_and_no_others() {
    expect_ends(kernel(), &with_all_selectors(&LOADS));
}

#[test]
fn an_app_can_go_to_its_own_segment_of_code_and_no_other() {
    // With SMAP, QEMU 7.2 lets no process return to another segment.
    let options = kernel().arguments(["-cpu", "max,-smap"]);
    expect_ends(options, &with_all_selectors(&TRANSFERS));
}

/// Where it goes on after the call is no memory of its own, and is the first address that no app can have.
#[test]
fn a_call_that_ends_where_the_apps_space_does_is_served() {
    const SPACE_END: u32 = 1 << 30;
    const PAGE_BYTES: usize = 4096;
    let call = call_64(COMMAND, [CONSOLE, 0, 0, 0]);
    let header = image("last", &[])
        .fixed_addresses(Some(RAM), Some(0))
        .build()
        .len();
    let gap = PAGE_BYTES - header - START.len() - call.len();
    let code = [&START[..], &vec![0x90; gap], &call].concat();
    let start = SPACE_END - (PAGE_BYTES - header) as u32;
    let last = image("last", &code)
        .fixed_addresses(Some(RAM), Some(start))
        .build();
    let case = Case {
        name: "last".into(),
        image: last,
        state: "faulted",
    };
    let machine = expect_ends(kernel(), &[case]);
    let transcript = machine.transcript();
    assert!(
        transcript.contains("faulted: page fault (exception 14), execute at 0x40000000,"),
        "{transcript}"
    );
}

/// What harms Tock on x86, done by apps like those of Tock on x86.
#[test]
fn apps_of_32_bits_harm_nobody() {
    let exists = call_32(COMMAND, [CONSOLE, 0, 0, 0]);
    let at_stack =
        |stack: u32| [&[0xbc], &stack.to_le_bytes()[..], &[0xb0, 2, 0xcd, 0x40]].concat();
    // jmp 0x2b:NEXT; NEXT: mov eax, 2; syscall
    let next = IMAGE + image("wide_syscall", &[]).build().len() as u32 + 7;
    let next = &next.to_le_bytes()[..];
    let wide_syscall = [&[0xea], next, &[0x2b, 0, 0xb8, 2, 0, 0, 0, 0x0f, 0x05]].concat();
    let cases = [
        narrow("nothing", &[], true),
        narrow("command", &exists, true),
        narrow("no_driver", &call_32(COMMAND, [0x7777, 0, 0, 0]), true),
        narrow("null_read", &[0xa1, 0, 0, 0, 0], false), // mov eax, [0]
        narrow("kernel_read", &[0xa1, 0, 0, 0x10, 0x80], false), // mov eax, [0x80100000]
        narrow("last_read", &[0xa1, 0xff, 0xff, 0xff, 0xff], false),
        narrow("image_write", &[0xa3, 0, 0, 0x40, 0], false), // mov [0x400000], eax
        narrow("after_image", &[0xa1, 0, 0x10, 0x40, 0], false), // mov eax, [0x401000]
        narrow("cli", &[0xfa], false),
        narrow("hlt", &[0xf4], false),
        narrow("in", &[0xe4, 0x60], false),
        narrow("out", &[0xe6, 0xf4], false),
        narrow("int1", &[0xf1], false),
        narrow("int3", &[0xcc], false),
        // pushfd; or dword ptr [esp], 0x100; popfd; nop
        narrow(
            "single_step",
            &[0x9c, 0x81, 0x0c, 0x24, 0, 1, 0, 0, 0x9d, 0x90],
            false,
        ),
        narrow("sse", &[0x0f, 0x57, 0xc0], true), // xorps xmm0, xmm0
        narrow("direction", &[&[0xfd], &exists[..]].concat(), true), // std
        narrow("class_99", &call_32(99, [0; 4]), false),
        narrow("yield_99", &call_32(0, [99, 0, 0, 0]), false),
        // The word in EAX counts by its lowest byte.
        narrow("class_0x102", &call_32(0x102, [CONSOLE, 0, 0, 0]), true),
        narrow("stack_0", &at_stack(0), false),
        narrow("stack_end", &at_stack(0xffff_fffc), false),
        narrow("stack_kernel", &at_stack(0x8010_0000), false),
        narrow("stack_image", &at_stack(0x40_0000), false),
        narrow("stack_across", &at_stack(0x50_0ffc), false),
        narrow("syscall", &[0xb8, 2, 0, 0, 0, 0x0f, 0x05], false),
        narrow("sysenter", &[0x0f, 0x34], false),
        narrow("wide_syscall", &wide_syscall, false),
        narrow("lend_kernel", &lend(0x8010_0000, 16), true),
        narrow("lend_wrapping", &lend(0x50_0000, u32::MAX), true),
        narrow("lend_own", &lend(0x50_0000, 16), false),
    ];
    expect_ends(kernel(), &cases);
}

/// Ends if the loan is refused, as the kernel says it to an app of 32 bits, and faults otherwise.
fn lend(start: u32, len_bytes: u32) -> Vec<u8> {
    let refused = 2;
    answered(
        call_32(ALLOW_READ_ONLY, [CONSOLE, 1, start, len_bytes]),
        refused,
    )
}

/// A call of an app of 32 bits that faults if the first word of the answer is another one.
fn answered(mut call: Vec<u8>, first: u32) -> Vec<u8> {
    // cmp dword ptr [esp], first; je +2; ud2
    call.extend([0x81, 0x3c, 0x24]);
    call.extend(first.to_le_bytes());
    call.extend([0x74, 2, 0x0f, 0x0b]);
    call
}

/// An app as one written for Tock on x86 begins and goes on: it takes memory for its stack, and sleeps.
#[test]
fn an_app_of_32_bits_takes_memory_and_is_woken_by_an_upcall_with_its_word() {
    const STACK_END: u32 = RAM + 3 * RAM_BYTES;
    const WORD: u32 = 0x1234_5678;
    const TICKS: u32 = 1000;
    // jmp +5; mov ebx, [esp + 16]; ret
    const UPCALL: [u8; 7] = [0xeb, 5, 0x8b, 0x5c, 0x24, 0x10, 0xc3];
    let function = IMAGE + image("sleeper", &[]).build().len() as u32 + 2;
    let is_word = [
        &[0x81, 0xfb],
        &WORD.to_le_bytes()[..],
        &[0x74, 2, 0x0f, 0x0b],
    ]
    .concat();
    let code = [
        &UPCALL[..],
        &answered(call_32(MEMOP, [0, STACK_END, 0, 0]), 128),
        &[&[0xbc], &STACK_END.to_le_bytes()[..]].concat(), // mov esp, STACK_END
        &answered(call_32(SUBSCRIBE, [ALARM, 0, function, WORD]), 130),
        &answered(call_32(COMMAND, [ALARM, 5, TICKS, 0]), 129),
        &call_32(YIELD, [1, 0, 0, 0]),
        &is_word, // cmp ebx, WORD; je +2; ud2
        &call_32(EXIT, [0; 4]),
    ]
    .concat();
    let sleeper = |name: &str, code: &[u8], state| Case {
        name: name.into(),
        image: image(name, code).minimum_ram(3 * RAM_BYTES).build(),
        state,
    };
    let mut other_word = code.clone();
    let at = code.len() - call_32(EXIT, [0; 4]).len() - is_word.len() + 2;
    other_word[at] ^= 1;
    expect_ends(
        kernel(),
        &[
            sleeper("sleeper", &code, "ended"),
            sleeper("doubter", &other_word, "faulted"),
        ],
    );
}

/// An app that was written for Tock on x86.
#[test]
fn an_app_of_32_bits_prints() {
    const TEXT: &[u8] = b"thirty-two bits\n";
    let write = |text: u32| {
        let len_bytes = TEXT.len() as u32;
        [
            call_32(ALLOW_READ_ONLY, [CONSOLE, 1, text, len_bytes]),
            call_32(COMMAND, [CONSOLE, 1, len_bytes, 0]),
            call_32(YIELD, [2, CONSOLE, 1, 0]),
            call_32(EXIT, [0; 4]),
        ]
        .concat()
    };
    let header = image("printer", &[]).build().len();
    let text = IMAGE as usize + header + write(0).len();
    let code = [&write(text as u32), TEXT].concat();
    let mut machine = Machine::boot(kernel().images(iter::once(image("printer", &code).build())));
    machine.expect("thirty-two bits\r\n", LIMIT);
}
