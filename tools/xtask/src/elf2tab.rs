//! Tock's own packer, of a fixed version, as a program of this repository's own.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

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
    // The packer writes beside the ELF file, by its name: in a folder of our own, others that pack meanwhile do no harm.
    let own = folder.join(format!("{process}.{}", std::process::id()));
    let tbf = folder.join(format!("{process}.tbf"));
    let packed = pack_in(&own, &programs.join(&app.name), &mut elf2tab, &tbf);
    // Where it stays, it is in nobody's way.
    let _ = fs::remove_dir_all(own);
    packed
        .map(|()| tbf)
        .map_err(|error| format!("{process}: {error}"))
}

/// Has `elf2tab` pack a program in the folder `own`, and puts the TBF in its place when it is whole.
fn pack_in(own: &Path, program: &Path, elf2tab: &mut Command, tbf: &Path) -> Result {
    let failed = |error: io::Error| format!("{}: {error}", own.display());
    fs::create_dir_all(own).map_err(failed)?;
    let elf = own.join("program");
    fs::copy(program, &elf).map_err(|error| format!("{}: {error}", program.display()))?;
    let mut input = elf.clone().into_os_string();
    input.push(",x86_64");
    // It is silent, unless an image is not as it should be.
    let warnings = output_of(elf2tab.arg("--output-file").arg(own.join("tab")).arg(input))?;
    if !warnings.is_empty() {
        return Err(format!("elf2tab says: {}", warnings.trim_end()));
    }
    fs::rename(elf.with_extension("tbf"), tbf).map_err(failed)
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
