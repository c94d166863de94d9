//! A keyboard that a test types on.

use kernel::{
    ErrorCode,
    hil::keyboard::{self, KeyboardClient, ScancodeClient, ScancodeKeyboard},
    utilities::cells::OptionalCell,
};

use crate::leak;

/// A keyboard of either kind. The test is the person and the kernel loop: what it types reaches the client at once.
#[derive(Default)]
pub struct Keyboard {
    client: OptionalCell<&'static dyn ScancodeClient>,
    key_client: OptionalCell<&'static dyn KeyboardClient>,
}

impl Keyboard {
    /// A keyboard that nobody listens to.
    pub fn new() -> &'static Self {
        leak(Self::default())
    }

    /// Sends scan codes of set 1.
    pub fn send(&self, scancodes: &[u8]) {
        for scancode in scancodes {
            self.client.map(|client| client.scancode(*scancode));
        }
    }

    /// Presses and releases the key that has the make code `key`, which is one byte.
    pub fn tap(&self, key: u8) {
        self.send(&[key, key | 0x80]);
    }

    /// Reports keys by number, which went down (`true`) or up (`false`), and by an error that others were lost.
    pub fn report(&self, keys: &[(u16, bool)], result: Result<(), ErrorCode>) {
        self.key_client
            .map(|client| client.keys_pressed(keys, result));
    }
}

impl ScancodeKeyboard<'static> for Keyboard {
    fn set_scancode_client(&self, client: &'static dyn ScancodeClient) {
        self.client.set(client);
    }
}

impl keyboard::Keyboard<'static> for Keyboard {
    fn set_client(&self, client: &'static dyn KeyboardClient) {
        self.key_client.set(client);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::hil::keyboard::Keyboard as _;
    use std::cell::RefCell;

    struct Bytes(RefCell<Vec<u8>>);

    impl ScancodeClient for Bytes {
        fn scancode(&self, byte: u8) {
            self.0.borrow_mut().push(byte);
        }
    }

    #[test]
    fn scan_codes_arrive_in_order_once_somebody_listens() {
        let keyboard = Keyboard::new();
        keyboard.tap(0x10);
        let bytes = leak(Bytes(RefCell::default()));
        keyboard.set_scancode_client(bytes);
        keyboard.send(&[0xe0, 0x48]);
        keyboard.tap(0x1e);
        assert_eq!(*bytes.0.borrow(), [0xe0, 0x48, 0x1e, 0x9e]);
    }

    /// How often it was called, and what with.
    type Reports = Vec<(Vec<(u16, bool)>, Result<(), ErrorCode>)>;

    #[derive(Default)]
    struct Keys(RefCell<Reports>);

    impl KeyboardClient for Keys {
        fn keys_pressed(&self, keys: &[(u16, bool)], result: Result<(), ErrorCode>) {
            self.0.borrow_mut().push((keys.to_vec(), result));
        }
    }

    #[test]
    fn keys_are_reported_by_number() {
        let (keyboard, keys) = (Keyboard::new(), &*leak(Keys::default()));
        keyboard.set_client(keys);
        keyboard.report(&[(30, true), (42, false)], Ok(()));
        keyboard.report(&[], Err(ErrorCode::NOMEM));
        let expected = [
            (vec![(30, true), (42, false)], Ok(())),
            (vec![], Err(ErrorCode::NOMEM)),
        ];
        assert_eq!(*keys.0.borrow(), expected);
    }
}
