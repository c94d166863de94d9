//! The cargo that builds for bare metal: kernel images and apps.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use crate::cli::Result;
use crate::repository::{host_cargo, output_of, program, root};
use crate::setup;

/// What everything is built for.
pub const TARGET: &str = "x86_64-unknown-none";

const FLAGS: &str = "CARGO_ENCODED_RUSTFLAGS";

/// A `cargo build --release` for [`TARGET`], with its output in `folder` and `more_flags` for the compiler.
pub fn cargo_build(folder: &Path, more_flags: &[String]) -> Result<Command> {
    let mut environment = setup::bare_metal_environment()?;
    let mut cargo = match take(&mut environment, "CARGO") {
        Some(path) => program(path),
        None => host_cargo(),
    };
    let mut flags: Vec<String> = take(&mut environment, FLAGS).into_iter().collect();
    let compiler = environment.iter().find(|(name, _)| name == "RUSTC");
    flags.extend(remapping(compiler.map_or("rustc", |(_, path)| path))?);
    flags.extend_from_slice(more_flags);

    cargo.args(["build", "--release", "--target", TARGET]);
    cargo.arg("--target-dir").arg(folder);
    // In this form flags may hold spaces, and none of the caller's own flags mixes with them.
    cargo.envs(environment).env(FLAGS, flags.join("\x1f"));
    Ok(cargo)
}

fn take(environment: &mut Vec<(String, String)>, name: &str) -> Option<String> {
    let index = environment.iter().position(|(known, _)| known == name)?;
    Some(environment.swap_remove(index).1)
}

/// Flags that leave no path of this machine in the image: neither in panic messages nor for gdb.
/// Where several fit a path, the last one counts.
fn remapping(compiler: &str) -> Result<Vec<String>> {
    let mut folders = vec![(root().to_path_buf(), String::new())];

    let registry = cargo_home().join("registry").join("src");
    let registries = fs::read_dir(&registry).into_iter().flatten().flatten();
    folders.push((registry, String::new()));
    folders.extend(registries.map(|entry| (entry.path(), String::new())));

    let version = output_of(program(compiler).arg("--version"))?;
    let version = version.split(' ').nth(1).unwrap_or("unknown");
    let sysroot = output_of(program(compiler).args(["--print", "sysroot"]))?;
    let library = Path::new(sysroot.trim_end()).join("lib/rustlib/src/rust");
    let library_sources = fs::canonicalize(&library);
    for path in [Some(library), library_sources.ok()].into_iter().flatten() {
        folders.push((path, format!("/rustc/{version}")));
    }
    Ok(folders
        .iter()
        .map(|(path, name)| flag(path, name))
        .collect())
}

fn flag(path: &Path, name: &str) -> String {
    format!("--remap-path-prefix={}={name}", path.display())
}

/// Where cargo keeps what it has downloaded.
pub fn cargo_home() -> PathBuf {
    let home = || Path::new(&env::var_os("HOME").unwrap_or(OsString::from("/"))).join(".cargo");
    env::var_os("CARGO_HOME").map_or_else(home, PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_is_taken_once() {
        let mut environment = vec![("A".into(), "1".into()), ("B".into(), "2".into())];
        assert_eq!(take(&mut environment, "A").as_deref(), Some("1"));
        assert_eq!(take(&mut environment, "A"), None);
        assert_eq!(environment.len(), 1);
    }

    #[test]
    fn the_repository_gets_no_name() {
        let first = &remapping("rustc").unwrap()[0];
        assert_eq!(*first, format!("--remap-path-prefix={}=", root().display()));
    }
}
