//! What a person can choose on the kernel command line: words `KEY=VALUE`, with blanks between.
//!
//! | key | values, the one that counts if there is none first |
//! |---|---|
//! | `scheduler` | `round-robin`, `cooperative`, `priority`, `mlfq` |
//! | `fault` | what becomes of an app that does what it may not do: `stop`, `restart`, `restart:N` (at most N times), `panic` |
//! | `panic` | what the machine does after a panic: `halt`, `exit` (QEMU), `reset` |
//!
//! A word that is none of these is told in the log, and changes nothing.

use capsules_system::{
    fault_policy::{
        PanicFaultPolicy, RestartFaultPolicy, StopFaultPolicy, ThresholdRestartFaultPolicy,
    },
    scheduler::{CooperativeSched, MLFQSched, PrioritySched, RoundRobinSched},
};
use chip_pc::clock::Clock;
use kernel::{
    boot::BootArena,
    debug,
    process::{MAX_PROCESSES, ProcessFaultPolicy},
    scheduler::Scheduler,
};

use crate::boot;

const SCHEDULERS: &[&str] = &["round-robin", "cooperative", "priority", "mlfq"];
const FAULT_POLICIES: &[&str] = &["stop", "restart", "restart:N", "panic"];
const PANICS: &[&str] = &["halt", "exit", "reset"];

/// What was chosen, and its names for people.
pub struct Choices {
    pub scheduler: &'static dyn Scheduler,
    pub fault_policy: &'static dyn ProcessFaultPolicy,
    pub names: [(&'static str, &'static str); 2],
}

impl Choices {
    /// Reads the command line.
    pub fn new(boot: &BootArena, clock: &'static Clock<'static>) -> Self {
        let scheduler = word("scheduler", SCHEDULERS);
        let (fault, fault_policy) = fault_policy(boot);
        word("panic", PANICS);
        complain_of_unknown_keys();
        Self {
            scheduler: match scheduler {
                "cooperative" => boot.place(CooperativeSched::new()),
                "priority" => boot.place(PrioritySched::new()),
                "mlfq" => boot.place(MLFQSched::<_, MAX_PROCESSES>::new(clock)),
                _ => boot.place(RoundRobinSched::new()),
            },
            fault_policy,
            names: [("scheduler", scheduler), ("fault", fault)],
        }
    }
}

/// The value of `key` if it is one of `values`, or else the first of them.
fn word(key: &str, values: &'static [&'static str]) -> &'static str {
    let Some(value) = boot::option(key) else {
        return values[0];
    };
    let known = values.iter().find(|known| **known == value);
    known.copied().unwrap_or_else(|| {
        complain(key, value, values);
        values[0]
    })
}

fn fault_policy(boot: &BootArena) -> (&'static str, &'static dyn ProcessFaultPolicy) {
    let word = boot::option("fault").unwrap_or(FAULT_POLICIES[0]);
    let restarts = word
        .strip_prefix("restart:")
        .map(|number| number.parse::<usize>());
    let policy: &dyn ProcessFaultPolicy = match (word, restarts) {
        ("stop", _) | (_, Some(Ok(0))) => boot.place(StopFaultPolicy),
        ("restart", _) => boot.place(RestartFaultPolicy),
        ("panic", _) => boot.place(PanicFaultPolicy),
        // The policy counts the restarts that there were before.
        (_, Some(Ok(most))) => boot.place(ThresholdRestartFaultPolicy::new(most - 1)),
        _ => {
            complain("fault", word, FAULT_POLICIES);
            return (FAULT_POLICIES[0], boot.place(StopFaultPolicy));
        }
    };
    (word, policy)
}

fn complain(key: &str, value: &str, values: &[&str]) {
    debug!(
        "command line: {key}={value} is none of {values:?}: {} it is",
        values[0]
    );
}

fn complain_of_unknown_keys() {
    for word in boot::command_line().split_whitespace() {
        let key = word.split_once('=').map(|(key, _)| key);
        match key {
            Some("scheduler" | "fault" | "panic") => {}
            #[cfg(feature = "bench")]
            Some("measure") => {}
            _ => debug!("command line: {word} is none of scheduler=, fault=, panic="),
        }
    }
}
