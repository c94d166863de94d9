//! Where bytes can be written when nothing can go wrong, a panic's messages for one.

use crate::collections::ring_buffer::RingBuffer;

/// Takes bytes at once, and all of them.
pub trait IoWrite {
    /// Writes `buf`. Returns how many bytes went out, which may differ from its length where a byte is
    /// sent as two.
    fn write(&mut self, buf: &[u8]) -> usize;

    /// Writes what is in `buf`, the oldest byte first. Returns how many bytes went out.
    fn write_ring_buffer(&mut self, buf: &RingBuffer<'_, u8>) -> usize {
        let (older, newer) = buf.as_slices();
        [older, newer]
            .into_iter()
            .flatten()
            .map(|bytes| self.write(bytes))
            .sum()
    }
}
