//! Type, length, value: how header and footers store everything beyond the base header.

use super::{TbfError, base::BASE_BYTES};

/// The types of elements.
pub(super) mod kind {
    pub const MAIN: u16 = 1;
    pub const WRITEABLE_FLASH_REGIONS: u16 = 2;
    pub const PACKAGE_NAME: u16 = 3;
    pub const FIXED_ADDRESSES: u16 = 5;
    pub const PERMISSIONS: u16 = 6;
    pub const STORAGE_PERMISSIONS: u16 = 7;
    pub const KERNEL_VERSION: u16 = 8;
    pub const PROGRAM: u16 = 9;
    pub const SHORT_ID: u16 = 10;
    pub const CREDENTIALS: u16 = 128;
}

/// The bytes of an element before its value.
const TYPE_AND_LENGTH_BYTES: usize = 4;

/// One element.
pub(super) struct Element<'a> {
    pub kind: u16,
    pub value: &'a [u8],
    /// Where the value starts, counted from the image's first byte.
    pub offset: usize,
}

impl Element<'_> {
    /// The value as exactly `N` words.
    pub fn words<const N: usize>(&self) -> Result<[u32; N], TbfError> {
        let (words, _) = self.value.as_chunks::<4>();
        match words.first_chunk::<N>() {
            Some(words) if self.value.len() == 4 * N => Ok(words.map(u32::from_le_bytes)),
            _ => Err(self.wrong_length(4 * N)),
        }
    }

    /// The error of a value that should be `expected` bytes long.
    pub fn wrong_length(&self, expected: usize) -> TbfError {
        TbfError::ElementLength {
            kind: self.kind,
            length: self.value.len(),
            expected,
        }
    }
}

/// Walks the elements in `bytes` from `offset` on. Ends after the first that is cut off.
#[derive(Clone, Debug)]
pub(super) struct Elements<'a> {
    bytes: &'a [u8],
    offset: usize,
    alignment: usize,
}

impl<'a> Elements<'a> {
    /// The elements of a header, each padded to a whole number of words.
    pub fn of_header(header: &'a [u8]) -> Self {
        Self {
            bytes: header,
            offset: BASE_BYTES,
            alignment: 4,
        }
    }

    /// The elements of an image after its binary, without any padding between them.
    pub fn of_footers(image: &'a [u8], binary_end: usize) -> Self {
        Self {
            bytes: image,
            offset: binary_end,
            alignment: 1,
        }
    }

    /// Makes the walk end here.
    pub fn end(&mut self) {
        self.offset = self.bytes.len();
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = Result<Element<'a>, TbfError>;

    fn next(&mut self) -> Option<Self::Item> {
        let start = self.offset;
        let rest = self.bytes.get(start..).filter(|rest| !rest.is_empty())?;
        self.end();
        let cut_off = |needed| TbfError::ElementCutOff {
            offset: start,
            needed,
            available: rest.len(),
        };
        let (Some(kind), Some(length)) = (u16_at(rest, 0), u16_at(rest, 2)) else {
            return Some(Err(cut_off(TYPE_AND_LENGTH_BYTES)));
        };
        let value_end = TYPE_AND_LENGTH_BYTES + usize::from(length);
        let size = value_end.next_multiple_of(self.alignment);
        if size > rest.len() {
            return Some(Err(cut_off(size)));
        }
        self.offset = start + size;
        Some(Ok(Element {
            kind,
            value: &rest[TYPE_AND_LENGTH_BYTES..value_end],
            offset: start + TYPE_AND_LENGTH_BYTES,
        }))
    }
}

/// The two bytes at `offset` as a number; `None` if `bytes` end before.
pub(super) fn u16_at(bytes: &[u8], offset: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(offset..)?.first_chunk()?))
}

/// The four bytes at `offset` as a number; `None` if `bytes` end before.
pub(super) fn u32_at(bytes: &[u8], offset: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(offset..)?.first_chunk()?))
}
