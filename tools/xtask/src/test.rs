//! `test`: everything that tests, in stages.

use std::path::PathBuf;
use std::process::Command;

use crate::apps;
use crate::cd_image;
use crate::checks::{self, image_paths};
use crate::cli::Result;
use crate::drivers;
use crate::fuzz;
use crate::kernel_image::{self, Flavour};
use crate::repository::{host_cargo, run as run_command, target};
use crate::setup;
use crate::stages::Stages;

/// Runs all stages that can run, and fails if one of them did.
pub fn run() -> Result {
    let mut stages = Stages::default();
    stages.run("set-up", || setup::prepare(&["build", "run", "image"]));
    run_stages(&mut stages);
    stages.finish()
}

/// Runs all stages that can run, on a machine that is set up.
pub fn run_stages(stages: &mut Stages) {
    stages.run("checks of the tree", checks::run);
    let images = build_images(stages);
    host_tests(stages);
    stages.run_tests("host tests of apps", &mut apps::host_tests());
    stages.run_tests("interleavings", &mut interleavings());
    stages.run_tests("fuzzed inputs", &mut fuzz::short_run());
    match images {
        Some(images) => {
            stages.run_tests("system tests", &mut system_tests(images));
        }
        None => stages.skip("system tests", "an image is missing"),
    }
}

/// What the system tests need, by the variables that they find it by. `None` if a build failed.
fn build_images(stages: &mut Stages) -> Option<[(&'static str, PathBuf); 5]> {
    let kernel = stages.run("kernel image", || {
        Ok(kernel_image::build(Flavour::Ordinary)?.kernel())
    });
    let interrupts = stages.run("image that interrupts itself", || {
        Ok(kernel_image::build(Flavour::Interrupts)?.interrupts())
    });
    let promises = stages.run("image of promises", || {
        Ok(kernel_image::build(Flavour::Promises)?.promises())
    });
    let apps = stages.run("apps", apps::pack_all);
    let (kernel, interrupts, promises, apps) = (kernel?, interrupts?, promises?, apps?);
    stages.run("paths in images", || image_paths::check(&kernel, &apps));
    // A CD of its own: that of `make image` stays as a person has made it.
    let make = || cd_image::make("tested", &kernel, None, Some(&apps.join("hello.tbf")));
    let iso = stages.run("CD image", make)?;
    Some([
        ("CAPSA_KERNEL", kernel),
        ("CAPSA_ISO", iso),
        ("CAPSA_APPS", apps),
        ("CAPSA_INTERRUPTS", interrupts),
        ("CAPSA_PROMISES", promises),
    ])
}

/// Built first, so that the time of the tests is their own. Those in documentation are built one by one.
fn host_tests(stages: &mut Stages) {
    const ALL: [&str; 4] = ["test", "--lib", "--bins", "--tests"];
    let build = || {
        drivers::forget_calls()?;
        run_command(host_cargo().args(ALL).arg("--no-run"))
    };
    if stages.run("host tests, built", build).is_none() {
        return stages.skip("host tests", "they could not be built");
    }
    let mut cargo = host_cargo();
    cargo.args(ALL).arg("--no-fail-fast");
    match stages.run_tests("host tests", drivers::note_calls_of(&mut cargo)) {
        Some(()) => {
            stages.run("tables of drivers", drivers::check_tested);
        }
        None => stages.skip("tables of drivers", "a host test failed"),
    }
    let mut cargo = host_cargo();
    stages.run_tests(
        "examples in documentation",
        cargo.args(["test", "--doc", "--no-fail-fast"]),
    );
    let mut cargo = host_cargo();
    let ignored = ["test", "--package", "xtask", "--", "--ignored"];
    stages.run_tests("what xtask makes", cargo.args(ignored));
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

fn system_tests(images: [(&str, PathBuf); 5]) -> Command {
    let mut cargo = host_cargo();
    cargo
        .args(["test", "--package", "system-tests", "--no-fail-fast"])
        .envs(images);
    cargo
}
