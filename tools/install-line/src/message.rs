//! What is said.

use core::str;

/// What is said. The crate's documentation has the whole conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message<'a> {
    /// To the machine: an image comes.
    Begin {
        /// Its length.
        len_bytes: u32,
        /// Its CRC-32.
        checksum: u32,
    },
    /// To the machine: a part of the image.
    Chunk {
        /// Where in the image it starts.
        offset: u32,
        /// The part, at most [`PIECE_BYTES`](crate::PIECE_BYTES) long.
        bytes: &'a [u8],
    },
    /// To the machine: the image is whole, and is to be loaded.
    End,
    /// To the machine: all processes of the app of this name are to be removed.
    Remove(&'a str),
    /// To the machine: what is there is to be listed.
    List,
    /// To the host: a part of the image is to come, from this offset on.
    Next(u32),
    /// To the host: a line of the answer.
    Line(&'a str),
    /// To the host: the answer is complete.
    Done,
    /// To the host: why nothing was done.
    Refused(&'a str),
}

impl<'a> Message<'a> {
    /// Gives `put` the kind and the content, in pieces, for as long as it takes them.
    pub(crate) fn write(&self, mut put: impl FnMut(&[u8]) -> Option<()>) -> Option<()> {
        match *self {
            Self::Begin {
                len_bytes,
                checksum,
            } => {
                put(&[1])?;
                put(&len_bytes.to_le_bytes())?;
                put(&checksum.to_le_bytes())
            }
            Self::Chunk { offset, bytes } => {
                put(&[2])?;
                put(&offset.to_le_bytes())?;
                put(bytes)
            }
            Self::End => put(&[3]),
            Self::Remove(name) => {
                put(&[4])?;
                put(name.as_bytes())
            }
            Self::List => put(&[5]),
            Self::Next(offset) => {
                put(&[128])?;
                put(&offset.to_le_bytes())
            }
            Self::Line(text) => {
                put(&[129])?;
                put(text.as_bytes())
            }
            Self::Done => put(&[130]),
            Self::Refused(text) => {
                put(&[131])?;
                put(text.as_bytes())
            }
        }
    }

    /// The message of a kind with a content; `None` if there is none.
    pub(crate) fn read(kind: u8, content: &'a [u8]) -> Option<Self> {
        let number = |bytes: &[u8; 4]| u32::from_le_bytes(*bytes);
        let text = || str::from_utf8(content).ok();
        Some(match (kind, content.as_chunks()) {
            (1, ([len_bytes, checksum], [])) => Self::Begin {
                len_bytes: number(len_bytes),
                checksum: number(checksum),
            },
            (2, ([offset, ..], _)) => Self::Chunk {
                offset: number(offset),
                bytes: &content[offset.len()..],
            },
            (3, ([], [])) => Self::End,
            (4, _) => Self::Remove(text()?),
            (5, ([], [])) => Self::List,
            (128, ([offset], [])) => Self::Next(number(offset)),
            (129, _) => Self::Line(text()?),
            (130, ([], [])) => Self::Done,
            (131, _) => Self::Refused(text()?),
            _ => return None,
        })
    }
}
