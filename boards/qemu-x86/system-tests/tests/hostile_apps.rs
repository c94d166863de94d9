//! Nothing that an app does harms the kernel or another app. The acts are those of the app `faults`.

use qemu::{Machine, Options};
use system_tests::{
    LIMIT, PROMPT, Row, app, expect_going_on, expect_line, kernel, list, processes, run_on_screen,
    run_on_serial, wait_for_list,
};

/// An app that ends if anything of its own changes.
const WITNESS: &str = "witness";

/// What must come of an act.
struct Act {
    name: &'static str,
    /// A word of the table in `apps/faults/src/acts.rs`.
    outcome: &'static str,
    /// What the kernel may say of its fault.
    reasons: &'static [&'static str],
}

macro_rules! acts {
    ($($module:ident { $($act:ident $outcome:ident $($reason:literal)*;)* })*) => {
        const ACTS: &[Act] = &[
            $($(Act {
                name: concat!("faults.", stringify!($act)),
                outcome: stringify!($outcome),
                reasons: &[$($reason),*],
            },)*)*
        ];
    };
}

include!("../../../../apps/faults/src/acts.rs");

impl Act {
    /// Whether a process may be in such a state when all is over.
    fn may_be(&self, state: &str) -> bool {
        match self.outcome {
            "faults" => state == "faulted",
            "ends" => state == "ended",
            "ends_or_faults" => state == "faulted" || state == "ended",
            "restarts" => state == "running" || state == "waiting",
            _ => state == "running",
        }
    }

    /// Whether a person has to start it anew to see it again.
    fn has_end(&self) -> bool {
        !matches!(self.outcome, "runs" | "restarts")
    }

    /// What the app says of itself where it finds nothing wrong.
    fn good_end(&self) -> String {
        format!("{}: as it should be", self.name)
    }

    /// Starts it anew, by itself, and says what is wrong with what comes of it.
    fn repeat(&self, machine: &mut Machine) -> Option<String> {
        if !self.has_end() {
            return None;
        }
        machine.send(format!("boot {}\n", self.name).as_bytes());
        machine.expect("started process ", LIMIT);
        // Up to the line that tells how it ended.
        let mut told = String::new();
        loop {
            told += &machine.expect("\n", LIMIT);
            let Some(line) = told.lines().last().filter(|line| line.contains(self.name)) else {
                continue;
            };
            let is_good = match line.split_once(" faulted: ") {
                Some((_, reason)) => {
                    self.outcome != "ends" && self.reasons.iter().any(|it| reason.starts_with(it))
                }
                None => self.outcome != "faults" && line.ends_with(&self.good_end()),
            };
            return (!is_good).then(|| line.to_owned());
        }
    }
}

/// The acts that are not yet in the state that they must come to. The first process is the witness.
fn unfinished(rows: &[Row]) -> Vec<String> {
    let acts = ACTS.iter().zip(&rows[1..]);
    acts.filter(|(act, row)| !(row.is_of(act.name) && act.may_be(&row.state)))
        .map(|(act, row)| format!("{} is {row:?}", act.name))
        .collect()
}

#[track_caller]
fn expect_all_finished(machine: &mut Machine) {
    wait_for_list(machine, |rows| {
        let unfinished = unfinished(rows);
        unfinished
            .is_empty()
            .then_some(())
            .ok_or(unfinished.join(", "))
    });
}

#[track_caller]
fn expect_all_well(machine: &mut Machine) {
    expect_going_on(machine, WITNESS);
    assert_eq!(run_on_serial(machine, "echo still here"), ["still here"]);
    expect_line(machine, "");
    assert_eq!(run_on_screen(machine, "echo here too"), ["here too"]);
}

#[test]
fn every_act_is_in_the_table() {
    let packed = processes()
        .into_iter()
        .filter(|name| name.starts_with("faults."));
    assert_eq!(packed.count(), ACTS.len());
}

/// All at once, between two witnesses; then one by one, so that what the kernel says of each is seen.
#[track_caller]
fn expect_no_harm(options: Options) {
    let acts = ACTS.iter().map(|act| act.name);
    let apps = [WITNESS].into_iter().chain(acts).chain([WITNESS]);
    let mut machine = Machine::boot(options.apps(apps.map(app)));
    // Before that nobody listens.
    machine.expect(PROMPT, LIMIT);
    expect_all_finished(&mut machine);
    expect_all_well(&mut machine);

    let wrong: Vec<String> = ACTS
        .iter()
        .filter_map(|act| act.repeat(&mut machine))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    expect_all_finished(&mut machine);
    expect_all_well(&mut machine);

    let rows = list(&mut machine);
    assert_eq!(rows.len(), ACTS.len() + 2);
    for (act, row) in ACTS.iter().zip(&rows[1..]) {
        let (used, given) = row.memory;
        let restarts = match act.outcome {
            "restarts" => row.restarts > 0,
            _ => row.restarts == usize::from(act.has_end()),
        };
        assert!(used <= given && row.calls > 0 && restarts, "{row:?}");
    }
}

#[test]
fn no_act_harms_the_kernel_or_another_app() {
    expect_no_harm(kernel());
}

/// Without SMAP, QEMU lets processes into modes that it otherwise keeps them from by mistake. Without XSAVE, their
/// registers are saved in another way.
#[test]
fn no_act_does_harm_on_a_processor_that_can_do_less() {
    expect_no_harm(kernel().arguments(["-cpu", "max,-smap,-smep,-xsave"]));
}
