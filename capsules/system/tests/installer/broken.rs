//! Transfers that break, hosts that talk over each other, and noise. Each leaves the machine as it was, and the next
//! transfer works at once.

use std::thread;

use chip_fake as fake;
use install_line::{CRC, FRAME_BYTES, Message, PIECE_BYTES, SILENCE_MS, encode};
use proptest::prelude::*;

use crate::bench::{Bench, State};

/// An image of two parts, with zero bytes and others.
fn image() -> Vec<u8> {
    let binary: Vec<u8> = (0..PIECE_BYTES).map(|place| (place / 2) as u8).collect();
    tbf::Image::app(&binary)
        .kernel_version(2, 0)
        .name("torn")
        .build()
}

/// All that a host says to install [`image`].
fn good_transfer(bench: &Bench) -> Vec<u8> {
    bench.take_said();
    bench.host().install(&image()).unwrap();
    let said = bench.take_said();
    bench.host().remove("torn").unwrap();
    said
}

fn begin(image: &[u8]) -> Message<'static> {
    Message::Begin {
        len_bytes: image.len() as u32,
        checksum: CRC.checksum(image),
    }
}

fn framed(session: u32, message: Message<'_>) -> Vec<u8> {
    let mut room = [0; FRAME_BYTES];
    encode(session, &message, &mut room).unwrap().to_vec()
}

/// The answers as [`Bench::answers`] has them.
fn answers<const N: usize>(session: u32, messages: [Message<'_>; N]) -> Vec<(u32, String)> {
    messages.map(|it| (session, format!("{it:?}"))).into()
}

#[test]
fn a_transfer_that_is_torn_at_any_byte_leaves_nothing_behind() {
    let bench = Bench::new();
    let said = good_transfer(&bench);
    let state = bench.state();
    // But for the zero byte at its end, which ends the last frame.
    for len in 0..said.len() - 1 {
        bench.send(&said[..len]);
        bench.works();
        assert_eq!(bench.state(), state, "torn after {len} bytes");
        bench.send(&said[..len]);
        bench.waits(SILENCE_MS);
        assert_eq!(bench.state(), state, "torn after {len} bytes");
    }
}

/// The image was installed whole, or not at all; and what is there is as it was before.
#[track_caller]
fn all_or_nothing(bench: &Bench, state: &State) {
    if !bench.state().0.is_empty() {
        let app = bench.app();
        assert!(app.read(app.addresses().flash_start, image().len()) == image());
        bench.host().remove("torn").unwrap();
    }
    bench.works();
    assert_eq!(bench.state(), *state);
}

#[test]
fn a_transfer_with_a_wrong_byte_is_whole_or_leaves_nothing_behind() {
    let bench = Bench::new();
    let said = good_transfer(&bench);
    let state = bench.state();
    for place in 0..said.len() {
        for wrong in [!said[place], 0] {
            let mut said = said.clone();
            said[place] = wrong;
            bench.send(&said);
            all_or_nothing(&bench, &state);
        }
    }
}

#[test]
fn a_broken_part_is_answered_at_once() {
    let bench = Bench::new();
    let state = bench.state();
    bench.say(7, begin(&image()));
    let (offset, bytes) = (0, &image()[..100]);
    let mut part = framed(7, Message::Chunk { offset, bytes });
    part[50] ^= 1;
    bench.answers();
    bench.send(&part);
    let refusal = Message::Refused("a part of it came broken");
    assert_eq!(bench.answers(), answers(7, [refusal]));
    assert_eq!(bench.state(), state);
    let refusal = Message::Refused("no image is on its way");
    assert_eq!(bench.say(7, Message::End), answers(7, [refusal]));
}

#[test]
fn noise_before_and_between_transfers_does_nothing() {
    let bench = Bench::new();
    let state = bench.state();
    let long: Vec<u8> = (0..10_000).map(|number| (number % 255) as u8 + 1).collect();
    for noise in [
        &b"AT+CGMM\r\n"[..],
        &[0; 1000],
        &[0xff; 3],
        &[1, 0, 1],
        &long,
    ] {
        bench.send(noise);
        assert_eq!(bench.answers(), []);
        bench.works();
        bench.send(&[noise, &[0]].concat());
        assert_eq!(bench.answers(), []);
        bench.works();
    }
    assert_eq!(bench.state(), state);
}

#[test]
fn of_two_hosts_at_once_the_later_one_has_the_line() {
    let bench = Bench::new();
    let state = bench.state();
    let image = image();
    let chunk = |offset: usize| {
        let end = image.len().min(offset + PIECE_BYTES);
        let bytes = &image[offset..end];
        let offset = offset as u32;
        (Message::Chunk { offset, bytes }, Message::Next(end as u32))
    };
    bench.say(1, begin(&image));
    bench.say(1, chunk(0).0);
    assert_eq!(bench.say(2, begin(&image)), answers(2, [Message::Next(0)]));
    let refusal = answers(1, [Message::Refused("no image is on its way")]);
    for offset in (0..image.len()).step_by(PIECE_BYTES) {
        let (part, next) = chunk(offset);
        assert_eq!(bench.say(1, part), refusal);
        assert_eq!(bench.say(1, Message::End), refusal);
        assert_eq!(bench.say(2, part), answers(2, [next]));
    }
    let done = bench.say(2, Message::End).pop();
    assert_eq!(done, answers(2, [Message::Done]).pop());
    bench.host().remove("torn").unwrap();
    assert_eq!(bench.state(), state);
}

#[test]
fn a_host_that_wants_something_else_ends_the_transfer_before() {
    let bench = Bench::new();
    let state = bench.state();
    for other in [Message::List, Message::Remove("nobody")] {
        bench.say(1, begin(&image()));
        bench.say(2, other);
        assert_eq!(bench.state(), state);
    }
}

#[test]
fn a_part_that_does_not_belong_there_ends_the_transfer() {
    let bench = Bench::new();
    let state = bench.state();
    let part = |offset, bytes| Message::Chunk { offset, bytes };
    for (wrong, reason) in [
        (
            part(0, &[1; 10]),
            "10 bytes came for offset 0, and not what belongs at 60",
        ),
        (
            part(61, &[1; 10]),
            "10 bytes came for offset 61, and not what belongs at 60",
        ),
        (
            part(u32::MAX, &[]),
            "0 bytes came for offset 4294967295, and not what belongs at 60",
        ),
        (
            part(60, &[1; 41]),
            "41 bytes came for offset 60, and not what belongs at 60",
        ),
        (Message::End, "only 60 of 100 bytes came"),
    ] {
        bench.say(1, begin(&[0; 100]));
        bench.say(1, part(0, &[1; 60]));
        assert_eq!(bench.say(1, wrong), answers(1, [Message::Refused(reason)]));
        assert_eq!(bench.state(), state);
        bench.works();
    }
}

#[test]
fn an_image_with_another_checksum_is_refused() {
    let bench = Bench::new();
    let state = bench.state();
    let (len_bytes, checksum) = (4, CRC.checksum(b"this") ^ 1);
    bench.say(
        1,
        Message::Begin {
            len_bytes,
            checksum,
        },
    );
    let (offset, bytes) = (0, &b"this"[..]);
    bench.say(1, Message::Chunk { offset, bytes });
    let answer = bench.say(1, Message::End);
    assert!(answer[0].1.contains("its CRC-32 is "), "{answer:?}");
    assert_eq!(bench.state(), state);
}

#[test]
fn a_line_that_gives_back_what_is_said_does_no_harm() {
    let bench = Bench::new();
    bench.say(1, begin(&image()));
    let own = [
        Message::Next(0),
        Message::Line("x"),
        Message::Done,
        Message::Refused("x"),
    ];
    for message in own {
        assert_eq!(bench.say(1, message), []);
    }
    let (offset, bytes) = (0, &image()[..3]);
    let answer = bench.say(1, Message::Chunk { offset, bytes });
    assert_eq!(answer, answers(1, [Message::Next(3)]));
}

#[test]
fn a_host_that_takes_no_answer_keeps_no_memory() {
    let bench = Bench::new();
    let state = bench.state();
    let image = image();
    bench.say(1, begin(&image));
    bench.port.hold_transmit();
    for offset in 0..100 {
        let bytes = &image[offset..=offset];
        let offset = offset as u32;
        bench.send(&framed(1, Message::Chunk { offset, bytes }));
    }
    bench.waits(SILENCE_MS);
    assert_eq!(bench.state(), state);
    bench.port.release();
    bench.machine.run();
    bench.answers();
    bench.works();
}

#[derive(Clone, Debug)]
enum Said {
    Noise(Vec<u8>),
    Begin(u32, u32),
    Chunk(u32, Vec<u8>),
    End,
    Remove(String),
    List,
    Silence(u32),
}

fn said() -> impl Strategy<Value = Said> {
    let number = || prop_oneof![0..2000_u32, any::<u32>()];
    let bytes = || prop::collection::vec(any::<u8>(), 0..PIECE_BYTES);
    prop_oneof![
        bytes().prop_map(Said::Noise),
        (number(), any::<u32>()).prop_map(|(len, checksum)| Said::Begin(len, checksum)),
        (number(), bytes()).prop_map(|(offset, bytes)| Said::Chunk(offset, bytes)),
        Just(Said::End),
        "[a-z]{0,3}".prop_map(Said::Remove),
        Just(Said::List),
        (0..2 * SILENCE_MS).prop_map(Said::Silence),
    ]
}

impl Said {
    fn to(&self, bench: &Bench, session: u32) {
        let message = match self {
            Self::Noise(bytes) => return bench.send(bytes),
            Self::Silence(ms) => return bench.waits(*ms),
            Self::Begin(len_bytes, checksum) => Message::Begin {
                len_bytes: *len_bytes,
                checksum: *checksum,
            },
            Self::Chunk(offset, bytes) => Message::Chunk {
                offset: *offset,
                bytes,
            },
            Self::End => Message::End,
            Self::Remove(name) => Message::Remove(name),
            Self::List => Message::List,
        };
        bench.send(&framed(session, message));
    }
}

/// Runs a test on a machine of its own. There is one in a thread.
fn on_a_machine(test: impl FnOnce(&Bench) + Send) {
    thread::scope(|scope| scope.spawn(|| test(&Bench::new())).join()).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// What is said has sense, each for itself, and seldom together.
    #[test]
    fn whatever_is_said_the_machine_stays_as_it_was_and_the_next_transfer_works(
        said in prop::collection::vec((0..3_u32, said()), 0..20),
    ) {
        on_a_machine(|bench| {
            let state = bench.state();
            bench.host().install(&fake::image("stays").build()).unwrap();
            for (session, said) in &said {
                said.to(bench, *session);
            }
            bench.works();
            assert_eq!(bench.host().remove("stays").map(|lines| lines.len()), Ok(1));
            assert_eq!(bench.state(), state);
        });
    }

    /// With fewer bits in a byte there are more zero bytes, and shorter frames.
    #[test]
    fn bytes_that_are_no_frames_do_nothing(
        bits: u8,
        bytes in prop::collection::vec(any::<u8>(), 0..2000),
    ) {
        on_a_machine(|bench| {
            let state = bench.state();
            let bytes: Vec<u8> = bytes.iter().map(|byte| byte & bits).collect();
            bench.send(&bytes);
            assert_eq!(bench.answers(), []);
            bench.works();
            assert_eq!(bench.state(), state);
        });
    }

    #[test]
    fn a_transfer_of_which_parts_are_lost_or_doubled_is_whole_or_leaves_nothing_behind(
        parts in prop::collection::vec((0..700_usize, 0..700_usize), 1..5),
    ) {
        on_a_machine(|bench| {
            let state = bench.state();
            let good = good_transfer(bench);
            for (one, other) in parts {
                let (start, end) = (one.min(other), one.max(other));
                bench.send(&good[start.min(good.len())..end.min(good.len())]);
            }
            all_or_nothing(bench, &state);
        });
    }
}
