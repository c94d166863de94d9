//! Tock's own packer, of a fixed version, as a program of this repository's own.

use std::fs;
use std::path::{Path, PathBuf};

use crate::apps::App;
use crate::cli::Result;
use crate::repository::{host_cargo, output_of, program, run, target};

const VERSION: &str = "0.13.0";

/// The kernel version that apps ask for, whose system calls they make.
const KERNEL_MAJOR: &str = "2";
const KERNEL_MINOR: &str = "0";

/// Packs an app, whose ELF file is in the folder `programs`, as a process of the name `process`. Returns its TBF, in
/// `folder`.
pub fn pack(app: &App, process: &str, programs: &Path, folder: &Path) -> Result<PathBuf> {
    let mut elf2tab = program(installed()?);
    elf2tab.args(["--deterministic", "--package-name", process]);
    elf2tab.args([
        "--kernel-major",
        KERNEL_MAJOR,
        "--kernel-minor",
        KERNEL_MINOR,
    ]);
    elf2tab.args(["--app-heap", &app.heap_bytes.to_string()]);
    elf2tab.args(["--kernel-heap", &app.grant_bytes.to_string()]);
    if !app.permissions.is_empty() {
        let pair = |(driver, command): &(u64, u64)| format!("{driver},{command}");
        elf2tab
            .arg("--permissions")
            .args(app.permissions.iter().map(pair));
    }
    let elf = programs.join(&app.name);
    let mut input = elf.as_os_str().to_owned();
    input.push(",x86_64");
    let tab = folder.join(format!("{process}.tab"));
    // It is silent, unless an image is not as it should be.
    let warnings = output_of(elf2tab.arg("--output-file").arg(tab).arg(input))?;
    if !warnings.is_empty() {
        return Err(format!("elf2tab about {process}: {}", warnings.trim_end()));
    }
    // Beside the ELF file there is one place for a TBF, whatever the process is called.
    let tbf = folder.join(format!("{process}.tbf"));
    fs::copy(elf.with_extension("tbf"), &tbf)
        .map_err(|error| format!("{}: {error}", tbf.display()))?;
    Ok(tbf)
}

/// Installs the packer, the first time.
fn installed() -> Result<PathBuf> {
    // The version is in the folder's name: another version is never taken for this one.
    let folder = target("tools").join(format!("elf2tab-{VERSION}"));
    let packer = folder.join("bin/elf2tab");
    if !packer.exists() {
        eprintln!("xtask: installing elf2tab {VERSION} in target/tools, once (about a minute)");
        let mut cargo = host_cargo();
        cargo.args([
            "install",
            "--quiet",
            "--locked",
            "--version",
            VERSION,
            "--root",
        ]);
        run(cargo.arg(folder).arg("elf2tab"))?;
    }
    Ok(packer)
}
