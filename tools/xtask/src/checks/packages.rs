//! The packages of all workspaces, as `cargo metadata` tells of them.

use std::fs;
use std::path::Path;

use qemu::Value;

use super::shown;
use crate::cli::Result;
use crate::repository::{host_cargo, output_of};

/// The workspaces, by their manifests.
pub const WORKSPACES: [&str; 3] = ["Cargo.toml", "apps/Cargo.toml", "fuzz/Cargo.toml"];

/// A package.
#[derive(Default)]
pub struct Package {
    /// Its folder, from the root.
    pub folder: String,
    pub manifest: String,
    pub dependencies: Vec<Dependency>,
    /// The root files of its libraries and programs, from the root.
    pub crates: Vec<String>,
}

/// What a package depends on.
pub struct Dependency {
    pub name: String,
    /// Its folder from the root, if it is one of ours.
    pub folder: Option<String>,
    /// Only its tests depend on it.
    pub is_for_tests: bool,
}

/// The packages of all workspaces.
pub fn all() -> Result<Vec<Package>> {
    let mut packages = Vec::new();
    for manifest in WORKSPACES {
        let mut cargo = host_cargo();
        cargo.args([
            "metadata",
            "--no-deps",
            "--offline",
            "--format-version",
            "1",
        ]);
        let text = output_of(cargo.args(["--manifest-path", manifest]))?;
        let metadata: Value = text
            .parse()
            .map_err(|error| format!("what cargo metadata said is no JSON: {error}"))?;
        for package in list(&metadata, "packages") {
            packages.push(read(package)?);
        }
    }
    Ok(packages)
}

fn read(package: &Value) -> Result<Package> {
    let path = Path::new(text(package, "manifest_path"));
    let manifest =
        fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let is_shipped = |target: &&Value| {
        list(target, "kind").any(|kind| matches!(kind.as_str(), Some("lib" | "bin")))
    };
    let targets = list(package, "targets").filter(is_shipped);
    Ok(Package {
        folder: path.parent().map(shown).unwrap_or_default(),
        manifest,
        dependencies: list(package, "dependencies").map(dependency).collect(),
        crates: targets
            .map(|target| shown(Path::new(text(target, "src_path"))))
            .collect(),
    })
}

fn dependency(dependency: &Value) -> Dependency {
    Dependency {
        name: text(dependency, "name").into(),
        folder: dependency["path"]
            .as_str()
            .map(|path| shown(Path::new(path))),
        is_for_tests: dependency["kind"] == "dev",
    }
}

fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value[key].as_array().into_iter().flatten()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_workspace_has_packages() {
        let packages = all().unwrap();
        for folder in ["kernel", "apps/hello", "fuzz"] {
            let package = packages.iter().find(|package| package.folder == folder);
            assert!(!package.unwrap().crates.is_empty(), "{folder}");
        }
    }
}
