//! What a header says, in fields of its own: offsets and numbers, no references.

use core::{num::NonZeroU32, str};

use super::{
    KernelVersion, Program, TbfError, TbfImage, TbfPermissions, TbfStoragePermissions,
    WriteableFlashRegions,
    base::{BASE_BYTES, Base},
    element::{Element, Elements, kind},
};

/// Bit 0 of the flags.
const ENABLED: u32 = 1;

/// Stands for an address that is not fixed.
const ANY_ADDRESS: u32 = 0xFFFF_FFFF;

/// What is worth keeping of an image: its numbers, and where in it the rest is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TbfSummary {
    /// The image from its first byte to the next image's, in bytes.
    pub total_size: u32,
    /// Base header and elements, in bytes.
    pub header_size: u16,
    /// Whether the app is to be started. Padding never is.
    pub is_enabled: bool,
    /// The app's binary; `None`: the image is padding.
    pub program: Option<Program>,
    /// Where the app expects the first byte of its RAM.
    pub fixed_ram_address: Option<u32>,
    /// Where the app expects the first byte of its *binary*, which lies [`Program::protected_size`]
    /// after the image's: see [`TbfSummary::fixed_image_address`].
    pub fixed_flash_address: Option<u32>,
    /// The kernel that the app was made for.
    pub kernel_version: Option<KernelVersion>,
    /// The app's fixed identifier.
    pub short_id: Option<NonZeroU32>,
    pub(super) package_name: Span,
    pub(super) writeable_flash_regions: Span,
    pub(super) permissions: Option<Span>,
    pub(super) storage_permissions: Option<Span>,
}

/// A part of a header. A header is shorter than 64 KiB.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Span {
    start: u16,
    len_bytes: u16,
}

impl Span {
    fn of_value(element: &Element) -> Self {
        Self {
            start: element.offset as u16,
            len_bytes: element.value.len() as u16,
        }
    }

    /// The bytes of the span; none if `image` is too short for it.
    pub fn bytes(self, image: &[u8]) -> &[u8] {
        let start = usize::from(self.start);
        let end = start + usize::from(self.len_bytes);
        image.get(start..end).unwrap_or_default()
    }
}

impl TbfSummary {
    /// The summary together with the image that it was made of, to look up the rest. With the bytes of
    /// another image what is found has no meaning; it is still found without a panic.
    pub fn in_image(self, image: &[u8]) -> TbfImage<'_> {
        TbfImage::new(self, image)
    }

    /// Whether this kernel is one that the app was made for.
    pub fn check_kernel_version(&self) -> Result<(), TbfError> {
        self.kernel_version
            .ok_or(TbfError::NoKernelVersion)?
            .check()
    }

    /// Whether the header restricts what the app may call.
    pub fn has_permissions(&self) -> bool {
        self.permissions.is_some()
    }

    /// Where the process must see the first byte of the image for its binary to be where the app
    /// expects it; `None` if it may be anywhere.
    pub fn fixed_image_address(&self) -> Option<u32> {
        self.fixed_flash_address?
            .checked_sub(self.program?.protected_size)
    }

    /// Reads a header of `base` that is as long as it says and has the right checksum.
    pub(super) fn read(base: &Base, header: &[u8]) -> Result<Self, TbfError> {
        let mut summary = Self {
            total_size: base.total_size,
            header_size: base.header_size,
            is_enabled: base.flags & ENABLED != 0,
            program: None,
            fixed_ram_address: None,
            fixed_flash_address: None,
            kernel_version: None,
            short_id: None,
            package_name: Span::default(),
            writeable_flash_regions: Span::default(),
            permissions: None,
            storage_permissions: None,
        };
        if header.len() == BASE_BYTES {
            summary.is_enabled = false;
            return Ok(summary);
        }
        let (mut main, mut program) = (None, None);
        for element in Elements::of_header(header) {
            let element = element?;
            match element.kind {
                kind::MAIN => {
                    let [init_fn_offset, protected_trailer_size, minimum_ram_size] =
                        element.words()?;
                    main.get_or_insert([
                        init_fn_offset,
                        protected_trailer_size,
                        minimum_ram_size,
                        base.total_size,
                        0,
                    ]);
                }
                kind::PROGRAM => {
                    program.get_or_insert(element.words()?);
                }
                _ => summary.add(&element)?,
            }
        }
        let program = program.or(main).ok_or(TbfError::NoProgram)?;
        summary.program = Some(Program::check(program, base)?);
        summary.check_fixed_flash_address()?;
        Ok(summary)
    }

    /// Takes in an element that is neither Main nor Program.
    fn add(&mut self, element: &Element) -> Result<(), TbfError> {
        match element.kind {
            kind::WRITEABLE_FLASH_REGIONS => {
                WriteableFlashRegions::check(element, self.total_size)?;
                self.writeable_flash_regions = Span::of_value(element);
            }
            kind::PACKAGE_NAME => {
                str::from_utf8(element.value).map_err(|error| TbfError::NameNotUtf8 {
                    valid_bytes: error.valid_up_to(),
                })?;
                self.package_name = Span::of_value(element);
            }
            kind::FIXED_ADDRESSES => {
                let addresses = element.words()?;
                [self.fixed_ram_address, self.fixed_flash_address] =
                    addresses.map(|address| Some(address).filter(|it| *it != ANY_ADDRESS));
            }
            kind::PERMISSIONS => {
                TbfPermissions::check(element)?;
                self.permissions = Some(Span::of_value(element));
            }
            kind::STORAGE_PERMISSIONS => {
                TbfStoragePermissions::check(element)?;
                self.storage_permissions = Some(Span::of_value(element));
            }
            kind::KERNEL_VERSION => {
                let [version] = element.words()?;
                self.kernel_version = Some(KernelVersion {
                    major: version as u16,
                    minor: (version >> 16) as u16,
                });
            }
            kind::SHORT_ID => {
                let [short_id] = element.words()?;
                self.short_id = NonZeroU32::new(short_id);
            }
            _ => {}
        }
        Ok(())
    }

    /// An image that must be at a fixed address must lie wholly among the addresses that there are.
    fn check_fixed_flash_address(&self) -> Result<(), TbfError> {
        let Some(address) = self.fixed_flash_address else {
            return Ok(());
        };
        match self.fixed_image_address() {
            Some(start) if start.checked_add(self.total_size).is_some() => Ok(()),
            _ => Err(TbfError::FixedFlashAddressOutside {
                address,
                protected_size: self.program.map_or(0, |program| program.protected_size),
                total_size: self.total_size,
            }),
        }
    }
}
