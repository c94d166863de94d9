//! An app's first instructions, and its last.
//!
//! The kernel starts an app at `_start` with its stack pointer at the end of its first page of RAM. That page
//! is in the way of `.data` and `.bss`, which have no place yet: so the app moves its break to their end, sets
//! the stack that it asked for, and fills them. RAM is, from its start: the stack, `.data`, `.bss`, then the heap.

/// Declares the function that an app starts with, and how many bytes its stack has: 2,048 unless told.
///
/// The function returns nothing; an app that returns from it has ended well. On the host it is the program's
/// ordinary `main`.
///
/// ```
/// # use capsa::println;
/// capsa::app!(main, stack_bytes = 4096);
///
/// fn main() {
///     println!("up and away");
/// }
/// ```
#[macro_export]
macro_rules! app {
    ($main:path) => {
        $crate::app!($main, stack_bytes = 2048);
    };
    ($main:path, stack_bytes = $stack_bytes:expr) => {
        #[cfg(target_os = "none")]
        const _: () = {
            #[unsafe(link_section = ".stack")]
            #[used]
            static STACK: $crate::start::Stack<{ $stack_bytes }> = $crate::start::Stack::new();

            #[unsafe(no_mangle)]
            extern "C" fn app_main() {
                $main();
            }
        };
    };
}

/// Where an app's stack will be. Nobody reads or writes it by this name.
#[doc(hidden)]
#[repr(C, align(16))]
pub struct Stack<const LEN_BYTES: usize>(core::mem::MaybeUninit<[u8; LEN_BYTES]>);

impl<const LEN_BYTES: usize> Stack<LEN_BYTES> {
    /// A stack.
    #[expect(clippy::new_without_default, reason = "only `app!` calls it")]
    pub const fn new() -> Self {
        Self(core::mem::MaybeUninit::uninit())
    }
}

#[cfg(target_os = "none")]
mod bare_metal {
    use core::arch::naked_asm;
    use core::panic::PanicInfo;

    use crate::println;
    use crate::process;

    /// The completion code of an app that panicked.
    const PANICKED: u32 = 101;

    /// The kernel jumps here. `endbr64` is how it knows a 64-bit app.
    ///
    /// The symbols are the linker script's. The direction flag is clear in a fresh process.
    #[unsafe(naked)]
    #[unsafe(no_mangle)]
    #[unsafe(link_section = ".start")]
    unsafe extern "C" fn _start() -> ! {
        naked_asm!(
            "endbr64",
            "mov eax, 5",   // memop,
            "xor edi, edi", // brk,
            "mov esi, offset bss_end",
            "syscall",
            "cmp eax, 128", // Success
            "jne 2f",
            "mov esp, offset stack_end",
            "mov edi, offset data_start",
            "mov esi, offset data_load",
            "mov ecx, offset data_quadwords",
            "rep movsq",
            "xor eax, eax",
            "mov edi, offset bss_start",
            "mov ecx, offset bss_quadwords",
            "rep stosq",
            "call app_main",
            "xor esi, esi",
            "jmp 3f",
            "2:",
            "mov esi, 9", // NOMEM
            "3:",
            "mov eax, 6",   // exit,
            "xor edi, edi", // for good
            "syscall",
            "ud2",
        )
    }

    #[panic_handler]
    fn panic(info: &PanicInfo<'_>) -> ! {
        println!("{info}");
        process::exit(PANICKED)
    }
}
