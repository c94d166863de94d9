//! What holds for every image, and for any bytes at all.

use std::num::NonZeroU32;

use kernel::tbf::{KernelVersion, TbfImage};
use proptest::{collection::vec, prelude::*, sample::Index};
use tbf::Image;

use crate::everything;

const BINARY_BYTES: usize = 64;

/// One element, chosen at random.
#[derive(Clone, Debug)]
enum Choice {
    Name(String),
    Regions(Vec<(u32, u32)>),
    FixedAddresses(Option<u32>, Option<u32>),
    Permissions(Vec<(u32, u32, u64)>),
    Storage(u32, Vec<u32>, Vec<u32>),
    KernelVersion(u16, u16),
    ShortId(u32),
    Unknown(u16, Vec<u8>),
}

fn choice() -> impl Strategy<Value = Choice> {
    let region = (0..BINARY_BYTES as u32, 0..40_u32);
    let address = 0x10_0000..0xFFF0_0000_u32;
    let permission = (0..4_u32, 0..3_u32, any::<u64>());
    prop_oneof![
        any::<String>().prop_map(Choice::Name),
        vec(region, 0..5).prop_map(Choice::Regions),
        (prop::option::of(address.clone()), prop::option::of(address))
            .prop_map(|(ram, flash)| Choice::FixedAddresses(ram, flash)),
        vec(permission, 0..6).prop_map(Choice::Permissions),
        (
            any::<u32>(),
            vec(any::<u32>(), 0..9),
            vec(any::<u32>(), 0..9)
        )
            .prop_map(|(write, read, modify)| Choice::Storage(write, read, modify)),
        any::<(u16, u16)>().prop_map(|(major, minor)| Choice::KernelVersion(major, minor)),
        any::<u32>().prop_map(Choice::ShortId),
        (11..128_u16, vec(any::<u8>(), 0..9))
            .prop_map(|(kind, value)| Choice::Unknown(kind, value)),
    ]
}

fn add(image: Image, choice: &Choice) -> Image {
    match choice {
        Choice::Name(name) => image.name(name),
        Choice::Regions(regions) => image.writeable_flash_regions(regions),
        Choice::FixedAddresses(ram, flash) => image.fixed_addresses(*ram, *flash),
        Choice::Permissions(entries) => image.permissions(entries),
        Choice::Storage(write, read, modify) => image.storage_permissions(*write, read, modify),
        Choice::KernelVersion(major, minor) => image.kernel_version(*major, *minor),
        Choice::ShortId(id) => image.short_id(*id),
        Choice::Unknown(kind, value) => image.element(*kind, value),
    }
}

prop_compose! {
    /// What a Program element has to say.
    fn program()(
        trailer in 0..40_u32,
        entry in 0..BINARY_BYTES as u32,
        ram in any::<u32>(),
        version in any::<u32>(),
        enabled in any::<bool>(),
    ) -> (Image, [u32; 4]) {
        let image = Image::app(&[0x90; BINARY_BYTES]).credential(0, &[]);
        let image = if enabled { image } else { image.disabled() };
        let image = image.protected_trailer(trailer).entry(entry).minimum_ram(ram).version(version);
        (image, [trailer, entry, ram, version])
    }
}

/// A well-formed image of random elements, in random order, some of them repeated.
fn image() -> impl Strategy<Value = Vec<u8>> {
    (program(), vec(choice(), 0..10))
        .prop_map(|((image, _), choices)| choices.iter().fold(image, add).build())
}

/// What `wanted` makes of the last of the choices that it knows.
fn last<'a, T>(choices: &'a [Choice], wanted: impl Fn(&'a Choice) -> Option<T>) -> Option<T> {
    choices.iter().rev().find_map(wanted)
}

fn check_elements(image: &TbfImage<'_>, choices: &[Choice]) -> Result<(), TestCaseError> {
    let summary = image.summary();
    let name = last(choices, |it| match it {
        Choice::Name(name) => Some(name.as_str()),
        _ => None,
    });
    prop_assert_eq!(image.package_name(), name.unwrap_or(""));
    let regions = last(choices, |it| match it {
        Choice::Regions(regions) => Some(regions.clone()),
        _ => None,
    });
    let found: Vec<_> = image
        .writeable_flash_regions()
        .map(|region| (region.offset, region.size))
        .collect();
    prop_assert_eq!(found, regions.unwrap_or_default());
    let addresses = last(choices, |it| match it {
        Choice::FixedAddresses(ram, flash) => Some((*ram, *flash)),
        _ => None,
    });
    let found = (summary.fixed_ram_address, summary.fixed_flash_address);
    prop_assert_eq!(found, addresses.unwrap_or_default());
    let version = last(choices, |it| match *it {
        Choice::KernelVersion(major, minor) => Some(KernelVersion { major, minor }),
        _ => None,
    });
    prop_assert_eq!(summary.kernel_version, version);
    let short_id = last(choices, |it| match it {
        Choice::ShortId(id) => Some(NonZeroU32::new(*id)),
        _ => None,
    });
    prop_assert_eq!(summary.short_id, short_id.flatten());
    Ok(())
}

fn check_permissions(image: &TbfImage<'_>, choices: &[Choice]) -> Result<(), TestCaseError> {
    let entries = last(choices, |it| match it {
        Choice::Permissions(entries) => Some(entries),
        _ => None,
    });
    for (driver, command) in
        (0..5).flat_map(|driver| (0..256).map(move |command| (driver, command)))
    {
        let allowed = entries.is_none_or(|entries| {
            let entry = entries
                .iter()
                .find(|(of, offset, _)| (*of, *offset) == (driver, command / 64));
            entry.is_some_and(|(_, _, mask)| mask >> (command % 64) & 1 == 1)
        });
        prop_assert_eq!(image.allows(driver as usize, command as usize), allowed);
    }
    let storage = last(choices, |it| match it {
        Choice::Storage(write, read, modify) => {
            Some((NonZeroU32::new(*write), read.clone(), modify.clone()))
        }
        _ => None,
    });
    let found = image.storage_permissions().map(|it| {
        (
            it.write_id(),
            it.read_ids().collect(),
            it.modify_ids().collect(),
        )
    });
    prop_assert_eq!(found, storage);
    Ok(())
}

proptest! {
    #[test]
    fn what_was_written_is_what_is_read(
        (image, [trailer, entry, ram, version]) in program(),
        choices in vec(choice(), 0..10),
    ) {
        let bytes = choices.iter().fold(image, add).build();
        let image = TbfImage::parse(&bytes)?;
        let summary = image.summary();
        let program = summary.program.expect("an app has one");
        let start = u32::from(summary.header_size) + trailer;
        prop_assert_eq!(program.protected_size, start);
        prop_assert_eq!(program.entry_offset, start + entry);
        prop_assert_eq!((program.minimum_ram_size, program.version), (ram, version));
        prop_assert_eq!(program.binary_end, start + BINARY_BYTES as u32);
        check_elements(&image, &choices)?;
        check_permissions(&image, &choices)?;
        everything::check(&bytes);
    }

    #[test]
    fn any_bytes_at_all_are_read_without_a_panic(bytes in vec(any::<u8>(), 0..200)) {
        everything::check(&bytes);
    }

    #[test]
    fn any_elements_at_all_are_read_without_a_panic(elements in vec(any::<u8>(), 0..200)) {
        let mut bytes = tbf::padding(16 + elements.len());
        bytes[16..].copy_from_slice(&elements);
        bytes[2] = bytes.len() as u8;
        tbf::seal(&mut bytes);
        everything::check(&bytes);
    }

    #[test]
    fn a_valid_image_with_bytes_changed_is_read_without_a_panic(
        image in image(),
        changes in vec((any::<Index>(), any::<u8>()), 0..8),
        seal in any::<bool>(),
    ) {
        let mut bytes = image;
        for (index, value) in changes {
            *index.get_mut(&mut bytes) = value;
        }
        if seal {
            tbf::seal(&mut bytes);
        }
        everything::check(&bytes);
    }

    #[test]
    fn every_bit_of_a_header_counts_and_no_other(image in image()) {
        let summary = TbfImage::parse(&image)?.summary();
        for bit in 0..8 * image.len() {
            let mut bytes = image.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let found = TbfImage::parse(&bytes).map(|image| image.summary());
            if bit / 8 < usize::from(summary.header_size) {
                prop_assert!(found.is_err(), "bit {} was flipped unnoticed", bit);
            } else {
                prop_assert_eq!(found, Ok(summary));
            }
        }
    }
}
