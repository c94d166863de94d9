//! Images one after the other, as in the flash of a Tock board.

use super::{TbfError, TbfImage, base::Base};

/// Walks the apps of a bundle, in order. Padding is stepped over. An image that is refused takes its
/// place in the walk, with its offset and the reason, and does not hide those after it. The walk ends
/// where the bytes do, at the first header that is not version 2 (so a bundle may be followed by zeros
/// or by erased flash), and after an image that is cut off.
#[derive(Clone, Debug)]
pub struct Bundle<'a> {
    rest: &'a [u8],
    offset: usize,
}

impl<'a> Bundle<'a> {
    /// The bundle at the start of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self {
            rest: bytes,
            offset: 0,
        }
    }

    /// Moves on to the next image. Only a total size that is not zero leads to one.
    fn step(&mut self) {
        let total_size = Base::read(self.rest).map_or(0, |base| base.total_size as usize);
        self.rest = match self.rest.get(total_size..) {
            Some(rest) if total_size > 0 => rest,
            _ => &[],
        };
        self.offset += total_size;
    }
}

impl<'a> Iterator for Bundle<'a> {
    type Item = Result<TbfImage<'a>, (usize, TbfError)>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.rest.is_empty() {
            let (offset, image) = (self.offset, TbfImage::parse(self.rest));
            self.step();
            match image {
                Ok(image) if image.is_padding() => {}
                Err(TbfError::UnsupportedVersion { .. }) => {}
                Ok(image) => return Some(Ok(image)),
                Err(error) => return Some(Err((offset, error))),
            }
        }
        None
    }
}
