//! Who may depend on whom: `kernel` <- `capsules`, `kernel` <- `chips`, all three <- `boards`, and nothing else.

use super::Complaint;
use super::packages::{Dependency, Package};

/// What the packages in a folder may depend on.
struct Rule {
    folder: &'static str,
    /// Folders of ours.
    ours: &'static [&'static str],
    /// Crates of others; `None` for any.
    others: Option<&'static [&'static str]>,
    /// As `ours`, for tests. They may use any crate of others.
    ours_in_tests: &'static [&'static str],
}

/// The first rule whose folder fits counts.
const RULES: [Rule; 9] = [
    Rule {
        folder: "kernel",
        ours: &[],
        // Nothing that knows an architecture. loom is there under the model checker only.
        others: Some(&["tock-registers", "loom"]),
        ours_in_tests: &["chips/fake", "tools/tbf"],
    },
    Rule {
        folder: "capsules",
        // The frames of the install line are a crate of their own, which the host's side shares.
        ours: &["kernel", "capsules", "tools/install-line"],
        others: Some(&["futures-util", "heapless", "pc-keyboard"]),
        ours_in_tests: &["chips/fake", "chips/promises", "tools/tbf"],
    },
    Rule {
        folder: "chips/fake",
        ours: &["kernel", "tools/tbf"],
        others: Some(&["crc"]),
        // Its documentation shows the test of a capsule.
        ours_in_tests: &["chips/promises", "capsules/core"],
    },
    Rule {
        folder: "chips",
        ours: &["kernel", "chips/x86_64"],
        others: None,
        ours_in_tests: &["chips/fake"],
    },
    Rule {
        folder: "boards/qemu-x86/system-tests",
        // A test for each promise, by its name.
        ours: &["tools", "chips/promises"],
        others: None,
        ours_in_tests: &[],
    },
    Rule {
        folder: "boards",
        ours: &["kernel", "capsules", "chips"],
        others: None,
        ours_in_tests: &[],
    },
    Rule {
        folder: "apps",
        ours: &["apps"],
        others: None,
        ours_in_tests: &[],
    },
    Rule {
        folder: "tools",
        ours: &["tools"],
        others: None,
        ours_in_tests: &[],
    },
    Rule {
        folder: "docs/examples",
        ours: &["kernel", "capsules", "chips/fake"],
        others: None,
        ours_in_tests: &[],
    },
];

/// What has no rule: nobody depends on it.
const FREE: [&str; 1] = ["fuzz"];

/// Checks each dependency.
pub fn check(packages: &[Package]) -> Vec<Complaint> {
    packages.iter().flat_map(check_package).collect()
}

fn check_package(package: &Package) -> Vec<Complaint> {
    let folder = &package.folder;
    if FREE.contains(&folder.as_str()) {
        return Vec::new();
    }
    let Some(rule) = RULES.iter().find(|rule| is_in(folder, rule.folder)) else {
        return vec![format!(
            "{folder}: nothing says what it may depend on; add a rule to tools/xtask/src/checks/crate_graph.rs"
        )];
    };
    let dependencies = package.dependencies.iter();
    dependencies
        .filter(|dependency| !allows(rule, dependency))
        .map(|dependency| complaint(folder, rule, dependency))
        .collect()
}

fn allows(rule: &Rule, dependency: &Dependency) -> bool {
    let is_among = |folders: &[&str], ours: &str| folders.iter().any(|folder| is_in(ours, folder));
    match &dependency.folder {
        Some(ours) => {
            is_among(rule.ours, ours)
                || (dependency.is_for_tests && is_among(rule.ours_in_tests, ours))
        }
        None => {
            dependency.is_for_tests
                || rule
                    .others
                    .is_none_or(|others| others.contains(&&*dependency.name))
        }
    }
}

fn complaint(folder: &str, rule: &Rule, dependency: &Dependency) -> Complaint {
    let name = &dependency.name;
    let (tests, ours) = match dependency.is_for_tests {
        true => (" in its tests", [rule.ours, rule.ours_in_tests].concat()),
        false => ("", rule.ours.to_vec()),
    };
    let others = rule.others.unwrap_or(&[]);
    let all = [&ours[..], others].concat().join(", ");
    format!(
        "{folder}/Cargo.toml: {name} is nothing that {}/ sees{tests}; it sees: {all}",
        rule.folder
    )
}

/// Whether `path` is `folder` or in it.
fn is_in(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaints(
        folder: &str,
        name: &str,
        ours: Option<&str>,
        is_for_tests: bool,
    ) -> Vec<Complaint> {
        check(&[Package {
            folder: folder.into(),
            dependencies: vec![Dependency {
                name: name.into(),
                folder: ours.map(str::to_owned),
                is_for_tests,
            }],
            ..Package::default()
        }])
    }

    #[track_caller]
    fn assert_refused(folder: &str, name: &str, ours: Option<&str>) {
        let complaints = complaints(folder, name, ours, false);
        assert_eq!(complaints.len(), 1, "{folder} sees {name}");
        assert!(complaints[0].contains(folder) && complaints[0].contains(name));
    }

    #[test]
    fn a_capsule_sees_no_chip_but_the_fake_one_in_its_tests() {
        assert_refused("capsules/core", "chip-pc", Some("chips/pc"));
        assert_refused("capsules/extra", "chip-fake", Some("chips/fake"));
        let fake = Some("chips/fake");
        assert!(complaints("capsules/core", "chip-fake", fake, true).is_empty());
        assert_eq!(
            complaints("capsules/core", "chip-pc", Some("chips/pc"), true).len(),
            1
        );
    }

    #[test]
    fn a_capsule_sees_few_crates_of_others_outside_its_tests() {
        assert_refused("capsules/core", "x86_64", None);
        assert!(complaints("capsules/core", "heapless", None, false).is_empty());
        assert!(complaints("capsules/core", "proptest", None, true).is_empty());
    }

    #[test]
    fn a_chip_sees_no_capsule() {
        assert_refused("chips/pc", "capsules-core", Some("capsules/core"));
    }

    #[test]
    fn the_kernel_sees_no_architecture() {
        assert_refused("kernel", "x86_64", None);
        assert_refused("kernel", "chip-x86_64", Some("chips/x86_64"));
    }

    #[test]
    fn an_app_shares_nothing_with_the_kernel() {
        assert_refused("apps/hello", "kernel", Some("kernel"));
    }

    #[test]
    fn a_new_part_of_the_tree_needs_a_rule() {
        let complaints = complaints("kernels/other", "kernel", Some("kernel"), false);
        assert!(complaints[0].contains("nothing says"), "{complaints:?}");
    }
}
