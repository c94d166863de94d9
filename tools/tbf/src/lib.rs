//! Makes images in Tock Binary Format, version 2, for tests and tools on the host.
//!
//! ```
//! let image = tbf::Image::app(&[0x90; 64]).name("idle").minimum_ram(4096).build();
//! assert_eq!(image[..2], [2, 0]);
//! ```
//!
//! Made from the format's description alone, with nothing of the kernel's parser in it, so that each
//! can be tested by the other. Images need not be well-formed: [`Image::element`] takes anything, and
//! [`seal`] gives bytes that were changed a right checksum again.
#![forbid(unsafe_code)]

const BASE_BYTES: usize = 16;
const CHECKSUM_AT: usize = 12;
const PADDED_TO_BYTES: usize = 4;

const MAIN: u16 = 1;
const WRITEABLE_FLASH_REGIONS: u16 = 2;
const PACKAGE_NAME: u16 = 3;
const FIXED_ADDRESSES: u16 = 5;
const PERMISSIONS: u16 = 6;
const STORAGE_PERMISSIONS: u16 = 7;
const KERNEL_VERSION: u16 = 8;
const PROGRAM: u16 = 9;
const SHORT_ID: u16 = 10;
const CREDENTIALS: u16 = 128;

/// The format's word for an address that may be any.
const ANY_ADDRESS: u32 = 0xFFFF_FFFF;

/// An image in the making.
#[derive(Clone, Debug)]
pub struct Image {
    enabled: bool,
    program: Option<u16>,
    entry: u32,
    protected_trailer: u32,
    minimum_ram: u32,
    version: u32,
    elements: Vec<u8>,
    binary: Vec<u8>,
    footers: Vec<u8>,
}

impl Image {
    /// An enabled app that starts with its binary's first byte and asks for no RAM; its header has a
    /// Program element and nothing else.
    pub fn app(binary: &[u8]) -> Self {
        Self {
            enabled: true,
            program: Some(PROGRAM),
            entry: 0,
            protected_trailer: 0,
            minimum_ram: 0,
            version: 0,
            elements: Vec::new(),
            binary: binary.to_vec(),
            footers: Vec::new(),
        }
    }

    /// Not to be started.
    pub fn disabled(mut self) -> Self {
        self.enabled = false;
        self
    }

    /// The first instruction, counted from the binary's first byte.
    pub fn entry(mut self, offset: u32) -> Self {
        self.entry = offset;
        self
    }

    /// What the kernel keeps to itself between header and binary, in bytes.
    pub fn protected_trailer(mut self, size: u32) -> Self {
        self.protected_trailer = size;
        self
    }

    /// The RAM that the app asks for, in bytes.
    pub fn minimum_ram(mut self, size: u32) -> Self {
        self.minimum_ram = size;
        self
    }

    /// The app's version; a Main element has no place for it.
    pub fn version(mut self, version: u32) -> Self {
        self.version = version;
        self
    }

    /// With a Main element in place of the Program.
    pub fn with_main(mut self) -> Self {
        self.program = Some(MAIN);
        self
    }

    /// With neither a Main nor a Program element.
    pub fn without_program(mut self) -> Self {
        self.program = None;
        self
    }

    /// The app's name.
    pub fn name(self, name: &str) -> Self {
        self.element(PACKAGE_NAME, name.as_bytes())
    }

    /// Each an offset from the image's first byte, and a size.
    pub fn writeable_flash_regions(self, regions: &[(u32, u32)]) -> Self {
        let words = regions.iter().flat_map(|(offset, size)| [*offset, *size]);
        self.element(WRITEABLE_FLASH_REGIONS, &bytes(words))
    }

    /// Where the app expects its RAM and its binary.
    pub fn fixed_addresses(self, ram: Option<u32>, flash: Option<u32>) -> Self {
        let words = [ram, flash].map(|address| address.unwrap_or(ANY_ADDRESS));
        self.element(FIXED_ADDRESSES, &bytes(words))
    }

    /// Each a driver, an offset, and the mask of what it may be asked from command `64 * offset` on.
    pub fn permissions(self, entries: &[(u32, u32, u64)]) -> Self {
        let mut value = (entries.len() as u16).to_le_bytes().to_vec();
        for (driver, offset, mask) in entries {
            value.extend(bytes([*driver, *offset]));
            value.extend(mask.to_le_bytes());
        }
        self.element(PERMISSIONS, &value)
    }

    /// What the app stores under (0: nothing), and what it may read and modify.
    pub fn storage_permissions(self, write: u32, read: &[u32], modify: &[u32]) -> Self {
        let mut value = write.to_le_bytes().to_vec();
        for ids in [read, modify] {
            value.extend((ids.len() as u16).to_le_bytes());
            value.extend(bytes(ids.iter().copied()));
        }
        self.element(STORAGE_PERMISSIONS, &value)
    }

    /// The kernel that the app was made for.
    pub fn kernel_version(self, major: u16, minor: u16) -> Self {
        self.element(
            KERNEL_VERSION,
            &[major, minor].map(u16::to_le_bytes).concat(),
        )
    }

    /// The app's fixed identifier.
    pub fn short_id(self, id: u32) -> Self {
        self.element(SHORT_ID, &id.to_le_bytes())
    }

    /// Any element of the header.
    pub fn element(mut self, kind: u16, value: &[u8]) -> Self {
        push_element(&mut self.elements, kind, value);
        let padded = self.elements.len().next_multiple_of(PADDED_TO_BYTES);
        self.elements.resize(padded, 0);
        self
    }

    /// A credential in the footers.
    pub fn credential(self, format: u32, data: &[u8]) -> Self {
        self.footer(CREDENTIALS, &[&format.to_le_bytes(), data].concat())
    }

    /// Any element of the footers.
    pub fn footer(mut self, kind: u16, value: &[u8]) -> Self {
        push_element(&mut self.footers, kind, value);
        self
    }

    /// The image.
    pub fn build(&self) -> Vec<u8> {
        let program_bytes = match self.program {
            Some(MAIN) => 16,
            Some(_) => 24,
            None => 0,
        };
        let header_size = BASE_BYTES + program_bytes + self.elements.len();
        let binary_start = header_size + self.protected_trailer as usize;
        let binary_end = binary_start + self.binary.len();
        let mut image = base(header_size, binary_end + self.footers.len(), self.enabled);
        let program = bytes([
            self.protected_trailer + self.entry,
            self.protected_trailer,
            self.minimum_ram,
            binary_end as u32,
            self.version,
        ]);
        match self.program {
            Some(MAIN) => push_element(&mut image, MAIN, &program[..12]),
            Some(kind) => push_element(&mut image, kind, &program),
            None => {}
        }
        image.extend(&self.elements);
        image.resize(binary_start, 0);
        image.extend(&self.binary);
        image.extend(&self.footers);
        seal(&mut image);
        image
    }
}

/// Fills `total_size` bytes between two apps; at least 16.
pub fn padding(total_size: usize) -> Vec<u8> {
    let mut image = base(BASE_BYTES, total_size, false);
    image.resize(total_size, 0);
    seal(&mut image);
    image
}

/// Gives an image whose header was changed the checksum that fits.
pub fn seal(image: &mut [u8]) {
    image[CHECKSUM_AT..][..4].fill(0);
    let header_size = usize::from(u16::from_le_bytes([image[2], image[3]])).min(image.len());
    let mut sum = [0; 4];
    for word in image[..header_size].chunks_exact(4) {
        sum.iter_mut()
            .zip(word)
            .for_each(|(sum, byte)| *sum ^= byte);
    }
    image[CHECKSUM_AT..][..4].copy_from_slice(&sum);
}

/// A base header without its checksum.
fn base(header_size: usize, total_size: usize, enabled: bool) -> Vec<u8> {
    let mut base = [2, header_size as u16].map(u16::to_le_bytes).concat();
    base.extend(bytes([total_size as u32, u32::from(enabled), 0]));
    base
}

fn push_element(to: &mut Vec<u8>, kind: u16, value: &[u8]) {
    to.extend([kind, value.len() as u16].map(u16::to_le_bytes).concat());
    to.extend(value);
}

fn bytes(words: impl IntoIterator<Item = u32>) -> Vec<u8> {
    words.into_iter().flat_map(u32::to_le_bytes).collect()
}
