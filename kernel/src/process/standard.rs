//! A process: its registers, its state, its memory and its grants.
//!
//! Everything that the kernel keeps of a process lies at the upper end of the process's own RAM, where
//! the process can't see it:
//!
//! ```text
//!   end of RAM
//!     the process (this type)
//!     what the processor keeps beyond the registers
//!     a pointer for each grant
//!     grants, growing down        <- grant break
//!     ...                            unused
//!     the app's memory            <- app break, growing up; rounded up to a page the app can access it
//!   start of RAM
//! ```
//!
//! The invariant PAGES-APART: the page that the app break is in lies below the page that the grant break is
//! in, so no byte of the kernel's is on a page that the process can access. [`ProcessStandard::set_break`]
//! and [`ProcessStandard::allocate`] keep it.

use core::{
    cell::Cell,
    ptr::{self, NonNull},
    slice,
};

use super::{
    Error, FaultReason, PAGE_BYTES, ProcessId, ProcessMemory, ProcessTable, QueuedUpcall, State,
    StoredState, upcall_queue::UpcallQueue,
};
use crate::{
    platform::{Entry, WordSize},
    tbf::{Program, TbfImage, TbfSummary},
    upcall::{UpcallError, UpcallId},
};

/// Counters that people read.
#[derive(Default)]
pub(super) struct Statistics {
    pub(super) system_calls: Cell<usize>,
    pub(super) dropped_upcalls: Cell<usize>,
    pub(super) restarts: Cell<usize>,
    pub(super) timeslices_expired: Cell<usize>,
    pub(super) stack_top: Cell<Option<usize>>,
    pub(super) heap_start: Cell<Option<usize>>,
}

/// A process. See the module's documentation.
#[repr(C)]
pub struct ProcessStandard {
    // First, because processors have alignment rules for where they push registers.
    registers: StoredState,
    id: Cell<ProcessId>,
    table: &'static ProcessTable,
    state: Cell<State>,
    /// Whether the scheduler takes it for one that can run.
    pub(super) is_scheduled: Cell<bool>,
    memory: ProcessMemory,
    word_size: WordSize,
    summary: TbfSummary,
    /// Whether the app's header restricts what it may call.
    is_restricted: bool,
    app_break: Cell<usize>,
    /// The end of the highest buffer that the process has shared: the break never goes below it.
    shared_end: Cell<usize>,
    grant_break: Cell<usize>,
    /// As many as the table has grants, each the grant's address, or 0.
    grants: NonNull<Cell<usize>>,
    grants_len: usize,
    /// How many use its grants or itself now.
    entered: Cell<usize>,
    /// A restart that waits until nobody does.
    restart_is_due: Cell<bool>,
    upcalls: UpcallQueue,
    completion_code: Cell<Option<Option<u32>>>,
    entry: usize,
    /// Where the app's binary starts: after its header.
    binary_start: usize,
    /// All the memory that the process has, to be given back.
    pub(super) block: (NonNull<u8>, usize),
    pub(super) statistics: Statistics,
}

/// Where the parts of a new process are in its block of memory.
pub(super) struct Parts {
    pub(super) block: (NonNull<u8>, usize),
    pub(super) memory: ProcessMemory,
    pub(super) tables: NonNull<u8>,
    pub(super) word_size: WordSize,
}

/// Bytes that the kernel needs at the end of a process's RAM, grants not counted.
pub(super) fn kernel_bytes(extra_state_bytes: usize, grants: usize) -> usize {
    let bytes = size_of::<ProcessStandard>() + extra_state_bytes + grants * size_of::<usize>();
    bytes.next_multiple_of(align_of::<ProcessStandard>())
}

impl ProcessStandard {
    /// Builds a process at the end of its own RAM, not yet started.
    ///
    /// # Safety
    /// `parts` must be memory that nobody else uses until the process is removed.
    pub(super) unsafe fn build(
        table: &'static ProcessTable,
        id: ProcessId,
        summary: &TbfSummary,
        program: &Program,
        parts: &Parts,
    ) -> NonNull<Self> {
        let ram = parts.memory.ram;
        let ram_bytes = ram.addresses().len();
        let grants_len = table.grant_count();
        let extra_bytes = table.spaces().extra_state_bytes();
        let kernel_bytes = kernel_bytes(extra_bytes, grants_len);
        let place = ram_bytes - size_of::<Self>().next_multiple_of(align_of::<Self>());
        // SAFETY: the caller's promise, and RAM is at least `kernel_bytes` long: all three lie inside,
        // aligned, because RAM ends a page.
        let (process, extra, grants) = unsafe {
            let start = ram.kernel_start();
            (
                start.add(place).cast::<Self>(),
                start.add(place - extra_bytes),
                start.add(ram_bytes - kernel_bytes).cast::<Cell<usize>>(),
            )
        };
        let start = parts.memory.image.addresses().start;
        // SAFETY: as above.
        unsafe {
            process.write(Self {
                registers: StoredState::new(),
                id: Cell::new(id),
                table,
                state: Cell::new(State::Terminated),
                is_scheduled: Cell::new(false),
                memory: parts.memory,
                word_size: parts.word_size,
                is_restricted: summary.has_permissions(),
                summary: *summary,
                app_break: Cell::new(ram.addresses().start),
                shared_end: Cell::new(ram.addresses().start),
                grant_break: Cell::new(ram.addresses().end - kernel_bytes),
                grants,
                grants_len,
                entered: Cell::new(0),
                restart_is_due: Cell::new(false),
                upcalls: UpcallQueue::new(),
                completion_code: Cell::new(None),
                entry: start + program.entry_offset as usize,
                binary_start: start + program.protected_size as usize,
                block: parts.block,
                statistics: Statistics::default(),
            });
            let process = process.as_ref();
            let tables = parts.tables.as_ptr();
            let (registers, memory) = (&process.registers, &process.memory);
            table
                .spaces()
                .create(registers, memory, tables, extra.as_ptr());
        }
        process
    }

    /// Makes the process one that is about to execute its first instruction, with memory and grants as if
    /// it had never run.
    pub(super) fn start_afresh(&self) {
        let ram = self.memory.ram.addresses();
        self.forget_grants();
        self.grant_break.set(ram.end - self.kernel_bytes());
        self.upcalls.clear();
        self.shared_end.set(ram.start);
        self.completion_code.set(None);
        self.statistics.stack_top.set(None);
        self.statistics.heap_start.set(None);
        // All that was accessible is taken away, so that what is given again is given as zeros.
        self.app_break.set(ram.start);
        let accessible = ram.start + PAGE_BYTES;
        self.set_break(accessible)
            .expect("a process has a page of its own at least");
        self.table.spaces().start(
            &self.registers,
            &Entry {
                function: self.entry,
                arguments: [self.binary_start, ram.start, ram.len(), accessible],
                stack_pointer: accessible,
                word_size: self.word_size,
            },
        );
        self.set_state(State::Running);
    }

    /// The registers.
    #[inline]
    pub(crate) fn registers(&self) -> &StoredState {
        &self.registers
    }

    /// The memory.
    pub fn memory(&self) -> &ProcessMemory {
        &self.memory
    }

    /// The run that this is.
    #[inline]
    pub(crate) fn id(&self) -> ProcessId {
        self.id.get()
    }

    /// The width of its registers.
    #[inline]
    pub(crate) fn word_size(&self) -> WordSize {
        self.word_size
    }

    /// Whether the app's header restricts what it may call.
    #[inline]
    pub fn is_restricted(&self) -> bool {
        self.is_restricted
    }

    pub(super) fn table(&self) -> &'static ProcessTable {
        self.table
    }

    /// The app's image.
    pub(crate) fn image(&self) -> TbfImage<'_> {
        let window = &self.memory.image;
        let start = window.kernel_start().as_ptr();
        // SAFETY: the window's bytes are there as long as the process, and nobody writes to an image.
        let bytes = unsafe { slice::from_raw_parts(start, window.addresses().len()) };
        self.summary.in_image(bytes)
    }

    /// Where the app's binary starts.
    pub(super) fn binary_start(&self) -> usize {
        self.binary_start
    }

    /// Bytes at the end of RAM that the kernel needs, grants not counted.
    pub(super) fn kernel_bytes(&self) -> usize {
        kernel_bytes(self.table.spaces().extra_state_bytes(), self.grants_len)
    }

    /// Bytes of the processor's tables.
    pub(super) fn address_space_bytes(&self) -> usize {
        let ProcessMemory { image, ram } = &self.memory;
        let spaces = self.table.spaces();
        spaces.table_bytes(&image.addresses(), &ram.addresses())
    }

    /// The end of the memory that the process asked for.
    pub(crate) fn app_break(&self) -> usize {
        self.app_break.get()
    }

    /// The lowest address of the grants.
    pub(crate) fn grant_break(&self) -> usize {
        self.grant_break.get()
    }
}

/// Counters.
impl ProcessStandard {
    #[inline]
    pub(crate) fn count_system_call(&self) {
        let calls = &self.statistics.system_calls;
        calls.set(calls.get() + 1);
    }

    pub(crate) fn count_expired_timeslice(&self) {
        let expired = &self.statistics.timeslices_expired;
        expired.set(expired.get() + 1);
    }

    pub(crate) fn note_stack_top(&self, address: usize) {
        self.statistics.stack_top.set(Some(address));
    }

    pub(crate) fn note_heap_start(&self, address: usize) {
        self.statistics.heap_start.set(Some(address));
    }
}

/// What it is doing.
impl ProcessStandard {
    #[inline]
    pub(crate) fn state(&self) -> State {
        self.state.get()
    }

    /// Changes the state.
    pub(crate) fn set_state(&self, state: State) {
        let could_run = self.state.replace(state) == State::Running;
        match (could_run, state == State::Running) {
            (false, true) => self.table.ready(self),
            (true, false) => self.table.blocked(),
            _ => {}
        }
    }

    /// Lets a process that runs wait for what has not come.
    #[inline]
    pub(crate) fn block(&self, waits_for: State) {
        self.state.set(waits_for);
        self.table.blocked();
    }

    /// Lets a process that has waited go on.
    #[inline]
    pub(crate) fn unblock(&self) {
        self.state.set(State::Running);
        self.table.ready(self);
    }

    /// Lets a stopped process go on from where it was.
    pub(crate) fn resume_stopped(&self) {
        self.wait_again(self.state.get().resumed());
    }

    /// It did what it may not do: the fault policy decides what becomes of it.
    #[cold]
    pub(crate) fn fault(&self, reason: FaultReason) {
        self.table.fault(self, reason);
    }

    /// Ends it. Its memory stays until it is started anew or removed, but no driver finds its grants.
    pub(crate) fn end(&self, state: State, completion_code: Option<u32>) {
        self.upcalls.clear();
        self.completion_code.set(Some(completion_code));
        self.set_state(state);
        self.while_entered(|| {
            self.table.process_ended(self);
            self.forget_grants();
        });
    }

    pub(super) fn completion_code(&self) -> Option<Option<u32>> {
        self.completion_code.get()
    }

    /// Starts it anew, as another run: at once, or when the last one who uses it has left.
    pub(crate) fn restart(&self, completion_code: Option<u32>) {
        self.restart_is_due.set(true);
        if self.state.get().is_alive() {
            self.end(State::Terminated, completion_code);
        }
        self.restart_if_due();
    }

    fn restart_if_due(&self) {
        if self.entered.get() == 0 && self.restart_is_due.replace(false) {
            self.id.set(self.table.next_id(self.id().slot()));
            let restarts = &self.statistics.restarts;
            restarts.set(restarts.get() + 1);
            self.start_afresh();
        }
    }
}

/// Upcalls.
impl ProcessStandard {
    /// Gives the process an upcall that is not the one it waits for: at once if it waits for any, else when it
    /// yields.
    #[inline(never)]
    pub(crate) fn enqueue(&self, upcall: QueuedUpcall) -> Result<(), UpcallError> {
        match self.state.get() {
            // A process that waits for any upcall does not see one without a function.
            State::Yielded if upcall.function == 0 => return Ok(()),
            State::Yielded => {
                self.answer_upcall(&upcall);
                self.unblock();
                return Ok(());
            }
            State::Running | State::YieldedFor(_) | State::Stopped(_) => {}
            State::Faulted | State::Terminated => {
                self.count_dropped();
                return Err(UpcallError::KernelError);
            }
        }
        self.upcalls.push(upcall).map_err(|()| {
            self.count_dropped();
            UpcallError::QueueFull
        })
    }

    #[cold]
    fn count_dropped(&self) {
        let dropped = &self.statistics.dropped_upcalls;
        dropped.set(dropped.get() + 1);
    }

    #[inline]
    pub(crate) fn next_upcall(&self) -> Option<QueuedUpcall> {
        self.upcalls.pop_function()
    }

    pub(crate) fn take_upcall(&self, id: UpcallId) -> Option<QueuedUpcall> {
        self.upcalls.take(id)
    }

    pub(crate) fn pending_upcalls(&self) -> usize {
        self.upcalls.len()
    }

    /// Drops the upcalls of this id that wait, and returns how many.
    #[inline]
    pub(crate) fn drop_upcalls(&self, id: UpcallId) -> usize {
        if self.upcalls.is_empty() {
            return 0;
        }
        self.upcalls.retain(|upcall| upcall.id != id)
    }

    /// Drops those of this id that have a function: the process has subscribed with another one.
    #[inline]
    pub(crate) fn drop_function_calls(&self, id: UpcallId) {
        if !self.upcalls.is_empty() {
            self.upcalls
                .retain(|upcall| upcall.id != id || upcall.function == 0);
        }
    }
}

/// Memory.
impl ProcessStandard {
    /// Whether the process may name `function` as an upcall: an address in its binary or its memory.
    #[inline]
    pub(crate) fn may_call(&self, function: usize) -> bool {
        let bytes = match self.word_size {
            WordSize::Bits32 => 4,
            WordSize::Bits64 => 8,
        };
        self.is_accessible(function, bytes) || self.is_readable_image(function, bytes)
    }

    /// Whether all of a range is memory of the process below its break.
    #[inline]
    pub(crate) fn is_accessible(&self, address: usize, len_bytes: usize) -> bool {
        let start = self.memory.ram.addresses().start;
        is_inside(address, len_bytes, start, self.app_break.get())
    }

    /// Whether all of a range is in the app's binary.
    #[inline]
    pub(crate) fn is_readable_image(&self, address: usize, len_bytes: usize) -> bool {
        let end = self.memory.image.addresses().end;
        is_inside(address, len_bytes, self.binary_start, end)
    }

    /// Notes that the process shares memory up to `end`.
    #[inline]
    pub(crate) fn note_shared(&self, end: usize) {
        self.shared_end.set(self.shared_end.get().max(end));
    }

    /// The bytes at an address of the process, in its RAM or its image.
    #[inline]
    pub(crate) fn bytes(&self, address: usize, len_bytes: usize) -> Option<&[Cell<u8>]> {
        match self.memory.ram.bytes(address, len_bytes) {
            Some(bytes) => Some(bytes),
            None => self.image_bytes(address, len_bytes),
        }
    }

    #[inline(never)] // so that the other way is short
    fn image_bytes(&self, address: usize, len_bytes: usize) -> Option<&[Cell<u8>]> {
        self.memory.image.bytes(address, len_bytes)
    }

    /// The bytes at an address that the process itself may write.
    pub(crate) fn accessible_bytes(&self, address: usize, len_bytes: usize) -> Option<&[Cell<u8>]> {
        self.is_accessible(address, len_bytes)
            .then(|| self.memory.ram.bytes(address, len_bytes))?
    }

    /// Moves the app break.
    ///
    /// # Errors
    /// `OutOfMemory` below what is shared, or above what is left.
    pub(crate) fn set_break(&self, new: usize) -> Result<(), Error> {
        let ram = self.memory.ram.addresses();
        let highest = self.grant_break.get() / PAGE_BYTES * PAGE_BYTES;
        if new < self.shared_end.get() || new < ram.start || new > highest {
            return Err(Error::OutOfMemory);
        }
        let before = self.app_break.replace(new).next_multiple_of(PAGE_BYTES);
        let after = new.next_multiple_of(PAGE_BYTES);
        if before == after {
            return Ok(());
        }
        if let Some(fresh) = after.checked_sub(before) {
            let fresh = self.memory.ram.bytes(before, fresh);
            let fresh = fresh.expect("PAGES-APART: it ends below the grants");
            zero(fresh);
        }
        let accessible = after - ram.start;
        let spaces = self.table.spaces();
        spaces.set_accessible(&self.registers, &self.memory, accessible);
        Ok(())
    }
}

/// Grants.
impl ProcessStandard {
    fn grants(&self) -> &[Cell<usize>] {
        // SAFETY: `build` made room for as many.
        unsafe { slice::from_raw_parts(self.grants.as_ptr(), self.grants_len) }
    }

    fn forget_grants(&self) {
        self.grants().iter().for_each(|grant| grant.set(0));
    }

    /// The number of a driver's grant.
    #[inline]
    pub(crate) fn grant_of(&self, driver_num: usize) -> Option<usize> {
        self.table.grant_of(driver_num)
    }

    /// The address of a grant; `None` if it is not allocated.
    #[inline]
    pub(crate) fn grant(&self, number: usize) -> Option<NonNull<u8>> {
        let address = self.grants().get(number)?.get();
        NonNull::new(ptr::with_exposed_provenance_mut(address))
    }

    pub(crate) fn set_grant(&self, number: usize, grant: NonNull<u8>) {
        self.grants()[number].set(grant.as_ptr().expose_provenance());
    }

    /// How many of the kernel's grants are allocated in this process.
    pub(crate) fn allocated_grants(&self) -> usize {
        self.grants()
            .iter()
            .filter(|grant| grant.get() != 0)
            .count()
    }

    /// Takes memory for a grant off the unused part: nobody else has it until the process starts afresh.
    ///
    /// # Errors
    /// `OutOfMemory` when that is used up.
    pub(crate) fn allocate(
        &self,
        len_bytes: usize,
        align_bytes: usize,
    ) -> Result<NonNull<u8>, Error> {
        let ram = self.memory.ram.addresses();
        let lowest = self.app_break.get().next_multiple_of(PAGE_BYTES);
        let start = self
            .grant_break
            .get()
            .checked_sub(len_bytes)
            .map(|start| start & !(align_bytes - 1))
            .filter(|start| *start >= lowest)
            .ok_or(Error::OutOfMemory)?;
        self.grant_break.set(start);
        // SAFETY: PAGES-APART: this lies in RAM, between the app's memory and the grants before it.
        Ok(unsafe { self.memory.ram.kernel_start().add(start - ram.start) })
    }

    /// Notes that somebody uses a grant, or the process itself: it is not removed, nor started anew, until it is
    /// left as often.
    #[inline]
    pub(crate) fn enter(&self) {
        self.entered.set(self.entered.get() + 1);
    }

    /// Notes that somebody uses it no longer.
    #[inline]
    pub(crate) fn leave(&self) {
        let entered = self.entered.get() - 1;
        self.entered.set(entered);
        if entered == 0 && self.restart_is_due.get() {
            self.restart_if_due();
        }
    }

    /// Calls `fun`, which may want to remove the process or start it anew.
    pub(super) fn while_entered<R>(&self, fun: impl FnOnce() -> R) -> R {
        self.enter();
        let result = fun();
        self.leave();
        result
    }

    pub(super) fn is_entered(&self) -> bool {
        self.entered.get() > 0
    }
}

#[inline]
fn is_inside(address: usize, len_bytes: usize, start: usize, end: usize) -> bool {
    address >= start && address <= end && len_bytes <= end - address
}

fn zero(bytes: &[Cell<u8>]) {
    // SAFETY: `Cell<u8>` may be written through a shared reference, and zero is a byte.
    unsafe { ptr::write_bytes(bytes.as_ptr().cast_mut(), 0, bytes.len()) };
}
