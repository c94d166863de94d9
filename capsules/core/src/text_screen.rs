//! A screen of characters, for apps.
//!
//! | command | arguments | result | errors |
//! |---|---|---|---|
//! | 0 | | success: the driver is here; no upcall follows | |
//! | 1 | | tells the size | `BUSY`; `NOMEM` |
//! | 2 | | switches the screen on | `BUSY`; `NOMEM`; what the screen says |
//! | 3 | | switches it off | `BUSY`; `NOMEM`; what the screen says |
//! | 4 | | lets the cursor blink | `BUSY`; `NOMEM`; what the screen says |
//! | 5 | | makes the cursor steady | `BUSY`; `NOMEM`; what the screen says |
//! | 6 | | shows the cursor | `BUSY`; `NOMEM`; what the screen says |
//! | 7 | | hides the cursor | `BUSY`; `NOMEM`; what the screen says |
//! | 8 | length | writes that much of read-only buffer 0 at the cursor | `BUSY`; `NOMEM`: nothing to write; what the screen says |
//! | 9 | | makes the screen blank | `BUSY`; `NOMEM`; what the screen says |
//! | 10 | | puts the cursor in the first place | `BUSY`; `NOMEM`; what the screen says |
//! | 11 | column, row | puts the cursor there | `BUSY`; `INVAL`: off the screen; `NOMEM`; what the screen says |
//!
//! | upcall | arguments |
//! |---|---|
//! | 0 | the command has ended: status, 0, 0 |
//! | 0 | after command 1: status, columns, rows |
//! | 0 | after command 8: status, bytes written, 0 |
//!
//! | buffer | holds |
//! |---|---|
//! | read-only 0 | what is written |
//!
//! Any other command is `NOSUPPORT`. `BUSY` is an app that has a command under way. A write is as long as the
//! driver's own buffer at most; the upcall says how much it was.
//!
//! While the screen does what one app wants, others wait their turn, and so do apps that may not use it now
//! ([`TextScreen::set_users`]). What the screen then says against it is the status of the upcall.

use core::cell::Cell;

use kernel::{
    ErrorCode, ProcessId,
    errorcode::into_statuscode,
    grant::{AllowRoCount, AllowRwCount, Grant, GrantKernelData, UpcallCount},
    hil::text_screen::{self, TextScreenClient},
    process,
    processbuffer::ReadableProcessBuffer,
    syscall::{CommandReturn, SyscallDriver},
    utilities::cells::TakeCell,
};

use crate::{Users, driver, turns::Turns};

/// The driver's number.
pub const DRIVER_NUM: usize = driver::NUM::TextScreen as usize;

/// The read-only buffer with what is written.
const WRITE_BUFFER: usize = 0;
/// The upcall of a command that has ended.
const DONE: usize = 0;

/// What the driver keeps in each process.
pub type TextScreenGrant = Grant<App, UpcallCount<1>, AllowRoCount<1>, AllowRwCount<0>>;

/// What a process wants.
#[derive(Default)]
pub struct App {
    command: Option<Command>,
}

#[derive(Clone, Copy)]
enum Command {
    GetResolution,
    Display(bool),
    Blink(bool),
    Cursor(bool),
    Write(usize),
    Clear,
    SetCursor(usize, usize),
}

/// The driver.
pub struct TextScreen<'a> {
    screen: &'a dyn text_screen::TextScreen<'a>,
    buffer: TakeCell<'static, [u8]>,
    apps: TextScreenGrant,
    turns: Turns,
    users: Cell<Users>,
}

impl<'a> TextScreen<'a> {
    /// A driver of `screen`, with a buffer that the screen borrows. The board makes it the screen's client.
    pub fn new(
        screen: &'a dyn text_screen::TextScreen<'a>,
        buffer: &'static mut [u8],
        grant: TextScreenGrant,
    ) -> Self {
        Self {
            screen,
            buffer: TakeCell::new(buffer),
            apps: grant,
            turns: Turns::new(),
            users: Cell::new(Users::All),
        }
    }

    /// Says who may use the screen from now on. What the others want, but for the size, waits.
    pub fn set_users(&self, users: Users) {
        self.users.set(users);
        self.go_on();
    }

    fn enqueue(&self, process_id: ProcessId, command: Command) -> Result<(), ErrorCode> {
        self.apps.enter(process_id, |app, data| {
            if app.command.is_some() {
                return Err(ErrorCode::BUSY);
            }
            if let Command::GetResolution = command {
                // Nobody has to wait for what never changes.
                let (columns, rows) = self.screen.get_size();
                app.end(data, Ok(()), (columns, rows));
                return Ok(());
            }
            if self.turns.is_taken() || !self.users.get().include(process_id) {
                self.turns.wait(process_id);
            } else {
                self.start(command, data)?;
                self.turns.begin(process_id);
            }
            app.command = Some(command);
            Ok(())
        })?
    }

    fn start(&self, command: Command, data: &GrantKernelData) -> Result<(), ErrorCode> {
        match command {
            Command::GetResolution => Ok(()),
            Command::Display(true) => self.screen.display_on(),
            Command::Display(false) => self.screen.display_off(),
            Command::Blink(true) => self.screen.blink_cursor_on(),
            Command::Blink(false) => self.screen.blink_cursor_off(),
            Command::Cursor(true) => self.screen.show_cursor(),
            Command::Cursor(false) => self.screen.hide_cursor(),
            Command::Write(len_bytes) => self.write(len_bytes, data),
            Command::Clear => self.screen.clear(),
            Command::SetCursor(column, row) => self.screen.set_cursor(column, row),
        }
    }

    fn write(&self, len_bytes: usize, data: &GrantKernelData) -> Result<(), ErrorCode> {
        let text = data.get_readonly_processbuffer(WRITE_BUFFER)?;
        let buffer = self.buffer.take().ok_or(ErrorCode::BUSY)?;
        let len_bytes = len_bytes.min(text.len()).min(buffer.len());
        let copied = text.enter(|text| text[..len_bytes].copy_to_slice(&mut buffer[..len_bytes]));
        let started = match copied {
            Ok(()) if len_bytes > 0 => self.screen.print(buffer, len_bytes),
            _ => Err((ErrorCode::NOMEM, buffer)),
        };
        started.map_err(|(error, buffer)| {
            self.buffer.replace(buffer);
            error
        })
    }

    /// Ends the command that is under way, and starts the next.
    fn end(&self, result: Result<(), ErrorCode>, written_bytes: usize) {
        if let Some(process_id) = self.turns.end() {
            // It may be gone.
            let _ = self.apps.enter(process_id, |app, data| {
                app.end(data, result, (written_bytes, 0));
            });
        }
        self.go_on();
    }

    fn go_on(&self) {
        while !self.turns.is_taken()
            && let Some(slot) = self.next_user()
        {
            self.start_next(slot);
        }
    }

    /// The place in the process table of the next one that waits and may use the screen.
    fn next_user(&self) -> Option<usize> {
        match self.users.get() {
            Users::All => self.turns.next(),
            Users::One(user) => {
                // Another may have come into its place, and waits.
                let process = self.apps.at(user.slot())?;
                let is_user = process.processid() == user;
                is_user.then(|| self.turns.next_if(user.slot()))?
            }
            Users::None => None,
        }
    }

    fn start_next(&self, slot: usize) {
        let Some(process) = self.apps.at(slot) else {
            return;
        };
        let process_id = process.processid();
        process.try_enter(|app, data| {
            let Some(command) = app.command else {
                return;
            };
            match self.start(command, data) {
                Ok(()) => self.turns.begin(process_id),
                Err(error) => app.end(data, Err(error), (0, 0)),
            }
        });
    }
}

impl App {
    fn end(
        &mut self,
        data: &GrantKernelData,
        result: Result<(), ErrorCode>,
        values: (usize, usize),
    ) {
        self.command = None;
        let status = into_statuscode(result);
        // An upcall that there is no room for is counted by the kernel.
        let _ = data.schedule_upcall(DONE, (status, values.0, values.1));
    }
}

impl TextScreenClient for TextScreen<'_> {
    fn command_complete(&self, r: Result<(), ErrorCode>) {
        self.end(r, 0);
    }

    fn write_complete(&self, buffer: &'static mut [u8], len: usize, r: Result<(), ErrorCode>) {
        self.buffer.replace(buffer);
        self.end(r, len);
    }
}

impl SyscallDriver for TextScreen<'_> {
    fn command(
        &self,
        command_num: usize,
        first: usize,
        second: usize,
        process_id: ProcessId,
    ) -> CommandReturn {
        let command = match command_num {
            0 => return CommandReturn::success(),
            1 => Command::GetResolution,
            2 | 3 => Command::Display(command_num == 2),
            4 | 5 => Command::Blink(command_num == 4),
            6 | 7 => Command::Cursor(command_num == 6),
            8 => Command::Write(first),
            9 => Command::Clear,
            10 => Command::SetCursor(0, 0),
            11 => Command::SetCursor(first, second),
            _ => return CommandReturn::failure(ErrorCode::NOSUPPORT),
        };
        self.enqueue(process_id, command).into()
    }

    fn allocate_grant(&self, process_id: ProcessId) -> Result<(), process::Error> {
        self.apps.enter(process_id, |_, _| {})
    }
}
