//! Where an app's binary lies in its image, where it starts, and what it needs.

use super::{TbfError, base::Base};

/// What a Program element says, or a Main element: offsets count from the image's first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Program {
    /// The app's first instruction; lies in the binary.
    pub entry_offset: u32,
    /// Where the binary starts: the header, and what the kernel keeps to itself after it, in bytes.
    pub protected_size: u32,
    /// The RAM that the app asks for, in bytes. The kernel's own share comes on top.
    pub minimum_ram_size: u32,
    /// Where the binary ends and the footers start.
    pub binary_end: u32,
    /// The app's version; 0 if it has none.
    pub version: u32,
}

impl Program {
    /// Checks the words of a Program element against the image that they are in.
    pub(super) fn check(
        [
            init_fn_offset,
            protected_trailer_size,
            minimum_ram_size,
            binary_end,
            version,
        ]: [u32; 5],
        base: &Base,
    ) -> Result<Self, TbfError> {
        let header_size = u64::from(base.header_size);
        if binary_end > base.total_size {
            return Err(TbfError::BinaryEndOutside {
                binary_end,
                total_size: base.total_size,
            });
        }
        let start = header_size + u64::from(protected_trailer_size);
        if start > u64::from(binary_end) {
            return Err(TbfError::ProtectedRegionOutside {
                protected_size: start,
                binary_end,
            });
        }
        let entry = header_size + u64::from(init_fn_offset);
        if !(start..u64::from(binary_end)).contains(&entry) {
            return Err(TbfError::EntryOutside {
                entry_offset: entry,
                protected_size: start as u32,
                binary_end,
            });
        }
        Ok(Self {
            entry_offset: entry as u32,
            protected_size: start as u32,
            minimum_ram_size,
            binary_end,
            version,
        })
    }
}
