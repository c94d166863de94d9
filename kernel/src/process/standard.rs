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

use core::{cell::Cell, ptr::NonNull, slice};

use super::{
    PAGE_BYTES, ProcessId, ProcessMemory, ProcessTable, State, StoredState,
    upcall_queue::UpcallQueue,
};
use crate::{
    platform::{Entry, WordSize},
    tbf::{Program, TbfImage, TbfSummary},
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

/// Added to the number of users, so that the last one who leaves looks at one number.
pub(super) const NO_RESTART: usize = 1 << (usize::BITS - 1);

/// A process. See the module's documentation.
///
/// Outside the kernel nobody sees its memory, where the process itself lies:
///
/// ```compile_fail
/// fn bytes_of(process: &kernel::process::ProcessStandard) -> usize {
///     process.memory().ram.addresses().len()
/// }
/// ```
#[repr(C)]
pub struct ProcessStandard {
    // First, because processors have alignment rules for where they push registers.
    pub(super) registers: StoredState,
    pub(super) id: Cell<ProcessId>,
    pub(super) table: &'static ProcessTable,
    pub(super) state: Cell<State>,
    /// Whether the scheduler takes it for one that can run.
    pub(super) is_scheduled: Cell<bool>,
    pub(super) memory: ProcessMemory,
    pub(super) word_size: WordSize,
    summary: TbfSummary,
    /// Whether the app's header restricts what it may call.
    is_restricted: bool,
    pub(super) app_break: Cell<usize>,
    /// The end of the highest buffer that the process has shared: the break never goes below it.
    pub(super) shared_end: Cell<usize>,
    pub(super) grant_break: Cell<usize>,
    /// As many as the table has grants, each the grant's address, or 0.
    pub(super) grants: NonNull<Cell<usize>>,
    pub(super) grants_len: usize,
    /// How many use its grants or itself now, and [`NO_RESTART`] unless a restart waits until nobody does.
    pub(super) users: Cell<usize>,
    pub(super) upcalls: UpcallQueue,
    pub(super) completion_code: Cell<Option<Option<u32>>>,
    entry: usize,
    /// Where the app's binary starts: after its header.
    pub(super) binary_start: usize,
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
                users: Cell::new(NO_RESTART),
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
    pub(crate) fn memory(&self) -> &ProcessMemory {
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
