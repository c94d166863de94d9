//! The ready set: one bit for everything that can have work to do.
//!
//! A bit belongs to an interrupt line, to a deferred call or to a task. An interrupt handler, a capsule
//! and a waker all do the same thing: they set a bit, with two atomic `or`s. The kernel loop takes the
//! bits in passes: a pass serves every bit that was set when the pass reached its word, once, from the lowest
//! number up, so interrupts come first and nothing that keeps setting its own bit can starve another.
//!
//! Two levels: a summary word with one bit a word, and the words. What must hold, and is model-checked
//! in `tests/loom.rs`: when [`ReadySet::set`] has returned, the bit is in its word and the word is in
//! the summary, or a pass has seen it since. Hence the order: set the word, then the summary; take
//! the summary, then look at the word. A summary bit whose word is empty is harmless.
//!
//! A [`Waker`] is the set's address with the bit's number in the low twelve bits. The set lives for
//! ever and a number is never freed, so a waker is valid for ever: it may outlive its task, be cloned
//! and dropped without cost, and be called from an interrupt handler.

#[cfg(not(loom))]
use core::sync::atomic::{AtomicU16, AtomicU64};
#[cfg(loom)]
use loom::sync::atomic::{AtomicU16, AtomicU64};

use core::{
    ptr,
    sync::atomic::Ordering::{Acquire, Relaxed, Release},
    task::{RawWaker, RawWakerVTable, Waker},
};

#[cfg(not(loom))]
const WORDS: usize = 64;
/// The model checker follows every atomic; two words show all that there is to see.
#[cfg(loom)]
const WORDS: usize = 2;

/// How many bits the set has.
pub const CAPACITY: usize = WORDS * 64;

/// The first bits belong to interrupt lines: as many as the widest interrupt controller in view has.
pub const INTERRUPTS: usize = 64;
/// Then deferred calls, up to here.
pub const DEFERRED_CALLS_END: usize = 256;
/// The last of those is the kernel's own: there is nothing to serve, but the process that runs gives way.
pub(crate) const RESCHEDULE: usize = DEFERRED_CALLS_END - 1;
/// What is left belongs to tasks.
pub const TASKS: usize = CAPACITY.saturating_sub(DEFERRED_CALLS_END);

/// Room in a waker's pointer for the number of a bit.
const ALIGNMENT: usize = 4096;
const _: () = assert!(CAPACITY <= ALIGNMENT && align_of::<ReadySet>() == ALIGNMENT);

/// What set a bit last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The kernel, when it started.
    Start,
    /// The interrupt line with this number.
    Interrupt(usize),
    /// The deferred call with this number.
    DeferredCall(usize),
    /// The task with this number.
    Task(usize),
    /// A process, by a system call.
    Process,
}

impl Cause {
    /// Stands for [`Cause::Start`] where others have the number of a bit plus one. It is zero so that an
    /// empty set takes no room in the image.
    const START: u16 = 0;
    /// Stands for [`Cause::Process`].
    const PROCESS: u16 = u16::MAX;

    fn of_bit(bit: usize) -> Self {
        match bit {
            0..INTERRUPTS => Self::Interrupt(bit),
            INTERRUPTS..DEFERRED_CALLS_END => Self::DeferredCall(bit - INTERRUPTS),
            _ => Self::Task(bit - DEFERRED_CALLS_END),
        }
    }
}

/// The set. See the module's documentation.
#[repr(C, align(4096))]
pub struct ReadySet {
    summary: AtomicU64,
    words: [AtomicU64; WORDS],
    /// The bit being served plus one: the cause of what is set meanwhile.
    serving: AtomicU16,
    causes: [AtomicU16; CAPACITY],
}

impl ReadySet {
    /// An empty set.
    #[cfg(not(loom))]
    pub const fn new() -> Self {
        Self {
            summary: AtomicU64::new(0),
            words: [const { AtomicU64::new(0) }; WORDS],
            serving: AtomicU16::new(Cause::START),
            causes: [const { AtomicU16::new(Cause::START) }; CAPACITY],
        }
    }

    /// An empty set for one run of the model checker.
    #[cfg(loom)]
    pub fn new() -> Self {
        Self {
            summary: AtomicU64::new(0),
            words: core::array::from_fn(|_| AtomicU64::new(0)),
            serving: AtomicU16::new(Cause::START),
            causes: core::array::from_fn(|_| AtomicU16::new(Cause::START)),
        }
    }

    /// Sets `bit`. May be called from anywhere, an interrupt handler included.
    ///
    /// # Panics
    /// If `bit` is not below [`CAPACITY`].
    pub fn set(&self, bit: usize) {
        self.causes[bit].store(self.serving.load(Relaxed), Relaxed);
        let word = bit / 64;
        self.words[word].fetch_or(1 << (bit % 64), Release);
        self.summary.fetch_or(1 << word, Release);
    }

    /// Whether `bit` waits to be taken by a pass.
    pub fn is_set(&self, bit: usize) -> bool {
        self.words[bit / 64].load(Relaxed) & (1 << (bit % 64)) != 0
    }

    /// Whether nothing waits to be taken.
    pub fn is_empty(&self) -> bool {
        self.summary.load(Acquire) == 0
    }

    /// Whether an interrupt waits to be taken.
    pub(crate) fn interrupts_wait(&self) -> bool {
        const { assert!(INTERRUPTS == 64) };
        self.words[0].load(Acquire) != 0
    }

    /// What set `bit` last.
    pub fn cause(&self, bit: usize) -> Cause {
        match self.causes[bit].load(Relaxed) {
            Cause::START => Cause::Start,
            Cause::PROCESS => Cause::Process,
            bit => Cause::of_bit(usize::from(bit) - 1),
        }
    }

    /// Says that `bit` is being served, so that what is set meanwhile has it as its cause.
    pub(crate) fn serve(&self, bit: usize) {
        self.serving.store(bit as u16 + 1, Relaxed);
    }

    /// Says that no bit is being served: what is set meanwhile has a process as its cause.
    pub(crate) fn serve_processes(&self) {
        self.serving.store(Cause::PROCESS, Relaxed);
    }

    /// Whether `bit` is being served.
    pub(crate) fn is_served(&self, bit: usize) -> bool {
        usize::from(self.serving.load(Relaxed)) == bit + 1
    }

    /// Takes the bits that are set out of the set, and calls `serve` with each.
    ///
    /// A bit is set until it is taken, so setting it again before that changes nothing. One that is set after
    /// the pass has looked at its word is for the next pass.
    #[inline(always)] // there is one loop, and it is the kernel's
    pub fn pass(&self, mut serve: impl FnMut(usize)) {
        let mut words = self.summary.swap(0, Acquire);
        while words != 0 {
            let word = words.trailing_zeros() as usize;
            words &= words - 1;
            let mut bits = self.words[word].load(Relaxed);
            while bits != 0 {
                let bit = bits.trailing_zeros() as usize;
                bits &= bits - 1;
                self.words[word].fetch_and(!(1 << bit), Acquire);
                serve(word * 64 + bit);
            }
        }
    }

    /// A waker that sets `bit`.
    pub fn waker(&'static self, bit: usize) -> Waker {
        assert!(
            bit < CAPACITY,
            "bit {bit} is outside the ready set of {CAPACITY} bits"
        );
        let pointer = ptr::from_ref(self).cast::<()>().wrapping_byte_add(bit);
        // SAFETY: the functions of VTABLE accept exactly such pointers (see `locate`), from any
        // context: all they do is set a bit with atomics.
        unsafe { Waker::new(pointer, &VTABLE) }
    }
}

impl Default for ReadySet {
    fn default() -> Self {
        Self::new()
    }
}

static VTABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake, |_| ());

fn clone(pointer: *const ()) -> RawWaker {
    RawWaker::new(pointer, &VTABLE)
}

fn wake(pointer: *const ()) {
    let (set, bit) = locate(pointer);
    set.set(bit);
}

/// Takes a waker's pointer apart. Only [`ReadySet::waker`] makes such pointers.
fn locate(pointer: *const ()) -> (&'static ReadySet, usize) {
    let set = pointer
        .map_addr(|address| address & !(ALIGNMENT - 1))
        .cast::<ReadySet>();
    // SAFETY: `waker` added less than ALIGNMENT to the address of a set that is aligned to it and
    // lives for ever, and kept the pointer's provenance.
    (unsafe { &*set }, pointer.addr() & (ALIGNMENT - 1))
}
