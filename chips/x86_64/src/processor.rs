//! The processor as the kernel sees it.

use core::{
    arch::{
        asm,
        x86_64::{__cpuid, __cpuid_count},
    },
    cell::Cell,
    fmt,
    ops::Range,
    ptr,
};

use kernel::{
    boot::BootArena,
    platform::{AddressSpaces, Chip, Entry, Pause, SystemCallHandler, WordSize},
    process::{ProcessMemory, StoredState},
};
use x86_64::{
    registers::{
        control::{Cr4, Cr4Flags},
        debug::{Dr7, Dr7Flags, Dr7Value},
        model_specific::{Efer, EferFlags},
        rflags::RFlags,
    },
    structures::idt::InterruptDescriptorTable,
};

use crate::{
    address_space::{self, USER_END, UserHalf},
    compatibility::{self, BadStack},
    context::{Context, pause},
    doors::{self, CALL_VECTOR},
    floating_point::FloatingPoint,
    frame,
    paging::KernelSpace,
    segments::{self, TrapStacks, USER_CODE_32, USER_CODE_64, USER_DATA},
    traps::{self, FIRST_INTERRUPT_VECTOR, INTERRUPT_LINES, InterruptController},
    user_mode,
};

/// The first address that a process can have: far enough from 0 that a null pointer with an offset faults.
const FIRST_USER_ADDRESS: usize = 0x1_0000;
/// The last canonical address of the lower half (SDM volume 1, section 3.3.7.1).
const LAST_LOW_ADDRESS: usize = (1 << 47) - 1;

/// The processor, with tables and traps set up.
///
/// # The invariant INTERRUPTS-OFF
///
/// Interrupts are off from the first instruction of the kernel. Only [`Chip::accept_interrupts`],
/// [`Chip::sleep`] and [`Chip::run_process`] switch them on, and off again before they return.
///
/// # The invariant LOADED
///
/// `loaded` is null or a process that was created and started, and whose memory is still its own: the
/// processor has its floating-point registers, its data segments and its address space, and traps push to its
/// frame. Only [`Chip::run_process`] sets it, after a look that both was done.
pub struct Processor {
    trap_stacks: TrapStacks,
    user_half: UserHalf,
    floating_point: FloatingPoint,
    /// Tells of an interrupt that paused a process.
    interrupt: extern "sysv64" fn(line: usize),
    /// The process whose floating-point registers and data segments the processor has; null for none.
    loaded: Cell<*const Context>,
}

impl Processor {
    /// Gives the processor its descriptor tables, placed in `boot`, and processes the lower half of `space`. Every
    /// exception of the kernel leads to a panic that shows the registers, and every interrupt to `C` and then to the
    /// kernel.
    pub fn new<C: InterruptController>(boot: &BootArena, space: KernelSpace) -> Self {
        let trap_stacks = TrapStacks::new(boot);
        let idt = boot.place(InterruptDescriptorTable::new());
        traps::fill::<C>(idt);
        idt.load();
        doors::open();
        restrict_processes();
        Self {
            trap_stacks,
            user_half: UserHalf::new(space),
            floating_point: FloatingPoint::new(),
            interrupt: traps::interrupt::<C>,
            loaded: Cell::new(ptr::null()),
        }
    }

    /// Gives the processor all of a process that is not in its frame.
    #[inline]
    fn load(&self, context: &Context) {
        if !ptr::eq(self.loaded.get(), context) {
            self.exchange(context);
        }
    }

    #[inline(never)]
    fn exchange(&self, context: &Context) {
        assert!(
            context.is_started(),
            "a process was not started before it was run"
        );
        let is_wide = |context: &Context| context.code_segment.get() == usize::from(USER_CODE_64);
        let next = context.floating_point.get();
        // SAFETY: LOADED holds for the process that ran last, and will for this one. Selectors are null or
        // were loaded by a process before.
        unsafe {
            if let Some(last) = self.loaded.replace(context).as_ref() {
                if !is_wide(last) {
                    last.data_segments.set(segments::data_segments());
                }
                self.floating_point.save(last.floating_point.get());
            }
            self.floating_point.restore(next);
            // To a process of 64 bits they mean nothing: it finds null, whatever it has loaded.
            if is_wide(context) {
                segments::load_data_segments([0; 4]);
            } else {
                segments::load_data_segments(context.data_segments.get());
            }
        }
        self.user_half.show(context.directory.get());
        self.trap_stacks.interrupt_to(context.frame_end());
    }

    /// Does not save the registers of a process that ends or begins.
    fn unload(&self, context: &Context) {
        if ptr::eq(self.loaded.get(), context) {
            self.loaded.set(ptr::null());
        }
    }

    /// What to do now that the process does not run; nothing if it goes on.
    fn paused(&self, state: &StoredState, calls: &mut impl SystemCallHandler) -> Option<Pause> {
        const CALL: usize = CALL_VECTOR as usize;
        const VIRTUAL_8086_MODE: usize = RFlags::VIRTUAL_8086_MODE.bits() as usize;
        let context = Context::of(state);
        let vector = context.frame.vector.get();
        if vector == pause::SYSTEM_CALL {
            if context.code_segment.get() != usize::from(USER_CODE_64) {
                doors::complete(context);
                return Some(fault(context, pause::WRONG_DOOR));
            }
            return Some(Pause::SystemCall);
        }
        let line = vector.wrapping_sub(usize::from(FIRST_INTERRUPT_VECTOR));
        let is_interrupt = line < INTERRUPT_LINES;
        if is_interrupt {
            (self.interrupt)(line);
        }
        if context.frame.rflags.get() & VIRTUAL_8086_MODE != 0 {
            return Some(fault(context, pause::WRONG_MODE));
        }
        match vector {
            _ if is_interrupt => Some(Pause::Interrupted),
            CALL => {
                let code = usize::from(USER_CODE_32);
                if context.code_segment.get() != code || context.frame.cs.get() != code {
                    return Some(fault(context, pause::WRONG_DOOR));
                }
                if let Err(BadStack) = compatibility::take_call(state) {
                    return Some(fault(context, pause::BAD_STACK));
                }
                (!calls.system_call()).then_some(Pause::SystemCall)
            }
            pause::START => Some(Pause::SystemCall),
            _ => {
                context.fault_address.set(frame::fault_address());
                Some(Pause::Fault)
            }
        }
    }
}

fn fault(context: &Context, cause: usize) -> Pause {
    context.frame.vector.set(cause);
    Pause::Fault
}

/// Takes from processes what the loader may have left them, and keeps the kernel from their memory.
fn restrict_processes() {
    const SMEP: u32 = 1 << 7;
    const SMAP: u32 = 1 << 20;
    const UMIP: u32 = 1 << 2;
    const MACHINE_CHECK: u32 = 1 << 7;
    // A leaf that is not there reads as the highest one that is.
    let (protection, instructions) = match __cpuid(0).eax {
        0..7 => (0, 0),
        _ => (__cpuid_count(7, 0).ebx, __cpuid_count(7, 0).ecx),
    };
    let mut flags = Cr4Flags::PHYSICAL_ADDRESS_EXTENSION | Cr4Flags::PAGE_GLOBAL;
    flags.set(
        Cr4Flags::MACHINE_CHECK_EXCEPTION,
        __cpuid(1).edx & MACHINE_CHECK != 0,
    );
    flags.set(
        Cr4Flags::SUPERVISOR_MODE_EXECUTION_PROTECTION,
        protection & SMEP != 0,
    );
    flags.set(
        Cr4Flags::SUPERVISOR_MODE_ACCESS_PREVENTION,
        protection & SMAP != 0,
    );
    flags.set(
        Cr4Flags::USER_MODE_INSTRUCTION_PREVENTION,
        instructions & UMIP != 0,
    );
    // SAFETY: CPUID says that what is switched on exists; the kernel runs at its own addresses and touches
    // nothing at those of processes. Processes may read the time stamp, and no more than that.
    // All registers are saved: a loader may have made `fxsave64` leave some out.
    unsafe {
        Cr4::write(flags);
        Efer::update(|flags| flags.remove(EferFlags::FAST_FXSAVE_FXRSTOR));
    }
    // No breakpoint of the loader's: a debug exception in the first instruction of a system call would be
    // handled on the stack of the process.
    Dr7::write(Dr7Value::from(Dr7Flags::empty()));
}

impl Chip for Processor {
    #[inline]
    fn accept_interrupts(&self) {
        // SAFETY: INTERRUPTS-OFF holds again after `cli`. `sti` takes effect after the instruction that
        // follows it (SDM volume 2, STI), hence the `nop`: the window is one instruction wide.
        unsafe { asm!("sti", "nop", "cli", options(nostack)) };
    }

    #[inline]
    fn sleep(&self) {
        // SAFETY: as above. `sti` takes effect after `hlt` has begun, so an interrupt that arrived since the
        // ready set was looked at ends the sleep at once.
        unsafe { asm!("sti", "hlt", "cli", options(nostack)) };
    }

    #[inline]
    fn run_process<H: SystemCallHandler>(&self, state: &StoredState, calls: &mut H) -> Pause {
        let context = Context::of(state);
        self.load(context);
        loop {
            let is_call = context.frame.vector.get() == usize::from(CALL_VECTOR);
            if is_call && compatibility::give_result(state).is_err() {
                return fault(context, pause::BAD_STACK);
            }
            // SAFETY: LOADED holds for this process.
            unsafe { user_mode::run(context, calls) };
            if let Some(pause) = self.paused(state, calls) {
                return pause;
            }
        }
    }
}

// SAFETY: the lengths follow from the addresses and from what the processor was found to have at first. A process has
// no page but of its image and of its RAM as far as it may; the processor uses neither its tables nor its frame
// after `forget`: LOADED.
unsafe impl AddressSpaces for Processor {
    fn user_addresses(&self) -> Range<usize> {
        FIRST_USER_ADDRESS..USER_END
    }

    fn table_bytes(&self, image: &Range<usize>, ram: &Range<usize>) -> usize {
        address_space::table_bytes(image, ram)
    }

    fn extra_state_bytes(&self) -> usize {
        self.floating_point.area_bytes()
    }

    unsafe fn create(
        &self,
        state: &StoredState,
        memory: &ProcessMemory,
        tables: *mut u8,
        extra_state: *mut u8,
    ) {
        let context = Context::of(state);
        context.floating_point.set(extra_state);
        // SAFETY: the caller's promise.
        unsafe { self.user_half.create(context, memory, tables) };
    }

    fn forget(&self, state: &StoredState) {
        let context = Context::of(state);
        self.unload(context);
        self.user_half.hide(context);
    }

    fn set_accessible(&self, state: &StoredState, memory: &ProcessMemory, accessible_bytes: usize) {
        self.user_half
            .set_accessible(Context::of(state), memory, accessible_bytes);
    }

    fn start(&self, state: &StoredState, entry: &Entry) {
        let context = Context::of(state);
        self.unload(context);
        let floating_point = context.floating_point.get();
        assert!(
            !floating_point.is_null(),
            "a process was not created before it was started"
        );
        // SAFETY: it is the place that `create` was given.
        unsafe { self.floating_point.reset(floating_point) };
        let frame = &context.frame;
        frame.clear();
        frame.vector.set(pause::START);
        frame.ss.set(usize::from(USER_DATA));
        frame.rflags.set(RFlags::INTERRUPT_FLAG.bits() as usize);
        let code = match entry.word_size {
            WordSize::Bits64 => USER_CODE_64,
            WordSize::Bits32 => USER_CODE_32,
        };
        frame.cs.set(usize::from(code));
        context.code_segment.set(usize::from(code));
        context.data_segments.set([USER_DATA; 4]);
        match entry.word_size {
            WordSize::Bits64 => {
                // The process faults there if it must; with a higher one `iretq` would, in the kernel.
                frame.rip.set(entry.function.min(LAST_LOW_ADDRESS));
                frame.rsp.set(entry.stack_pointer);
                let registers = [&frame.rdi, &frame.rsi, &frame.rdx, &frame.rcx];
                for (register, argument) in registers.into_iter().zip(entry.arguments) {
                    register.set(argument);
                }
            }
            WordSize::Bits32 => {
                frame.vector.set(usize::from(CALL_VECTOR));
                compatibility::start(state, entry);
            }
        }
    }

    fn write_registers(&self, state: &StoredState, out: &mut dyn fmt::Write) -> fmt::Result {
        let context = Context::of(state);
        if context.frame.vector.get() == pause::SYSTEM_CALL {
            doors::complete(context);
        }
        context.frame.write_registers(out)
    }

    fn write_fault(&self, state: &StoredState, out: &mut dyn fmt::Write) -> fmt::Result {
        let context = Context::of(state);
        let frame = &context.frame;
        let place = frame.rip.get();
        match frame.vector.get() {
            pause::WRONG_DOOR => {
                let door = if context.code_segment.get() == usize::from(USER_CODE_64) {
                    "`syscall` in code of 64 bits"
                } else {
                    "`int 0x40` in code of 32 bits"
                };
                write!(
                    out,
                    "system call by the wrong instruction before {place:#x}: it should be {door}"
                )
            }
            pause::WRONG_MODE => write!(out, "virtual-8086 mode, which an app may not use"),
            pause::BAD_STACK => {
                let stack = frame.rsp.get();
                write!(
                    out,
                    "system call with the stack at {stack:#x}, which is not its memory, before {place:#x}"
                )
            }
            _ => frame.write_exception(context.fault_address.get(), out),
        }
    }
}
