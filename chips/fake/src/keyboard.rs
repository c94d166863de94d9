//! A PC keyboard that a test types on.

use kernel::{
    hil::keyboard::{ScancodeClient, ScancodeKeyboard},
    utilities::cells::OptionalCell,
};

use crate::leak;

/// A keyboard. The test is the person and the kernel loop: scan codes reach the client at once.
#[derive(Default)]
pub struct Keyboard {
    client: OptionalCell<&'static dyn ScancodeClient>,
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
}

impl ScancodeKeyboard<'static> for Keyboard {
    fn set_scancode_client(&self, client: &'static dyn ScancodeClient) {
        self.client.set(client);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
}
