//! What an interrupt handler can reach. A handler is a function that is given a line's number, so all that it
//! shares with the code that it interrupts is in statics and in devices. These are the statics.

use super::Complaint;
use super::sources::Source;

/// Each static of the kernel's image, and why an interrupt may come at any time.
const STATICS: [(&str, &str, &str); 9] = [
    (
        "kernel/src/machine.rs",
        "MACHINE",
        "a handler sets bits of its ready set, which is model-checked in kernel/tests/loom.rs",
    ),
    ("kernel/src/ready.rs", "VTABLE", "never changes"),
    (
        "chips/x86_64/src/user_mode.rs",
        "ENTERED",
        "trap stubs read it to tell a process from the kernel; it changes with interrupts off",
    ),
    (
        "kernel/src/utilities/static_init.rs",
        "BUFFER",
        "given away once, by an atomic flag",
    ),
    (
        "boards/qemu-x86/src/probe.rs",
        "first_moment",
        "written by entry.s before interrupts",
    ),
    (
        "boards/qemu-x86/src/boot/mod.rs",
        "COMMAND_LINE",
        "set before interrupts",
    ),
    (
        "boards/qemu-x86/src/panic.rs",
        "PANICKED",
        "no handler panics twice",
    ),
    (
        "boards/qemu-x86/src/bench.rs",
        "INTERRUPTED_AT",
        "one word, written by handlers alone",
    ),
    (
        "boards/qemu-x86/src/interrupts.rs",
        "INTERRUPTS",
        "one word, written by handlers alone",
    ),
];

const IMAGE: [&str; 5] = [
    "kernel/src/",
    "capsules/",
    "chips/x86_64/",
    "chips/pc/",
    "boards/",
];

/// Checks that each static is one of these.
pub fn check(sources: &[Source]) -> Vec<Complaint> {
    let is_in_image = |source: &&Source| {
        IMAGE.iter().any(|folder| source.path.starts_with(folder))
            && !source.path.contains("/tests/")
    };
    sources
        .iter()
        .filter(is_in_image)
        .flat_map(check_source)
        .collect()
}

fn check_source(source: &Source) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for index in source.places(&["static"]) {
        // Not a lifetime, and not an address that the linker makes.
        let before = source.text(index.wrapping_sub(1));
        let name = source.text(index + 1);
        let is_known = STATICS
            .iter()
            .any(|(path, known, _)| source.path == *path && name == *known);
        if before != "'" && before != "safe" && !is_known {
            complaints.push(format!(
                "{}: static {name} is new, and an interrupt handler could reach it: say in \
                 tools/xtask/src/checks/statics.rs why that does no harm",
                source.place(index)
            ));
        }
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_static_is_told() {
        let text = "fn f(_: &'static str) {}\nstatic SHARED: AtomicBool = AtomicBool::new(false);";
        let complaints = check(&[Source::new("chips/pc/src/x.rs", text).unwrap()]);
        assert_eq!(complaints.len(), 1);
        assert!(complaints[0].starts_with("chips/pc/src/x.rs:2: static SHARED"));
    }

    #[test]
    fn a_static_in_a_macro_is_one() {
        let text = "macro_rules! m { () => { static HIDDEN: u8 = 0; } }";
        assert_eq!(
            check(&[Source::new("kernel/src/x.rs", text).unwrap()]).len(),
            1
        );
    }
}
