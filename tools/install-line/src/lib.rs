//! Installs and removes apps of a machine that runs, over a serial line: what is said on it, and the host's end.
//!
//! # Frames
//!
//! What is said is in frames: a zero byte, then a message in which COBS (Cheshire and Baker, 1999) has replaced the
//! zero bytes, then a zero byte. So whoever listens finds the start of the next frame whatever came before it.
//!
//! | bytes | of a message |
//! |---|---|
//! | 4 | the session: any number that the host chooses; an answer has the one of what it answers |
//! | 1 | its kind |
//! | up to 516 | its content |
//! | 4 | the CRC-32 (ISO-HDLC) of all before it |
//!
//! Numbers are little-endian.
//!
//! # Messages
//!
//! | kind | of the host | content | answer |
//! |---|---|---|---|
//! | 1 | begin: an image comes | its length (4), its CRC-32 (4) | next |
//! | 2 | chunk: a part of it | its offset (4), at most 512 bytes | next |
//! | 3 | end: it is whole, and is to be loaded | | lines, done |
//! | 4 | remove: all processes of an app | its name | lines, done |
//! | 5 | list: what is there | | lines, done |
//!
//! | kind | of the machine | content |
//! |---|---|---|
//! | 128 | next: a part of the image is to come | the offset where it starts (4) |
//! | 129 | line: a part of the answer; more follows | text |
//! | 130 | done: the end of the answer | |
//! | 131 | refused: the answer, if it is not done | text that says why |
//!
//! The host waits for each answer before it says more; this is the flow control. So an image goes like this:
//!
//! ```text
//! begin, 1000 bytes      ->
//!                        <-  next, 0
//! chunk, 0, 512 bytes    ->
//!                        <-  next, 512
//! chunk, 512, 488 bytes  ->
//!                        <-  next, 1000
//! end                    ->
//!                        <-  line, "hello is process 7, with 8192 bytes of RAM"
//!                        <-  done
//! ```
//!
//! # What can go wrong
//!
//! An image that does not come whole leaves everything as it was. The machine forgets it when it refuses a part,
//! when a broken frame comes, when nothing comes for [`SILENCE_MS`], and when a host begins anew or wants something
//! else, whatever session it is in: on a line there is one host, so the one before has gone. The machine says
//! nothing to broken frames while no image is on its way, and nothing to messages of a machine: its own may come
//! back. A host takes no notice of broken frames and of other sessions, and gives up when no answer comes.
#![cfg_attr(not(any(feature = "host", test)), no_std)]
#![forbid(unsafe_code)]

mod frame;
#[cfg(feature = "host")]
mod host;
mod message;

pub use crc::Digest;
pub use frame::{Broken, CRC, FRAME_BYTES, Frames, PIECE_BYTES, encode};
#[cfg(feature = "host")]
pub use host::Host;
pub use message::Message;

/// How long the machine waits for the next part of an image, in milliseconds.
pub const SILENCE_MS: u32 = 5_000;
