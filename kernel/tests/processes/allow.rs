//! Sharing buffers: which memory a process may share, and what a driver sees of it.

use chip_fake::App;
use kernel::{
    ErrorCode,
    process::{Error, PAGE_BYTES},
    processbuffer::{ReadableProcessBuffer, WriteableProcessBuffer},
};

use crate::bench::{BUFFERS, Bench, DRIVER, Driver, NOBODY, POOR_DRIVER, each_width};

/// Sharing in one of the three ways.
type Share = fn(&App, usize, usize, usize, usize) -> Result<(usize, usize), ErrorCode>;

const READ_WRITE: Share =
    |app, driver, number, address, len_bytes| app.share_rw(driver, number, address, len_bytes);
const READ_ONLY: Share =
    |app, driver, number, address, len_bytes| app.share_ro(driver, number, address, len_bytes);
const READABLE: Share = |app, driver, number, address, len_bytes| {
    app.share_readable(driver, number, address, len_bytes)
};
const ALL: [Share; 3] = [READ_WRITE, READ_ONLY, READABLE];

/// What a driver finds in a read-only buffer.
fn read_only(driver: &Driver, app: &App, number: usize) -> Vec<u8> {
    driver.enter(app, |_, kernel_data| {
        let buffer = kernel_data.get_readonly_processbuffer(number).unwrap();
        let read = |bytes: &kernel::processbuffer::ReadableProcessSlice| {
            bytes.iter().map(|byte| byte.get()).collect()
        };
        buffer.enter(read).unwrap()
    })
}

#[test]
fn the_first_buffer_is_empty_and_each_returns_the_one_before() {
    each_width(|_, app| {
        let start = app.addresses().sram_start;
        for share in ALL {
            assert_eq!(share(app, DRIVER, 0, start, 10), Ok((0, 0)));
            assert_eq!(share(app, DRIVER, 0, start + 1, 20), Ok((start, 10)));
            assert_eq!(share(app, DRIVER, 0, 0, 0), Ok((start + 1, 20)));
            assert_eq!(share(app, DRIVER, 0, 0, 0), Ok((0, 0)));
        }
    });
}

#[test]
fn memory_below_the_break_can_be_shared_to_its_last_byte() {
    each_width(|_, app| {
        let at = app.addresses();
        let len_bytes = at.sram_app_brk - at.sram_start;
        for share in ALL {
            assert!(share(app, DRIVER, 0, at.sram_start, len_bytes).is_ok());
            assert!(share(app, DRIVER, 0, at.sram_app_brk - 1, 1).is_ok());
        }
    });
}

#[test]
fn memory_that_is_not_the_apps_is_refused() {
    each_width(|_, app| {
        let at = app.addresses();
        let len_bytes = at.sram_app_brk - at.sram_start;
        let last = if app.name() == "wide" {
            usize::MAX
        } else {
            u32::MAX as usize
        };
        let outside = [
            (1, 1),
            (at.flash_start, 1),
            (at.sram_start - 1, 1),
            (at.sram_start - 1, 2),
            (at.sram_start, len_bytes + 1),
            (at.sram_app_brk, 1),
            (at.sram_grant_start, 1),
            (at.sram_end - 1, 1),
            (at.sram_end, 1),
            (last, 1),
            (at.sram_start, last),
            (at.sram_start + 1, last - at.sram_start),
        ];
        for (address, len_bytes) in outside {
            for share in ALL {
                let result = share(app, DRIVER, 0, address, len_bytes);
                assert_eq!(
                    result,
                    Err(ErrorCode::INVAL),
                    "{address:#x}, {len_bytes:#x}"
                );
            }
        }
    });
}

#[test]
fn only_to_be_read_can_the_binary_be_shared() {
    each_width(|bench, app| {
        let at = app.addresses();
        let (start, len_bytes) = (
            at.flash_non_protected_start,
            at.flash_end - at.flash_non_protected_start,
        );
        assert_eq!(app.share_ro(DRIVER, 0, start, len_bytes), Ok((0, 0)));
        assert_eq!(read_only(bench.driver, app, 0), app.read(start, len_bytes));
        for (start, len_bytes) in [(start - 1, 1), (start, len_bytes + 1)] {
            let result = app.share_ro(DRIVER, 0, start, len_bytes);
            assert_eq!(result, Err(ErrorCode::INVAL));
        }
        for share in [READ_WRITE, READABLE] {
            let result = share(app, DRIVER, 0, start, len_bytes);
            assert_eq!(result, Err(ErrorCode::INVAL));
        }
    });
}

#[test]
fn no_bytes_can_be_shared_at_any_address() {
    each_width(|bench, app| {
        let at = app.addresses();
        for address in [0, 1, at.flash_start, at.sram_end, u32::MAX as usize] {
            for share in ALL {
                assert!(share(app, DRIVER, 0, address, 0).is_ok());
            }
            bench.driver.enter(app, |_, kernel_data| {
                let buffer = kernel_data.get_readwrite_processbuffer(0).unwrap();
                assert!(buffer.is_empty() && buffer.ptr().is_null());
                assert_eq!(buffer.mut_enter(|bytes| bytes.len()), Ok(0));
            });
            assert_eq!(app.share_rw(DRIVER, 0, 0, 0), Ok((address, 0)));
        }
    });
}

#[test]
fn a_number_beyond_the_drivers_is_not_supported() {
    each_width(|_, app| {
        let start = app.addresses().sram_start;
        for share in ALL {
            for number in [usize::from(BUFFERS), 255, 256, u32::MAX as usize] {
                let result = share(app, DRIVER, number, start, 1);
                assert_eq!(result, Err(ErrorCode::NOSUPPORT));
            }
        }
    });
}

#[test]
fn a_driver_that_is_not_there_is_told_before_a_wrong_buffer() {
    each_width(|_, app| {
        for share in ALL {
            assert_eq!(share(app, NOBODY, 0, 1, 1), Err(ErrorCode::NODEVICE));
            assert_eq!(share(app, NOBODY, 0, 0, 0), Err(ErrorCode::NODEVICE));
        }
    });
}

#[test]
fn a_driver_without_a_grant_has_no_room_for_buffers() {
    each_width(|_, app| {
        for share in [READ_WRITE, READ_ONLY] {
            assert_eq!(share(app, POOR_DRIVER, 0, 0, 0), Err(ErrorCode::NOMEM));
        }
    });
}

#[test]
fn the_three_kinds_have_numbers_of_their_own() {
    each_width(|_, app| {
        let start = app.addresses().sram_start;
        for (offset, share) in ALL.into_iter().enumerate() {
            assert_eq!(share(app, DRIVER, 0, start + offset, 1), Ok((0, 0)));
        }
        for (offset, share) in ALL.into_iter().enumerate() {
            assert_eq!(share(app, DRIVER, 0, 0, 0), Ok((start + offset, 1)));
        }
    });
}

#[test]
fn a_driver_reads_and_writes_the_bytes_of_the_process() {
    each_width(|bench, app| {
        app.allow_ro(DRIVER, 1, b"read me");
        app.allow_rw(DRIVER, 1, b"write me");
        assert_eq!(read_only(bench.driver, app, 1), b"read me");
        bench.driver.enter(app, |_, kernel_data| {
            let buffer = kernel_data.get_readwrite_processbuffer(1).unwrap();
            let written = buffer.mut_enter(|bytes| bytes[..5].copy_from_slice(b"wrote"));
            assert_eq!(written, Ok(()));
        });
        assert_eq!(app.buffer(DRIVER, 1), b"wrote me");
    });
}

#[test]
fn a_buffer_of_a_number_that_the_grant_has_not_is_out_of_bounds() {
    each_width(|bench, app| {
        app.command(DRIVER, 0, 0, 0);
        bench.driver.enter(app, |_, kernel_data| {
            let number = usize::from(BUFFERS);
            let read_only = kernel_data.get_readonly_processbuffer(number);
            assert_eq!(read_only.err(), Some(Error::AddressOutOfBounds));
            let read_write = kernel_data.get_readwrite_processbuffer(number);
            assert_eq!(read_write.err(), Some(Error::AddressOutOfBounds));
        });
    });
}

#[test]
fn buffers_may_overlap() {
    each_width(|bench, app| {
        let start = app.allow_rw(DRIVER, 0, b"abcdef");
        app.share_rw(DRIVER, 1, start + 2, 2).unwrap();
        app.share_ro(DRIVER, 0, start + 1, 4).unwrap();
        bench.driver.enter(app, |_, kernel_data| {
            let inner = kernel_data.get_readwrite_processbuffer(1).unwrap();
            inner
                .mut_enter(|bytes| bytes.copy_from_slice(b"CD"))
                .unwrap();
        });
        assert_eq!(read_only(bench.driver, app, 0), b"bCDe");
        assert_eq!(app.buffer(DRIVER, 0), b"abCDef");
    });
}

#[test]
fn the_break_never_goes_below_what_was_shared() {
    for share in ALL {
        let bench = Bench::new();
        let app = bench.large_app("tester");
        let start = app.addresses().sram_start;
        app.memop(0, start + 4 * PAGE_BYTES).unwrap();
        let end = start + 2 * PAGE_BYTES + 5;
        share(&app, DRIVER, 0, end - 10, 10).unwrap();
        share(&app, DRIVER, 0, start, 1).unwrap();
        share(&app, DRIVER, 0, 0, 0).unwrap();
        assert_eq!(app.memop(0, end - 1), Err(ErrorCode::NOMEM));
        assert_eq!(app.memop(0, end), Ok(0));
    }
}

#[test]
fn what_is_refused_empty_or_in_the_binary_does_not_hold_the_break() {
    let bench = Bench::new();
    let app = bench.large_app("tester");
    let at = app.addresses();
    let end = at.sram_start + 4 * PAGE_BYTES;
    app.memop(0, end).unwrap();
    app.share_ro(DRIVER, 0, at.flash_end - 8, 8).unwrap();
    for share in ALL {
        share(&app, DRIVER, 0, end, 0).unwrap();
        share(&app, DRIVER, 0, end - 1, 2).unwrap_err();
        share(&app, DRIVER, 77, end - 1, 1).unwrap_err();
        share(&app, NOBODY, 0, end - 1, 1).unwrap_err();
    }
    assert_eq!(app.memop(0, at.sram_start), Ok(0));
}

#[test]
fn a_buffer_that_the_process_goes_on_reading_can_be_kept() {
    each_width(|bench, app| {
        let start = app.place(b"....");
        app.share_readable(DRIVER, 0, start, 4).unwrap();
        let kept = bench.driver.kept.borrow();
        assert_eq!((kept.len(), kept.ptr().addr()), (4, start));
        kept.mut_enter(|bytes| bytes.copy_from_slice(b"kept"))
            .unwrap();
        assert_eq!(app.read(start, 4), b"kept");
    });
}

#[test]
fn a_kept_buffer_is_gone_when_its_process_ends_is_started_anew_or_is_removed() {
    let ends: [fn(&App); 4] = [
        |app| app.terminate(),
        |app| app.fault(),
        |app| app.restart(),
        |app| app.remove().unwrap(),
    ];
    for end in ends {
        let bench = Bench::new();
        let app = bench.machine.app("tester");
        let start = app.place(b"....");
        app.share_readable(DRIVER, 0, start, 4).unwrap();
        end(&app);
        let kept = bench.driver.kept.borrow();
        assert_eq!(kept.enter(|_| ()), Err(Error::NoSuchApp));
        assert_eq!(kept.mut_enter(|_| ()), Err(Error::NoSuchApp));
        assert_eq!(kept.len(), 0);
    }
}

#[test]
fn while_a_kept_buffer_is_open_its_process_is_neither_removed_nor_started_anew() {
    let bench = Bench::new();
    let app = bench.machine.app("tester");
    let start = app.place(b"1234");
    app.share_readable(DRIVER, 0, start, 4).unwrap();
    let id = app.process_id();
    let kept = bench.driver.kept.borrow();
    let read = kept.enter(|bytes| {
        assert_eq!(app.remove(), Err(Error::AlreadyInUse));
        app.restart();
        assert_eq!(app.process_id(), id);
        bytes.iter().map(|byte| byte.get()).collect::<Vec<_>>()
    });
    assert_eq!(read.as_deref(), Ok(&b"1234"[..]));
    assert_ne!(app.process_id(), id, "it was started anew afterwards");
}
