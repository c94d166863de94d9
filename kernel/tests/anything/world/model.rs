//! What must be true of each process: its queue, what it has given, its grants.

use std::{
    collections::{BTreeMap, VecDeque},
    ops::Range,
};

use kernel::{
    ProcessId,
    platform::WordSize,
    process::{self, PAGE_BYTES, ProcessAddresses, StoppedState},
    syscall::class,
    upcall::UpcallId,
};

/// Upcalls that can wait.
const CAPACITY: usize = 10;

/// Processes at a time.
pub const SLOTS: usize = 4;

/// An upcall that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Queued {
    pub id: (usize, usize),
    pub function: usize,
    pub word: usize,
    pub values: (usize, usize, usize),
}

/// A driver's state in a process: where it is, and what the driver left there.
#[derive(Clone, Debug)]
pub struct State {
    pub place: Range<usize>,
    pub value: u64,
}

/// One run of an app.
#[derive(Default)]
pub struct Run {
    pub id: Option<ProcessId>,
    pub queue: VecDeque<Queued>,
    /// What it waited for, since it has come and until it runs, and whether it waited for this one only.
    pub got: Option<(Queued, bool)>,
    /// By class, driver and number.
    pub given: BTreeMap<(usize, usize, usize), (usize, usize)>,
    /// The end of the highest memory that was shared.
    pub shared_end: usize,
    /// By driver.
    pub grants: BTreeMap<usize, State>,
    pub dropped: usize,
}

impl Run {
    /// What the process has given to a driver in a call of this class.
    pub fn given(&self, class: usize, driver: usize, number: usize) -> (usize, usize) {
        let given = self.given.get(&(class, driver, number));
        given.copied().unwrap_or_default()
    }

    /// A driver schedules an upcall while the process is in `state`. Returns whether there is room for it.
    pub fn schedule(
        &mut self,
        id: (usize, usize),
        values: (usize, usize, usize),
        state: process::State,
    ) -> bool {
        let (function, word) = self.given(class::SUBSCRIBE, id.0, id.1);
        let upcall = Queued {
            id,
            function,
            word,
            values,
        };
        match state {
            process::State::Yielded if function == 0 => {}
            process::State::Yielded => self.got = Some((upcall, false)),
            process::State::YieldedFor(one) if numbers(one) == id => {
                self.got = Some((upcall, true));
            }
            _ if self.queue.len() == CAPACITY => {
                self.dropped += 1;
                return false;
            }
            _ => self.queue.push_back(upcall),
        }
        true
    }

    /// A process that was in `state` is resumed.
    pub fn resume(&mut self, state: process::State) {
        self.got = match state {
            process::State::Stopped(StoppedState::Yielded) => {
                self.next().map(|upcall| (upcall, false))
            }
            process::State::Stopped(StoppedState::YieldedFor(one)) => {
                self.take(numbers(one)).map(|upcall| (upcall, true))
            }
            _ => return,
        };
    }

    /// The process gives something to a driver, and gets back what it gave before.
    pub fn give(
        &mut self,
        (class, driver, number): (usize, usize, usize),
        new: (usize, usize),
        at: &ProcessAddresses,
    ) -> (usize, usize) {
        if class == class::SUBSCRIBE {
            self.queue
                .retain(|upcall| upcall.id != (driver, number) || upcall.function == 0);
        } else if is_memory(new, at) && new.1 > 0 {
            self.shared_end = self.shared_end.max(new.0 + new.1);
        }
        let before = self.given.insert((class, driver, number), new);
        before.unwrap_or_default()
    }

    /// The upcall that a yield gives to the process, if it does not wait for a certain one.
    pub fn next(&mut self) -> Option<Queued> {
        while let Some(upcall) = self.queue.pop_front() {
            if upcall.function != 0 {
                return Some(upcall);
            }
        }
        None
    }

    /// The upcall that a process gets that waits for this one.
    pub fn take(&mut self, id: (usize, usize)) -> Option<Queued> {
        let place = self.queue.iter().position(|upcall| upcall.id == id)?;
        self.queue.remove(place)
    }

    /// Notes where a driver's state is. It was made before, or is made now.
    pub fn enter(&mut self, driver: usize, place: Range<usize>, value: u64) {
        let state = self.grants.entry(driver).or_insert_with(|| State {
            place: place.clone(),
            value: 0,
        });
        assert_eq!(
            (&state.place, state.value),
            (&place, value),
            "driver {driver:#x}"
        );
    }

    /// What must hold for memory.
    pub fn check_memory(
        &self,
        at: &ProcessAddresses,
        accessible_bytes: usize,
        kernel_start: usize,
    ) {
        let accessible_end = at.sram_app_brk.next_multiple_of(PAGE_BYTES);
        assert_eq!(at.sram_start + accessible_bytes, accessible_end);
        assert!(
            accessible_end <= at.sram_grant_start / PAGE_BYTES * PAGE_BYTES,
            "PAGES-APART: {at:x?}"
        );
        assert!(at.sram_app_brk >= at.sram_start && at.sram_app_brk >= self.shared_end);
        let kernel = |address| kernel_start + (address - at.sram_start);
        let grants = kernel(at.sram_grant_start)..kernel(at.sram_end);
        let mut places: Vec<_> = self.grants.values().map(|state| &state.place).collect();
        places.sort_by_key(|place| place.start);
        for pair in places.windows(2) {
            assert!(pair[0].end <= pair[1].start, "grants overlap: {places:x?}");
        }
        for place in places {
            assert!(grants.start <= place.start && place.end <= grants.end);
        }
    }
}

/// Whether a process may give `new` to a driver in a call of this class.
pub fn may_give(
    class: usize,
    new: (usize, usize),
    at: &ProcessAddresses,
    word_size: WordSize,
) -> bool {
    let is_binary = |range| is_inside(range, at.flash_non_protected_start..at.flash_end);
    match class {
        class::SUBSCRIBE => {
            let word_bytes = if word_size == WordSize::Bits32 { 4 } else { 8 };
            let function = (new.0, word_bytes);
            new.0 == 0 || is_memory(function, at) || is_binary(function)
        }
        class::READ_ONLY_ALLOW => new.1 == 0 || is_memory(new, at) || is_binary(new),
        _ => new.1 == 0 || is_memory(new, at),
    }
}

fn is_memory(range: (usize, usize), at: &ProcessAddresses) -> bool {
    is_inside(range, at.sram_start..at.sram_app_brk)
}

fn is_inside((address, len_bytes): (usize, usize), place: Range<usize>) -> bool {
    let end = address.checked_add(len_bytes);
    place.start <= address && end.is_some_and(|end| end <= place.end)
}

pub fn numbers(id: UpcallId) -> (usize, usize) {
    (id.driver_num, id.subscribe_num)
}
