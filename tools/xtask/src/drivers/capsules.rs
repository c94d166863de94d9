//! Where the capsules are.

use std::path::Path;

use crate::capsules::{entries, read};
use crate::cli::Result;
use crate::repository::root;

/// A file of a capsule crate.
pub struct Source {
    /// The package that it belongs to.
    pub package: String,
    /// Where it is, from the root.
    pub path: String,
    pub text: String,
}

impl Source {
    /// The module that the file is.
    pub fn module(&self) -> &str {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        name.trim_end_matches(".rs")
    }
}

/// The packages in `capsules`, in order.
pub fn packages() -> Result<Vec<String>> {
    let folders = entries(&root().join("capsules"))?;
    let has_manifest = folders.iter().filter(|it| it.join("Cargo.toml").exists());
    Ok(has_manifest
        .map(|folder| format!("capsules-{}", name(folder)))
        .collect())
}

/// The files of all capsule crates that are in `part`, which is `src` or `tests`, in order.
pub fn sources(part: &str) -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    for package in packages()? {
        let folder = package.trim_start_matches("capsules-");
        let folder = root().join("capsules").join(folder).join(part);
        if folder.exists() {
            add(&package, &folder, &mut sources)?;
        }
    }
    Ok(sources)
}

fn add(package: &str, folder: &Path, sources: &mut Vec<Source>) -> Result {
    for path in entries(folder)? {
        if path.is_dir() {
            add(package, &path, sources)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let shown = path.strip_prefix(root()).unwrap_or(&path);
            sources.push(Source {
                package: package.into(),
                path: shown.display().to_string(),
                text: read(&path)?,
            });
        }
    }
    Ok(())
}

fn name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}
