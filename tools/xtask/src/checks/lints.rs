//! Every crate takes its workspace's lints, which want every public item documented and every `unsafe` explained.

use std::fs;

use super::Complaint;
use super::packages::{Package, WORKSPACES};
use super::sources::Source;
use crate::cli::Result;
use crate::repository::root;

/// What a workspace's table of lints says. A warning is an error in `cargo xtask ci`.
const WANTED: [&str; 3] = [
    "missing_docs = \"warn\"",
    "unsafe_op_in_unsafe_fn = \"deny\"",
    "undocumented_unsafe_blocks = \"deny\"",
];

/// Checks the manifests, and that no source goes without documentation.
pub fn check(packages: &[Package], sources: &[Source]) -> Result<Vec<Complaint>> {
    let mut complaints = Vec::new();
    for manifest in WORKSPACES {
        let text = fs::read_to_string(root().join(manifest))
            .map_err(|error| format!("{manifest}: {error}"))?;
        complaints.extend(check_workspace(manifest, &text));
    }
    complaints.extend(packages.iter().filter_map(check_package));
    complaints.extend(sources.iter().flat_map(check_source));
    Ok(complaints)
}

fn check_workspace(manifest: &str, text: &str) -> Vec<Complaint> {
    let missing = WANTED
        .iter()
        .filter(|wanted| !text.lines().any(|line| line == **wanted));
    missing
        .map(|wanted| format!("{manifest}: the table of lints does not say {wanted}"))
        .collect()
}

fn check_package(package: &Package) -> Option<Complaint> {
    let mut lines = package.manifest.lines();
    let takes_them =
        lines.any(|line| line == "[lints]") && lines.next() == Some("workspace = true");
    (!takes_them).then(|| {
        format!(
            "{}/Cargo.toml: `[lints]`, `workspace = true` is missing",
            package.folder
        )
    })
}

/// Only an enumeration may have variants whose names say all.
fn check_source(source: &Source) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for level in ["allow", "expect"] {
        for index in source.places(&[level, "(", "missing_docs"]) {
            if !is_on_an_enumeration(source, index) {
                complaints.push(format!(
                    "{}: missing_docs may be allowed for an enumeration whose names say all, and for nothing else",
                    source.place(index)
                ));
            }
        }
    }
    complaints
}

/// Whether the attribute at `index` is an enumeration's.
fn is_on_an_enumeration(source: &Source, index: usize) -> bool {
    let is_of_a_crate_or_module = source.text(index.wrapping_sub(2)) == "!";
    let words = (index..).map(|index| source.text(index));
    let item = words.skip_while(|word| *word != "]").find(|word| {
        matches!(
            *word,
            "" | "enum"
                | "struct"
                | "mod"
                | "trait"
                | "fn"
                | "impl"
                | "macro_rules"
                | "const"
                | "type"
        )
    });
    !is_of_a_crate_or_module && item == Some("enum")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaints(text: &str) -> Vec<Complaint> {
        check_source(&Source::new("x.rs", text).unwrap())
    }

    #[test]
    fn only_an_enumeration_goes_without_documentation() {
        let enumeration = "#[allow(missing_docs)] // why\n#[derive(Clone)] pub enum E { A }";
        assert!(complaints(enumeration).is_empty());
        for text in [
            "#![allow(missing_docs)] pub enum E { A }",
            "#[allow(missing_docs)] pub mod m { enum E { A } }",
            "#[expect(missing_docs, reason = \"none\")] pub struct S;",
        ] {
            assert!(complaints(text)[0].starts_with("x.rs:1"), "{text}");
        }
    }

    #[test]
    fn a_package_takes_the_lints_of_its_workspace() {
        let package = |manifest: &str| Package {
            manifest: manifest.into(),
            ..Package::default()
        };
        assert!(check_package(&package("[lints]\nworkspace = true\n")).is_none());
        for manifest in ["", "[lints.rust]\nmissing_docs = \"allow\"\n", "[lints]\n"] {
            assert!(check_package(&package(manifest)).is_some(), "{manifest}");
        }
    }

    #[test]
    fn a_workspace_wants_documentation() {
        let complete = WANTED.join("\n");
        assert!(check_workspace("Cargo.toml", &complete).is_empty());
        let weak = complete.replace("missing_docs = \"warn\"", "missing_docs = \"allow\"");
        assert!(check_workspace("Cargo.toml", &weak)[0].contains("missing_docs"));
    }
}
