//! Buffers that a test lends.

use kernel::utilities::leasable_buffer::SubSliceMut;

pub type Buffer = SubSliceMut<'static, u8>;

/// A buffer that holds `bytes`, and is all of them.
pub fn buffer(bytes: &[u8]) -> Buffer {
    SubSliceMut::new(bytes.to_vec().leak())
}
