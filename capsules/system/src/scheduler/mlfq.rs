//! A multi-level feedback queue: who uses little of the processor goes before who uses much.
//!
//! The rules are those of "Operating Systems: Three Easy Pieces" by R. and A. Arpaci-Dusseau, chapter 8,
//! with Tock's figures:
//! - A process starts at the top level. At each level it may use 10, 20 or 50 ms, in one turn or in many;
//!   when they are used up it goes one level down, or stays at the bottom.
//! - A process runs only if none at a higher level can. Those of one level take turns.
//! - Every 5 s all go back to the top, so nobody waits longer than that and a round of turns there.

use core::{cell::Cell, num::NonZeroU32};

use kernel::{
    collections::NumberSet,
    hil::time::{ConvertTicks, Ticks, Time},
    scheduler::{Scheduler, StoppedExecutingReason, Turn},
};

use super::rotation::Rotation;

/// How much a process has used since it was at the top when it has used up each level: 10 ms, 20 ms
/// more, 50 ms more.
const LEVEL_ENDS_US: [u32; 3] = [10_000, 30_000, 80_000];

/// What a process at the bottom counts as having used.
const BOTTOM_US: u32 = LEVEL_ENDS_US[1];
const _: () = assert!(BOTTOM_US <= u16::MAX as u32);

/// A feedback queue for processes in the slots `0..PROCESSES`.
///
/// A process stopped during another's turn leaves its level to whoever comes into its slot before all are
/// back at the top.
pub struct MLFQSched<'a, T: Time + ?Sized, const PROCESSES: usize> {
    clock: &'a T,
    refresh_period: T::Ticks,
    refreshed_at: Cell<T::Ticks>,
    /// The processes of each level that can run.
    queues: [Rotation; LEVEL_ENDS_US.len()],
    /// What each process has used since the last refresh, up to [`BOTTOM_US`]: it tells its level.
    used_us: [Cell<u16>; PROCESSES],
    /// The processes for which `used_us` holds; the others have used nothing. So a refresh need not
    /// visit every process.
    charged: NumberSet,
    /// The level of the process whose turn it is, or was last.
    turn_level: Cell<usize>,
}

impl<'a, T: Time + ?Sized, const PROCESSES: usize> MLFQSched<'a, T, PROCESSES> {
    /// How often all processes go back to the top.
    pub const PRIORITY_REFRESH_PERIOD_MS: u32 = 5_000;
    /// How many levels there are.
    pub const NUM_QUEUES: usize = LEVEL_ENDS_US.len();

    /// A scheduler without processes, which reads `clock` to know when 5 s are over.
    ///
    /// # Panics
    /// If the clock wraps before that.
    pub fn new(clock: &'a T) -> Self {
        let refresh_period = clock.ticks_from_ms(Self::PRIORITY_REFRESH_PERIOD_MS);
        assert!(
            refresh_period < T::Ticks::max_value(),
            "the scheduler's clock wraps within {} ms",
            Self::PRIORITY_REFRESH_PERIOD_MS
        );
        Self {
            clock,
            refresh_period,
            refreshed_at: Cell::new(clock.now()),
            queues: [const { Rotation::new() }; LEVEL_ENDS_US.len()],
            used_us: [const { Cell::new(0) }; PROCESSES],
            charged: NumberSet::new(),
            turn_level: Cell::new(0),
        }
    }

    fn used_us(&self, slot: usize) -> u32 {
        if self.charged.contains(slot) {
            u32::from(self.used_us[slot].get())
        } else {
            0
        }
    }

    fn level(&self, slot: usize) -> usize {
        level_at(self.used_us(slot))
    }

    /// Says that the process in `slot` has used `used_us`, which may take it to another level.
    fn set_used(&self, slot: usize, used_us: u32) {
        let used_us = used_us.min(BOTTOM_US);
        let (from, to) = (self.level(slot), level_at(used_us));
        self.used_us[slot].set(used_us as u16);
        self.charged.insert(slot);
        if from != to && self.queues[from].contains(slot) {
            self.queues[from].remove(slot);
            self.queues[to].insert(slot);
        }
    }

    /// Every 5 s, puts all processes back to the top and lets all turns begin anew.
    fn refresh_if_due(&self) {
        let now = self.clock.now();
        if now.wrapping_sub(self.refreshed_at.get()) < self.refresh_period {
            return;
        }
        self.refreshed_at.set(now);
        self.charged.clear();
        let [top, middle, bottom] = &self.queues;
        top.append(middle);
        top.append(bottom);
    }
}

/// The level of a process that has used `used_us`.
fn level_at(used_us: u32) -> usize {
    usize::from(used_us >= LEVEL_ENDS_US[0]) + usize::from(used_us >= LEVEL_ENDS_US[1])
}

impl<T: Time + ?Sized, const PROCESSES: usize> Scheduler for MLFQSched<'_, T, PROCESSES> {
    fn preempts(&self) -> bool {
        true
    }

    fn ready(&self, slot: usize) -> bool {
        let level = self.level(slot);
        self.queues[level].insert(slot);
        level < self.turn_level.get()
    }

    fn blocked(&self, slot: usize) {
        self.queues[self.level(slot)].remove(slot);
    }

    fn next(&self) -> Option<Turn> {
        self.refresh_if_due();
        let mut levels = self.queues.iter().zip(LEVEL_ENDS_US).enumerate();
        let (level, (slot, left_us)) = levels.find_map(|(level, (queue, end_us))| {
            let turn = queue.next(|slot| end_us - self.used_us(slot))?;
            Some((level, turn))
        })?;
        self.turn_level.set(level);
        let timeslice_us = NonZeroU32::new(left_us);
        Some(Turn::new(slot, timeslice_us))
    }

    fn result(&self, slot: usize, reason: StoppedExecutingReason, used_us: u32) {
        let level = self.level(slot);
        let charge_us = used_us.max(1);
        self.queues[level].stop(reason, charge_us);
        let used_us = match reason {
            // Whoever is next in this slot is new.
            StoppedExecutingReason::Stopped | StoppedExecutingReason::StoppedFaulted => 0,
            StoppedExecutingReason::TimesliceExpired => LEVEL_ENDS_US[level],
            StoppedExecutingReason::NoWorkLeft | StoppedExecutingReason::KernelPreemption => {
                self.used_us(slot).saturating_add(charge_us)
            }
        };
        self.set_used(slot, used_us);
    }
}
