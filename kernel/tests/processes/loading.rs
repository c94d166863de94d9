//! Loading and removing apps.

use chip_fake as fake;
use kernel::{
    KERNEL_MAJOR_VERSION, KERNEL_MINOR_VERSION, ProcessId,
    capabilities::ProcessStartCapability,
    create_capability,
    grant::{AllowRoCount, AllowRwCount, Grant, UpcallCount},
    platform::WordSize,
    process::{Error, LoadError, PAGE_BYTES, ShortId},
    tbf::{CommandPermissions, TbfError},
};
use tbf::Image;

use crate::bench::{Bench, DRIVER};

/// Why the image is not loaded; nothing else may change.
#[track_caller]
fn refused(machine: &fake::Machine, bytes: &[u8]) -> LoadError {
    let table = machine.processes();
    let before = table.pool().free_bytes();
    let error = table.load(bytes).unwrap_err();
    assert_eq!(table.pool().free_bytes(), before);
    error
}

#[test]
fn a_malformed_image_is_not_loaded() {
    let machine = fake::Machine::new();
    let mut image = fake::image("broken").build();
    image[20] ^= 1;
    assert!(matches!(refused(&machine, &image), LoadError::Image(_)));
    assert!(matches!(refused(&machine, &[]), LoadError::Image(_)));
    let image = fake::image("short").build();
    assert!(matches!(
        refused(&machine, &image[..image.len() - 1]),
        LoadError::Image(_)
    ));
}

#[test]
fn an_image_for_another_kernel_is_not_loaded() {
    let machine = fake::Machine::new();
    let none = Image::app(&[0; 8]).name("old").build();
    assert_eq!(
        refused(&machine, &none),
        LoadError::Image(TbfError::NoKernelVersion)
    );
    let (major, minor) = (KERNEL_MAJOR_VERSION, KERNEL_MINOR_VERSION);
    for (major, minor) in [(major - 1, minor), (major + 1, minor), (major, minor + 1)] {
        let image = Image::app(&[0; 8]).kernel_version(major, minor).build();
        assert!(matches!(refused(&machine, &image), LoadError::Image(_)));
    }
    let image = Image::app(&[0; 8]).kernel_version(major, minor - 1);
    assert!(machine.load(&image).is_ok());
}

#[test]
fn padding_and_what_is_disabled_are_not_loaded() {
    let machine = fake::Machine::new();
    assert_eq!(refused(&machine, &tbf::padding(64)), LoadError::Padding);
    let disabled = fake::image("disabled").disabled().build();
    assert_eq!(refused(&machine, &disabled), LoadError::Disabled);
}

#[test]
fn a_full_table_takes_no_more_until_a_process_is_removed() {
    let machine = fake::Machine::with_room_for(3, 64);
    let apps = ["one", "two", "three"].map(|name| machine.app(name));
    let image = fake::image("four").build();
    assert_eq!(
        refused(&machine, &image),
        LoadError::TableFull { capacity: 3 }
    );
    apps[1].remove().unwrap();
    assert_eq!(machine.app("four").process_id().slot(), 1);
}

#[test]
fn a_new_process_gets_the_lowest_free_place() {
    let machine = fake::Machine::with_room_for(5, 64);
    let apps = ["zero", "one", "two", "three"].map(|name| machine.app(name));
    for place in [1, 3, 2] {
        apps[place].remove().unwrap();
    }
    let names = ["four", "five", "six", "seven"];
    let places = names.map(|name| machine.app(name).process_id().slot());
    assert_eq!(places, [1, 2, 3, 4]);
}

#[test]
fn a_process_that_has_ended_keeps_its_place() {
    let machine = fake::Machine::with_room_for(1, 64);
    machine.app("one").exit(0);
    let image = fake::image("two").build();
    assert_eq!(
        refused(&machine, &image),
        LoadError::TableFull { capacity: 1 }
    );
}

#[test]
fn an_app_that_there_is_no_memory_for_is_not_loaded() {
    let machine = fake::Machine::with_room_for(3, 5);
    let app = machine.app("one");
    let error = refused(&machine, &fake::image("two").build());
    let (wanted, largest) = (4 * PAGE_BYTES, PAGE_BYTES);
    assert_eq!(error, LoadError::NoMemory { wanted, largest });
    app.remove().unwrap();
    machine.app("two");
}

#[test]
fn an_app_that_does_not_fit_the_address_space_is_not_loaded() {
    let machine = fake::Machine::new();
    let (image, giant) = (fake::image("tester"), 1 << 30);
    // The binary lies behind the header: base, program, kernel version, name and fixed addresses.
    let flash = |image: u32| Some(image + 16 + 24 + 8 + 12 + 12);
    let misfits = [
        image.clone().minimum_ram(giant),
        image.clone().minimum_ram(u32::MAX),
        image.clone().fixed_addresses(None, flash(0)),
        image.clone().fixed_addresses(None, flash(0xffff)),
        image.clone().fixed_addresses(None, flash(giant - 512)),
        image.clone().fixed_addresses(Some(0), None),
        image.clone().fixed_addresses(Some(0x50_0004), None),
        image.clone().fixed_addresses(Some(giant - 4096), None),
        image.clone().fixed_addresses(Some(u32::MAX - 4095), None),
        image.clone().fixed_addresses(Some(0x40_0000), None),
        image.clone().fixed_addresses(Some(0x3f_f000), None),
        image
            .clone()
            .fixed_addresses(Some(0x50_0000), flash(0x50_0ff0)),
    ];
    for image in misfits {
        let error = refused(&machine, &image.build());
        assert!(matches!(error, LoadError::Addresses { .. }), "{error}");
    }
}

#[test]
fn an_app_gets_the_addresses_that_it_asks_for() {
    let machine = fake::Machine::new();
    let image = fake::image("tester").fixed_addresses(Some(0x2000_0000), Some(0x3000_1234));
    let app = machine.load(&image).unwrap();
    let at = app.addresses();
    assert_eq!(
        (at.sram_start, at.flash_non_protected_start),
        (0x2000_0000, 0x3000_1234)
    );
    let bytes = image.build();
    assert_eq!(app.read(at.flash_start, bytes.len()), bytes);
}

#[test]
fn a_process_starts_at_its_entry_with_what_it_needs_to_know() {
    let machine = fake::Machine::new();
    for (image, word_size) in [
        (fake::image("wide"), WordSize::Bits64),
        (fake::image_of_32_bits("narrow").entry(64), WordSize::Bits32),
    ] {
        let app = machine.load(&image).unwrap();
        let (at, entry) = (app.addresses(), app.entry());
        let offset = if word_size == WordSize::Bits32 { 64 } else { 0 };
        assert_eq!(entry.word_size, word_size);
        assert_eq!(entry.function, at.flash_non_protected_start + offset);
        let ram_bytes = at.sram_end - at.sram_start;
        let expected = [
            at.flash_non_protected_start,
            at.sram_start,
            ram_bytes,
            at.sram_app_brk,
        ];
        assert_eq!(entry.arguments, expected);
        assert!(entry.stack_pointer > at.sram_start && entry.stack_pointer <= at.sram_app_brk);
    }
}

#[test]
fn loading_an_app_leaves_the_memory_of_others_alone() {
    let machine = fake::Machine::new();
    let app = machine.app("one");
    let at = app.addresses();
    let len_bytes = app.accessible_bytes();
    app.write(at.sram_start, &vec![0xaa; len_bytes]);
    let image = app.read(at.flash_start, at.flash_end - at.flash_start);
    let large = Image::app(&[0x90; 5 * PAGE_BYTES]).kernel_version(KERNEL_MAJOR_VERSION, 0);
    machine.load(&large).unwrap();
    assert_eq!(app.read(at.sram_start, len_bytes), vec![0xaa; len_bytes]);
    assert_eq!(app.read(at.flash_start, image.len()), image);
}

#[test]
fn there_is_room_for_grants_however_many_drivers_there_are() {
    type None = Grant<(), UpcallCount<0>, AllowRoCount<0>, AllowRwCount<0>>;
    let machine = fake::Machine::new();
    let _grants: Vec<None> = (0..128).map(|number| machine.grant(number)).collect();
    let app = machine.app("tester");
    let at = app.addresses();
    assert!(at.sram_grant_start - at.sram_app_brk >= 1024, "{at:x?}");
    app.remove().unwrap();
}

#[test]
fn what_the_header_says_can_be_asked() {
    let machine = fake::Machine::new();
    let image = fake::image("named")
        .version(7)
        .short_id(9)
        .permissions(&[(1, 0, 2)]);
    let app = machine.load(&image).unwrap();
    let plain = machine.app("plain");
    let facts = |app: &fake::App| {
        app.process(|process| {
            let version = process.binary_version().map(u32::from);
            (process.short_app_id(), version, process.is_restricted())
        })
    };
    let short_id = ShortId::Fixed(9.try_into().unwrap());
    assert_eq!(facts(&app), (short_id, Some(7), true));
    assert_eq!(app.process_id().short_app_id(), short_id);
    let (plain_id, version, is_restricted) = facts(&plain);
    assert!(matches!(plain_id, ShortId::LocallyUnique));
    assert_ne!(plain_id, plain_id, "it is the same app as no other");
    assert_ne!(short_id, ShortId::Fixed(8.try_into().unwrap()));
    assert_eq!(format!("{short_id} {plain_id}"), "0x9 Unique");
    assert_eq!((version, is_restricted), (None, false));
    let may =
        |app: &fake::App, driver| app.process(|process| process.get_command_permissions(driver, 0));
    assert_eq!(may(&app, 1), CommandPermissions::Mask(2));
    assert_eq!(may(&app, 2), CommandPermissions::NoPermsThisDriver);
    assert_eq!(may(&plain, 1), CommandPermissions::NoPermsAtAll);
    assert_eq!((app.name(), plain.name()), ("named", "plain"));
}

#[test]
fn what_a_process_has_given_can_be_listed() {
    let bench = Bench::new();
    let app = bench.machine.app("tester");
    let function = app.addresses().flash_non_protected_start;
    app.subscribe_raw(DRIVER, 1, function, 7).unwrap();
    let address = app.allow_rw(DRIVER, 1, b"four");
    let mut text = String::new();
    app.process(|process| process.write_allows(&mut text))
        .unwrap();
    let expected = format!(
        "driver 0x99999 upcall 1: {function:#x}, 0x7\ndriver 0x99999 read-write 1: {address:#x}, 0x4\n"
    );
    assert_eq!(text, expected);
}

#[test]
fn what_the_kernel_keeps_of_a_process_lies_above_its_grants() {
    let bench = Bench::new();
    let app = bench.machine.app("tester");
    let sizes = app.process(|process| process.get_sizes());
    assert_eq!(
        sizes.grant_pointers,
        size_of::<usize>(),
        "there is one grant"
    );
    let at = app.addresses();
    let kept = at.sram_end - at.sram_grant_start;
    assert_eq!(sizes.grant_pointers + sizes.process_control_block, kept);
    assert_eq!(sizes.address_space, PAGE_BYTES);
    assert_eq!(sizes.total(), kept + PAGE_BYTES);
}

#[test]
fn a_removed_process_leaves_nothing_behind() {
    let bench = Bench::new();
    let table = bench.machine.processes();
    let free_bytes = table.pool().free_bytes();
    let app = bench.machine.app("tester");
    app.subscribe(DRIVER, 0);
    let id = app.process_id();
    assert!(table.pool().free_bytes() < free_bytes);
    assert_eq!(app.remove(), Ok(()));
    assert_eq!(table.pool().free_bytes(), free_bytes);
    assert_eq!(table.pool().largest_bytes(), free_bytes);
    assert_eq!(
        (id.index(), table.remove(id)),
        (None, Err(Error::NoSuchApp))
    );
    assert!(table.with_slot(id.slot(), |_| ()).is_none());
}

#[test]
fn two_hundred_loads_and_removes_lose_no_memory_and_repeat_no_name() {
    let machine = fake::Machine::with_room_for(8, 64);
    let table = machine.processes();
    let free_bytes = table.pool().free_bytes();
    let (mut apps, mut ids) = (Vec::new(), Vec::<ProcessId>::new());
    for round in 0..200 {
        let pages = round * 7 % 5;
        let image = fake::image("tester").minimum_ram((pages * PAGE_BYTES) as u32);
        let app = machine.load(&image).unwrap();
        assert!(!ids.contains(&app.process_id()));
        ids.push(app.process_id());
        apps.push(app);
        if apps.len() == 6 {
            for victim in [round % 6, round % 5, round % 4] {
                apps.swap_remove(victim).remove().unwrap();
            }
        }
    }
    assert!(ids.iter().filter(|id| id.index().is_some()).count() == apps.len());
    apps.iter().for_each(|app| app.remove().unwrap());
    assert_eq!(table.pool().free_bytes(), free_bytes);
    assert_eq!(table.pool().largest_bytes(), free_bytes);
}

#[test]
fn an_image_may_come_in_pieces_into_memory_that_is_given_back() {
    let machine = fake::Machine::new();
    let table = machine.processes();
    let right = create_capability!(ProcessStartCapability);
    let free_bytes = table.pool().free_bytes();
    let bytes = fake::image("pieces").build();
    let mut image = table.image_buffer(bytes.len(), &right).unwrap();
    assert_eq!(image.len(), bytes.len());
    assert_eq!(table.pool().free_bytes(), free_bytes - PAGE_BYTES);
    for (to, from) in image.chunks_mut(7).zip(bytes.chunks(7)) {
        to.copy_from_slice(from);
    }
    let id = table.load(&image).unwrap();
    image.fill(0);
    drop(image);
    table.with_slot(id.slot(), |process| {
        assert_eq!(process.get_process_name(), "pieces");
    });
    assert_eq!(table.pool().largest_bytes(), table.pool().free_bytes());
    table.remove(id).unwrap();
    assert_eq!(table.pool().free_bytes(), free_bytes);
    assert_eq!(table.pool().largest_bytes(), free_bytes);
}

#[test]
fn an_image_that_there_is_no_memory_for_gets_none() {
    let machine = fake::Machine::with_room_for(3, 4);
    let table = machine.processes();
    let right = create_capability!(ProcessStartCapability);
    let largest = 4 * PAGE_BYTES;
    for wanted in [largest + 1, usize::MAX] {
        let error = table.image_buffer(wanted, &right).err();
        assert_eq!(error, Some(LoadError::NoMemory { wanted, largest }));
    }
    assert!(table.image_buffer(0, &right).unwrap().is_empty());
    assert_eq!(table.image_buffer(largest, &right).unwrap().len(), largest);
    assert_eq!(table.pool().largest_bytes(), largest);
}

#[test]
#[should_panic = "4097 places for processes: at most 4096 can be numbered"]
fn a_table_with_more_places_than_can_be_numbered_is_refused() {
    fake::Machine::with_room_for(4097, 1);
}

#[test]
fn each_error_says_what_was_wrong() {
    let errors = [
        (LoadError::Padding, "there is no app in it"),
        (LoadError::Disabled, "its header says that it is disabled"),
        (
            LoadError::TableFull { capacity: 9 },
            "all 9 places for processes are taken",
        ),
        (
            LoadError::NoMemory {
                wanted: 8192,
                largest: 4096,
            },
            "it needs 8192 bytes of memory, and 4096 are left in one piece",
        ),
        (
            LoadError::Addresses {
                image: 1..2,
                ram: 3..4,
            },
            "its image at 0x1..0x2 and its RAM at 0x3..0x4 do not fit the address space",
        ),
    ];
    for (error, text) in errors {
        assert_eq!(error.to_string(), text);
    }
}
