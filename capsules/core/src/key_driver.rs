//! Keys, for apps.
//!
//! | command | arguments | result | errors |
//! |---|---|---|---|
//! | 0 | | success: the driver is here | |
//! | 1 | | from now on each key is an upcall 0 | `ALREADY`; `NOMEM` |
//! | 2 | | no more | `ALREADY`; `NOMEM` |
//!
//! | upcall | arguments |
//! |---|---|
//! | 0 | a key went down or up: what it means, which one, 1 for down or 0 for up |
//!
//! Any other command is `NOSUPPORT`. An app that is slower than a person types loses keys, and the kernel counts
//! them.
//!
//! What a key means is a character's number in Unicode, 0 for a key without a meaning of its own such as
//! Shift or one that is let go, or one of these:
//!
//! ```text
//!   8, 9, 10, 27, 127      backspace, tab, enter, escape, delete
//!   1 to 31                the control key together with the character of that number plus 64
//!   0x110001 to 0x11000c   a function key
//!   0x110010 to 0x110018   insert, left, right, up, down, home, end, page up, page down
//! ```
//!
//! Which key it is is told by its scan code of set 1 or, from a serial line, by the bytes that came: the last
//! four of them in one word, the last one lowest. Tock has no such driver, so the table and the
//! number are our own. An app that listens hears of keys while it may use the keyboard
//! ([`KeyDriver::set_users`]), so that none hears what is typed for another, or for a shell.

use core::cell::Cell;

use kernel::{
    ErrorCode, ProcessId,
    grant::{AllowRoCount, AllowRwCount, Grant, UpcallCount},
    process,
    syscall::{CommandReturn, SyscallDriver},
};

use crate::{Key, KeyEvent, Users, driver};

/// The driver's number.
pub const DRIVER_NUM: usize = driver::NUM::Keyboard as usize;

/// The upcall of a key.
const KEY: usize = 0;

/// What the driver keeps in each process.
pub type KeyGrant = Grant<App, UpcallCount<1>, AllowRoCount<0>, AllowRwCount<0>>;

/// What a process wants.
#[derive(Default)]
pub struct App {
    is_listening: bool,
}

/// The driver.
pub struct KeyDriver {
    apps: KeyGrant,
    users: Cell<Users>,
}

impl KeyDriver {
    /// A driver that is told of keys ([`crate::Keyboard::set_apps`]).
    pub const fn new(grant: KeyGrant) -> Self {
        Self {
            apps: grant,
            users: Cell::new(Users::All),
        }
    }

    /// Says who may use the keyboard from now on.
    pub fn set_users(&self, users: Users) {
        self.users.set(users);
    }

    /// Tells the apps that listen, and may, of a key.
    pub fn key(&self, event: &KeyEvent) {
        let scan_code = event
            .bytes()
            .iter()
            .fold(0u32, |code, byte| code << 8 | u32::from(*byte));
        let meaning = event.key.map_or(0, number);
        let is_press = usize::from(event.is_press);
        let users = self.users.get();
        self.apps.each(|process_id, app, data| {
            if app.is_listening && users.include(process_id) {
                // A key that there is no room for is counted by the kernel.
                let _ = data.schedule_upcall(KEY, (meaning as usize, scan_code as usize, is_press));
            }
        });
    }

    fn listen(&self, process_id: ProcessId, is_listening: bool) -> Result<(), ErrorCode> {
        self.apps.enter(process_id, |app, _| {
            if app.is_listening == is_listening {
                return Err(ErrorCode::ALREADY);
            }
            app.is_listening = is_listening;
            Ok(())
        })?
    }
}

/// What a key means, as apps know it.
fn number(key: Key) -> u32 {
    /// What comes after the last character of Unicode.
    const FUNCTION: u32 = 0x11_0000;
    const OTHER: u32 = FUNCTION + 0x10;
    match key {
        Key::Char(character) => character.into(),
        Key::Control(character) => u32::from(character.to_ascii_uppercase()) & 0x1f,
        Key::Backspace => 8,
        Key::Tab => 9,
        Key::Enter => 10,
        Key::Escape => 27,
        Key::Delete => 127,
        Key::Function(number) => FUNCTION + u32::from(number),
        Key::Insert => OTHER,
        Key::Left => OTHER + 1,
        Key::Right => OTHER + 2,
        Key::Up => OTHER + 3,
        Key::Down => OTHER + 4,
        Key::Home => OTHER + 5,
        Key::End => OTHER + 6,
        Key::PageUp => OTHER + 7,
        Key::PageDown => OTHER + 8,
    }
}

impl SyscallDriver for KeyDriver {
    fn command(
        &self,
        command_num: usize,
        _: usize,
        _: usize,
        process_id: ProcessId,
    ) -> CommandReturn {
        let result = match command_num {
            0 => Ok(()),
            1 => self.listen(process_id, true),
            2 => self.listen(process_id, false),
            _ => Err(ErrorCode::NOSUPPORT),
        };
        result.into()
    }

    fn allocate_grant(&self, process_id: ProcessId) -> Result<(), process::Error> {
        self.apps.enter(process_id, |_, _| {})
    }
}
