//! `ci`: what must pass before a change lands.

use std::fs;
use std::process::Command;

use crate::bare_metal::TARGET;
use crate::cli::Result;
use crate::repository::{host_cargo, output_of, program, run as run_command};
use crate::setup;
use crate::stages::Stages;
use crate::test;

/// The workspaces: a name for people, cargo's options that choose it, and those for clippy. The target folders of
/// the smaller ones are inside the first one's.
const WORKSPACES: [(&str, &[&str], &[&str]); 3] = [
    (
        "kernel and tools",
        &[],
        &["--workspace", "--exclude", BOARD],
    ),
    (
        "apps",
        &["--manifest-path", "apps/Cargo.toml"],
        &["--target-dir", "target/apps/host"],
    ),
    (
        "fuzz",
        &["--manifest-path", "fuzz/Cargo.toml"],
        &["--target-dir", "target/fuzz", "--no-default-features"],
    ),
];

/// The board is bare metal, and has its lints apart.
const BOARD: &str = "qemu-x86";
/// Its features, none of which is in the ordinary image. Each changes what is compiled.
const BOARD_FEATURES: [&str; 4] = ["", "bench", "interrupts", "promises"];

/// Runs all stages that can run, and fails if one of them did.
pub fn run() -> Result {
    let mut stages = Stages::default();
    stages.run("set-up", || setup::prepare(&["build", "run", "image"]));
    for (name, workspace, _) in WORKSPACES {
        let mut format = cargo("fmt", workspace);
        format.args(["--all", "--check"]);
        stages.run(&format!("format, {name}"), || run_command(&mut format));
    }
    for (name, workspace, options) in WORKSPACES {
        let mut clippy = cargo("clippy", workspace);
        clippy.args(options).arg("--all-targets");
        stages.run(&format!("lints, {name}"), || {
            run_command(deny_warnings(&mut clippy))
        });
    }
    stages.run("lints, board", lint_board);
    test::run_stages(&mut stages);
    stages.finish()
}

fn cargo(command: &str, workspace: &[&str]) -> Command {
    let mut cargo = host_cargo();
    cargo.arg(command).args(workspace);
    cargo
}

fn deny_warnings(clippy: &mut Command) -> &mut Command {
    clippy.args(["--", "-D", "warnings"])
}

/// clippy is rustup's, and the target may be there only for Debian's compiler. Linting the board as if for the host
/// sees everything but the last link.
fn lint_board() -> Result {
    let libraries =
        output_of(program("rustc").args(["--print", "target-libdir", "--target", TARGET]))?;
    let mut files = fs::read_dir(libraries.trim_end())
        .into_iter()
        .flatten()
        .flatten();
    let is_core = |name: &str| name.starts_with("libcore-") && name.ends_with(".rlib");
    let has_target = files.any(|file| file.file_name().to_str().is_some_and(is_core));
    if !has_target {
        println!("clippy has no target {TARGET} here: the board is linted as if for the host");
    }
    for features in BOARD_FEATURES {
        let mut clippy = cargo("clippy", &["--package", BOARD, "--features", features]);
        if has_target {
            clippy.args(["--target", TARGET]);
        }
        run_command(deny_warnings(&mut clippy))?;
    }
    Ok(())
}
