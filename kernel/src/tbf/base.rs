//! The 16 bytes that every image starts with.

use super::{TbfError, element::u16_at, element::u32_at};

/// The length of the base header in bytes. The elements start after it.
pub(super) const BASE_BYTES: usize = 16;

/// The only version of the format that exists with elements.
const VERSION: u16 = 2;

/// The word of the header that holds the checksum, and that the checksum leaves out.
const CHECKSUM_WORD: usize = 3;

/// The base header as it was found.
pub(super) struct Base {
    /// Base header and elements, in bytes.
    pub header_size: u16,
    /// The image from its first byte to the next image's, in bytes.
    pub total_size: u32,
    /// Bit 0: the app is enabled.
    pub flags: u32,
    checksum: u32,
}

impl Base {
    /// The base header at the start of `bytes`. Its lengths and its checksum are not checked yet: a
    /// bundle is walked by `total_size` even past an image whose header is broken.
    pub fn read(bytes: &[u8]) -> Result<Self, TbfError> {
        if let Some(version) = u16_at(bytes, 0)
            && version != VERSION
        {
            return Err(TbfError::UnsupportedVersion { version });
        }
        let read = || {
            Some(Self {
                header_size: u16_at(bytes, 2)?,
                total_size: u32_at(bytes, 4)?,
                flags: u32_at(bytes, 8)?,
                checksum: u32_at(bytes, 12)?,
            })
        };
        read().ok_or(TbfError::TooShort {
            available: bytes.len(),
        })
    }

    /// The image's bytes and its header's, out of the bytes that start with this base header.
    pub fn check<'a>(&self, bytes: &'a [u8]) -> Result<(&'a [u8], &'a [u8]), TbfError> {
        let &Self {
            header_size,
            total_size,
            ..
        } = self;
        if usize::from(header_size) < BASE_BYTES {
            return Err(TbfError::HeaderTooSmall { header_size });
        }
        if u32::from(header_size) > total_size {
            return Err(TbfError::HeaderTooLarge {
                header_size,
                total_size,
            });
        }
        let image = bytes
            .get(..total_size as usize)
            .ok_or(TbfError::ImageCutOff {
                total_size,
                available: bytes.len(),
            })?;
        let header = &image[..usize::from(header_size)];
        let computed = checksum(header);
        if computed != self.checksum {
            return Err(TbfError::Checksum {
                stored: self.checksum,
                computed,
            });
        }
        Ok((image, header))
    }
}

/// The exclusive or of the header's words without the checksum's own.
fn checksum(header: &[u8]) -> u32 {
    let (words, _) = header.as_chunks::<4>();
    let covered = words
        .iter()
        .enumerate()
        .filter(|(index, _)| *index != CHECKSUM_WORD);
    covered.fold(0, |sum, (_, word)| sum ^ u32::from_le_bytes(*word))
}
