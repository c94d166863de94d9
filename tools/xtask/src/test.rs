//! `test`: everything that tests, in stages.

use std::path::PathBuf;
use std::process::Command;

use crate::apps;
use crate::cd_image;
use crate::cli::Result;
use crate::drivers;
use crate::fuzz;
use crate::kernel_image::{self, Flavour};
use crate::repository::{host_cargo, root, target};
use crate::setup;
use crate::stages::Stages;

/// Runs all stages that can run, and fails if one of them did.
pub fn run() -> Result {
    let mut stages = Stages::default();
    stages.run("set-up", || {
        drivers::forget_calls()?;
        setup::prepare(&["build", "run", "image"])
    });
    let kernel = stages.run("kernel image", || {
        Ok(kernel_image::build(Flavour::Ordinary)?.kernel())
    });
    let apps = stages.run("apps", apps::pack_all);
    let promises = stages.run("image of promises", || {
        Ok(kernel_image::build(Flavour::Promises)?.promises())
    });
    let images = kernel.zip(apps).zip(promises);
    let images = images.and_then(|((kernel, apps), promises)| {
        let make = || cd_image::make(&kernel, Some(&apps.join("hello.tbf")));
        let iso = stages.run("CD image", make)?;
        Some([
            ("CAPSA_KERNEL", kernel),
            ("CAPSA_ISO", iso),
            ("CAPSA_APPS", apps),
            ("CAPSA_PROMISES", promises),
        ])
    });
    let mut host_tests = host_cargo();
    host_tests.args(["test", "--no-fail-fast"]);
    match stages.run_tests("host tests", drivers::note_calls_of(&mut host_tests)) {
        Some(()) => {
            stages.run("tables of drivers", drivers::check_tested);
        }
        None => stages.skip("tables of drivers", "a host test failed"),
    }
    stages.run_tests("host tests of apps", &mut apps::host_tests());
    if root().join("kernel/tests/loom.rs").exists() {
        stages.run_tests("interleavings", &mut interleavings());
    }
    stages.run_tests("fuzzed inputs", &mut fuzz::short_run());
    match images {
        Some(images) => {
            stages.run_tests("system tests", &mut system_tests(images));
        }
        None => stages.skip("system tests", "an image is missing"),
    }
    stages.finish()
}

/// loom needs a build of its own, optimised, but not as a kernel image is: that would take minutes.
fn interleavings() -> Command {
    let mut cargo = host_cargo();
    cargo
        .args([
            "test",
            "--package",
            "kernel",
            "--release",
            "--test",
            "loom",
            "--target-dir",
        ])
        .arg(target("loom"))
        .env("RUSTFLAGS", "--cfg loom")
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .env("CARGO_PROFILE_RELEASE_DEBUG", "false");
    cargo
}

/// The system tests, which find the images by these variables.
fn system_tests(images: [(&str, PathBuf); 4]) -> Command {
    let mut cargo = host_cargo();
    cargo
        .args(["test", "--package", "system-tests", "--no-fail-fast"])
        .envs(images);
    cargo
}
