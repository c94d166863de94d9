//! The process table: which processes there are, and what they share.

use core::{cell::Cell, fmt, ptr::NonNull};

use super::{
    FaultAction, GrantNumber, MAX_PROCESSES, MemoryPool, Process, ProcessFaultPolicy, ProcessId,
    ProcessStandard, State, StoragePermissionsPolicy,
};
use crate::{
    collections::NumberMap, debug, machine::machine, platform::AddressSpaces, ready::RESCHEDULE,
    scheduler::Scheduler,
};

/// A place in the process table.
pub struct ProcessSlot(Cell<Option<NonNull<ProcessStandard>>>);

impl ProcessSlot {
    /// A place without a process.
    pub const fn new() -> Self {
        Self(Cell::new(None))
    }
}

impl Default for ProcessSlot {
    fn default() -> Self {
        Self::new()
    }
}

/// Is told when a process ends, faults or is removed, so that whoever waits for it need not wait for ever.
pub trait ProcessEndClient {
    /// Run `process_id` has ended: nothing more comes from it. Its grants can be entered for the last time.
    fn process_ended(&self, process_id: ProcessId);
}

/// Tells each of several.
impl<const N: usize> ProcessEndClient for [&dyn ProcessEndClient; N] {
    fn process_ended(&self, process_id: ProcessId) {
        self.iter()
            .for_each(|client| client.process_ended(process_id));
    }
}

/// The process table.
pub struct ProcessTable {
    /// As many as can be numbered, so that a process is found without a look whether there is such a place.
    slots: &'static [ProcessSlot; MAX_PROCESSES],
    /// How many of them may be used.
    places: usize,
    pool: MemoryPool,
    spaces: &'static dyn AddressSpaces,
    scheduler: &'static dyn Scheduler,
    /// What the scheduler says of itself.
    preempts: bool,
    fault_policy: Cell<&'static dyn ProcessFaultPolicy>,
    storage_policy: Cell<Option<&'static dyn StoragePermissionsPolicy>>,
    end_client: Cell<Option<&'static dyn ProcessEndClient>>,
    /// How many processes can run.
    can_run: Cell<usize>,
    /// Runs of apps since the machine started.
    runs: Cell<usize>,
    /// Every place below this one is taken.
    taken_below: Cell<usize>,
    /// Driver numbers of the grants. Fixed when the first process is loaded.
    grants: NumberMap<GrantNumber>,
    grants_len: Cell<u16>,
    grants_are_final: Cell<bool>,
}

impl ProcessTable {
    /// A table without processes.
    pub fn new(
        slots: &'static mut [ProcessSlot; MAX_PROCESSES],
        pool: MemoryPool,
        spaces: &'static dyn AddressSpaces,
        scheduler: &'static dyn Scheduler,
        fault_policy: &'static dyn ProcessFaultPolicy,
    ) -> Self {
        Self {
            slots,
            places: MAX_PROCESSES,
            pool,
            spaces,
            scheduler,
            preempts: scheduler.preempts(),
            fault_policy: Cell::new(fault_policy),
            storage_policy: Cell::new(None),
            end_client: Cell::new(None),
            can_run: Cell::new(0),
            runs: Cell::new(0),
            taken_below: Cell::new(0),
            grants: NumberMap::new(),
            grants_len: Cell::new(0),
            grants_are_final: Cell::new(false),
        }
    }

    /// The same table with room for as many processes and no more.
    ///
    /// # Panics
    /// If that is more than [`MAX_PROCESSES`].
    #[must_use]
    pub fn with_room_for(self, places: usize) -> Self {
        assert!(
            places <= MAX_PROCESSES,
            "{places} places for processes: at most {MAX_PROCESSES} can be numbered"
        );
        Self { places, ..self }
    }

    /// Makes `policy` decide about faults from now on.
    pub fn set_fault_policy(&self, policy: &'static dyn ProcessFaultPolicy) {
        self.fault_policy.set(policy);
    }

    /// Makes `policy` decide what apps may do with stored state. Without one they may do nothing.
    pub fn set_storage_policy(&self, policy: &'static dyn StoragePermissionsPolicy) {
        self.storage_policy.set(Some(policy));
    }

    pub(super) fn storage_policy(&self) -> Option<&'static dyn StoragePermissionsPolicy> {
        self.storage_policy.get()
    }

    /// Makes `client` the one that is told when a process ends.
    pub fn set_end_client(&self, client: &'static dyn ProcessEndClient) {
        self.end_client.set(Some(client));
    }

    /// The memory that no process has.
    pub fn pool(&self) -> &MemoryPool {
        &self.pool
    }

    /// Places for processes.
    pub fn capacity(&self) -> usize {
        self.places
    }

    pub(super) fn spaces(&self) -> &'static dyn AddressSpaces {
        self.spaces
    }

    #[inline]
    pub(crate) fn scheduler(&self) -> &'static dyn Scheduler {
        self.scheduler
    }

    /// Whether there is a process that can run. If there is none, the machine sleeps when there is nothing else
    /// to do.
    #[inline]
    pub fn any_can_run(&self) -> bool {
        self.can_run.get() > 0
    }

    /// One process less can run from now on. The scheduler hears of it when it names the process.
    #[inline]
    pub(super) fn blocked(&self) {
        self.can_run.set(self.can_run.get() - 1);
    }

    /// One process more can run from now on. The scheduler hears of it if it does not have the process, or may want
    /// to give it the turn of another.
    #[inline]
    pub(super) fn ready(&self, process: &ProcessStandard) {
        self.can_run.set(self.can_run.get() + 1);
        if !process.is_scheduled.replace(true) || self.preempts {
            self.schedule(process.id().slot());
        }
    }

    #[inline(never)]
    fn schedule(&self, slot: usize) {
        if self.scheduler.ready(slot) {
            machine().ready.set(RESCHEDULE);
        }
    }

    /// The scheduler has named a place of the table whose process, if there is one, can't run.
    #[inline(never)]
    pub(crate) fn unschedule(&self, slot: usize) {
        self.scheduler.blocked(slot);
        if let Some(process) = self.at(slot) {
            process.is_scheduled.set(false);
        }
    }

    /// Counts so many runs that nobody sees, for tests on the host of what happens after them.
    #[cfg(not(target_os = "none"))]
    pub fn skip_runs(&self, runs: usize) {
        self.runs.set(self.runs.get() + runs);
    }

    pub(super) fn next_id(&self, slot: usize) -> ProcessId {
        let run = self.runs.get() + 1;
        self.runs.set(run);
        ProcessId::new(slot, run)
    }

    pub(super) fn process_ended(&self, process: &ProcessStandard) {
        if let Some(client) = self.end_client.get() {
            client.process_ended(process.id());
        }
    }
}

/// Grants.
impl ProcessTable {
    /// Numbers the grant of a driver.
    ///
    /// # Panics
    /// If a process is loaded already, or the driver has a grant.
    pub(crate) fn add_grant(&self, driver_num: usize) -> GrantNumber {
        assert!(
            !self.grants_are_final.get(),
            "grant of driver {driver_num:#x}: too late, processes are loaded"
        );
        let len = self.grants_len.get();
        let number = GrantNumber::new(len);
        let is_new = self.grants.insert(driver_num, number);
        assert!(is_new, "driver {driver_num:#x} has two grants");
        self.grants_len.set(len + 1);
        number
    }

    /// The number of a driver's grant.
    #[inline]
    pub(crate) fn grant_of(&self, driver_num: usize) -> Option<GrantNumber> {
        self.grants.get(driver_num)
    }

    /// The driver number and the number of each grant.
    pub(super) fn grants(&self) -> impl Iterator<Item = (usize, GrantNumber)> {
        self.grants.iter()
    }

    /// How many grants there are, which is final from now on.
    pub(crate) fn grant_count(&self) -> usize {
        self.grants_are_final.set(true);
        self.grants_len.get().into()
    }
}

/// Processes.
impl ProcessTable {
    /// The process in a place of the table.
    #[inline]
    pub(crate) fn at(&self, slot: usize) -> Option<&ProcessStandard> {
        let process = self.slots.get(slot)?.0.get()?;
        // SAFETY: PROCESS-LIVES: nobody else has the slots, and what a slot holds is a process until `remove`
        // takes it out, which it does only when the process is not entered. The kernel enters it before it calls
        // anything that could remove it while a reference from here is in use.
        Some(unsafe { process.as_ref() })
    }

    /// The process that runs under this name, if it still does.
    #[inline]
    pub(crate) fn find(&self, id: ProcessId) -> Option<&ProcessStandard> {
        self.at(id.slot()).filter(|process| process.id() == id)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &ProcessStandard> {
        (0..self.places).filter_map(|slot| self.at(slot))
    }

    /// Calls `visit` for each process, in the order of the table. A process that `visit` starts anew starts when
    /// `visit` returns.
    pub fn each(&self, mut visit: impl FnMut(&dyn Process)) {
        for process in self.iter() {
            process.while_entered(|| visit(process));
        }
    }

    /// Calls `visit` with the process in a place of the table, if there is one.
    pub fn with_slot<R>(&self, slot: usize, visit: impl FnOnce(&dyn Process) -> R) -> Option<R> {
        let id = self.at(slot)?.id();
        self.with(id, |process| visit(process))
    }

    /// Calls `visit` with the process that runs under this name, if it still does.
    pub(crate) fn with<R>(
        &self,
        id: ProcessId,
        visit: impl FnOnce(&ProcessStandard) -> R,
    ) -> Option<R> {
        let process = self.find(id)?;
        Some(process.while_entered(|| visit(process)))
    }

    /// The lowest free place; `None` if the table is full.
    pub(super) fn free_slot(&self) -> Option<usize> {
        (self.taken_below.get()..self.places).find(|slot| self.slots[*slot].0.get().is_none())
    }

    /// Puts a process into the lowest free place.
    pub(super) fn put(&self, slot: usize, process: NonNull<ProcessStandard>) {
        self.slots[slot].0.set(Some(process));
        self.taken_below.set(slot + 1);
    }

    /// Removes a process and gives its memory back.
    ///
    /// # Errors
    /// Of what is in the way: `NoSuchApp`; `AlreadyInUse` while somebody looks at it.
    pub fn remove(&self, id: ProcessId) -> Result<(), super::Error> {
        let process = self.find(id).ok_or(super::Error::NoSuchApp)?;
        if process.is_entered() {
            return Err(super::Error::AlreadyInUse);
        }
        // It is not left again, so whoever is told of the end neither removes it nor starts it anew.
        process.enter();
        if process.state().is_alive() {
            process.end(State::Terminated, None);
        }
        self.spaces.forget(process.registers());
        let (block, len_bytes) = process.block;
        self.slots[id.slot()].0.set(None);
        self.taken_below.set(self.taken_below.get().min(id.slot()));
        // SAFETY: PROCESS-LIVES: nobody looks at the process, and nobody can find it any more.
        unsafe { self.pool.give(block, len_bytes) };
        Ok(())
    }

    /// Does with a process that has faulted what the policy says.
    ///
    /// # Panics
    /// If the policy wants that.
    pub(crate) fn fault(&self, process: &ProcessStandard, reason: FaultReason) {
        debug!("{} faulted: {}", Named(process), Fault(process, reason));
        match self.fault_policy.get().action(process) {
            FaultAction::Panic => panic!("{} faulted", Named(process)),
            FaultAction::Restart => process.restart(None),
            FaultAction::Stop => process.end(State::Faulted, None),
        }
    }
}

/// What a process did that it may not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultReason {
    /// The processor stopped it.
    Processor,
    /// It made a system call of a class that there is not.
    UnknownClass(usize),
    /// It yielded in a way that there is not.
    UnknownYield(usize),
    /// Nothing: somebody wants it treated so.
    Requested,
}

/// A process's name and number, for people.
struct Named<'a>(&'a ProcessStandard);

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, id) = (self.0.get_process_name(), self.0.id());
        write!(f, "process {name} ({id:?})")
    }
}

/// What a process did, for people.
struct Fault<'a>(&'a ProcessStandard, FaultReason);

impl fmt::Display for Fault<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.1 {
            FaultReason::Processor => self.0.write_fault(f),
            FaultReason::UnknownClass(class) => write!(f, "there is no system call class {class}"),
            FaultReason::UnknownYield(variant) => write!(f, "there is no yield {variant}"),
            FaultReason::Requested => f.write_str("somebody asked for it"),
        }
    }
}
