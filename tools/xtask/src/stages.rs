//! Stages of a longer job: each says its name at its start and its time at its end.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::cli::Result;
use crate::repository::{cannot_start, words};

/// Stages that have run, and whether they went well.
#[derive(Default)]
pub struct Stages {
    failed: Vec<&'static str>,
}

impl Stages {
    /// Runs a stage. `None` when it fails: the stages that need its result then cannot run.
    pub fn run<T>(&mut self, name: &'static str, stage: impl FnOnce() -> Result<T>) -> Option<T> {
        println!("== {name}");
        let start = Instant::now();
        let result = stage();
        self.end(name, start, result)
    }

    /// Runs `cargo test` as a stage. The stage's line comes before the lines that sum the tests up. `None` when a
    /// test fails.
    pub fn run_tests(&mut self, name: &'static str, cargo: &mut Command) -> Option<()> {
        println!("== {name}");
        let start = Instant::now();
        let mut summary = Vec::new();
        let result = pass_on(cargo, &mut summary);
        let passed = self.end(name, start, result);
        summary.iter().for_each(|line| println!("{line}"));
        passed
    }

    /// Notes a stage that cannot run.
    pub fn skip(&mut self, name: &'static str, reason: &str) {
        println!("== {name}: not run, because {reason}");
    }

    /// The result of all stages.
    pub fn finish(self) -> Result {
        if self.failed.is_empty() {
            return Ok(());
        }
        Err(format!("failed: {}", self.failed.join(", ")))
    }

    fn end<T>(&mut self, name: &'static str, start: Instant, result: Result<T>) -> Option<T> {
        let seconds = start.elapsed().as_secs_f32();
        match result {
            Ok(value) => {
                println!("== {name}: {seconds:.1} s");
                Some(value)
            }
            Err(message) => {
                println!("== {name}: failed after {seconds:.1} s: {message}");
                self.failed.push(name);
                None
            }
        }
    }
}

/// Passes the output of `cargo test` on, line by line, but for the sums at its very end.
fn pass_on(cargo: &mut Command, summary: &mut Vec<String>) -> Result {
    let mut child = cargo
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| cannot_start(cargo, &error))?;
    for line in child
        .stdout
        .take()
        .into_iter()
        .flat_map(|pipe| BufReader::new(pipe).lines())
    {
        let line = line.map_err(|error| error.to_string())?;
        if !line.is_empty() && !line.starts_with("test result:") {
            summary.drain(..).for_each(|held| println!("{held}"));
            println!("{line}");
        } else {
            summary.push(line);
        }
    }
    let status = child.wait().map_err(|error| error.to_string())?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{} ({status})", words(cargo)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repository::program;

    #[test]
    fn sums_at_the_end_are_held_back() {
        let mut summary = Vec::new();
        let script = "printf 'a\\ntest result: 1\\nb\\n\\ntest result: 2\\n\\n'";
        assert_eq!(
            pass_on(program("sh").args(["-c", script]), &mut summary),
            Ok(())
        );
        assert_eq!(summary, ["", "test result: 2", ""]);
    }

    #[test]
    fn one_failed_stage_fails_the_whole_and_stops_nothing() {
        let mut stages = Stages::default();
        assert_eq!(stages.run("first", || Err::<(), _>("no".into())), None);
        assert_eq!(stages.run("second", || Ok(2)), Some(2));
        assert_eq!(stages.finish(), Err("failed: first".into()));
    }
}
