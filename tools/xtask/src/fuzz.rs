//! `fuzz`: the targets of fuzz/ under libFuzzer, for as long as wanted; and the short run that is a test.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cli::Result;
use crate::repository::{
    cannot_start, host_cargo, output_of, program, root, run, target, variable,
};
use crate::setup;

/// How long each target is fuzzed if SECONDS_EACH does not say.
const SECONDS_EACH: u32 = 60;

/// What `cargo fuzz build --sanitizer none` hands to the compiler, less the tracing of comparisons, which
/// makes these targets slower and finds nothing more. All of it is stable.
const FLAGS: &str = "--cfg fuzzing \
    -Ccodegen-units=1 \
    -Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table";

/// Fuzzes one target after the other, and prints how many inputs each was run with.
pub fn run_all() -> Result {
    let seconds = seconds_each(variable("SECONDS_EACH"))?;
    let binaries = build()?;
    for name in names()? {
        println!("== {name}, for {seconds} s");
        let mut fuzzer = fuzzer(&binaries, &name)?;
        fuzzer.arg(format!("-max_total_time={seconds}"));
        fuzzer.args(["-verbosity=0", "-print_final_stats=1"]);
        let output = fuzzer.arg(corpus(&name)).output();
        let output = output.map_err(|error| cannot_start(&fuzzer, &error))?;
        let said = String::from_utf8_lossy(&output.stderr);
        match runs(&said) {
            Some(runs) if output.status.success() => {
                println!("== {name}: {runs} runs, nothing found")
            }
            _ => return Err(format!("{name} ({}):\n{}", output.status, said.trim_end())),
        }
    }
    Ok(())
}

fn seconds_each(given: Option<String>) -> Result<u32> {
    let Some(given) = given else {
        return Ok(SECONDS_EACH);
    };
    // To libFuzzer, 0 is for ever.
    let seconds = given.parse().ok().filter(|seconds| *seconds > 0);
    seconds.ok_or(format!(
        "SECONDS_EACH is '{given}'; it is a number from 1 up"
    ))
}

/// Hands `options` to one target's libFuzzer. A file among them is run as the only input.
pub fn run_one(name: &str, options: &[&str]) -> Result {
    let names = names()?;
    if !names.iter().any(|known| known == name) {
        let names = names.join(", ");
        return Err(format!("there is no target '{name}'; there are {names}"));
    }
    let mut fuzzer = fuzzer(&build()?, name)?;
    fuzzer.args(options);
    if options.iter().all(|option| option.starts_with('-')) {
        fuzzer.arg(corpus(name));
    }
    run(&mut fuzzer)
}

/// A run of all targets that takes seconds, and needs nothing but Rust.
pub fn short_run() -> Command {
    let mut cargo = cargo("test");
    cargo.args(["--no-default-features", "--test", "short"]);
    cargo
}

/// Writes the seeds and builds all targets. Returns the folder with their binaries.
fn build() -> Result<PathBuf> {
    setup::prepare(&["build", "fuzz"])?;
    let seeds = ["--quiet", "--no-default-features", "--example", "seeds"];
    run(cargo("run").args(seeds).arg("fuzz/corpus"))?;
    let host = output_of(program("rustc").args(["--print", "host-tuple"]))?;
    // Naming the host as the target keeps the flags from build scripts.
    let build = ["--bins", "--target", host.trim()];
    run(cargo("build").args(build).env("RUSTFLAGS", FLAGS))?;
    Ok(target("fuzz").join(host.trim()).join("release"))
}

fn cargo(command: &str) -> Command {
    let mut cargo = host_cargo();
    cargo.args([command, "--release", "--manifest-path", "fuzz/Cargo.toml"]);
    cargo.arg("--target-dir").arg(target("fuzz"));
    cargo
}

/// What libFuzzer finds goes to the folder that `cargo fuzz` uses, too.
fn fuzzer(binaries: &Path, name: &str) -> Result<Command> {
    let artifacts = format!("fuzz/artifacts/{name}/");
    fs::create_dir_all(root().join(&artifacts)).map_err(|error| format!("{artifacts}: {error}"))?;
    let mut fuzzer = program(binaries.join(name));
    // Many steps, or many elements, from the start: short inputs have little to show.
    fuzzer.arg("-len_control=0");
    fuzzer.arg(format!("-artifact_prefix={artifacts}"));
    Ok(fuzzer)
}

/// What it has learnt, and starts from.
fn corpus(name: &str) -> String {
    format!("fuzz/corpus/{name}")
}

/// The targets: each has a file.
fn names() -> Result<Vec<String>> {
    let folder = root().join("fuzz/fuzz_targets");
    let files = fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let paths = files.filter_map(|file| Some(file.ok()?.path()));
    let names = paths.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()));
    let mut names: Vec<_> = names.collect();
    names.sort_unstable();
    Ok(names)
}

/// The number of runs among libFuzzer's last words.
fn runs(said: &str) -> Option<u64> {
    let runs = |line: &str| {
        line.strip_prefix("stat::number_of_executed_units:")?
            .trim()
            .parse()
            .ok()
    };
    said.lines().find_map(runs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_target_has_a_name() {
        assert_eq!(names(), Ok(vec!["dispatch".into(), "tbf".into()]));
    }

    #[test]
    fn seconds_are_a_number_and_not_for_ever() {
        assert_eq!(seconds_each(None), Ok(SECONDS_EACH));
        assert_eq!(seconds_each(Some("5".into())), Ok(5));
        for wrong in ["0", "-1", "1h"] {
            let message = seconds_each(Some(wrong.into())).unwrap_err();
            assert!(message.contains(wrong), "{message}");
        }
    }

    #[test]
    fn the_number_of_runs_is_among_the_last_words() {
        let said = "Done 17 runs in 2 second(s)\nstat::number_of_executed_units: 17\nstat::peak_rss_mb: 30\n";
        assert_eq!(runs(said), Some(17));
        assert_eq!(runs("INFO: Seed: 1\n"), None);
    }

    #[test]
    fn an_unknown_target_is_answered_with_those_that_there_are() {
        let message = run_one("disk", &[]).unwrap_err();
        assert!(
            message.contains("'disk'") && message.contains("dispatch, tbf"),
            "{message}"
        );
    }
}
