//! The kernel's pages: what can be written can't be executed, and the stack has a guard below it.

use std::collections::BTreeMap;

use qemu::{Machine, json};
use system_tests::{kernel, start};

/// Where the kernel's image is linked.
const IMAGE: u64 = 0xffff_ffff_8000_0000;
/// Where the half of the address space begins that is not the kernel's.
const KERNEL_HALF: u64 = 0xffff_8000_0000_0000;
const PAGE_BYTES: u64 = 4096;

/// The rights of a mapped page, as QEMU writes them: `W` may be written, `X` must not be executed, `U` may be
/// used by apps.
fn pages(machine: &mut Machine) -> BTreeMap<u64, String> {
    let arguments = json!({ "command-line": "info tlb" });
    let answer = machine.monitor(json!({
        "execute": "human-monitor-command", "arguments": arguments,
    }));
    let answer = answer
        .as_str()
        .expect("the monitor answers with text")
        .to_owned();
    let page = |line: &str| {
        let (address, rest) = line.split_once(": ")?;
        let rights = rest.split_whitespace().nth(1)?;
        Some((u64::from_str_radix(address, 16).ok()?, rights.to_owned()))
    };
    answer.lines().filter_map(page).collect()
}

#[test]
fn no_page_can_be_both_written_and_executed_and_apps_have_none() {
    let pages = pages(&mut start(kernel()));
    assert!(pages.len() > 50, "only {} pages", pages.len());
    for (address, rights) in &pages {
        assert!(*address >= KERNEL_HALF, "{address:#x} is mapped: {rights}");
        assert!(!rights.contains('U'), "{address:#x} is the apps': {rights}");
        assert!(
            !rights.contains('W') || rights.contains('X'),
            "{address:#x}: {rights}"
        );
    }
    let is_text = |rights: &String| !rights.contains('W') && !rights.contains('X');
    let is_constant = |rights: &String| !rights.contains('W') && rights.contains('X');
    assert!(pages.values().any(is_text) && pages.values().any(is_constant));
}

#[test]
fn the_page_below_the_stack_is_not_there() {
    let pages = pages(&mut start(kernel()));
    let image: Vec<u64> = pages.range(IMAGE..).map(|(address, _)| *address).collect();
    let gaps: Vec<u64> = image
        .windows(2)
        .filter(|pair| pair[1] - pair[0] > PAGE_BYTES)
        .map(|pair| pair[1] - pair[0] - PAGE_BYTES)
        .collect();
    assert_eq!(gaps, [PAGE_BYTES], "one guard page in {image:x?}");
}
