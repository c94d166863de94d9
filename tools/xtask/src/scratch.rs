//! A copy of the repository that a test may change.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use crate::cli::Result;
use crate::repository::{host_cargo, output_of, root, target};

/// What is copied. The rest is used where it is, and need not be built again each time.
const COPIED: [&str; 6] = [
    "Cargo.toml",
    "Cargo.lock",
    "apps",
    "boards",
    "capsules/extra",
    "capsules/system",
];
const LINKED: [&str; 5] = ["capsules/core", "chips", "docs", "kernel", "tools"];

/// A copy of the repository.
pub struct Scratch {
    pub root: PathBuf,
}

impl Scratch {
    /// A fresh copy, in a place that no other test of this name uses.
    pub fn new(test: &str) -> Self {
        let folder = target("scratch").join(test);
        if folder.exists() {
            fs::remove_dir_all(&folder).unwrap();
        }
        fs::create_dir_all(folder.join("capsules")).unwrap();
        for name in COPIED {
            copy(&root().join(name), &folder.join(name));
        }
        for name in LINKED {
            symlink(root().join(name), folder.join(name)).unwrap();
        }
        Self { root: folder }
    }

    /// What cargo prints, in the workspace of this folder.
    pub fn cargo(&self, workspace: &str, words: &[&str]) -> Result<String> {
        let folder = self.root.join(workspace);
        let mut cargo = host_cargo();
        cargo
            .current_dir(&folder)
            .args(words)
            .args(["--offline", "--target-dir"])
            .arg(target("scratch").join("build").join(workspace));
        output_of(&mut cargo)
    }
}

fn copy(from: &Path, to: &Path) {
    if from.is_file() {
        fs::copy(from, to).unwrap();
        return;
    }
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let name = entry.unwrap().file_name();
        if name != "target" {
            copy(&from.join(&name), &to.join(&name));
        }
    }
}
