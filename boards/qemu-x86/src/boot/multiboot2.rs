//! What GRUB tells a kernel that it enters by the Multiboot2 protocol (specification 2.0, section 3.6).

use core::ops::Range;

use super::{Loaded, MemoryMap, at, memory_map::BiosRegion, text_at};

/// Every tag starts so; the next one follows at a multiple of eight.
#[repr(C)]
struct Tag {
    kind: u32,
    size: u32,
}

const TAG_BYTES: u64 = size_of::<Tag>() as u64;

const COMMAND_LINE: u32 = 1;
const MODULE: u32 = 3;
const MEMORY_MAP: u32 = 6;
const ACPI_OLD: u32 = 14;
const ACPI_NEW: u32 = 15;

/// Reads the boot information at `physical`.
pub fn read(physical: u64) -> Loaded {
    let mut loaded = Loaded {
        memory: MemoryMap::new(),
        ramdisk: None,
        rsdp: None,
        command_line: "",
    };
    // SAFETY: the protocol puts the total size there.
    let total_bytes = u64::from(*unsafe { at::<u32>(physical) });
    let end = physical + total_bytes;
    let mut position = physical + TAG_BYTES;
    while position + TAG_BYTES <= end {
        // SAFETY: tags follow each other up to the total size.
        let tag = unsafe { at::<Tag>(position) };
        let content = position + TAG_BYTES..position + u64::from(tag.size);
        match tag.kind {
            // SAFETY: the protocol puts a text there.
            COMMAND_LINE => loaded.command_line = unsafe { text_at(content.start) },
            MODULE => loaded.ramdisk = loaded.ramdisk.or(Some(module(content.start))),
            MEMORY_MAP => memory_map(&mut loaded.memory, content),
            ACPI_OLD | ACPI_NEW => loaded.rsdp = Some(content.start),
            _ => {}
        }
        position += u64::from(tag.size).max(TAG_BYTES).next_multiple_of(8);
    }
    loaded.memory.reserve(physical..end);
    loaded
}

/// A module tag has the physical start and end.
fn module(content: u64) -> Range<u64> {
    // SAFETY: the protocol puts both there.
    let [start, end] = *unsafe { at::<[u32; 2]>(content) };
    start.into()..end.into()
}

/// A memory map tag has the size and version of its entries, then the entries.
fn memory_map(memory: &mut MemoryMap, content: Range<u64>) {
    // SAFETY: the protocol puts both there.
    let [entry_bytes, _version] = *unsafe { at::<[u32; 2]>(content.start) };
    let entries = content.start + 8..content.end;
    for position in entries.step_by(entry_bytes.max(24) as usize) {
        // SAFETY: the protocol puts entries there, up to the end of the tag.
        let entry = unsafe { at::<BiosRegion>(position) };
        memory.add(entry);
    }
}
