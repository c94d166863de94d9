//! Each element of a header says what it is there to say.

use kernel::tbf::{
    CommandPermissions, KERNEL_MAJOR_VERSION, KERNEL_MINOR_VERSION, KernelVersion, Program,
    TbfImage, WriteableFlashRegion,
};
use tbf::Image;

/// Base header and Program element.
const HEADER_SIZE: u32 = 40;
const BINARY: [u8; 32] = [0x90; 32];

fn app() -> Image {
    Image::app(&BINARY)
}

fn parse(bytes: &[u8]) -> TbfImage<'_> {
    TbfImage::parse(bytes).expect("the image is well-formed")
}

#[test]
fn a_program_says_where_the_app_starts_and_what_it_needs() {
    let bytes = app()
        .protected_trailer(8)
        .entry(4)
        .minimum_ram(4096)
        .version(7)
        .credential(3, &[0xAA; 32])
        .build();
    let summary = parse(&bytes).summary();
    assert_eq!(
        (summary.header_size as u32, summary.total_size as usize),
        (HEADER_SIZE, bytes.len())
    );
    let expected = Program {
        entry_offset: HEADER_SIZE + 8 + 4,
        protected_size: HEADER_SIZE + 8,
        minimum_ram_size: 4096,
        binary_end: HEADER_SIZE + 8 + 32,
        version: 7,
    };
    assert_eq!(summary.program, Some(expected));
}

#[test]
fn a_main_says_the_same_of_a_binary_that_fills_the_image_and_has_no_version() {
    let bytes = app().with_main().entry(4).minimum_ram(4096).build();
    let expected = Program {
        entry_offset: 32 + 4,
        protected_size: 32,
        minimum_ram_size: 4096,
        binary_end: 32 + 32,
        version: 0,
    };
    assert_eq!(parse(&bytes).summary().program, Some(expected));
}

#[test]
fn a_program_outranks_a_main_wherever_they_stand() {
    let main = [[0xFF; 4], [0xFF; 4], 9999_u32.to_le_bytes()].concat();
    let program_first = app().minimum_ram(1).element(1, &main).build();
    let ram = |bytes: &[u8]| parse(bytes).summary().program.map(|p| p.minimum_ram_size);
    assert_eq!(ram(&program_first), Some(1));
    let program = [0, 0, 2, 16 + 16 + 24 + 32, 0]
        .map(u32::to_le_bytes)
        .concat();
    let main_first = app()
        .with_main()
        .minimum_ram(1)
        .element(9, &program)
        .build();
    assert_eq!(ram(&main_first), Some(2));
}

#[test]
fn the_first_main_or_program_counts_and_the_last_of_everything_else() {
    let ram = |bytes: &[u8]| parse(bytes).summary().program.map(|p| p.minimum_ram_size);
    let program = app().minimum_ram(1).element(9, &[0; 20]).build();
    let main = app()
        .with_main()
        .minimum_ram(1)
        .element(1, &[0; 12])
        .build();
    assert_eq!((ram(&program), ram(&main)), (Some(1), Some(1)));

    let bytes = app()
        .name("old")
        .name("new")
        .short_id(1)
        .short_id(2)
        .build();
    let image = parse(&bytes);
    assert_eq!(image.package_name(), "new");
    assert_eq!(image.summary().short_id.map(u32::from), Some(2));
}

#[test]
fn an_app_is_enabled_until_it_says_otherwise() {
    assert!(parse(&app().build()).summary().is_enabled);
    assert!(!parse(&app().disabled().build()).summary().is_enabled);
}

#[test]
fn a_header_alone_is_padding_and_never_enabled() {
    let mut bytes = tbf::padding(64);
    bytes[8] = 1;
    tbf::seal(&mut bytes);
    let image = parse(&bytes);
    assert!(image.is_padding() && !image.summary().is_enabled);
    assert_eq!(image.credentials().count(), 0);
}

#[test]
fn a_name_is_any_text_and_its_absence_is_empty() {
    assert_eq!(
        parse(&app().name("zähler").build()).package_name(),
        "zähler"
    );
    assert_eq!(parse(&app().build()).package_name(), "");
}

#[test]
fn writeable_regions_are_listed_in_order() {
    let bytes = app().writeable_flash_regions(&[(40, 8), (84, 8)]).build();
    assert_eq!(bytes.len(), 92, "the second one ends where the image does");
    let regions: Vec<_> = parse(&bytes).writeable_flash_regions().collect();
    let expected = [(40, 8), (84, 8)];
    assert_eq!(
        regions,
        expected.map(|(offset, size)| WriteableFlashRegion { offset, size })
    );
}

#[test]
fn each_fixed_address_is_optional() {
    for (ram, flash) in [
        (None, None),
        (Some(0x50_0000), None),
        (None, Some(0x40_0000)),
        (Some(0), Some(0x40_0000)),
    ] {
        let bytes = app().fixed_addresses(ram, flash).build();
        let summary = parse(&bytes).summary();
        assert_eq!(
            (summary.fixed_ram_address, summary.fixed_flash_address),
            (ram, flash)
        );
    }
    assert_eq!(parse(&app().build()).summary().fixed_ram_address, None);
}

#[test]
fn the_fixed_flash_address_is_the_binarys_and_the_image_starts_before_it() {
    let bytes = app()
        .protected_trailer(12)
        .fixed_addresses(None, Some(0x40_1000))
        .build();
    let summary = parse(&bytes).summary();
    let before = HEADER_SIZE + 12 + 12;
    assert_eq!(summary.fixed_image_address(), Some(0x40_1000 - before));
}

#[test]
fn without_permissions_everything_is_allowed() {
    let bytes = app().build();
    let image = parse(&bytes);
    assert!(image.permissions().is_none() && image.allows(0x9999, 1000));
    assert_eq!(
        image.command_permissions(1, 0),
        CommandPermissions::NoPermsAtAll
    );
}

#[test]
fn with_permissions_only_the_commands_named_are_allowed() {
    let entries = [(1, 0, 0b110), (2, 1, 1 << 63), (1, 0, u64::MAX)];
    let bytes = app().permissions(&entries).build();
    let image = parse(&bytes);
    let allowed = |driver| (0..200).filter(move |command| image.allows(driver, *command));
    assert_eq!(allowed(1).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(allowed(2).collect::<Vec<_>>(), [127]);
    assert_eq!(allowed(3).count(), 0);
    assert_eq!(
        image.command_permissions(1, 0),
        CommandPermissions::Mask(0b110)
    );
    assert_eq!(image.command_permissions(1, 1), CommandPermissions::Mask(0));
    assert_eq!(
        image.command_permissions(3, 0),
        CommandPermissions::NoPermsThisDriver
    );
}

#[test]
fn an_empty_list_of_permissions_allows_nothing() {
    let bytes = app().permissions(&[]).build();
    assert!(!parse(&bytes).allows(1, 0));
}

#[test]
fn a_driver_number_beyond_32_bits_is_not_mistaken_for_a_smaller_one() {
    let bytes = app().permissions(&[(1, 0, u64::MAX)]).build();
    let image = parse(&bytes);
    assert!(image.allows(1, 0));
    assert!(!image.allows(1 << 32 | 1, 0));
}

#[test]
fn storage_permissions_list_whom_to_read_and_whom_to_modify() {
    let bytes = app().storage_permissions(9, &[1, 2, 3], &[4]).build();
    let storage = parse(&bytes).storage_permissions().expect("there are some");
    assert_eq!(storage.write_id().map(u32::from), Some(9));
    assert_eq!(storage.read_ids().collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(storage.modify_ids().collect::<Vec<_>>(), [4]);

    let bytes = app().storage_permissions(0, &[], &[]).build();
    let storage = parse(&bytes).storage_permissions().expect("there are some");
    assert_eq!(storage.write_id(), None);
    assert_eq!(
        (storage.read_ids().len(), storage.modify_ids().len()),
        (0, 0)
    );
    assert!(parse(&app().build()).storage_permissions().is_none());
}

#[test]
fn an_app_runs_on_its_own_major_version_from_its_minor_version_on() {
    let (major, minor) = (KERNEL_MAJOR_VERSION, KERNEL_MINOR_VERSION);
    for (version, runs) in [
        ((major, 0), true),
        ((major, minor), true),
        ((major, minor + 1), false),
        ((major - 1, 0), false),
        ((major + 1, 0), false),
    ] {
        let bytes = app().kernel_version(version.0, version.1).build();
        let summary = parse(&bytes).summary();
        let (major, minor) = version;
        assert_eq!(summary.kernel_version, Some(KernelVersion { major, minor }));
        assert_eq!(summary.check_kernel_version().is_ok(), runs, "{version:?}");
    }
}

#[test]
fn an_app_that_names_no_kernel_runs_on_none() {
    assert!(
        parse(&app().build())
            .summary()
            .check_kernel_version()
            .is_err()
    );
}

#[test]
fn a_short_id_of_zero_is_none() {
    let short_id = |id| parse(&app().short_id(id).build()).summary().short_id;
    assert_eq!(short_id(5).map(u32::from), Some(5));
    assert_eq!(short_id(0), None);
}

#[test]
fn elements_of_types_that_nobody_knows_are_skipped() {
    let bytes = app()
        .element(4, &[1])
        .element(0xFFFF, &[])
        .name("after")
        .build();
    assert_eq!(parse(&bytes).package_name(), "after");
}

#[test]
fn a_summary_finds_everything_again_in_its_image() {
    let bytes = app().name("again").permissions(&[(1, 0, 2)]).build();
    let summary = parse(&bytes).summary();
    let image = summary.in_image(&bytes);
    assert_eq!(image.package_name(), "again");
    assert!(image.allows(1, 1) && !image.allows(1, 0));
}

#[test]
fn a_summary_whose_image_is_gone_allows_nothing() {
    let bytes = app().permissions(&[(1, 0, 2)]).build();
    assert!(!parse(&bytes).summary().in_image(&[]).allows(1, 1));
}
