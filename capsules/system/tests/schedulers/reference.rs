//! Schedulers as one would explain them, with lists that are searched from end to end.

use std::cell::{Cell, RefCell};

use kernel::scheduler::{Scheduler, StoppedExecutingReason, Turn};

use crate::bench::PROCESSES;

/// Levels of processes that take turns; round robin has one level.
pub struct Levels {
    slices_us: &'static [u32],
    period_us: u64,
    now_us: Cell<u64>,
    state: RefCell<State>,
}

struct State {
    refreshed_at_us: u64,
    processes: Vec<Process>,
    turns: Vec<LevelTurn>,
}

#[derive(Clone, Copy)]
struct Process {
    is_ready: bool,
    level: usize,
    /// What it may still use at its level, unless that is the lowest.
    left_us: u32,
}

/// The turn that a level is at.
#[derive(Clone, Copy)]
struct LevelTurn {
    slot: usize,
    left_us: u32,
}

impl Levels {
    pub fn new(slices_us: &'static [u32], period_us: u64) -> Self {
        let process = Process {
            is_ready: false,
            level: 0,
            left_us: slices_us[0],
        };
        let turn = LevelTurn {
            slot: PROCESSES - 1,
            left_us: 0,
        };
        Self {
            slices_us,
            period_us,
            now_us: Cell::new(0),
            state: RefCell::new(State {
                refreshed_at_us: 0,
                processes: vec![process; PROCESSES],
                turns: vec![turn; slices_us.len()],
            }),
        }
    }

    pub fn pass_us(&self, us: u64) {
        self.now_us.set(self.now_us.get() + us);
    }

    fn refresh_if_due(&self, state: &mut State) {
        if self.now_us.get() - state.refreshed_at_us < self.period_us {
            return;
        }
        state.refreshed_at_us = self.now_us.get();
        for process in &mut state.processes {
            (process.level, process.left_us) = (0, self.slices_us[0]);
        }
        state.turns.iter_mut().for_each(|turn| turn.left_us = 0);
    }

    fn lowest(&self) -> usize {
        self.slices_us.len() - 1
    }
}

impl Scheduler for Levels {
    fn ready(&self, slot: usize) -> bool {
        self.state.borrow_mut().processes[slot].is_ready = true;
        false
    }

    fn blocked(&self, slot: usize) {
        self.state.borrow_mut().processes[slot].is_ready = false;
    }

    fn next(&self) -> Option<Turn> {
        let state = &mut *self.state.borrow_mut();
        self.refresh_if_due(state);
        let processes = &state.processes;
        for (level, turn) in state.turns.iter_mut().enumerate() {
            let here = |slot: &usize| processes[*slot].is_ready && processes[*slot].level == level;
            if turn.left_us == 0 || !here(&turn.slot) {
                let round = (turn.slot + 1..PROCESSES).chain(0..=turn.slot);
                let Some(slot) = { round }.find(here) else {
                    continue;
                };
                turn.slot = slot;
                turn.left_us = match level == self.lowest() {
                    true => self.slices_us[level],
                    false => processes[slot].left_us,
                };
            }
            return Some(Turn::new(turn.slot, turn.left_us.try_into().ok()));
        }
        None
    }

    fn result(&self, slot: usize, reason: StoppedExecutingReason, used_us: u32) {
        let state = &mut *self.state.borrow_mut();
        let process = &mut state.processes[slot];
        let turn = &mut state.turns[process.level];
        let used_us = used_us.max(1);
        turn.left_us = match reason {
            StoppedExecutingReason::KernelPreemption => turn.left_us.saturating_sub(used_us),
            _ => 0,
        };
        match reason {
            StoppedExecutingReason::Stopped | StoppedExecutingReason::StoppedFaulted => {
                (process.level, process.left_us) = (0, self.slices_us[0]);
            }
            StoppedExecutingReason::TimesliceExpired => process.left_us = 0,
            _ => process.left_us = process.left_us.saturating_sub(used_us),
        }
        if process.left_us == 0 && process.level < self.lowest() {
            process.level += 1;
            process.left_us = self.slices_us[process.level];
        }
    }
}
