//! Noise on a serial line costs only itself.
//!
//! Random text, junk and bytes go through the decoder; what was typed must come out of it.

use capsules_core::{Key, KeyDecoder};
use proptest::{collection::vec, prelude::*};

fn printable() -> impl Strategy<Value = char> {
    any::<char>().prop_filter("a control character", |c| !c.is_control())
}

/// Junk that means no character, and is complete whatever follows.
fn junk() -> impl Strategy<Value = Vec<u8>> {
    let sequence = "\x1b(\\[[0-9:;<=>?]{1,20}[ -/]{0,3}|O[0-9;]{0,5}|\\[)[@-Z^-~]";
    prop_oneof![
        4 => sequence.prop_map(String::into_bytes),
        1 => "\x1b\\[\\[[ -~]".prop_map(String::into_bytes),
        1 => "\x1b{1,3}[\r\x03]".prop_map(String::into_bytes),
        1 => "[\u{80}-\u{9f}]".prop_map(String::into_bytes),
        1 => vec(0xf5..=0xff_u8, 1..4),
        1 => Just(b"\xe2\x82\x1b[1;5\r".to_vec()),
    ]
}

fn decode(bytes: &[u8]) -> (Vec<Key>, u32) {
    let mut decoder = KeyDecoder::new();
    let keys = bytes
        .iter()
        .filter_map(|&byte| decoder.push(byte))
        .collect();
    (keys, decoder.dropped())
}

fn characters(keys: &[Key]) -> String {
    let character = |key: &Key| match key {
        Key::Char(c) => Some(*c),
        _ => None,
    };
    keys.iter().filter_map(character).collect()
}

proptest! {
    #[test]
    fn text_arrives_complete_whatever_junk_is_between(
        pieces in vec((vec(printable(), 0..8).prop_map(String::from_iter), junk()), 0..20),
    ) {
        let text: String = pieces.iter().map(|(text, _)| text.as_str()).collect();
        let bytes = pieces.iter().flat_map(|(text, junk)| [text.as_bytes(), junk]);
        let bytes = bytes.collect::<Vec<_>>().concat();
        prop_assert_eq!(characters(&decode(&bytes).0), text);
    }

    #[test]
    fn what_is_not_utf8_is_dropped_and_nothing_else(
        bytes in vec(prop_oneof![0xa0..=0xff_u8, 0x80..=0xff_u8, 0x20..=0x7e_u8], 0..40),
    ) {
        let (keys, dropped) = decode(&bytes);
        let valid = bytes.utf8_chunks().flat_map(|chunk| chunk.valid().chars());
        let (controls, text): (String, String) = valid.partition(|c| c.is_control());
        prop_assert_eq!(characters(&keys), text);
        let invalid = bytes.utf8_chunks().filter(|chunk| !chunk.invalid().is_empty()).count();
        // The last character may still be complete one day.
        let counted = dropped as usize - controls.chars().count();
        prop_assert!(counted == invalid || counted + 1 == invalid);
    }

    #[test]
    fn no_noise_takes_away_the_next_line(noise in vec(any::<u8>(), 0..40)) {
        let (keys, dropped) = decode(&[&noise, &b"\rls\r"[..]].concat());
        prop_assert!(keys.ends_with(&[Key::Enter, Key::Char('l'), Key::Char('s'), Key::Enter]));
        prop_assert!(!characters(&keys).contains(char::is_control));
        prop_assert!(dropped as usize <= noise.len());
    }
}
