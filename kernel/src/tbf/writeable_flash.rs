//! The parts of its image that an app would like to write.

use core::slice;

use super::{
    TbfError,
    element::{Element, u32_at},
};

/// An offset and a size.
const REGION_BYTES: usize = 8;

/// A part of an image; lies inside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WriteableFlashRegion {
    /// Counted from the image's first byte.
    pub offset: u32,
    /// In bytes.
    pub size: u32,
}

/// Walks the writeable regions of an image; knows their number.
#[derive(Clone, Debug)]
pub struct WriteableFlashRegions<'a>(slice::Iter<'a, [u8; REGION_BYTES]>);

impl<'a> WriteableFlashRegions<'a> {
    pub(super) fn new(value: &'a [u8]) -> Self {
        Self(value.as_chunks().0.iter())
    }

    /// Whether `element` holds whole regions that lie in an image of `total_size` bytes.
    pub(super) fn check(element: &Element, total_size: u32) -> Result<(), TbfError> {
        let length = element.value.len();
        if !length.is_multiple_of(REGION_BYTES) {
            return Err(element.wrong_length(length.next_multiple_of(REGION_BYTES)));
        }
        let end = |region: &WriteableFlashRegion| region.offset.checked_add(region.size);
        let is_outside = |region: &_| end(region).is_none_or(|end| end > total_size);
        match WriteableFlashRegions::new(element.value).find(is_outside) {
            None => Ok(()),
            Some(WriteableFlashRegion { offset, size }) => Err(TbfError::RegionOutside {
                offset,
                size,
                total_size,
            }),
        }
    }
}

impl Iterator for WriteableFlashRegions<'_> {
    type Item = WriteableFlashRegion;

    fn next(&mut self) -> Option<WriteableFlashRegion> {
        let region = self.0.next()?;
        Some(WriteableFlashRegion {
            offset: u32_at(region, 0)?,
            size: u32_at(region, 4)?,
        })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl ExactSizeIterator for WriteableFlashRegions<'_> {}
