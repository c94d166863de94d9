//! Stages of a longer job: each says its name at its start and its time at its end.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::cli::Result;
use crate::repository::{cannot_start, words};

/// Stages that have run, and whether they went well.
#[derive(Default)]
pub struct Stages {
    stages: Vec<Stage>,
    tests: Tests,
}

/// How many tests passed, failed and were ignored.
#[derive(Default, Debug, PartialEq, Eq)]
struct Tests([usize; 3]);

struct Stage {
    name: String,
    end: End,
}

/// How a stage ended, after how many seconds.
enum End {
    Passed(f32),
    Failed(f32),
    NotRun,
}

impl Stages {
    /// Runs a stage. `None` when it fails: the stages that need its result then cannot run.
    pub fn run<T>(&mut self, name: &str, stage: impl FnOnce() -> Result<T>) -> Option<T> {
        println!("== {name}");
        let start = Instant::now();
        let result = stage();
        self.end(name, start, result)
    }

    /// Runs `cargo test` as a stage. `None` when a test fails.
    pub fn run_tests(&mut self, name: &str, cargo: &mut Command) -> Option<()> {
        println!("== {name}");
        let start = Instant::now();
        let result = pass_on(cargo, &mut self.tests);
        self.end(name, start, result)
    }

    /// Notes a stage that cannot run.
    pub fn skip(&mut self, name: &str, reason: &str) {
        println!("== {name}: not run, because {reason}");
        self.note(name, End::NotRun);
    }

    /// Prints what each stage took and the sum of all tests, and returns the result of all.
    pub fn finish(self) -> Result {
        print!("{}", self.table());
        println!("{}", self.tests.sum());
        let has_not_passed = |stage: &&Stage| !matches!(stage.end, End::Passed(_));
        let failed: Vec<&str> = self
            .stages
            .iter()
            .filter(has_not_passed)
            .map(|stage| &*stage.name)
            .collect();
        if failed.is_empty() {
            return Ok(());
        }
        Err(format!("did not pass: {}", failed.join(", ")))
    }

    fn table(&self) -> String {
        let mut table = String::from("== all stages\n");
        let mut total = 0.0;
        for Stage { name, end } in &self.stages {
            let (seconds, verdict) = match end {
                End::Passed(seconds) => (*seconds, ""),
                End::Failed(seconds) => (*seconds, "  FAILED"),
                End::NotRun => (0.0, "  NOT RUN"),
            };
            total += seconds;
            table += &format!("{name:<26}{seconds:>7.1} s{verdict}\n");
        }
        table + &format!("{:<26}{total:>7.1} s\n", "together")
    }

    fn end<T>(&mut self, name: &str, start: Instant, result: Result<T>) -> Option<T> {
        let seconds = start.elapsed().as_secs_f32();
        match result {
            Ok(value) => {
                println!("== {name}: {seconds:.1} s");
                self.note(name, End::Passed(seconds));
                Some(value)
            }
            Err(message) => {
                println!("== {name}: failed after {seconds:.1} s: {message}");
                self.note(name, End::Failed(seconds));
                None
            }
        }
    }

    fn note(&mut self, name: &str, end: End) {
        let name = name.into();
        self.stages.push(Stage { name, end });
    }
}

impl Tests {
    /// Adds what a line of `cargo test` says, if it sums tests up.
    fn add(&mut self, line: &str) {
        let Some(sums) = line.strip_prefix("test result: ") else {
            return;
        };
        let numbers = sums
            .split([' ', ';'])
            .filter_map(|word| word.parse::<usize>().ok());
        for (sum, number) in self.0.iter_mut().zip(numbers) {
            *sum += number;
        }
    }

    /// As `cargo test` says it.
    fn sum(&self) -> String {
        let [passed, failed, ignored] = self.0;
        let verdict = if failed == 0 { "ok" } else { "FAILED" };
        format!(
            "test result: {verdict}. {passed} passed; {failed} failed; {ignored} ignored; 0 measured; 0 filtered out"
        )
    }
}

/// Passes the output of `cargo test` on, line by line, and adds the tests up.
fn pass_on(cargo: &mut Command, tests: &mut Tests) -> Result {
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
        tests.add(&line);
        println!("{line}");
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
    fn the_tests_of_all_programs_are_added_up() {
        let mut tests = Tests::default();
        let script = "printf 'a\n
            test result: ok. 7 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.23s\n
            test result: FAILED. 2 passed; 3 failed; 0 ignored; 0 measured; 9 filtered out\n'";
        let script = script.replace("            ", "");
        assert_eq!(
            pass_on(program("sh").args(["-c", &script]), &mut tests),
            Ok(())
        );
        assert_eq!(tests, Tests([9, 3, 1]));
        assert_eq!(
            tests.sum(),
            "test result: FAILED. 9 passed; 3 failed; 1 ignored; 0 measured; 0 filtered out"
        );
    }

    #[test]
    fn one_failed_stage_fails_the_whole_and_stops_nothing() {
        let mut stages = Stages::default();
        assert_eq!(stages.run("first", || Err::<(), _>("no".into())), None);
        assert_eq!(stages.run("second", || Ok(2)), Some(2));
        stages.skip("third", "the first failed");
        let table = stages.table();
        let row = |name| table.lines().find(|line| line.starts_with(name)).unwrap();
        assert!(
            row("first").ends_with("FAILED") && row("second").ends_with(" s"),
            "{table}"
        );
        assert!(row("third").ends_with("NOT RUN"), "{table}");
        assert_eq!(stages.finish(), Err("did not pass: first, third".into()));
    }
}
