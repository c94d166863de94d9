//! `check`: what the conventions say of the whole tree, and no compiler looks at.

mod capabilities;
mod crate_graph;
mod fakes;
pub mod image_paths;
mod lints;
mod packages;
mod sources;
mod statics;
pub mod unsafe_ledger;
mod unsafe_rule;

use std::path::Path;

use crate::cli::Result;
use crate::repository::root;
use packages::Package;
use sources::Source;

/// What is wrong, in one line that says what would be right.
type Complaint = String;

/// What a check looks at.
struct Tree {
    packages: Vec<Package>,
    sources: Vec<Source>,
}

type Check = fn(&Tree) -> Result<Vec<Complaint>>;

const CHECKS: [Check; 7] = [
    |tree| Ok(crate_graph::check(&tree.packages)),
    |tree| unsafe_rule::check(&tree.packages, &tree.sources),
    |tree| unsafe_ledger::check(&tree.sources),
    |tree| lints::check(&tree.packages, &tree.sources),
    |tree| Ok(statics::check(&tree.sources)),
    |tree| Ok(capabilities::check(&tree.sources)),
    |tree| Ok(fakes::check(&tree.sources)),
];

/// Makes all checks of the sources.
pub fn run() -> Result {
    let tree = Tree {
        packages: packages::all()?,
        sources: sources::all(root())?,
    };
    let mut complaints = Vec::new();
    for check in CHECKS {
        complaints.extend(check(&tree)?);
    }
    verdict(&complaints)
}

fn verdict(complaints: &[Complaint]) -> Result {
    if complaints.is_empty() {
        return Ok(());
    }
    Err(complaints.join("\n"))
}

/// A path as it is shown: from the root.
fn shown(path: &Path) -> String {
    let path = path.strip_prefix(root()).unwrap_or(path);
    path.display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_complaint_is_a_line() {
        assert_eq!(verdict(&["a".into(), "b".into()]), Err("a\nb".into()));
    }
}
