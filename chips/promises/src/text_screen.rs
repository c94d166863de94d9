//! Screens that show characters: [`kernel::hil::text_screen::TextScreen`].

use core::{cell::Cell, ptr};

use kernel::{
    ErrorCode,
    hil::text_screen::{TextScreen, TextScreenClient},
};

use crate::{Pace, Verdict, callbacks::Callbacks, ensure};

/// Hands the names of this suite's promises to the macro `$each`.
#[macro_export]
macro_rules! text_screen_promises {
    ($each:ident) => {
        $each! {
            the_size_is_not_nothing_and_never_changes
            text_that_is_accepted_comes_back_once_from_the_kernel_loop
            nothing_can_be_printed
            more_bytes_than_the_buffer_has_come_back_with_size
            text_meanwhile_comes_back_with_busy
            every_other_command_meanwhile_is_refused
            every_other_command_ends_once_or_is_not_supported
            the_cursor_can_be_put_in_every_corner
            a_place_off_the_screen_is_refused
            the_client_may_print_again_from_within_the_callback
        }
    };
}

const TEXT: &[u8] = b"kept";

/// Bytes that each of the suite's buffers has at least.
pub const BUFFER_BYTES: usize = TEXT.len();

type Buffer = &'static mut [u8];
type Screen = dyn TextScreen<'static>;

type Command = fn(&Screen) -> Result<(), ErrorCode>;

/// The commands without arguments, and whether a screen may answer them with `NOSUPPORT`.
const COMMANDS: [(Command, bool); 7] = [
    (|screen| screen.hide_cursor(), false),
    (|screen| screen.show_cursor(), false),
    (|screen| screen.blink_cursor_on(), true),
    (|screen| screen.blink_cursor_off(), true),
    (|screen| screen.display_off(), true),
    (|screen| screen.display_on(), true),
    (|screen| screen.clear(), false),
];

/// The suite.
pub struct Suite {
    screen: &'static Screen,
    pace: &'static dyn Pace,
    buffer: Cell<Option<Buffer>>,
    other: Cell<Option<Buffer>>,
    commands: Callbacks<Result<(), ErrorCode>>,
    written: Callbacks<(Option<Buffer>, usize, Result<(), ErrorCode>)>,
    /// How many times the client prints from within its callback.
    again: Cell<usize>,
}

impl TextScreenClient for Suite {
    fn command_complete(&self, r: Result<(), ErrorCode>) {
        self.commands.note(r);
    }

    fn write_complete(&self, buffer: Buffer, len: usize, r: Result<(), ErrorCode>) {
        if self.again.get() == 0 {
            return self.written.note((Some(buffer), len, r));
        }
        self.again.set(self.again.get() - 1);
        match self.screen.print(buffer, len) {
            Ok(()) => self.written.note((None, len, r)),
            Err((error, buffer)) => self.written.note((Some(buffer), 0, Err(error))),
        }
    }
}

impl Suite {
    /// The suite for `screen`, with two buffers to print.
    ///
    /// # Panics
    /// If a buffer has not [`BUFFER_BYTES`].
    pub fn new(screen: &'static Screen, pace: &'static dyn Pace, buffers: [Buffer; 2]) -> Self {
        let [buffer, other] = buffers.map(|buffer| {
            buffer[..BUFFER_BYTES].copy_from_slice(TEXT);
            Cell::new(Some(buffer))
        });
        Self {
            screen,
            pace,
            buffer,
            other,
            commands: Callbacks::new(),
            written: Callbacks::new(),
            again: Cell::new(0),
        }
    }

    /// Becomes the screen's client.
    pub fn start(&'static self) {
        self.screen.set_client(Some(self));
    }

    text_screen_promises!(by_name);

    fn buffer(&self) -> Result<Buffer, &'static str> {
        self.buffer
            .take()
            .ok_or("an earlier check has lost the buffer")
    }

    /// Starts to print `len` bytes. Returns where the buffer is.
    fn print(&self, len: usize) -> Result<*const [u8], &'static str> {
        let buffer = self.buffer()?;
        let address = ptr::from_ref(buffer);
        match self.written.during(|| self.screen.print(buffer, len)) {
            Ok(()) => Ok(address),
            Err((_, buffer)) => {
                self.buffer.set(Some(buffer));
                Err("an idle screen refuses a buffer")
            }
        }
    }

    /// Waits for the one callback, with the buffer at `address` and `len` bytes printed.
    async fn expect(&self, address: *const [u8], len: usize) -> Verdict {
        let (buffer, printed, result) = self.written.one(self.pace).await?;
        let buffer = buffer.ok_or("a callback without the buffer")?;
        let is_same = ptr::eq(address, buffer);
        self.buffer.set(Some(buffer));
        ensure(is_same, "another buffer comes back, or not all of it")?;
        ensure(result.is_ok(), "printing fails")?;
        ensure(
            printed == len,
            "it says that another number of bytes was printed",
        )?;
        ensure(self.commands.count() == 0, "the other callback comes, too")
    }

    /// Gives a command to an idle screen and waits for its end. Returns whether it is supported.
    async fn command(
        &self,
        command: impl FnOnce(&Screen) -> Result<(), ErrorCode>,
    ) -> Result<bool, &'static str> {
        match self.commands.during(|| command(self.screen)) {
            Ok(()) => {
                let result = self.commands.one(self.pace).await?;
                ensure(result.is_ok(), "the command fails")?;
                ensure(self.written.count() == 0, "the other callback comes, too")?;
                Ok(true)
            }
            Err(ErrorCode::NOSUPPORT) => {
                self.commands.none(self.pace).await?;
                Ok(false)
            }
            Err(_) => Err("an idle screen refuses a command"),
        }
    }

    async fn the_size_is_not_nothing_and_never_changes(&'static self) -> Verdict {
        let (columns, rows) = self.screen.get_size();
        ensure(columns > 0 && rows > 0, "there are no characters")?;
        let address = self.print(TEXT.len())?;
        self.expect(address, TEXT.len()).await?;
        ensure(
            self.screen.get_size() == (columns, rows),
            "printing changes it",
        )?;
        self.command(|screen| screen.clear()).await?;
        ensure(
            self.screen.get_size() == (columns, rows),
            "clearing changes it",
        )
    }

    async fn text_that_is_accepted_comes_back_once_from_the_kernel_loop(&'static self) -> Verdict {
        let address = self.print(TEXT.len())?;
        self.expect(address, TEXT.len()).await
    }

    async fn nothing_can_be_printed(&'static self) -> Verdict {
        let address = self.print(0)?;
        self.expect(address, 0).await
    }

    async fn more_bytes_than_the_buffer_has_come_back_with_size(&'static self) -> Verdict {
        let buffer = self.buffer()?;
        let (address, len) = (ptr::from_ref(buffer), buffer.len());
        let Err((error, buffer)) = self.screen.print(buffer, len + 1) else {
            return Err("they are accepted");
        };
        let is_same = ptr::eq(address, buffer);
        self.buffer.set(Some(buffer));
        ensure(is_same, "another buffer comes back")?;
        ensure(
            error == ErrorCode::SIZE,
            "they are refused with another error",
        )?;
        self.written.none(self.pace).await
    }

    async fn text_meanwhile_comes_back_with_busy(&'static self) -> Verdict {
        let address = self.print(TEXT.len())?;
        let other = self
            .other
            .take()
            .ok_or("an earlier check has lost the buffer")?;
        let other_address = ptr::from_ref(other);
        let Err((error, other)) = self.screen.print(other, 1) else {
            return Err("it is accepted");
        };
        let is_same = ptr::eq(other_address, other);
        self.other.set(Some(other));
        ensure(is_same, "another buffer comes back")?;
        self.expect(address, TEXT.len()).await?;
        ensure(error == ErrorCode::BUSY, "it is refused with another error")
    }

    async fn every_other_command_meanwhile_is_refused(&'static self) -> Verdict {
        let address = self.print(TEXT.len())?;
        let mut all_are_refused = self.screen.set_cursor(0, 0) == Err(ErrorCode::BUSY);
        for (command, may_lack) in COMMANDS {
            let refused = command(self.screen);
            let is_lacking = may_lack && refused == Err(ErrorCode::NOSUPPORT);
            all_are_refused &= refused == Err(ErrorCode::BUSY) || is_lacking;
        }
        self.expect(address, TEXT.len()).await?;
        ensure(all_are_refused, "one is not")?;
        self.commands.none(self.pace).await
    }

    async fn every_other_command_ends_once_or_is_not_supported(&'static self) -> Verdict {
        for (command, may_lack) in COMMANDS {
            let is_supported = self.command(command).await?;
            ensure(
                is_supported || may_lack,
                "one is not supported that must be",
            )?;
        }
        Ok(())
    }

    async fn the_cursor_can_be_put_in_every_corner(&'static self) -> Verdict {
        let (columns, rows) = self.screen.get_size();
        for column in [0, columns - 1] {
            for row in [0, rows - 1] {
                let put = self
                    .command(|screen| screen.set_cursor(column, row))
                    .await?;
                ensure(put, "it cannot")?;
            }
        }
        Ok(())
    }

    async fn a_place_off_the_screen_is_refused(&'static self) -> Verdict {
        let (columns, rows) = self.screen.get_size();
        for (column, row) in [(columns, 0), (0, rows), (usize::MAX, usize::MAX)] {
            let refused = self.screen.set_cursor(column, row);
            ensure(refused == Err(ErrorCode::INVAL), "it is not, with INVAL")?;
        }
        self.commands.none(self.pace).await
    }

    async fn the_client_may_print_again_from_within_the_callback(&'static self) -> Verdict {
        const MORE: usize = 3;
        self.again.set(MORE);
        self.print(TEXT.len())?;
        let (buffer, _, result) = self.written.last_of(MORE + 1, self.pace).await?;
        self.buffer.set(buffer);
        ensure(result.is_ok(), "the last one fails")
    }
}
