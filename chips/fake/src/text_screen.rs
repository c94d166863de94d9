//! A text screen that keeps what it was told.

use std::cell::{Cell, RefCell};

use kernel::{
    ErrorCode,
    deferred_call::DeferredCallClient,
    hil::text_screen::{self, TextScreenClient},
    utilities::cells::OptionalCell,
};

use crate::{
    faults::{Operation, faults},
    place,
};

/// A screen. What is printed is kept as bytes: it does not move the cursor, which stands where it was put.
pub struct TextScreen {
    columns: usize,
    rows: usize,
    printed: RefCell<Vec<u8>>,
    cursor: Cell<(usize, usize)>,
    is_cursor_shown: Cell<bool>,
    is_cursor_blinking: Cell<bool>,
    is_on: Cell<bool>,
    operation: Operation<Request>,
    client: OptionalCell<&'static dyn TextScreenClient>,
}

enum Request {
    Print(&'static mut [u8], usize),
    Command,
}

impl TextScreen {
    /// A blank screen that is on, with the cursor in its first place.
    pub fn new(columns: usize, rows: usize) -> &'static Self {
        place(Self {
            columns,
            rows,
            printed: RefCell::default(),
            cursor: Cell::new((0, 0)),
            is_cursor_shown: Cell::new(true),
            is_cursor_blinking: Cell::new(false),
            is_on: Cell::new(true),
            operation: Operation::new(),
            client: OptionalCell::empty(),
        })
    }

    /// What was printed since the screen was cleared.
    pub fn printed(&self) -> Vec<u8> {
        self.printed.borrow().clone()
    }

    /// Column and row of the cursor.
    pub fn cursor(&self) -> (usize, usize) {
        self.cursor.get()
    }

    /// Whether the cursor is shown.
    pub fn is_cursor_shown(&self) -> bool {
        self.is_cursor_shown.get()
    }

    /// Whether the cursor blinks.
    pub fn is_cursor_blinking(&self) -> bool {
        self.is_cursor_blinking.get()
    }

    /// Whether the screen is on.
    pub fn is_on(&self) -> bool {
        self.is_on.get()
    }

    fn command(&self, command: impl FnOnce()) -> Result<(), ErrorCode> {
        self.operation.admit()?;
        command();
        self.operation.start(Request::Command);
        Ok(())
    }
}

faults!(TextScreen);

impl text_screen::TextScreen<'static> for TextScreen {
    fn set_client(&self, client: Option<&'static dyn TextScreenClient>) {
        self.client.insert(client);
    }

    fn get_size(&self) -> (usize, usize) {
        (self.columns, self.rows)
    }

    fn print(
        &self,
        buffer: &'static mut [u8],
        len: usize,
    ) -> Result<(), (ErrorCode, &'static mut [u8])> {
        if let Err(error) = self.operation.admit() {
            return Err((error, buffer));
        }
        if len > buffer.len() {
            return Err((ErrorCode::SIZE, buffer));
        }
        self.operation.start(Request::Print(buffer, len));
        Ok(())
    }

    fn set_cursor(&self, x_position: usize, y_position: usize) -> Result<(), ErrorCode> {
        if x_position >= self.columns || y_position >= self.rows {
            return Err(ErrorCode::INVAL);
        }
        self.command(|| self.cursor.set((x_position, y_position)))
    }

    fn hide_cursor(&self) -> Result<(), ErrorCode> {
        self.command(|| self.is_cursor_shown.set(false))
    }

    fn show_cursor(&self) -> Result<(), ErrorCode> {
        self.command(|| self.is_cursor_shown.set(true))
    }

    fn blink_cursor_on(&self) -> Result<(), ErrorCode> {
        self.command(|| self.is_cursor_blinking.set(true))
    }

    fn blink_cursor_off(&self) -> Result<(), ErrorCode> {
        self.command(|| self.is_cursor_blinking.set(false))
    }

    fn display_on(&self) -> Result<(), ErrorCode> {
        self.command(|| self.is_on.set(true))
    }

    fn display_off(&self) -> Result<(), ErrorCode> {
        self.command(|| self.is_on.set(false))
    }

    fn clear(&self) -> Result<(), ErrorCode> {
        self.command(|| {
            self.printed.borrow_mut().clear();
            self.cursor.set((0, 0));
        })
    }
}

impl DeferredCallClient for TextScreen {
    fn handle_deferred_call(&self) {
        match self.operation.end() {
            Some((Request::Print(buffer, len), result)) => {
                if result.is_ok() {
                    self.printed.borrow_mut().extend(&buffer[..len]);
                }
                // A buffer that nobody hears of is lost, as on any chip.
                if let Some(client) = self.client.get() {
                    client.write_complete(buffer, len, result);
                }
            }
            Some((Request::Command, result)) => {
                self.client.map(|client| client.command_complete(result));
            }
            None => {}
        }
    }

    fn register(&'static self) {
        self.operation.register(self);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Machine, leak};
    use kernel::hil::text_screen::TextScreen as _;

    #[derive(Default)]
    struct Client {
        commands: Cell<usize>,
        written: Cell<usize>,
    }

    impl TextScreenClient for Client {
        fn command_complete(&self, r: Result<(), ErrorCode>) {
            assert_eq!(r, Ok(()));
            self.commands.set(self.commands.get() + 1);
        }

        fn write_complete(&self, _: &'static mut [u8], len: usize, r: Result<(), ErrorCode>) {
            assert_eq!(r, Ok(()));
            self.written.set(self.written.get() + len);
        }
    }

    fn screen() -> (Machine, &'static TextScreen, &'static Client) {
        let (screen, client) = (TextScreen::new(80, 25), leak(Client::default()));
        screen.set_client(Some(client));
        (Machine::new(), screen, client)
    }

    #[test]
    fn a_screen_is_busy_until_the_kernel_loop_has_called_back() {
        let (machine, screen, client) = screen();
        assert!(screen.print(leak(*b"text"), 3).is_ok());
        assert_eq!(screen.clear(), Err(ErrorCode::BUSY));
        let refused = screen.print(leak(*b"more"), 4);
        assert_eq!(
            refused,
            Err((ErrorCode::BUSY, &mut b"more"[..].to_owned()[..]))
        );
        assert_eq!(client.written.get(), 0);
        machine.run();
        assert_eq!((client.written.get(), &*screen.printed()), (3, &b"tex"[..]));
    }

    #[test]
    fn each_command_ends_with_its_own_callback() {
        let (machine, screen, client) = screen();
        assert_eq!(screen.set_cursor(79, 24), Ok(()));
        machine.run();
        assert_eq!(screen.hide_cursor(), Ok(()));
        machine.run();
        assert_eq!(
            (screen.cursor(), screen.is_cursor_shown()),
            ((79, 24), false)
        );
        assert_eq!(screen.clear(), Ok(()));
        machine.run();
        assert_eq!((screen.cursor(), client.commands.get()), ((0, 0), 3));
    }

    #[test]
    fn what_is_refused_changes_nothing_and_has_no_callback() {
        let (machine, screen, client) = screen();
        assert_eq!(screen.set_cursor(80, 0), Err(ErrorCode::INVAL));
        assert!(matches!(
            screen.print(leak([0; 2]), 3),
            Err((ErrorCode::SIZE, _))
        ));
        screen.refuse_next(ErrorCode::OFF);
        assert_eq!(screen.hide_cursor(), Err(ErrorCode::OFF));
        machine.run();
        assert_eq!((client.commands.get(), client.written.get()), (0, 0));
        assert!(screen.is_cursor_shown());
    }
}
