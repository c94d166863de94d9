//! The PC keyboard: what each layout makes of scan codes, and how keys wait to be read.

use capsules_core::{Key, KeyEvent, Keyboard, Keys, LAYOUTS};
use chip_fake as fake;
use kernel::{ErrorCode, hil::keyboard::ScancodeKeyboard as _};
use pc_keyboard::KeyCode;

/// Make codes of set 1, by what a US keyboard has printed on the key.
const KEY_1: u8 = 0x02;
const KEY_2: u8 = 0x03;
const KEY_3: u8 = 0x04;
const TAB: u8 = 0x0f;
const Q: u8 = 0x10;
const Y: u8 = 0x15;
const ENTER: u8 = 0x1c;
const CONTROL: u8 = 0x1d;
const A: u8 = 0x1e;
const SEMICOLON: u8 = 0x27;
const SHIFT: u8 = 0x2a;
const BACKSLASH: u8 = 0x2b;
const C: u8 = 0x2e;
const RIGHT_SHIFT: u8 = 0x36;
const CAPS_LOCK: u8 = 0x3a;
const F1: u8 = 0x3b;
const NUM_LOCK: u8 = 0x45;
const NUMPAD_7: u8 = 0x47;
const F12: u8 = 0x58;

/// Goes before the codes of the keys that later keyboards have.
const EXTENDED: u8 = 0xe0;
/// Added to a make code when the key is released.
const RELEASE: u8 = 0x80;

/// The key with the make code `key`, pressed and released.
const fn tap(key: u8) -> [u8; 2] {
    [key, key | RELEASE]
}

struct Bench {
    hardware: &'static fake::Keyboard,
    keyboard: &'static Keyboard<'static>,
}

impl Bench {
    /// A keyboard with room for `events`.
    fn new(events: usize) -> Self {
        let queue = vec![KeyEvent::NONE; events].leak();
        let keyboard = &*fake::leak(Keyboard::new(queue));
        let hardware = fake::Keyboard::new();
        hardware.set_scancode_client(keyboard);
        Self { hardware, keyboard }
    }

    fn with_layout(name: &str) -> Self {
        let bench = Self::new(64);
        bench.keyboard.set_layout(name).unwrap();
        bench
    }

    fn events(&self) -> Vec<KeyEvent> {
        let keys: &dyn Keys = self.keyboard;
        std::iter::from_fn(|| fake::poll_once(keys.next())).collect()
    }

    /// The keys that `scancodes` mean.
    fn keys(&self, scancodes: &[u8]) -> Vec<Key> {
        self.hardware.send(scancodes);
        self.events().iter().filter_map(|event| event.key).collect()
    }

    /// The characters of `keys` by themselves, with Shift and with AltGr.
    fn characters(&self, keys: &[u8]) -> [String; 3] {
        let plain: Vec<u8> = keys.iter().flat_map(|key| tap(*key)).collect();
        let shifted = [&[SHIFT], &plain[..], &[SHIFT | RELEASE]].concat();
        let alt_gr = [&[EXTENDED, 0x38], &plain[..], &[EXTENDED, 0x38 | RELEASE]].concat();
        [plain, shifted, alt_gr].map(|codes| {
            let keys = self.keys(&codes).into_iter();
            keys.map(|key| {
                if let Key::Char(character) = key {
                    character
                } else {
                    '\0'
                }
            })
            .collect()
        })
    }
}

#[test]
fn keys_without_a_character_have_names() {
    let bench = Bench::with_layout("us");
    let function_keys = [
        0x3b, 0x3c, 0x3d, 0x3e, 0x3f, 0x40, 0x41, 0x42, 0x43, 0x44, 0x57, 0x58,
    ];
    for (number, code) in (1..).zip(function_keys) {
        assert_eq!(bench.keys(&tap(code)), [Key::Function(number)]);
    }
    for (code, key) in [
        (0x47, Key::Home),
        (0x48, Key::Up),
        (0x49, Key::PageUp),
        (0x4b, Key::Left),
        (0x4d, Key::Right),
        (0x4f, Key::End),
        (0x50, Key::Down),
        (0x51, Key::PageDown),
        (0x52, Key::Insert),
        (0x53, Key::Delete),
    ] {
        let [press, release] = tap(code);
        assert_eq!(bench.keys(&[EXTENDED, press, EXTENDED, release]), [key]);
    }
}

#[test]
fn a_us_keyboard_writes_what_is_printed_on_it() {
    let [plain, shifted, _] =
        Bench::new(64).characters(&[KEY_1, KEY_2, KEY_3, Q, Y, A, SEMICOLON, BACKSLASH]);
    assert_eq!((&*plain, &*shifted), (r"123qya;\", "!@#QYA:|"));
}

#[test]
fn a_uk_keyboard_has_its_pound_quotes_and_hash() {
    let bench = Bench::with_layout("uk");
    let [plain, shifted, _] = bench.characters(&[KEY_2, KEY_3, BACKSLASH, 0x56]);
    assert_eq!((&*plain, &*shifted), (r"23#\", "\"£~|"));
}

#[test]
fn a_german_keyboard_has_umlauts_swaps_z_and_y_and_needs_alt_gr() {
    let bench = Bench::with_layout("de");
    let [plain, shifted, alt_gr] = bench.characters(&[Y, SEMICOLON, KEY_2, KEY_3, Q]);
    assert_eq!((&*plain, &*shifted, &*alt_gr), ("zö23q", "ZÖ\"§Q", "zö²³@"));
}

#[test]
fn a_french_keyboard_has_its_digits_shifted_and_starts_with_azerty() {
    let bench = Bench::with_layout("fr");
    let [plain, shifted, _] = bench.characters(&[Q, A, SEMICOLON, KEY_1, KEY_2]);
    assert_eq!((&*plain, &*shifted), ("aqm&é", "AQM12"));
}

#[test]
fn every_layout_can_be_chosen_and_no_other() {
    let bench = Bench::new(8);
    assert_eq!(bench.keyboard.layout(), "us");
    for (name, _) in LAYOUTS {
        assert_eq!(bench.keyboard.set_layout(name), Ok(()));
        assert_eq!(bench.keyboard.layout(), name);
    }
    bench.keyboard.set_layout("de").unwrap();
    assert_eq!(bench.keyboard.set_layout("klingon"), Err(ErrorCode::INVAL));
    assert_eq!(bench.keyboard.layout(), "de");
    assert_eq!(bench.keys(&[Y]), [Key::Char('z')]);
}

#[test]
fn either_shift_and_caps_lock_make_capitals() {
    let bench = Bench::new(64);
    for shift in [SHIFT, RIGHT_SHIFT] {
        assert_eq!(
            bench.keys(&[shift, A, shift | RELEASE, A]),
            ['A', 'a'].map(Key::Char)
        );
    }
    bench.hardware.tap(CAPS_LOCK);
    let typed = bench.keys(&[A, KEY_1, SHIFT, A, SHIFT | RELEASE]);
    assert_eq!(typed, ['A', '1', 'a'].map(Key::Char));
    bench.hardware.tap(CAPS_LOCK);
    assert_eq!(bench.keys(&[A]), [Key::Char('a')]);
}

#[test]
fn either_control_makes_control_keys() {
    let bench = Bench::new(64);
    let left = bench.keys(&[CONTROL, A, CONTROL | RELEASE, A]);
    assert_eq!(left, [Key::Control('a'), Key::Char('a')]);
    let right = bench.keys(&[EXTENDED, CONTROL, Q, EXTENDED, CONTROL | RELEASE, Q]);
    assert_eq!(right, [Key::Control('q'), Key::Char('q')]);
}

#[test]
fn keys_without_a_character_have_their_names() {
    let extended = [
        (0x48, Key::Up),
        (0x50, Key::Down),
        (0x4b, Key::Left),
        (0x4d, Key::Right),
        (0x47, Key::Home),
        (0x4f, Key::End),
        (0x49, Key::PageUp),
        (0x51, Key::PageDown),
        (0x52, Key::Insert),
        (0x53, Key::Delete),
        (ENTER, Key::Enter),
    ];
    let bench = Bench::new(64);
    for (code, key) in extended {
        assert_eq!(
            bench.keys(&[EXTENDED, code, EXTENDED, code | RELEASE]),
            [key]
        );
    }
    let plain = [
        (0x01, Key::Escape),
        (TAB, Key::Tab),
        (ENTER, Key::Enter),
        (0x0e, Key::Backspace),
        (F1, Key::Function(1)),
        (0x44, Key::Function(10)),
        (F12, Key::Function(12)),
    ];
    for (code, key) in plain {
        assert_eq!(bench.keys(&tap(code)), [key]);
    }
}

#[test]
fn the_numeric_pad_obeys_num_lock() {
    let bench = Bench::new(64);
    assert_eq!(bench.keys(&tap(NUMPAD_7)), [Key::Char('7')]);
    bench.hardware.tap(NUM_LOCK);
    assert_eq!(bench.keys(&tap(NUMPAD_7)), [Key::Home]);
}

#[test]
fn a_lock_that_is_held_changes_once_however_often_the_keyboard_repeats_it() {
    let bench = Bench::new(64);
    let held = |lock: u8| [lock, lock, lock, lock, lock | RELEASE];
    bench.hardware.send(&held(CAPS_LOCK));
    bench.hardware.send(&held(NUM_LOCK));
    let events = bench.events();
    assert_eq!(events.len(), 10, "a repetition is an event all the same");
    let typed = bench.keys(&[A, NUMPAD_7]);
    assert_eq!(typed, [Key::Char('A'), Key::Home]);
    bench.hardware.send(&held(CAPS_LOCK));
    assert_eq!(bench.keys(&[A]), [Key::Char('a')]);
}

#[test]
fn a_release_and_a_modifier_are_events_that_mean_no_key() {
    let bench = Bench::new(8);
    bench
        .hardware
        .send(&[SHIFT, EXTENDED, 0x48, EXTENDED, 0xc8]);
    let expected: [(KeyCode, bool, Option<Key>, &[u8]); 3] = [
        (KeyCode::LShift, true, None, &[SHIFT]),
        (KeyCode::ArrowUp, true, Some(Key::Up), &[EXTENDED, 0x48]),
        (KeyCode::ArrowUp, false, None, &[EXTENDED, 0xc8]),
    ];
    let events = bench.events();
    assert_eq!(events.len(), expected.len());
    for (event, (code, is_press, key, bytes)) in events.iter().zip(expected) {
        assert_eq!(
            (event.code, event.is_press, event.key),
            (Some(code), is_press, key)
        );
        assert_eq!(event.bytes(), bytes);
    }
}

#[test]
fn a_full_queue_drops_the_newest_and_says_so_in_the_log() {
    let (machine, bench) = (fake::Machine::new(), Bench::new(3));
    bench.hardware.send(&[A, Q, Y, C, C, C]);
    assert_eq!(
        machine.log(),
        ["keyboard: the key queue is full, keys are dropped"]
    );
    assert_eq!(bench.keys(&[]), ['a', 'q', 'y'].map(Key::Char));
    assert_eq!(bench.keys(&[A]), [Key::Char('a')]);
    assert_eq!(machine.log()[1..], ["keyboard: 3 key events were dropped"]);
    bench.hardware.send(&[A]);
    assert_eq!(machine.log().len(), 2, "nothing was dropped since");
}

#[test]
fn control_c_forgets_what_was_typed_before_it_and_interrupts_once() {
    let bench = Bench::new(4);
    let keys: &dyn Keys = bench.keyboard;
    bench
        .hardware
        .send(&[A, A, A, A, A, CONTROL, C, C | RELEASE, CONTROL | RELEASE, Q]);
    assert_eq!(fake::poll_once(keys.interrupt()), Some(()));
    assert_eq!(fake::poll_once(keys.interrupt()), None);
    assert_eq!(bench.keys(&[]), [Key::Char('q')]);
}

#[test]
fn control_c_is_a_key_to_who_reads_keys_and_then_no_interrupt() {
    let bench = Bench::new(4);
    let keys: &dyn Keys = bench.keyboard;
    assert_eq!(bench.keys(&[CONTROL, C]), [Key::Control('c')]);
    assert_eq!(fake::poll_once(keys.interrupt()), None);
}

#[test]
fn a_task_that_waits_is_woken_by_a_key_and_by_an_interrupt() {
    let (machine, bench) = (fake::Machine::new(), Bench::new(8));
    let keys: &'static dyn Keys = bench.keyboard;
    let key = machine.task("reads", async {
        let key = keys.next().await.key;
        keys.interrupt().await;
        key
    });
    machine.run();
    bench.hardware.send(&[A]);
    machine.run();
    assert!(!key.is_there());
    bench.hardware.send(&[CONTROL, C]);
    machine.run();
    assert_eq!(key.take(), Some(Some(Key::Char('a'))));
}

#[test]
fn a_scan_code_that_no_key_has_is_in_the_log_and_does_no_harm() {
    let (machine, bench) = (fake::Machine::new(), Bench::new(8));
    assert_eq!(bench.keys(&[0x7f, EXTENDED, 0x7f, A]), [Key::Char('a')]);
    assert_eq!(machine.log().len(), 2);
    assert!(machine.log()[0].starts_with("keyboard: scan code 0x7f makes no key"));
}
