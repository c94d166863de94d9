//! The PC keyboard: scan codes become keys, by a layout that can be changed.
//!
//! Decoding takes no waiting, so it is done when the scan code comes; what waits for a reader is keys. A
//! queue that is full drops the newest key, counts it and says so in the log.

use core::{
    cell::{Cell, RefCell},
    task::{Context, Poll},
};

use kernel::{
    ErrorCode, collections::Ring, debug, hil::keyboard::ScancodeClient, task::WakerCell,
    utilities::cells::OptionalCell,
};
use pc_keyboard::{
    DecodedKey, EventDecoder, HandleControl, KeyCode, KeyState, ScancodeSet, ScancodeSet1,
    layouts::{
        AnyLayout, Azerty, Colemak, DVP104Key, De105Key, Dvorak104Key, FiSe105Key, Jis109Key,
        No105Key, Uk105Key, Us104Key,
    },
};

use crate::{Key, KeyEvent, Keys, key_driver::KeyDriver};

/// The layouts: their names, and what they are called in full.
pub const LAYOUTS: [(&str, &str); 10] = [
    ("us", "US English"),
    ("uk", "UK English"),
    ("de", "German"),
    ("fr", "French (AZERTY)"),
    ("fi-se", "Finnish and Swedish"),
    ("no", "Norwegian"),
    ("jp", "Japanese (Latin characters)"),
    ("colemak", "Colemak"),
    ("dvorak", "Dvorak"),
    ("dvp", "Dvorak for programmers"),
];

fn layout(name: &str) -> Option<AnyLayout> {
    Some(match name {
        "us" => AnyLayout::Us104Key(Us104Key),
        "uk" => AnyLayout::Uk105Key(Uk105Key),
        "de" => AnyLayout::De105Key(De105Key),
        "fr" => AnyLayout::Azerty(Azerty),
        "fi-se" => AnyLayout::FiSe105Key(FiSe105Key),
        "no" => AnyLayout::No105Key(No105Key),
        "jp" => AnyLayout::Jis109Key(Jis109Key),
        "colemak" => AnyLayout::Colemak(Colemak),
        "dvorak" => AnyLayout::Dvorak104Key(Dvorak104Key),
        "dvp" => AnyLayout::DVP104Key(DVP104Key),
        _ => return None,
    })
}

/// The longest sequence of scan codes for one key: Pause has six.
const SEQUENCE: usize = 8;

struct Decoder {
    scancodes: ScancodeSet1,
    events: EventDecoder<AnyLayout>,
    /// The lock that was pressed last, until it is released: the keyboard repeats it, and it is to change once.
    held_lock: Option<KeyCode>,
    /// The scan codes of the key so far.
    sequence: [u8; SEQUENCE],
    len: usize,
}

/// The keyboard, as a source of keys for one task.
pub struct Keyboard<'a> {
    decoder: RefCell<Decoder>,
    layout: Cell<&'static str>,
    queue: Ring<'a, KeyEvent>,
    dropped: Cell<u32>,
    interrupted: Cell<bool>,
    task: WakerCell,
    apps: OptionalCell<&'a KeyDriver>,
}

impl<'a> Keyboard<'a> {
    /// A keyboard with the US layout, and a queue for keys that wait to be read. The board makes it the
    /// client of the driver.
    pub fn new(queue: &'a mut [KeyEvent]) -> Self {
        let events = EventDecoder::new(
            AnyLayout::Us104Key(Us104Key),
            HandleControl::MapLettersToUnicode,
        );
        Self {
            decoder: RefCell::new(Decoder {
                scancodes: ScancodeSet1::new(),
                events,
                held_lock: None,
                sequence: [0; SEQUENCE],
                len: 0,
            }),
            layout: Cell::new(LAYOUTS[0].0),
            queue: Ring::new(queue),
            dropped: Cell::new(0),
            interrupted: Cell::new(false),
            task: WakerCell::new(),
            apps: OptionalCell::empty(),
        }
    }

    /// Says who tells apps: of every key, whoever else reads it.
    pub fn set_apps(&self, apps: &'a KeyDriver) {
        self.apps.set(apps);
    }

    /// The name of the layout.
    pub fn layout(&self) -> &'static str {
        self.layout.get()
    }

    /// Changes the layout to one of [`LAYOUTS`].
    ///
    /// # Errors
    /// `INVAL` if there is none of that name.
    pub fn set_layout(&self, name: &str) -> Result<(), ErrorCode> {
        let layout = layout(name).ok_or(ErrorCode::INVAL)?;
        let known = LAYOUTS
            .iter()
            .find(|(known, _)| *known == name)
            .ok_or(ErrorCode::INVAL)?;
        self.decoder.borrow_mut().events.change_layout(layout);
        self.layout.set(known.0);
        Ok(())
    }

    fn push(&self, event: KeyEvent) {
        self.apps.map(|apps| apps.key(&event));
        if event.key == Some(Key::Control('c')) {
            self.queue.clear();
            self.interrupted.set(true);
        }
        if self.queue.push(event).is_err() {
            self.dropped.set(self.dropped.get() + 1);
            if self.dropped.get() == 1 {
                debug!("keyboard: the key queue is full, keys are dropped");
            }
            return;
        }
        let dropped = self.dropped.take();
        if dropped > 0 {
            debug!("keyboard: {dropped} key events were dropped");
        }
        self.task.wake();
    }
}

impl ScancodeClient for Keyboard<'_> {
    fn scancode(&self, byte: u8) {
        let event = self.decoder.borrow_mut().decode(byte);
        if let Some(event) = event {
            self.push(event);
        }
    }
}

impl Keys for Keyboard<'_> {
    fn poll_next(&self, context: &Context<'_>) -> Poll<KeyEvent> {
        match self.queue.pop() {
            Some(event) => {
                if event.key == Some(Key::Control('c')) {
                    self.interrupted.set(false);
                }
                Poll::Ready(event)
            }
            None => {
                self.task.register(context);
                Poll::Pending
            }
        }
    }

    fn poll_interrupt(&self, context: &Context<'_>) -> Poll<()> {
        if self.interrupted.take() {
            // It was put into an empty queue.
            self.queue.pop();
            return Poll::Ready(());
        }
        self.task.register(context);
        Poll::Pending
    }
}

impl Decoder {
    /// Takes a scan code; the event, if it completes one.
    fn decode(&mut self, byte: u8) -> Option<KeyEvent> {
        if self.len == SEQUENCE {
            self.len = 0;
        }
        self.sequence[self.len] = byte;
        self.len += 1;
        let event = match self.scancodes.advance_state(byte) {
            Ok(None) => return None,
            Ok(Some(event)) => Some(event),
            Err(error) => {
                debug!("keyboard: scan code {byte:#04x} makes no key ({error:?})");
                None
            }
        };
        let bytes = core::mem::take(&mut self.len);
        let event = event?;
        let (code, is_press) = (event.code, event.state != KeyState::Up);
        let key = if self.is_held_lock(code, is_press) {
            None
        } else {
            self.events.process_keyevent(event).and_then(meaning)
        };
        Some(KeyEvent::new(
            key,
            Some(code),
            is_press,
            &self.sequence[..bytes],
        ))
    }

    /// Whether `code` repeats a lock that is held.
    fn is_held_lock(&mut self, code: KeyCode, is_press: bool) -> bool {
        let is_held = self.held_lock == Some(code);
        if matches!(code, KeyCode::CapsLock | KeyCode::NumpadLock) && is_held != is_press {
            self.held_lock = is_press.then_some(code);
        }
        is_held && is_press
    }
}

/// What a decoded key means to a reader of keys.
fn meaning(decoded: DecodedKey) -> Option<Key> {
    Some(match decoded {
        DecodedKey::Unicode(character) => match character {
            '\n' | '\r' => Key::Enter,
            '\t' => Key::Tab,
            '\x08' => Key::Backspace,
            '\x7f' => Key::Delete,
            '\x1b' => Key::Escape,
            '\x01'..='\x1a' => Key::Control((character as u8 - 1 + b'a') as char),
            character if character.is_control() => return None,
            character => Key::Char(character),
        },
        DecodedKey::RawKey(code) => match code {
            KeyCode::ArrowLeft => Key::Left,
            KeyCode::ArrowRight => Key::Right,
            KeyCode::ArrowUp => Key::Up,
            KeyCode::ArrowDown => Key::Down,
            KeyCode::Home => Key::Home,
            KeyCode::End => Key::End,
            KeyCode::PageUp => Key::PageUp,
            KeyCode::PageDown => Key::PageDown,
            KeyCode::Insert => Key::Insert,
            KeyCode::Delete => Key::Delete,
            KeyCode::F1 => Key::Function(1),
            KeyCode::F2 => Key::Function(2),
            KeyCode::F3 => Key::Function(3),
            KeyCode::F4 => Key::Function(4),
            KeyCode::F5 => Key::Function(5),
            KeyCode::F6 => Key::Function(6),
            KeyCode::F7 => Key::Function(7),
            KeyCode::F8 => Key::Function(8),
            KeyCode::F9 => Key::Function(9),
            KeyCode::F10 => Key::Function(10),
            KeyCode::F11 => Key::Function(11),
            KeyCode::F12 => Key::Function(12),
            _ => return None,
        },
    })
}
