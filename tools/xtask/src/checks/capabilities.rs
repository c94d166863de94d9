//! Who may make a capability: a board, and what tests are made of. All others are given theirs.

use super::Complaint;
use super::sources::Source;

/// Where it may be written.
const MAY: [&str; 3] = ["boards/", "chips/fake/", "fuzz/"];

/// Where the tests of a file start, which are its end.
const TESTS: [&str; 8] = ["#", "[", "cfg", "(", "test", ")", "]", "mod"];

/// Checks each use of `create_capability!`.
pub fn check(sources: &[Source]) -> Vec<Complaint> {
    let may =
        |path: &str| MAY.iter().any(|folder| path.starts_with(folder)) || path.contains("/tests/");
    let mut complaints = Vec::new();
    for source in sources.iter().filter(|source| !may(&source.path)) {
        let tests = source.places(&TESTS).next().unwrap_or(usize::MAX);
        let uses = source.places(&["create_capability", "!"]);
        for index in uses.take_while(|index| *index < tests) {
            complaints.push(format!(
                "{}: only a board makes capabilities; take `&dyn ...Capability` as an argument",
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
    fn a_chip_makes_no_capability_and_its_tests_may() {
        let text = "fn f() { let right = create_capability!(MainLoopCapability); }";
        let complaints = |path| check(&[Source::new(path, text).unwrap()]);
        assert!(complaints("chips/pc/src/x.rs")[0].starts_with("chips/pc/src/x.rs:1"));
        assert!(complaints("chips/pc/tests/x.rs").is_empty());
        assert!(complaints("boards/qemu-x86/src/main.rs").is_empty());
        let tests = format!("#[cfg(test)] mod tests {{ {text} }}");
        assert!(check(&[Source::new("chips/pc/src/x.rs", &tests).unwrap()]).is_empty());
    }
}
