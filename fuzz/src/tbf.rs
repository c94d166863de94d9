//! Images and bundles in Tock Binary Format.

#[path = "../../kernel/tests/tbf/everything.rs"]
mod everything;

use kernel::tbf::TbfImage;
use tbf::Image;

const BASE_BYTES: usize = 16;

/// Reads `bytes` as they are, and with a right checksum, which no mutation would hit on.
pub fn run(bytes: &[u8]) {
    everything::check(bytes);
    if bytes.len() >= BASE_BYTES {
        let mut sealed = bytes.to_vec();
        tbf::seal(&mut sealed);
        everything::check(&sealed);
    }
}

/// An image with every element, one with few, and a bundle.
pub fn seeds() -> Vec<Vec<u8>> {
    let rich = Image::app(&[0x90; 64])
        .protected_trailer(8)
        .name("rich")
        .writeable_flash_regions(&[(200, 8), (208, 8)])
        .fixed_addresses(Some(0x50_0000), Some(0x40_0000))
        .permissions(&[(0, 0, 7), (1, 1, u64::MAX)])
        .storage_permissions(1, &[1, 2], &[1])
        .kernel_version(2, 0)
        .short_id(7)
        .element(4, &[1, 2, 3])
        .credential(3, &[0; 32])
        .credential(0, &[0; 8])
        .build();
    let plain = Image::app(&[0x90; 8]).with_main().build();
    let bundle = [&rich[..], &tbf::padding(32), &plain].concat();
    let seeds = vec![rich, plain, bundle];
    assert!(seeds.iter().all(|seed| TbfImage::parse(seed).is_ok()));
    seeds
}
