//! Scan codes: [`kernel::hil::keyboard::ScancodeKeyboard`].

use core::cell::{Cell, RefCell};

use kernel::hil::keyboard::{ScancodeClient, ScancodeKeyboard};

use crate::{Outside, Pace, Verdict, ensure};

/// Hands the names of this suite's promises to the macro `$each`.
#[macro_export]
macro_rules! keyboard_promises {
    ($each:ident) => {
        $each! {
            a_key_sends_one_code_when_it_goes_down_and_one_when_it_goes_up
            a_key_can_take_several_bytes
            scan_codes_come_in_the_order_of_the_keys
        }
    };
}

/// Bytes that a check can wait for.
const BYTES: usize = 32;

/// The suite.
pub struct Suite {
    keyboard: &'static dyn ScancodeKeyboard<'static>,
    outside: &'static dyn Outside,
    pace: &'static dyn Pace,
    bytes: RefCell<[u8; BYTES]>,
    len: Cell<usize>,
}

impl ScancodeClient for Suite {
    fn scancode(&self, byte: u8) {
        if let Some(place) = self.bytes.borrow_mut().get_mut(self.len.get()) {
            *place = byte;
        }
        self.len.set(self.len.get() + 1);
    }
}

impl Suite {
    /// The suite for `keyboard`, whose keys `outside` presses.
    pub fn new(
        keyboard: &'static dyn ScancodeKeyboard<'static>,
        outside: &'static dyn Outside,
        pace: &'static dyn Pace,
    ) -> Self {
        Self {
            keyboard,
            outside,
            pace,
            bytes: RefCell::new([0; BYTES]),
            len: Cell::new(0),
        }
    }

    /// Becomes the keyboard's client.
    pub fn start(&'static self) {
        self.keyboard.set_scancode_client(self);
    }

    keyboard_promises!(by_name);

    /// Has `keys` pressed, and compares what comes.
    async fn expect(&self, keys: &[&str], codes: &[u8]) -> Verdict {
        self.len.set(0);
        self.outside.press(keys);
        let all_came = || self.len.get() >= codes.len();
        let have_come = self.pace.until(all_came).await;
        ensure(have_come, "bytes are missing")?;
        self.pace.quiet().await;
        ensure(self.len.get() == codes.len(), "more bytes come")?;
        let bytes = self.bytes.borrow();
        ensure(bytes[..codes.len()] == *codes, "other bytes come")
    }

    async fn a_key_sends_one_code_when_it_goes_down_and_one_when_it_goes_up(
        &'static self,
    ) -> Verdict {
        self.expect(&["a"], &[0x1e, 0x9e]).await
    }

    async fn a_key_can_take_several_bytes(&'static self) -> Verdict {
        self.expect(&["up"], &[0xe0, 0x48, 0xe0, 0xc8]).await
    }

    async fn scan_codes_come_in_the_order_of_the_keys(&'static self) -> Verdict {
        let codes = [0x1f, 0x9f, 0x1e, 0x9e, 0x1f, 0x9f];
        self.expect(&["s", "a", "s"], &codes).await
    }
}
