//! Memory operations.

use chip_fake as fake;
use kernel::{ErrorCode, process::PAGE_BYTES};

use crate::bench::{Bench, DRIVER, each_width};

const BRK: usize = 0;
const SBRK: usize = 1;

#[test]
fn a_process_can_ask_where_its_memory_is() {
    each_width(|_, app| {
        app.subscribe(DRIVER, 0);
        let at = app.addresses();
        let expected = [
            (2, at.sram_start),
            (3, at.sram_end),
            (4, at.flash_start),
            (5, at.flash_end),
            (6, at.sram_grant_start),
            (7, 0),
        ];
        for (operation, value) in expected {
            assert_eq!(app.memop(operation, 0), Ok(value), "operation {operation}");
        }
        assert!(at.flash_start < at.flash_non_protected_start);
        assert!(at.sram_app_brk <= at.sram_grant_start && at.sram_grant_start < at.sram_end);
    });
}

#[test]
fn a_process_can_ask_for_its_writeable_regions() {
    for image in [fake::image("wide"), fake::image_of_32_bits("narrow")] {
        let bench = Bench::new();
        let image = image.writeable_flash_regions(&[(512, 64), (600, 8)]);
        let app = bench.machine.load(&image).unwrap();
        let start = app.addresses().flash_start;
        assert_eq!(app.memop(7, 0), Ok(2));
        assert_eq!(app.memop(8, 0), Ok(start + 512));
        assert_eq!(app.memop(9, 0), Ok(start + 576));
        assert_eq!(app.memop(8, 1), Ok(start + 600));
        assert_eq!(app.memop(9, 1), Ok(start + 608));
        app.process(|process| {
            assert_eq!(process.number_writeable_flash_regions(), 2);
            let regions = [0, 1, 2].map(|number| process.get_writeable_flash_region(number));
            assert_eq!(regions, [(512, 64), (600, 8), (0, 0)]);
        });
        for operation in [8, 9] {
            for region in [2, u32::MAX as usize] {
                assert_eq!(app.memop(operation, region), Err(ErrorCode::FAIL));
            }
        }
    }
}

#[test]
fn a_process_can_say_where_its_stack_and_its_heap_are() {
    each_width(|_, app| {
        let before = app.addresses();
        assert_eq!(
            (before.sram_stack_top, before.sram_heap_start),
            (None, None)
        );
        assert_eq!(app.memop(10, 0x1234), Ok(0));
        assert_eq!(app.memop(11, 0x5678), Ok(0));
        let after = app.addresses();
        assert_eq!(after.sram_stack_top, Some(0x1234));
        assert_eq!(after.sram_heap_start, Some(0x5678));
        app.restart();
        assert_eq!(app.addresses().sram_stack_top, None);
    });
}

#[test]
fn an_operation_that_does_not_exist_is_not_supported() {
    each_width(|_, app| {
        for operation in [12, 13, u32::MAX as usize] {
            assert_eq!(app.memop(operation, 0), Err(ErrorCode::NOSUPPORT));
        }
    });
}

#[test]
fn the_break_moves_up_and_down() {
    let bench = Bench::new();
    let app = bench.large_app("tester");
    let start = app.addresses().sram_start;
    assert_eq!(app.memop(BRK, start + 10_000), Ok(0));
    assert_eq!(app.addresses().sram_app_brk, start + 10_000);
    assert_eq!(app.memop(SBRK, 1), Ok(start + 10_000));
    assert_eq!(app.memop(SBRK, 0), Ok(start + 10_001));
    assert_eq!(
        app.memop(SBRK, usize::MAX - 9),
        Ok(start + 10_001),
        "minus ten"
    );
    assert_eq!(app.addresses().sram_app_brk, start + 9_991);
    assert_eq!(app.memop(BRK, start), Ok(0));
    assert_eq!(app.memop(SBRK, usize::MAX), Err(ErrorCode::NOMEM));
}

#[test]
fn a_narrow_process_moves_its_break_down_with_a_narrow_number() {
    let bench = Bench::new();
    let image = fake::image_of_32_bits("narrow");
    let app = bench.machine.load(&image).unwrap();
    let before = app.addresses().sram_app_brk;
    assert_eq!(app.memop(SBRK, -16_i32 as u32 as usize), Ok(before));
    assert_eq!(app.addresses().sram_app_brk, before - 16);
    assert_eq!(
        app.memop(SBRK, i32::MIN as u32 as usize),
        Err(ErrorCode::NOMEM)
    );
}

#[test]
fn the_break_stays_off_the_pages_of_the_grants() {
    let bench = Bench::new();
    let app = bench.large_app("tester");
    let at = app.addresses();
    let highest = at.sram_grant_start / PAGE_BYTES * PAGE_BYTES;
    for address in [
        highest + 1,
        at.sram_grant_start,
        at.sram_end,
        usize::MAX,
        0,
        at.sram_start - 1,
    ] {
        assert_eq!(
            app.memop(BRK, address),
            Err(ErrorCode::NOMEM),
            "{address:#x}"
        );
    }
    assert_eq!(app.addresses(), at, "nothing has changed");
    assert_eq!(app.memop(BRK, highest), Ok(0));
    app.write(highest - 1, &[1]);
    assert_eq!(app.memop(SBRK, 1), Err(ErrorCode::NOMEM));
    assert_eq!(app.memop(SBRK, isize::MAX as usize), Err(ErrorCode::NOMEM));
}

#[test]
fn a_process_has_the_memory_that_its_image_asks_for() {
    for pages in [0, 1, 2, 7] {
        for bytes in [0, 1, PAGE_BYTES - 1] {
            let bench = Bench::new();
            let minimum_ram = pages * PAGE_BYTES + bytes;
            let image = fake::image("tester").minimum_ram(minimum_ram as u32);
            let app = bench.machine.load(&image).unwrap();
            let start = app.addresses().sram_start;
            assert_eq!(app.memop(BRK, start + minimum_ram), Ok(0));
        }
    }
}

#[test]
fn memory_that_comes_or_comes_again_is_zeroed() {
    let bench = Bench::new();
    let app = bench.large_app("tester");
    let start = app.addresses().sram_start;
    let end = start + 4 * PAGE_BYTES;
    for _ in 0..2 {
        app.memop(BRK, end).unwrap();
        assert_eq!(
            app.read(start + PAGE_BYTES, 3 * PAGE_BYTES),
            [0; 3 * PAGE_BYTES]
        );
        app.write(start + PAGE_BYTES, &[7; 3 * PAGE_BYTES]);
        app.memop(BRK, start + PAGE_BYTES).unwrap();
    }
}

#[test]
fn memory_that_another_app_had_is_zeroed() {
    let bench = Bench::on(fake::Machine::with_room_for(1, 12));
    for _ in 0..2 {
        let app = bench.large_app("tester");
        let at = app.addresses();
        let image = app.read(at.flash_start, at.flash_end - at.flash_start);
        let expected = fake::image("tester")
            .minimum_ram(8 * PAGE_BYTES as u32)
            .build();
        assert_eq!(image, expected);
        app.memop(BRK, at.sram_start + 8 * PAGE_BYTES).unwrap();
        let memory = app.read(at.sram_start, 8 * PAGE_BYTES);
        assert!(memory.iter().all(|byte| *byte == 0));
        app.write(at.sram_start, &[0xaa; 8 * PAGE_BYTES]);
        app.remove().unwrap();
    }
}
