//! A kernel without processes: it asks a scheduler for turns and says what became of them.

use std::collections::BTreeMap;

use kernel::scheduler::{Scheduler, StoppedExecutingReason::*, Turn};
use proptest::prelude::*;

/// Few enough slots that steps meet; some share a word of a set, some do not.
pub const SLOTS: [usize; 6] = [0, 1, 2, 63, 64, 130];

/// One more than the highest slot.
pub const PROCESSES: usize = 131;

pub fn make_ready(scheduler: &dyn Scheduler, slots: &[usize]) {
    for slot in slots {
        scheduler.ready(*slot);
    }
}

/// The slots of the next turns, when every process uses its slice up.
pub fn spinning_turns<const N: usize>(scheduler: &dyn Scheduler) -> [usize; N] {
    [(); N].map(|()| {
        let turn = scheduler.next().expect("a process can run");
        finish(scheduler, turn, Conduct::Spins);
        turn.slot()
    })
}

/// Interrupts the process in `slot`, whose turn it must be, after `used_us`.
pub fn interrupt(scheduler: &dyn Scheduler, slot: usize, used_us: u32) {
    assert_eq!(scheduler.next().map(|turn| turn.slot()), Some(slot));
    scheduler.result(slot, KernelPreemption, used_us);
}

/// Whose turn it is, and for how long.
pub fn next(scheduler: &dyn Scheduler) -> Option<(usize, u32)> {
    let turn = scheduler.next()?;
    Some((turn.slot(), slice_us(turn)))
}

fn slice_us(turn: Turn) -> u32 {
    turn.timeslice_us().map_or(u32::MAX, u32::from)
}

/// What a process does with its turn.
#[derive(Clone, Copy, Debug)]
pub enum Conduct {
    /// It uses its slice up, or 60 ms where there is none.
    Spins,
    /// After so much it waits.
    Waits(u32),
    /// After so much it waits, but what it waits for is there at once.
    Yields(u32),
    /// After so much the kernel has work to do.
    IsInterrupted(u32),
    /// After so much it waits, and before the kernel says so the kernel has work to do.
    WaitsAndIsInterrupted(u32),
    /// After so much it ends.
    Ends(u32),
    /// After so much it is removed, and another process starts in the same slot.
    IsReplaced(u32),
}

impl Conduct {
    /// Whether the process can run again at once.
    pub fn leaves_ready(self) -> bool {
        !matches!(
            self,
            Self::Waits(_) | Self::WaitsAndIsInterrupted(_) | Self::Ends(_)
        )
    }

    /// Whether it was the kernel that ended the turn.
    pub fn is_interrupted(self) -> bool {
        matches!(
            self,
            Self::IsInterrupted(_) | Self::WaitsAndIsInterrupted(_)
        )
    }
}

/// Any conduct with any time up to `at_most_us`, and often with none.
pub fn conduct(at_most_us: u32) -> impl Strategy<Value = Conduct> {
    let used_us = prop_oneof![1 => Just(0), 1 => 0..100u32, 4 => 0..=at_most_us];
    (0..7, used_us).prop_map(|(kind, used_us)| match kind {
        0 => Conduct::Spins,
        1 => Conduct::Waits(used_us),
        2 => Conduct::Yields(used_us),
        3 => Conduct::IsInterrupted(used_us),
        4 => Conduct::WaitsAndIsInterrupted(used_us),
        5 => Conduct::Ends(used_us),
        _ => Conduct::IsReplaced(used_us),
    })
}

/// Lets a process have `turn`, and returns for how many microseconds it ran, as the kernel measures.
pub fn finish(scheduler: &dyn Scheduler, turn: Turn, conduct: Conduct) -> u32 {
    let slice_us = slice_us(turn);
    let (used_us, reason) = match conduct {
        Conduct::Spins => (60_000, TimesliceExpired),
        Conduct::Waits(used_us) | Conduct::Yields(used_us) => (used_us, NoWorkLeft),
        Conduct::IsInterrupted(used_us) | Conduct::WaitsAndIsInterrupted(used_us) => {
            (used_us, KernelPreemption)
        }
        Conduct::Ends(used_us) => (used_us, StoppedFaulted),
        Conduct::IsReplaced(used_us) => (used_us, Stopped),
    };
    if !matches!(conduct, Conduct::Spins | Conduct::IsInterrupted(_)) {
        scheduler.blocked(turn.slot());
    }
    if matches!(conduct, Conduct::Yields(_) | Conduct::IsReplaced(_)) {
        scheduler.ready(turn.slot());
    }
    let used_us = used_us.min(slice_us);
    scheduler.result(turn.slot(), reason, used_us);
    used_us
}

/// What happens on a machine.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    Ready(usize),
    Blocked(usize),
    Turn(Conduct),
    /// The kernel asks and does not follow the answer.
    Ask,
    /// So many milliseconds pass.
    Pass(u32),
}

pub fn slot() -> impl Strategy<Value = usize> {
    prop::sample::select(&SLOTS[..])
}

pub fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        20 => slot().prop_map(Step::Ready),
        8 => slot().prop_map(Step::Blocked),
        40 => conduct(60_000).prop_map(Step::Turn),
        8 => Just(Step::Ask),
        1 => (0..6_000u32).prop_map(Step::Pass),
    ]
}

/// Takes `step` on both; `pass_us` makes time pass. Both must give the same turn.
pub fn compare(
    scheduler: &dyn Scheduler,
    reference: &dyn Scheduler,
    step: Step,
    pass_us: impl Fn(u64),
) -> Result<(), TestCaseError> {
    match step {
        Step::Ready(slot) => {
            scheduler.ready(slot);
            reference.ready(slot);
        }
        Step::Blocked(slot) => {
            scheduler.blocked(slot);
            reference.blocked(slot);
        }
        Step::Ask => prop_assert_eq!(scheduler.next(), reference.next()),
        Step::Turn(conduct) => {
            let turn = scheduler.next();
            prop_assert_eq!(turn, reference.next());
            if let Some(turn) = turn {
                finish(reference, turn, conduct);
                pass_us(u64::from(finish(scheduler, turn, conduct)));
            }
        }
        Step::Pass(ms) => pass_us(u64::from(ms) * 1_000),
    }
    Ok(())
}

/// How long the process in the first slot has been waiting for a turn, by who ran instead.
#[derive(Default)]
pub struct Patience(BTreeMap<usize, u64>);

impl Patience {
    /// The process in `slot` ran for `used_us`, which counts as one at least.
    pub fn ran(&mut self, slot: usize, used_us: u32) {
        if slot == SLOTS[0] {
            self.0.clear();
        } else {
            *self.0.entry(slot).or_default() += u64::from(used_us.max(1));
        }
    }

    pub fn waited_us(&self) -> u64 {
        self.0.values().sum()
    }

    /// For how long the one ran that ran longest.
    pub fn waited_for_one_us(&self) -> u64 {
        self.0.values().copied().max().unwrap_or(0)
    }
}
