//! Images of apps, for [`Machine::load`](crate::Machine::load).

use kernel::{KERNEL_MAJOR_VERSION, KERNEL_MINOR_VERSION};

/// What a 64-bit app begins with: `endbr64`.
const ENTRY_OF_64_BITS: [u8; 4] = [0xf3, 0x0f, 0x1e, 0xfa];

/// Bytes of an app's binary: enough for each upcall to have a function of its own.
const BINARY_BYTES: usize = 1024;

/// The image of a 64-bit app for this kernel. It may be changed before it is built.
pub fn image(name: &str) -> tbf::Image {
    let mut binary = [0; BINARY_BYTES];
    binary[..ENTRY_OF_64_BITS.len()].copy_from_slice(&ENTRY_OF_64_BITS);
    image_of(name, &binary)
}

/// The image of a 32-bit app for this kernel.
pub fn image_of_32_bits(name: &str) -> tbf::Image {
    image_of(name, &[0x90; BINARY_BYTES])
}

fn image_of(name: &str, binary: &[u8]) -> tbf::Image {
    tbf::Image::app(binary)
        .kernel_version(KERNEL_MAJOR_VERSION, KERNEL_MINOR_VERSION)
        .name(name)
}
