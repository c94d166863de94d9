//! What an app may do with stored data.

use core::num::NonZeroU32;

use super::{
    TbfError,
    element::{Element, u16_at, u32_at},
};

/// How many identifiers an app may name to read, and how many to modify: what Tock's kernel has room
/// for, so that an image with more runs on neither.
pub const MAXIMUM_STORAGE_IDS: usize = 8;

/// The identifier to write under, and the number of those to read.
const START_BYTES: usize = 6;

/// The number of identifiers to modify.
const COUNT_BYTES: usize = 2;

const ID_BYTES: usize = 4;

/// The storage permissions of an app whose header has some.
#[derive(Clone, Copy, Debug)]
pub struct TbfStoragePermissions<'a> {
    write_id: Option<NonZeroU32>,
    read_ids: &'a [[u8; ID_BYTES]],
    modify_ids: &'a [[u8; ID_BYTES]],
}

impl<'a> TbfStoragePermissions<'a> {
    pub(super) fn new(value: &'a [u8]) -> Self {
        let rest = value.get(START_BYTES..).unwrap_or_default();
        let read_bytes = ID_BYTES * usize::from(u16_at(value, 4).unwrap_or(0));
        let (read, rest) = rest.split_at_checked(read_bytes).unwrap_or_default();
        let modify = rest.get(COUNT_BYTES..).unwrap_or_default();
        Self {
            write_id: u32_at(value, 0).and_then(NonZeroU32::new),
            read_ids: read.as_chunks().0,
            modify_ids: modify.as_chunks().0,
        }
    }

    /// Whether `element` holds as many identifiers as it says, and not too many.
    pub(super) fn check(element: &Element) -> Result<(), TbfError> {
        let count_at = |offset| match u16_at(element.value, offset) {
            Some(count) if usize::from(count) > MAXIMUM_STORAGE_IDS => {
                Err(TbfError::TooManyStorageIds { count })
            }
            count => Ok(usize::from(count.unwrap_or(0))),
        };
        let modify_at = START_BYTES + ID_BYTES * count_at(4)?;
        let expected = modify_at + COUNT_BYTES + ID_BYTES * count_at(modify_at)?;
        if element.value.len() == expected {
            Ok(())
        } else {
            Err(element.wrong_length(expected))
        }
    }

    /// The identifier that the app stores under; `None`: it may not store.
    pub fn write_id(&self) -> Option<NonZeroU32> {
        self.write_id
    }

    /// Whose data the app may read.
    pub fn read_ids(&self) -> impl ExactSizeIterator<Item = u32> + use<'a> {
        self.read_ids.iter().map(|id| u32::from_le_bytes(*id))
    }

    /// Whose data the app may change.
    pub fn modify_ids(&self) -> impl ExactSizeIterator<Item = u32> + use<'a> {
        self.modify_ids.iter().map(|id| u32::from_le_bytes(*id))
    }
}
