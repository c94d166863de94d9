//! From the loader to `main`: reads what QEMU or GRUB tells, and hands it on as the `bootloader` crate would.
//!
//! `entry.s` comes first and calls [`start`] in long mode. From here on nothing knows which loader it was.

mod memory_map;
mod multiboot2;
mod pvh;

use core::{arch::global_asm, ops::Range, ptr, slice};

use bootloader_api::BootInfo;
use chip_x86_64::paging::{IMAGE_OFFSET, Image, PHYSICAL_MEMORY};
use memory_map::MemoryMap;
use spin::Once;

global_asm!(include_str!("entry.s"), options(att_syntax));

/// What a loader tells.
struct Loaded {
    memory: MemoryMap,
    ramdisk: Option<Range<u64>>,
    rsdp: Option<u64>,
    command_line: &'static str,
}

static COMMAND_LINE: Once<&str> = Once::new();

/// The kernel command line; empty if the loader gave none.
pub fn command_line() -> &'static str {
    COMMAND_LINE.get().copied().unwrap_or("")
}

/// The value of `key=value` on the kernel command line.
pub fn option(key: &str) -> Option<&'static str> {
    command_line().split_whitespace().find_map(|word| {
        word.split_once('=')
            .filter(|(name, _)| *name == key)
            .map(|(_, value)| value)
    })
}

/// Where the parts of the running image are.
pub fn image() -> Image {
    unsafe extern "C" {
        safe static text_start: u8;
        safe static text_end: u8;
        safe static constants_start: u8;
        safe static constants_end: u8;
        safe static data_start: u8;
        safe static data_end: u8;
        safe static stack_start: u8;
        safe static stack_end: u8;
    }
    let range =
        |start: &u8, end: &u8| ptr::from_ref(start).addr() as u64..ptr::from_ref(end).addr() as u64;
    Image {
        text: range(&text_start, &text_end),
        constants: range(&constants_start, &constants_end),
        data: range(&data_start, &data_end),
        stack: range(&stack_start, &stack_end),
    }
}

/// Called by entry.s, once, on the kernel's stack. `information` is a physical address.
#[unsafe(no_mangle)]
extern "C" fn start(loader: u32, information: u32) -> ! {
    // What passes is a pointer, and both sides are Rust.
    #[expect(improper_ctypes)]
    unsafe extern "C" {
        fn _start(boot_info: &'static mut BootInfo) -> !;
    }
    const PVH: u32 = 0;
    let image = image();
    let image = image.text.start - IMAGE_OFFSET..image.stack.end - IMAGE_OFFSET;
    let mut loaded = match loader {
        PVH => pvh::read(information.into()),
        _ => multiboot2::read(information.into()),
    };
    loaded.memory.reserve(image.clone());
    if let Some(ramdisk) = &loaded.ramdisk {
        loaded.memory.reserve(ramdisk.clone());
    }
    COMMAND_LINE.call_once(|| loaded.command_line);

    let mut info = BootInfo::new(forever(loaded.memory.regions()).into());
    info.physical_memory_offset = Some(PHYSICAL_MEMORY).into();
    info.rsdp_addr = loaded.rsdp.into();
    info.ramdisk_addr = loaded
        .ramdisk
        .as_ref()
        .map(|range| range.start + PHYSICAL_MEMORY)
        .into();
    info.ramdisk_len = loaded.ramdisk.map_or(0, |range| range.end - range.start);
    info.kernel_addr = image.start;
    info.kernel_len = image.end - image.start;
    info.kernel_image_offset = image.start + IMAGE_OFFSET;
    // SAFETY: `entry_point!` defines it.
    unsafe { _start(&mut forever(slice::from_mut(&mut info))[0]) }
}

/// Stretches a borrow of something in the frame of [`start`], which never returns.
fn forever<T>(values: &mut [T]) -> &'static mut [T] {
    // SAFETY: `start` calls this with its own local variables, uses them no more, and its frame lives for
    // ever.
    unsafe { slice::from_raw_parts_mut(values.as_mut_ptr(), values.len()) }
}

/// A value that the loader left at a physical address in the first gigabyte.
///
/// # Safety
/// A `T` must be there.
unsafe fn at<T>(physical: u64) -> &'static T {
    // SAFETY: the caller's promise; entry.s made all of the first gigabyte visible at PHYSICAL_MEMORY.
    unsafe { &*((PHYSICAL_MEMORY + physical) as *const T) }
}

/// The text that ends with a zero byte at a physical address; empty at address 0 or if it is not UTF-8.
///
/// # Safety
/// Such a text must be there.
unsafe fn text_at(physical: u64) -> &'static str {
    if physical == 0 {
        return "";
    }
    // SAFETY: the caller's promise.
    let text = unsafe { core::ffi::CStr::from_ptr(ptr::from_ref(at::<i8>(physical))) };
    text.to_str().unwrap_or("")
}
