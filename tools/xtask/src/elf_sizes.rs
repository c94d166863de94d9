//! How many bytes of a kernel image are loaded, by what they are.

use std::fs;
use std::path::Path;

use object::elf::{PF_W, SHF_ALLOC};
use object::{File, Object, ObjectSection, ObjectSegment, SectionFlags, SectionKind, SegmentFlags};

use crate::cli::Result;

/// The sizes of what an image occupies in memory.
#[derive(Default, PartialEq, Eq, Debug)]
pub struct Sizes {
    /// Instructions and constants.
    pub text_bytes: u64,
    /// Variables with initial values.
    pub data_bytes: u64,
    /// Variables that start as zero, and the stack: not in the file.
    pub bss_bytes: u64,
}

/// The sizes of the image in the ELF file `path`.
pub fn of(path: &Path) -> Result<Sizes> {
    let bytes = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let file = File::parse(&*bytes).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut sizes = Sizes::default();
    for section in file.sections() {
        let SectionFlags::Elf { sh_flags, .. } = section.flags() else {
            continue;
        };
        if sh_flags & SHF_ALLOC != SHF_ALLOC {
            continue;
        }
        *match section.kind() {
            SectionKind::UninitializedData => &mut sizes.bss_bytes,
            _ if is_writable(&file, section.address()) => &mut sizes.data_bytes,
            _ => &mut sizes.text_bytes,
        } += section.size();
    }
    Ok(sizes)
}

/// Whether the segment that holds `address` is loaded to be written to. The segment decides, not the
/// section: a section of constants counts as writable when pointers in it are set by the linker.
fn is_writable(file: &File<'_>, address: u64) -> bool {
    file.segments().any(|segment| {
        let offset = address.checked_sub(segment.address());
        let SegmentFlags::Elf { p_flags, .. } = segment.flags() else {
            return false;
        };
        offset.is_some_and(|offset| offset < segment.size()) && p_flags & PF_W == PF_W
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_has_text_data_and_bss() {
        let path = std::env::current_exe().unwrap();
        let sizes = of(&path).unwrap();
        assert!(sizes.text_bytes > sizes.data_bytes, "{sizes:?}");
        assert!(sizes.data_bytes > 0 && sizes.bss_bytes > 0, "{sizes:?}");
        // Debug sections are in the file, but not loaded.
        let file_bytes = fs::metadata(path).unwrap().len();
        assert!(
            sizes.text_bytes + sizes.data_bytes < file_bytes,
            "{sizes:?}"
        );
    }

    #[test]
    fn what_is_no_elf_file_is_named() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
        assert!(of(&path).unwrap_err().contains("Cargo.toml"));
    }
}
