//! Messages as bytes on the line.

use core::mem;

use cobs::CobsEncoder;
use crc::{CRC_32_ISO_HDLC, Crc};

use crate::Message;

/// The longest part of an image, name or line of text in bytes. A line of 115,200 bits per second takes 45 ms
/// for it.
pub const PIECE_BYTES: usize = 512;

/// The longest message in bytes: session, kind, an offset, and CRC-32 besides the piece.
const MESSAGE_BYTES: usize = 4 + 1 + 4 + PIECE_BYTES + 4;

/// The longest frame in bytes.
pub const FRAME_BYTES: usize = cobs::max_encoding_length(MESSAGE_BYTES) + 2;

/// The CRC-32 of frames and images.
pub static CRC: Crc<u32> = Crc::<u32>::new(&CRC_32_ISO_HDLC);

/// What came was no frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broken;

/// Writes a message as a frame into `room`, and returns the frame; `None` if there is not enough room.
pub fn encode<'r>(session: u32, message: &Message<'_>, room: &'r mut [u8]) -> Option<&'r [u8]> {
    let mut encoder = CobsEncoder::new(room.get_mut(1..)?);
    let mut digest = CRC.digest();
    let mut put = |bytes: &[u8]| {
        digest.update(bytes);
        encoder.push(bytes).ok()
    };
    put(&session.to_le_bytes())?;
    message.write(put)?;
    encoder.push(&digest.finalize().to_le_bytes()).ok()?;
    let end = 1 + encoder.finalize();
    room[0] = 0;
    *room.get_mut(end)? = 0;
    Some(&room[..=end])
}

/// Puts frames together of bytes as they come.
pub struct Frames {
    bytes: [u8; FRAME_BYTES],
    /// How many have come since the last zero byte. What comes when there is no more room is not kept: it makes no
    /// frame any more.
    len: usize,
}

impl Frames {
    /// Nothing has come yet.
    pub const fn new() -> Self {
        Self {
            bytes: [0; FRAME_BYTES],
            len: 0,
        }
    }

    /// Takes the next byte of the line. Returns whether a frame ends with it, to be taken before the next byte.
    pub fn push(&mut self, byte: u8) -> bool {
        if byte == 0 {
            return self.len > 0;
        }
        if let Some(place) = self.bytes.get_mut(self.len) {
            *place = byte;
            self.len += 1;
        }
        false
    }

    /// Takes the frame that has ended: its session and its message.
    ///
    /// # Errors
    /// `Broken` if it was no frame, or none that this knows.
    pub fn take(&mut self) -> Result<(u32, Message<'_>), Broken> {
        let len = mem::take(&mut self.len);
        decode(&mut self.bytes[..len]).ok_or(Broken)
    }
}

impl Default for Frames {
    fn default() -> Self {
        Self::new()
    }
}

fn decode(frame: &mut [u8]) -> Option<(u32, Message<'_>)> {
    let len = cobs::decode_in_place(frame).ok()?;
    let (message, checksum) = frame[..len].split_last_chunk()?;
    if CRC.checksum(message) != u32::from_le_bytes(*checksum) {
        return None;
    }
    let (session, message) = message.split_first_chunk()?;
    let (kind, content) = message.split_first()?;
    Some((u32::from_le_bytes(*session), Message::read(*kind, content)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What is understood of bytes, in their order.
    fn understood(bytes: &[u8]) -> Vec<Result<(u32, String), Broken>> {
        let mut frames = Frames::new();
        let mut understood = Vec::new();
        for byte in bytes {
            if frames.push(*byte) {
                let frame = frames.take();
                understood.push(frame.map(|(session, it)| (session, format!("{it:?}"))));
            }
        }
        understood
    }

    fn framed(session: u32, message: &Message<'_>) -> Vec<u8> {
        encode(session, message, &mut [0; FRAME_BYTES])
            .unwrap()
            .to_vec()
    }

    fn check(session: u32, message: &Message<'_>) -> Result<(), TestCaseError> {
        let frame = framed(session, message);
        prop_assert_eq!(frame.iter().filter(|byte| **byte == 0).count(), 2);
        prop_assert_eq!(understood(&frame), [Ok((session, format!("{message:?}")))]);
        Ok(())
    }

    proptest! {
        #[test]
        fn what_is_said_is_understood(
            session: u32,
            (one, two) in any::<(u32, u32)>(),
            bytes in prop::collection::vec(prop_oneof![Just(0), any::<u8>()], 0..=PIECE_BYTES),
            text in "\\PC{0,128}",
        ) {
            let chunk = Message::Chunk { offset: one, bytes: &bytes };
            let begin = Message::Begin { len_bytes: one, checksum: two };
            for message in [
                begin, chunk, Message::End, Message::Remove(&text), Message::List,
                Message::Next(one), Message::Line(&text), Message::Done, Message::Refused(&text),
            ] {
                check(session, &message)?;
            }
        }

        #[test]
        fn a_frame_is_understood_whatever_came_before_it(
            noise in prop::collection::vec(any::<u8>(), 0..2 * FRAME_BYTES),
        ) {
            let bytes = [&noise, &*framed(7, &Message::List)].concat();
            let last = understood(&bytes).pop();
            prop_assert_eq!(last, Some(Ok((7, "List".into()))));
        }
    }

    #[test]
    fn the_longest_piece_fits_whatever_it_holds() {
        for byte in [0, 1, 255] {
            let bytes = &[byte; PIECE_BYTES];
            let (session, offset) = (u32::MAX, u32::MAX);
            check(session, &Message::Chunk { offset, bytes }).unwrap();
        }
    }

    #[test]
    fn what_does_not_fit_is_not_framed() {
        let message = Message::Line("a line");
        let len = framed(1, &message).len();
        assert!((0..len).all(|room| encode(1, &message, &mut [0; FRAME_BYTES][..room]).is_none()));
    }

    #[test]
    fn a_frame_with_a_wrong_bit_is_broken() {
        let (offset, bytes) = (1, &[0, 1, 2, 0xff][..]);
        let frame = framed(7, &Message::Chunk { offset, bytes });
        for bit in 8..8 * (frame.len() - 1) {
            let mut frame = frame.clone();
            frame[bit / 8] ^= 1 << (bit % 8);
            let understood = understood(&frame);
            assert!(understood.iter().all(Result::is_err), "{understood:?}");
        }
    }

    #[test]
    fn what_is_longer_than_a_frame_is_broken_to_its_end() {
        let frame = framed(7, &Message::List);
        for len in FRAME_BYTES..2 * FRAME_BYTES + 3 {
            let bytes = [&vec![1; len], &frame[1..]].concat();
            assert_eq!(understood(&bytes), [Err(Broken)], "{len}");
        }
    }

    #[test]
    fn a_message_of_an_unknown_kind_or_a_wrong_length_is_broken() {
        for message in [
            &[9][..],
            &[1, 2, 3],
            &[3, 0],
            &[2, 0, 0, 0],
            &[129, 0xff],
            &[],
        ] {
            let mut bytes = [&[0; 4], message].concat();
            bytes.extend(CRC.checksum(&bytes).to_le_bytes());
            let mut frame = [0; 32];
            cobs::encode_including_sentinels(&bytes, &mut frame);
            assert_eq!(understood(&frame), [Err(Broken)], "{message:?}");
        }
    }
}
