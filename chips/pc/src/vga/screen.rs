//! The screen's memory and cursor, and its windows (IBM VGA Technical Reference; registers of the CRT
//! controller).

use core::{
    cell::{Cell, RefCell},
    ops::Range,
    slice,
};

use chip_x86_64::paging::PHYSICAL_MEMORY;
use kernel::{
    ErrorCode,
    deferred_call::{DeferredCall, DeferredCallClient},
    hil::text_screen::{TextScreen, TextScreenClient},
    utilities::{
        cells::OptionalCell,
        registers::{
            ReadWrite,
            interfaces::{Readable, Writeable},
        },
    },
};

use super::emulator::{Cells, Emulator};
use crate::port::Port;

/// Where the text is, physically.
const MEMORY: u64 = 0xb8000;
/// Characters in a row.
pub const COLUMNS: usize = 80;
/// Rows.
pub const ROWS: usize = 25;

/// A blank in light grey on black.
const BLANK: u16 = 0x0720;

/// Registers of the CRT controller.
mod register {
    pub const CURSOR_START: u8 = 0x0a;
    pub const CURSOR_END: u8 = 0x0b;
    pub const CURSOR_HIGH: u8 = 0x0e;
    pub const CURSOR_LOW: u8 = 0x0f;
}

/// Bit of the cursor's start register that hides it.
const CURSOR_OFF: u8 = 1 << 5;
/// The cursor is the last two lines of a character's sixteen.
const CURSOR_LINES: Range<u8> = 14..15;

/// The whole screen. A board makes one.
pub struct Screen {
    cells: &'static [ReadWrite<u16>],
    index: Port,
    value: Port,
    /// What the cursor registers were set to last.
    cursor: Cell<(u16, bool)>,
}

impl Screen {
    /// The screen, blank.
    pub fn new() -> Self {
        let cells = (PHYSICAL_MEMORY + MEMORY) as *const ReadWrite<u16>;
        // SAFETY: the screen's memory, seen through the physical map; only volatile accesses are made to
        // it. The ports are the CRT controller's, used by this driver alone.
        let screen = unsafe {
            Self {
                cells: slice::from_raw_parts(cells, COLUMNS * ROWS),
                index: Port::new(0x3d4),
                value: Port::new(0x3d5),
                cursor: Cell::new((u16::MAX, true)),
            }
        };
        screen.cells.iter().for_each(|cell| cell.set(BLANK));
        screen.set_register(register::CURSOR_START, CURSOR_LINES.start);
        screen.set_register(register::CURSOR_END, CURSOR_LINES.end);
        screen
    }

    /// The window of `rows`. `with_cursor` says that the screen's one cursor shows this window's.
    ///
    /// # Panics
    /// If the screen does not have these rows.
    pub fn window(&self, rows: Range<usize>, with_cursor: bool) -> Window<'_> {
        let cells = &self.cells[rows.start * COLUMNS..rows.end * COLUMNS];
        self.window_in(cells, rows.start, with_cursor)
    }

    /// A blank window for the place of `window`, to be shown by [`Window::exchange`]. Its text is in `memory`
    /// until then.
    ///
    /// # Panics
    /// If `memory` has another size than the window.
    pub fn hidden_window<'a>(&'a self, window: &Window<'a>, memory: &'a mut [u16]) -> Window<'a> {
        let size = window.cells.get().len();
        assert_eq!(memory.len(), size, "a window has as many cells as another");
        memory.fill(BLANK);
        // SAFETY: the type is transparent, and the memory is this window's alone.
        let cells = unsafe { slice::from_raw_parts(memory.as_mut_ptr().cast(), size) };
        let hidden = self.window_in(cells, window.first_row, window.with_cursor);
        hidden.is_shown.set(false);
        hidden
    }

    fn window_in<'a>(
        &'a self,
        cells: &'a [ReadWrite<u16>],
        first_row: usize,
        with_cursor: bool,
    ) -> Window<'a> {
        Window {
            screen: self,
            cells: Cell::new(cells),
            is_shown: Cell::new(true),
            first_row,
            with_cursor,
            emulator: RefCell::new(Emulator::new(COLUMNS, cells.len() / COLUMNS)),
            finished: Cell::new(None),
            client: OptionalCell::empty(),
            deferred_call: DeferredCall::new(),
        }
    }

    fn set_register(&self, number: u8, value: u8) {
        self.index.set(number);
        self.value.set(value);
    }

    fn show_cursor(&self, place: u16, shown: bool) {
        let before = self.cursor.replace((place, shown));
        if before == (place, shown) {
            return;
        }
        if before.1 != shown {
            let off = if shown { 0 } else { CURSOR_OFF };
            self.set_register(register::CURSOR_START, CURSOR_LINES.start | off);
        }
        let [high, low] = place.to_be_bytes();
        self.set_register(register::CURSOR_HIGH, high);
        self.set_register(register::CURSOR_LOW, low);
    }
}

impl Default for Screen {
    fn default() -> Self {
        Self::new()
    }
}

impl Cells for &[ReadWrite<u16>] {
    fn get(&self, index: usize) -> u16 {
        self[index].get()
    }

    fn set(&self, index: usize, cell: u16) {
        self[index].set(cell);
    }
}

/// An operation that has taken effect, and whose client has not heard of it.
enum Finished {
    Print {
        buffer: &'static mut [u8],
        len: usize,
    },
    Command,
}

/// Some rows of the screen, as a screen of their own.
pub struct Window<'a> {
    screen: &'a Screen,
    cells: Cell<&'a [ReadWrite<u16>]>,
    is_shown: Cell<bool>,
    first_row: usize,
    with_cursor: bool,
    emulator: RefCell<Emulator>,
    finished: Cell<Option<Finished>>,
    client: OptionalCell<&'a dyn TextScreenClient>,
    deferred_call: DeferredCall,
}

impl<'a> Window<'a> {
    /// Shows `hidden` in the place of this window, which keeps what it shows; or the other way round.
    pub fn exchange(&self, hidden: &Window<'a>) {
        let (ours, theirs) = (self.cells.get(), hidden.cells.get());
        for (our, their) in ours.iter().zip(theirs) {
            let cell = our.get();
            our.set(their.get());
            their.set(cell);
        }
        self.cells.swap(&hidden.cells);
        self.is_shown.swap(&hidden.is_shown);
        self.place_cursor();
        hidden.place_cursor();
    }

    fn is_busy(&self) -> bool {
        let finished = self.finished.take();
        let is_busy = finished.is_some();
        self.finished.set(finished);
        is_busy
    }

    fn finish(&self, operation: Finished) {
        self.place_cursor();
        self.finished.set(Some(operation));
        self.deferred_call.set();
    }

    fn place_cursor(&self) {
        if self.with_cursor && self.is_shown.get() {
            let emulator = self.emulator.borrow();
            let (column, row) = emulator.cursor();
            let place = (self.first_row + row) * COLUMNS + column;
            self.screen
                .show_cursor(place as u16, emulator.cursor_shown());
        }
    }

    /// Carries out a command that the emulator knows as a control sequence.
    fn command(&self, sequence: &[u8]) -> Result<(), ErrorCode> {
        if self.is_busy() {
            return Err(ErrorCode::BUSY);
        }
        self.emulator
            .borrow_mut()
            .write(sequence, &self.cells.get());
        self.finish(Finished::Command);
        Ok(())
    }

    fn unsupported(&self) -> Result<(), ErrorCode> {
        Err(if self.is_busy() {
            ErrorCode::BUSY
        } else {
            ErrorCode::NOSUPPORT
        })
    }
}

impl<'a> TextScreen<'a> for Window<'a> {
    fn set_client(&self, client: Option<&'a dyn TextScreenClient>) {
        self.client.insert(client);
    }

    fn get_size(&self) -> (usize, usize) {
        (COLUMNS, self.cells.get().len() / COLUMNS)
    }

    fn print(
        &self,
        buffer: &'static mut [u8],
        len: usize,
    ) -> Result<(), (ErrorCode, &'static mut [u8])> {
        if self.is_busy() {
            return Err((ErrorCode::BUSY, buffer));
        }
        let Some(text) = buffer.get(..len) else {
            return Err((ErrorCode::SIZE, buffer));
        };
        self.emulator.borrow_mut().write(text, &self.cells.get());
        self.finish(Finished::Print { buffer, len });
        Ok(())
    }

    fn set_cursor(&self, x_position: usize, y_position: usize) -> Result<(), ErrorCode> {
        if self.is_busy() {
            return Err(ErrorCode::BUSY);
        }
        if !self
            .emulator
            .borrow_mut()
            .set_cursor(x_position, y_position)
        {
            return Err(ErrorCode::INVAL);
        }
        self.finish(Finished::Command);
        Ok(())
    }

    fn hide_cursor(&self) -> Result<(), ErrorCode> {
        self.command(b"\x1b[?25l")
    }

    fn show_cursor(&self) -> Result<(), ErrorCode> {
        self.command(b"\x1b[?25h")
    }

    /// The VGA's cursor always blinks.
    fn blink_cursor_on(&self) -> Result<(), ErrorCode> {
        self.command(b"")
    }

    fn blink_cursor_off(&self) -> Result<(), ErrorCode> {
        self.unsupported()
    }

    fn display_on(&self) -> Result<(), ErrorCode> {
        self.unsupported()
    }

    fn display_off(&self) -> Result<(), ErrorCode> {
        self.unsupported()
    }

    fn clear(&self) -> Result<(), ErrorCode> {
        self.command(b"\x1b[H\x1b[2J")
    }
}

impl DeferredCallClient for Window<'_> {
    fn handle_deferred_call(&self) {
        match self.finished.take() {
            Some(Finished::Print { buffer, len }) => {
                self.client
                    .map(|client| client.write_complete(buffer, len, Ok(())));
            }
            Some(Finished::Command) => {
                self.client.map(|client| client.command_complete(Ok(())));
            }
            None => {}
        }
    }

    fn register(&'static self) {
        self.deferred_call.register(self);
    }
}

/// Writes to the screen without its driver, for a panic: white on red, from the top.
pub struct PanicScreen {
    emulator: Emulator,
    cells: &'static [ReadWrite<u16>],
}

impl PanicScreen {
    /// The screen, where [`Screen`] has it.
    ///
    /// # Safety
    /// The screen's driver must not run any more.
    pub unsafe fn new() -> Self {
        let cells = (PHYSICAL_MEMORY + MEMORY) as *const ReadWrite<u16>;
        // SAFETY: as in `Screen::new`.
        let cells = unsafe { slice::from_raw_parts(cells, COLUMNS * ROWS) };
        let mut emulator = Emulator::new(COLUMNS, ROWS);
        emulator.write(b"\x1b[97;41m\x1b[2J", &cells);
        Self { emulator, cells }
    }
}

impl core::fmt::Write for PanicScreen {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        for line in text.split_inclusive('\n') {
            self.emulator
                .write(line.trim_end_matches('\n').as_bytes(), &self.cells);
            if line.ends_with('\n') {
                self.emulator.write(b"\r\n", &self.cells);
            }
        }
        Ok(())
    }
}
