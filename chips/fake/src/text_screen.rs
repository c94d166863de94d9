//! A text screen that keeps what it was told.

use std::cell::{Cell, RefCell};

use kernel::{
    ErrorCode,
    deferred_call::{DeferredCall, DeferredCallClient},
    hil::text_screen::{self, TextScreenClient},
    utilities::cells::OptionalCell,
};

use crate::leak;

/// A screen. What is printed is kept as bytes: it does not move the cursor, which stands where it was put.
pub struct TextScreen {
    columns: usize,
    rows: usize,
    printed: RefCell<Vec<u8>>,
    cursor: Cell<(usize, usize)>,
    is_cursor_shown: Cell<bool>,
    is_cursor_blinking: Cell<bool>,
    is_on: Cell<bool>,
    under_way: Cell<Option<Operation>>,
    refusal: Cell<Option<ErrorCode>>,
    client: OptionalCell<&'static dyn TextScreenClient>,
    deferred_call: DeferredCall,
}

enum Operation {
    Print(&'static mut [u8], usize),
    Command,
}

impl TextScreen {
    /// A blank screen that is on, with the cursor in its first place.
    pub fn new(columns: usize, rows: usize) -> &'static Self {
        let screen = &*leak(Self {
            columns,
            rows,
            printed: RefCell::default(),
            cursor: Cell::new((0, 0)),
            is_cursor_shown: Cell::new(true),
            is_cursor_blinking: Cell::new(false),
            is_on: Cell::new(true),
            under_way: Cell::new(None),
            refusal: Cell::new(None),
            client: OptionalCell::empty(),
            deferred_call: DeferredCall::new(),
        });
        screen.register();
        screen
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

    /// The next operation is refused: no callback follows.
    pub fn refuse_next(&self, error: ErrorCode) {
        self.refusal.set(Some(error));
    }

    fn is_busy(&self) -> bool {
        let operation = self.under_way.take();
        let is_busy = operation.is_some();
        self.under_way.set(operation);
        is_busy
    }

    /// Whether an operation can start now.
    fn admit(&self) -> Result<(), ErrorCode> {
        if self.is_busy() {
            return Err(ErrorCode::BUSY);
        }
        self.refusal.take().map_or(Ok(()), Err)
    }

    fn start(&self, operation: Operation) {
        self.under_way.set(Some(operation));
        self.deferred_call.set();
    }

    fn command(&self, command: impl FnOnce()) -> Result<(), ErrorCode> {
        self.admit()?;
        command();
        self.start(Operation::Command);
        Ok(())
    }
}

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
        if let Err(error) = self.admit() {
            return Err((error, buffer));
        }
        if len > buffer.len() {
            return Err((ErrorCode::SIZE, buffer));
        }
        self.start(Operation::Print(buffer, len));
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
        match self.under_way.take() {
            Some(Operation::Print(buffer, len)) => {
                self.printed.borrow_mut().extend(&buffer[..len]);
                // A buffer that nobody hears of is lost, as on any chip.
                if let Some(client) = self.client.get() {
                    client.write_complete(buffer, len, Ok(()));
                }
            }
            Some(Operation::Command) => {
                self.client.map(|client| client.command_complete(Ok(())));
            }
            None => {}
        }
    }

    fn register(&'static self) {
        self.deferred_call.register(self);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Machine;
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
