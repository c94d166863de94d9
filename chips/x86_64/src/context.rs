//! What the words of a [`StoredState`] mean to this processor.

use core::{
    cell::Cell,
    mem::{align_of, offset_of, size_of},
    ptr,
};

use kernel::process::StoredState;

use crate::frame::Frame;

/// The words of a [`StoredState`].
///
/// They begin with a [`Frame`], and where that ends is the stack that the processor switches to when
/// something interrupts the process: the registers are pushed to where they belong. The frame's `vector`
/// says what paused the process: an exception, an interrupt, or one of the constants in [`pause`]. It is 0
/// while the process runs.
#[repr(C)]
pub(crate) struct Context {
    pub frame: Frame,
    /// The address of the process's last page fault.
    pub fault_address: Cell<usize>,
    /// Physical address of its page directory.
    pub directory: Cell<usize>,
    /// Where its floating-point and vector registers are kept.
    pub floating_point: Cell<*mut u8>,
    /// DS, ES, FS and GS of a process of 32 bits.
    pub data_segments: Cell<[u16; 4]>,
    /// The code segment that it started in; 0 before. Only from there may it make system calls.
    pub code_segment: Cell<usize>,
    /// Where it sees its RAM.
    pub ram_start: Cell<usize>,
    /// Where the kernel sees that.
    pub ram: Cell<*mut u8>,
    /// How much of it the process may access.
    pub accessible_bytes: Cell<usize>,
}

/// What can pause a process beside exceptions and interrupts: more values of a frame's `vector`.
pub(crate) mod pause {
    /// The instruction `syscall`.
    pub(crate) const SYSTEM_CALL: usize = 0x100;
    /// It was started and has not run yet.
    pub(crate) const START: usize = 0x103;
    /// A system call by the door of another word size.
    pub(crate) const WRONG_DOOR: usize = 0x101;
    /// A system call of a process of 32 bits whose stack it may not access.
    pub(crate) const BAD_STACK: usize = 0x102;
    /// It was in virtual-8086 mode. The manual rules that out (volume 2, IRET), but QEMU's `iret` allows it,
    /// and the kernel can't return to it.
    pub(crate) const WRONG_MODE: usize = 0x104;
}

const _: () = assert!(size_of::<Context>() <= offset_of!(StoredState, result));
const _: () = assert!(align_of::<Context>() <= align_of::<StoredState>());
// The five words of a call are the first five registers.
const _: () = assert!(offset_of!(StoredState, call) == offset_of!(Context, frame.rax));
const _: () = assert!(offset_of!(Context, frame.r8) == 5 * size_of::<usize>());
// The processor aligns a stack to 16 bytes before it pushes.
const _: () = assert!(size_of::<Frame>().is_multiple_of(16));

impl Context {
    /// The meaning of `state`.
    #[inline]
    pub(crate) fn of(state: &StoredState) -> &Self {
        // SAFETY: a state starts with as many words as a context has, aligned (asserted above), all in
        // cells, and a context is valid whatever they hold. Nobody else may reach those that are the processor's.
        unsafe { &*ptr::from_ref(state).cast() }
    }

    /// Whether the process was created, and then started.
    pub(crate) fn is_started(&self) -> bool {
        self.code_segment.get() != 0
    }

    /// The stack that an interrupt of the process is to push to.
    pub(crate) fn frame_end(&self) -> *const Frame {
        ptr::from_ref(&self.frame).wrapping_add(1)
    }
}
