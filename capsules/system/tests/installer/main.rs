//! Apps that come and go over a serial line, and all that can come over it instead.

mod bench;
mod broken;

use chip_fake as fake;
use install_line::{CRC, Message, PIECE_BYTES, SILENCE_MS};
use kernel::{ErrorCode, process::PAGE_BYTES, syscall::CommandReturn};
use tbf::Image;

use crate::bench::Bench;

/// What the machine says to an image that it refuses. It must be as it was before.
#[track_caller]
fn refused(bench: &Bench, image: &[u8]) -> String {
    let state = bench.state();
    let reason = bench.host().install(image).unwrap_err();
    assert_eq!(bench.state(), state);
    reason
}

#[test]
fn an_app_is_installed_runs_and_is_removed() {
    let bench = Bench::new();
    let state = bench.state();
    let image = fake::image("hello").minimum_ram(5000).build();
    let said = bench.host().install(&image).unwrap();
    let app = bench.app();
    let (id, at) = (app.process_id(), app.addresses());
    let ram_bytes = at.sram_end - at.sram_start;
    let expected = format!("hello is process {id:?}, with {ram_bytes} bytes of RAM");
    assert_eq!(said, [expected]);
    assert!(ram_bytes > 5000);
    assert_eq!(
        app.command(0x999, 0, 0, 0),
        CommandReturn::failure(ErrorCode::NODEVICE)
    );
    let removed = bench.host().remove("hello");
    assert_eq!(removed, Ok(vec![format!("removed process {id:?}")]));
    assert_eq!(bench.state(), state);
}

#[test]
fn an_image_of_any_length_arrives_whole() {
    let bench = Bench::new();
    for len in [1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 10_000] {
        let binary: Vec<u8> = (0..len).map(|place| (place * place / 255) as u8).collect();
        let image = Image::app(&binary)
            .kernel_version(2, 0)
            .name("long")
            .build();
        bench.host().install(&image).unwrap();
        let app = bench.app();
        assert!(app.read(app.addresses().flash_start, image.len()) == image);
        bench.host().remove("long").unwrap();
    }
}

#[test]
fn what_the_kernel_refuses_is_refused_in_its_words() {
    let bench = Bench::new();
    let good = fake::image("good").build();
    let mut malformed = good.clone();
    malformed[20] ^= 1;
    let cases = [
        (malformed, "the header's checksum is "),
        (good[..good.len() - 1].to_vec(), "only 1"),
        ([&*good, &[0; 5]].concat(), "; 1"),
        (Vec::new(), "0 bytes are left"),
        (tbf::padding(64), "there is no app in it"),
        (fake::image("good").disabled().build(), "disabled"),
        (
            Image::app(&[0; 8]).build(),
            "the header has no kernel version",
        ),
        (
            fake::image("good").minimum_ram(65 * 4096).build(),
            "bytes of memory, and 258048 are left in one piece",
        ),
        (
            fake::image("good").minimum_ram(1 << 30).build(),
            "address space",
        ),
    ];
    for (image, expected) in cases {
        let reason = refused(&bench, &image);
        assert!(reason.contains(expected), "{reason}");
        bench.works();
    }
}

#[test]
fn an_app_that_has_no_place_is_refused() {
    let bench = Bench::with_room_for(1, 64);
    let image = fake::image("one").build();
    bench.host().install(&image).unwrap();
    assert_eq!(
        refused(&bench, &image),
        "all 1 places for processes are taken"
    );
    bench.host().remove("one").unwrap();
    bench.works();
}

#[test]
fn an_image_that_there_is_no_memory_for_is_refused_before_it_comes() {
    let bench = Bench::with_room_for(8, 5);
    let (wanted, largest) = (6 * PAGE_BYTES, 5 * PAGE_BYTES);
    let image = vec![0; wanted];
    bench.take_said();
    assert_eq!(
        refused(&bench, &image),
        format!("it needs {wanted} bytes of memory, and {largest} are left in one piece")
    );
    assert!(bench.take_said().len() < 100);
    let (len_bytes, checksum) = (u32::MAX, 0);
    let answer = bench.say(
        1,
        Message::Begin {
            len_bytes,
            checksum,
        },
    );
    assert!(answer[0].1.contains("4294967295 bytes"), "{answer:?}");
    bench.works();
}

#[test]
fn all_processes_of_an_app_are_removed_and_no_others() {
    let bench = Bench::new();
    for name in ["one", "two", "one", "three", "one"] {
        bench.host().install(&fake::image(name).build()).unwrap();
    }
    let removed = bench.host().remove("one").unwrap();
    assert_eq!(removed.len(), 3);
    assert_eq!(bench.state().0, ["two 2", "three 4"]);
    let expected = Err("no app has this name".into());
    assert_eq!(bench.host().remove("one"), expected);
    assert_eq!(bench.host().remove("tw"), expected);
}

#[test]
fn the_list_is_the_shells() {
    let bench = Bench::new();
    let heading = bench.host().list().unwrap();
    assert!(heading[0].contains(" NAME "), "{heading:?}");
    for name in ["one", "\x1b[2Jtwo"] {
        bench.host().install(&fake::image(name).build()).unwrap();
    }
    let list = bench.host().list().unwrap();
    let starts = ["    1 one  ", "    2 ?[2Jtwo  "];
    assert_eq!(list.len(), 1 + starts.len());
    for (row, start) in list[1..].iter().zip(starts) {
        assert!(row.starts_with(start), "{list:?}");
    }
}

#[test]
fn a_name_that_hides_control_characters_is_shown_without_them() {
    let bench = Bench::new();
    let image = fake::image("\x1b[2Jbad").build();
    let said = bench.host().install(&image).unwrap();
    assert!(said[0].starts_with("?[2Jbad is process 1,"), "{said:?}");
    bench.host().remove("\x1b[2Jbad").unwrap();
}

#[test]
fn two_hundred_installs_and_removals_lose_no_memory() {
    let bench = Bench::new();
    let state = bench.state();
    for round in 0..200 {
        let image = fake::image("app").minimum_ram(round * 512 % 20_000);
        bench.host().install(&image.build()).unwrap();
        if round % 4 == 3 {
            assert_eq!(bench.host().remove("app").unwrap().len(), 4);
            assert_eq!(bench.state(), state);
        }
    }
}

#[test]
fn apps_that_are_installed_one_after_the_other_leave_no_holes() {
    let bench = Bench::new();
    for _ in 0..8 {
        bench.host().install(&fake::image("app").build()).unwrap();
        let (_, free_bytes, largest_bytes) = bench.state();
        assert_eq!(free_bytes, largest_bytes);
    }
}

#[test]
fn a_silent_sender_is_given_up_after_a_while() {
    let bench = Bench::new();
    let state = bench.state();
    let image = fake::image("slow").build();
    let begin = Message::Begin {
        len_bytes: image.len() as u32,
        checksum: CRC.checksum(&image),
    };
    bench.say(7, begin);
    for part in [&image[..500], &image[500..600]] {
        bench.waits(SILENCE_MS - 1);
        let offset = part.as_ptr().addr() - image.as_ptr().addr();
        let offset = offset as u32;
        let next = offset + part.len() as u32;
        let answer = bench.say(
            7,
            Message::Chunk {
                offset,
                bytes: part,
            },
        );
        assert_eq!(answer, [(7, format!("Next({next})"))]);
    }
    bench.waits(SILENCE_MS - 1);
    assert_ne!(bench.state(), state);
    assert_eq!(bench.answers(), []);
    bench.waits(1);
    assert_eq!(bench.state(), state);
    let refusal = Message::Refused("nothing came for a while");
    assert_eq!(bench.answers(), [(7, format!("{refusal:?}"))]);
    bench.waits(10 * SILENCE_MS);
    assert_eq!(bench.answers(), []);
    bench.works();
}

#[test]
fn a_sender_is_silent_whatever_else_is_said() {
    let bench = Bench::new();
    let state = bench.state();
    let (len_bytes, checksum) = (100, 0);
    bench.say(
        7,
        Message::Begin {
            len_bytes,
            checksum,
        },
    );
    for _ in 0..SILENCE_MS / 100 {
        bench.send(b"x");
        bench.waits(100);
    }
    assert_eq!(bench.state(), state);
    bench.works();
}
