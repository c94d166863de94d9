//! What can be wrong with an image.

use core::fmt;

use super::{
    KERNEL_MAJOR_VERSION, KERNEL_MINOR_VERSION, MAXIMUM_STORAGE_IDS, base::BASE_BYTES,
    element::kind,
};

/// Why an image is refused. Offsets count from the image's first byte, sizes are in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TbfError {
    /// There are fewer bytes than the base header has.
    TooShort {
        /// The bytes that there are.
        available: usize,
    },
    /// The format's version is not 2.
    UnsupportedVersion {
        /// The version found.
        version: u16,
    },
    /// The header claims to be smaller than the base header alone.
    HeaderTooSmall {
        /// The size claimed.
        header_size: u16,
    },
    /// The header claims to be larger than its image.
    HeaderTooLarge {
        /// The size claimed.
        header_size: u16,
        /// The image's size.
        total_size: u32,
    },
    /// There are fewer bytes than the image claims to have.
    ImageCutOff {
        /// The size claimed.
        total_size: u32,
        /// The bytes that there are.
        available: usize,
    },
    /// The header was changed after its checksum was made.
    Checksum {
        /// What the header says.
        stored: u32,
        /// What it would have to say.
        computed: u32,
    },
    /// An element is longer than what is left for it.
    ElementCutOff {
        /// Where the element starts.
        offset: usize,
        /// What it needs, type, length and padding included.
        needed: usize,
        /// What is left.
        available: usize,
    },
    /// An element's value has the wrong length.
    ElementLength {
        /// The element's type.
        kind: u16,
        /// Its length.
        length: usize,
        /// The length that it would need to have.
        expected: usize,
    },
    /// A writeable region ends outside the image.
    RegionOutside {
        /// The region's start.
        offset: u32,
        /// Its size.
        size: u32,
        /// The image's size.
        total_size: u32,
    },
    /// The name is not UTF-8.
    NameNotUtf8 {
        /// How many bytes of it are.
        valid_bytes: usize,
    },
    /// The storage permissions name more identifiers than there is room for.
    TooManyStorageIds {
        /// How many they name, to read or to modify.
        count: u16,
    },
    /// There are elements, but neither Main nor Program.
    NoProgram,
    /// The binary ends outside the image.
    BinaryEndOutside {
        /// The end claimed.
        binary_end: u32,
        /// The image's size.
        total_size: u32,
    },
    /// The part that the kernel keeps to itself reaches beyond the binary.
    ProtectedRegionOutside {
        /// The end of that part.
        protected_size: u64,
        /// The end of the binary.
        binary_end: u32,
    },
    /// The first instruction is not in the binary.
    EntryOutside {
        /// Where it would be.
        entry_offset: u64,
        /// The start of the binary.
        protected_size: u32,
        /// The end of the binary.
        binary_end: u32,
    },
    /// With its binary at the address it is fixed to, the image would not fit among 32-bit addresses.
    FixedFlashAddressOutside {
        /// The address.
        address: u32,
        /// The bytes of the image that come before it.
        protected_size: u32,
        /// The image's size.
        total_size: u32,
    },
    /// The header does not say for which kernel the app was made.
    NoKernelVersion,
    /// The app was made for another kernel.
    IncompatibleKernel {
        /// The major version that it needs.
        major: u16,
        /// The earliest minor version that it can do with.
        minor: u16,
    },
    /// A footer is no credential.
    UnknownFooter {
        /// The footer's type.
        kind: u16,
    },
    /// A credential has a format that does not exist.
    UnknownCredentialFormat {
        /// The format.
        format: u32,
    },
}

impl core::error::Error for TbfError {}

impl fmt::Display for TbfError {
    // One match, longer than functions are here, so that a new reason without a line does not compile.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::TooShort { available } => write!(
                f,
                "{available} bytes are left; a header has at least {BASE_BYTES}"
            ),
            Self::UnsupportedVersion { version } => {
                write!(f, "the format's version is {version}; it must be 2")
            }
            Self::HeaderTooSmall { header_size } => write!(
                f,
                "the header's size is {header_size}; it must be at least {BASE_BYTES}"
            ),
            Self::HeaderTooLarge {
                header_size,
                total_size,
            } => write!(
                f,
                "the header's size is {header_size}; it must be at most the image's, {total_size}"
            ),
            Self::ImageCutOff {
                total_size,
                available,
            } => write!(
                f,
                "the image's size is {total_size}, but only {available} bytes are left"
            ),
            Self::Checksum { stored, computed } => write!(
                f,
                "the header's checksum is {stored:#010x}; it must be {computed:#010x}"
            ),
            Self::ElementCutOff {
                offset,
                needed,
                available,
            } => write!(
                f,
                "the element at offset {offset} needs {needed} bytes, but only {available} are left"
            ),
            Self::ElementLength {
                kind,
                length,
                expected,
            } => write!(
                f,
                "the {} is {length} bytes long; it must be {expected}",
                name(kind)
            ),
            Self::RegionOutside {
                offset,
                size,
                total_size,
            } => write!(
                f,
                "the writeable region of {size} bytes at offset {offset} must end in the image, \
                 which has {total_size}"
            ),
            Self::NameNotUtf8 { valid_bytes } => write!(
                f,
                "the package name must be UTF-8, but only its first {valid_bytes} bytes are"
            ),
            Self::TooManyStorageIds { count } => write!(
                f,
                "the storage permissions name {count} identifiers; at most \
                 {MAXIMUM_STORAGE_IDS} may be read and as many modified"
            ),
            Self::NoProgram => write!(
                f,
                "the header has neither a Main nor a Program element; it must have one"
            ),
            Self::BinaryEndOutside {
                binary_end,
                total_size,
            } => write!(
                f,
                "the binary's end is {binary_end}; it must be at most the image's size, \
                 {total_size}"
            ),
            Self::ProtectedRegionOutside {
                protected_size,
                binary_end,
            } => write!(
                f,
                "the protected size is {protected_size}; it must be at most the binary's end, \
                 {binary_end}"
            ),
            Self::EntryOutside {
                entry_offset,
                protected_size,
                binary_end,
            } => write!(
                f,
                "the entry point is at offset {entry_offset}; it must be in the binary, from \
                 {protected_size} up to {binary_end}"
            ),
            Self::FixedFlashAddressOutside {
                address,
                protected_size,
                total_size,
            } => write!(
                f,
                "the binary's address is {address:#x}; there must be room for {protected_size} bytes before \
                 it, and for {total_size} in all"
            ),
            Self::NoKernelVersion => write!(
                f,
                "the header has no kernel version; it must have one that \
                 {KERNEL_MAJOR_VERSION}.{KERNEL_MINOR_VERSION} satisfies"
            ),
            Self::IncompatibleKernel { major, minor } => write!(
                f,
                "the app needs a kernel {major}.x from {major}.{minor} on; this is \
                 {KERNEL_MAJOR_VERSION}.{KERNEL_MINOR_VERSION}"
            ),
            Self::UnknownFooter { kind } => write!(
                f,
                "the footer has type {kind}; it must be {}, a credential",
                kind::CREDENTIALS
            ),
            Self::UnknownCredentialFormat { format } => {
                write!(f, "the credential's format is {format}; it must be 0 to 6")
            }
        }
    }
}

/// What an element of that type is called.
fn name(kind: u16) -> &'static str {
    match kind {
        kind::MAIN => "Main element",
        kind::WRITEABLE_FLASH_REGIONS => "list of writeable flash regions",
        kind::FIXED_ADDRESSES => "fixed-addresses element",
        kind::PERMISSIONS => "list of permissions",
        kind::STORAGE_PERMISSIONS => "list of storage permissions",
        kind::KERNEL_VERSION => "kernel-version element",
        kind::PROGRAM => "Program element",
        kind::SHORT_ID => "short-id element",
        kind::CREDENTIALS => "credential",
        _ => "element",
    }
}
