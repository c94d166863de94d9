//! Who may write `unsafe`: a few crates. All others forbid it, in each library and program.

use super::Complaint;
use super::packages::Package;
use super::sources::Source;
use crate::cli::Result;

const FORBID: [&str; 8] = ["#", "!", "[", "forbid", "(", "unsafe_code", ")", "]"];
const DENY: [&str; 8] = ["#", "!", "[", "deny", "(", "unsafe_code", ")", "]"];

/// Packages that may use it, and why.
const MAY: [(&str, &str); 8] = [
    ("kernel", "memory of processes, wakers, the one machine"),
    ("chips/x86_64", "the processor"),
    ("chips/pc", "ports and memory of devices"),
    (
        "boards/qemu-x86",
        "what the loader leaves, and the benchmarks",
    ),
    ("apps/capsa", "the doors to the kernel, the heap, the start"),
    ("apps/bench", "system calls without the library's checks"),
    ("apps/faults", "does what an app may not do"),
    ("apps/witness", "fills its registers"),
];
/// Deny it, and allow it in a few modules: memory, and the traits that ask for it; a waker made by hand.
const DENY_MOSTLY: [&str; 2] = ["chips/fake", "docs/examples"];
/// libFuzzer's entry points, which its macro makes.
const ENTRY_POINTS: &str = "fuzz/fuzz_targets/";

/// Checks the root file of each library and program.
pub fn check(packages: &[Package], sources: &[Source]) -> Result<Vec<Complaint>> {
    let mut complaints = Vec::new();
    for package in packages {
        if MAY.iter().any(|(folder, _)| *folder == package.folder) {
            continue;
        }
        let (words, level) = if DENY_MOSTLY.contains(&package.folder.as_str()) {
            (DENY, "deny")
        } else {
            (FORBID, "forbid")
        };
        for path in &package.crates {
            let source = sources.iter().find(|source| source.path == *path);
            let source = source.ok_or(format!("{path} is in no folder of sources"))?;
            if !path.starts_with(ENTRY_POINTS) && source.places(&words).next().is_none() {
                complaints.push(format!("{path}: `#![{level}(unsafe_code)]` is missing"));
            }
        }
    }
    Ok(complaints)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaints(folder: &str, text: &str) -> Vec<Complaint> {
        let path = format!("{folder}/src/lib.rs");
        let package = Package {
            folder: folder.into(),
            crates: vec![path.clone()],
            ..Package::default()
        };
        check(&[package], &[Source::new(&path, text).unwrap()]).unwrap()
    }

    #[test]
    fn a_capsule_forbids_it_and_says_so_in_code() {
        assert!(complaints("capsules/core", "#![forbid(unsafe_code)]").is_empty());
        for text in ["", "// #![forbid(unsafe_code)]", "#![deny(unsafe_code)]"] {
            let complaints = complaints("capsules/core", text);
            assert!(complaints[0].contains("capsules/core/src/lib.rs"), "{text}");
        }
    }

    #[test]
    fn a_new_crate_has_to_forbid_it() {
        assert_eq!(complaints("chips/arm", "").len(), 1);
    }

    #[test]
    fn the_fake_chip_denies_it() {
        assert!(complaints("chips/fake", "#![deny(unsafe_code)]").is_empty());
        assert_eq!(complaints("chips/fake", "").len(), 1);
    }
}
