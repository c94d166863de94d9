//! What must hold for any image that was not refused. The fuzzer uses this file, too.

use kernel::tbf::{Bundle, CommandPermissions, TbfImage};

/// Reads `bytes` as an image and as a bundle, and asks whatever is found for everything.
pub fn check(bytes: &[u8]) {
    if let Ok(image) = TbfImage::parse(bytes) {
        check_image(&image, bytes);
        let other = image.summary().in_image(&bytes[..bytes.len() / 2]);
        ask(&other);
    }
    let mut end = 0;
    for entry in Bundle::new(bytes) {
        let offset = match entry {
            Ok(image) => {
                check_image(&image, bytes);
                image.bytes().as_ptr().addr() - bytes.as_ptr().addr()
            }
            Err((offset, error)) => {
                assert!(!error.to_string().is_empty());
                offset
            }
        };
        assert!(offset >= end && offset < bytes.len());
        end = offset + 1;
    }
}

/// Every offset lies where the format wants it, every slice in the image, and the summary is enough to
/// find them again.
fn check_image(image: &TbfImage<'_>, bytes: &[u8]) {
    let summary = image.summary();
    let total_size = summary.total_size as usize;
    assert_eq!(image.bytes().len(), total_size);
    assert!(bytes.as_ptr_range().start <= image.bytes().as_ptr_range().start);
    assert!(image.bytes().as_ptr_range().end <= bytes.as_ptr_range().end);
    assert!(summary.header_size >= 16 && usize::from(summary.header_size) <= total_size);
    assert_eq!(summary.program.is_none(), image.is_padding());
    if let Some(program) = summary.program {
        assert!(u32::from(summary.header_size) <= program.protected_size);
        assert!(program.protected_size <= program.entry_offset);
        assert!(program.entry_offset < program.binary_end);
        assert!(program.binary_end <= summary.total_size);
        assert_eq!(image.integrity_region().len(), program.binary_end as usize);
    }
    for region in image.writeable_flash_regions() {
        assert!(u64::from(region.offset) + u64::from(region.size) <= total_size as u64);
    }
    if summary.fixed_flash_address.is_some() {
        let start = summary.fixed_image_address().expect("checked when read");
        assert!(start.checked_add(summary.total_size).is_some());
    }
    let answers = ask(image);
    assert_eq!(answers, ask(&summary.in_image(image.bytes())));
    for slice in [image.package_name().as_bytes(), image.integrity_region()] {
        let inside = image.bytes().as_ptr_range();
        assert!(slice.is_empty() || inside.contains(&slice.as_ptr()));
    }
}

/// All that can be asked, each once, as numbers to compare.
fn ask(image: &TbfImage<'_>) -> Vec<usize> {
    let mut answers = vec![
        image.package_name().len(),
        image.writeable_flash_regions().count(),
        image.writeable_flash_regions().len(),
        image.integrity_region().len(),
        usize::from(image.summary().check_kernel_version().is_ok()),
        usize::from(image.permissions().is_some()),
    ];
    for (driver, command) in [(0, 0), (1, 63), (0x10000, 64), (usize::MAX, usize::MAX)] {
        let allowed = image.allows(driver, command);
        let by_mask = match image.command_permissions(driver, command / 64) {
            CommandPermissions::NoPermsAtAll => true,
            CommandPermissions::NoPermsThisDriver => false,
            CommandPermissions::Mask(mask) => mask >> (command % 64) & 1 == 1,
        };
        assert_eq!(allowed, by_mask);
        answers.push(usize::from(allowed));
    }
    if let Some(storage) = image.storage_permissions() {
        answers.push(storage.write_id().map_or(0, |id| id.get() as usize));
        answers.extend(storage.read_ids().map(|id| id as usize));
        answers.extend(storage.modify_ids().map(|id| id as usize));
    }
    for credential in image.credentials() {
        answers.push(credential.map_or(0, |credential| credential.data.len()));
    }
    answers
}
