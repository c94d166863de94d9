//! Sending on a serial port: [`kernel::hil::uart::Transmit`].

use core::{cell::Cell, ptr};

use kernel::{
    ErrorCode,
    hil::uart::{Transmit, TransmitClient},
};

use crate::{Pace, Verdict, callbacks::Callbacks, ensure};

/// Hands the names of this suite's promises to the macro `$each`.
#[macro_export]
macro_rules! uart_transmit_promises {
    ($each:ident) => {
        $each! {
            a_buffer_that_is_accepted_comes_back_once_from_the_kernel_loop
            nothing_can_be_sent
            a_second_buffer_meanwhile_comes_back_with_busy
            more_bytes_than_the_buffer_has_come_back_with_size
            aborting_brings_the_buffer_back_as_it_said
            a_transmission_after_an_abort_is_whole
            aborting_nothing_succeeds_and_brings_no_callback
            the_client_may_send_the_next_buffer_from_within_the_callback
            a_single_word_is_sent_or_not_supported
        }
    };
}

/// What is sent, if nothing else is said.
const TEXT: &[u8] = b"what is promised is kept\r\n";

/// Bytes that each of the suite's buffers has at least.
pub const BUFFER_BYTES: usize = TEXT.len();

type Buffer = &'static mut [u8];

/// What a callback brings: the buffer, how much was sent, and how it ended. Of a word, only the last.
type Sent = (Option<Buffer>, usize, Result<(), ErrorCode>);

/// The suite.
pub struct Suite {
    port: &'static dyn Transmit<'static>,
    pace: &'static dyn Pace,
    buffer: Cell<Option<Buffer>>,
    other: Cell<Option<Buffer>>,
    sent: Callbacks<Sent>,
    /// How many transmissions the client starts from within its callback.
    again: Cell<usize>,
}

impl TransmitClient for Suite {
    fn transmitted_word(&self, rval: Result<(), ErrorCode>) {
        self.sent.note((None, 0, rval));
    }

    fn transmitted_buffer(&self, buffer: Buffer, len: usize, rval: Result<(), ErrorCode>) {
        if self.again.get() == 0 {
            return self.sent.note((Some(buffer), len, rval));
        }
        self.again.set(self.again.get() - 1);
        match self.port.transmit_buffer(buffer, len) {
            Ok(()) => self.sent.note((None, len, rval)),
            Err((error, buffer)) => self.sent.note((Some(buffer), 0, Err(error))),
        }
    }
}

impl Suite {
    /// The suite for `port`, with two buffers to send.
    ///
    /// # Panics
    /// If a buffer has not [`BUFFER_BYTES`].
    pub fn new(
        port: &'static dyn Transmit<'static>,
        pace: &'static dyn Pace,
        buffers: [Buffer; 2],
    ) -> Self {
        let [buffer, other] = buffers.map(|buffer| {
            buffer[..BUFFER_BYTES].copy_from_slice(TEXT);
            Cell::new(Some(buffer))
        });
        Self {
            port,
            pace,
            buffer,
            other,
            sent: Callbacks::new(),
            again: Cell::new(0),
        }
    }

    /// Becomes the port's client.
    pub fn start(&'static self) {
        self.port.set_transmit_client(self);
    }

    uart_transmit_promises!(by_name);

    fn buffer(&self) -> Result<Buffer, &'static str> {
        self.buffer
            .take()
            .ok_or("an earlier check has lost the buffer")
    }

    /// Starts to send `len` bytes. Returns where the buffer is.
    fn send(&self, len: usize) -> Result<*const [u8], &'static str> {
        let buffer = self.buffer()?;
        let address = ptr::from_ref(buffer);
        match self.sent.during(|| self.port.transmit_buffer(buffer, len)) {
            Ok(()) => Ok(address),
            Err((_, buffer)) => {
                self.buffer.set(Some(buffer));
                Err("an idle port refuses a buffer")
            }
        }
    }

    /// Waits for the one callback, with the buffer at `address`. Returns how it ended.
    async fn expect(
        &self,
        address: *const [u8],
    ) -> Result<(usize, Result<(), ErrorCode>), &'static str> {
        let (buffer, len, result) = self.sent.one(self.pace).await?;
        let buffer = buffer.ok_or("a callback without the buffer")?;
        let is_same = ptr::eq(address, buffer);
        self.buffer.set(Some(buffer));
        ensure(is_same, "another buffer comes back, or not all of it")?;
        Ok((len, result))
    }

    async fn sends(&self, len: usize) -> Verdict {
        let address = self.send(len)?;
        let (sent, result) = self.expect(address).await?;
        ensure(result.is_ok(), "sending fails")?;
        ensure(sent == len, "it says that another number of bytes was sent")
    }

    async fn a_buffer_that_is_accepted_comes_back_once_from_the_kernel_loop(
        &'static self,
    ) -> Verdict {
        self.sends(TEXT.len()).await
    }

    async fn nothing_can_be_sent(&'static self) -> Verdict {
        self.sends(0).await
    }

    async fn a_second_buffer_meanwhile_comes_back_with_busy(&'static self) -> Verdict {
        let address = self.send(TEXT.len())?;
        let other = self
            .other
            .take()
            .ok_or("an earlier check has lost the buffer")?;
        let other_address = ptr::from_ref(other);
        let refused = match self.port.transmit_buffer(other, 1) {
            Ok(()) => return Err("it is accepted"),
            Err((error, other)) => {
                let is_same = ptr::eq(other_address, other);
                self.other.set(Some(other));
                ensure(is_same, "another buffer comes back")?;
                error
            }
        };
        let (_, result) = self.expect(address).await?;
        ensure(
            refused == ErrorCode::BUSY,
            "it is refused with another error",
        )?;
        ensure(result.is_ok(), "the first one fails")
    }

    async fn more_bytes_than_the_buffer_has_come_back_with_size(&'static self) -> Verdict {
        let buffer = self.buffer()?;
        let (address, len) = (ptr::from_ref(buffer), buffer.len());
        let Err((error, buffer)) = self.port.transmit_buffer(buffer, len + 1) else {
            return Err("they are accepted");
        };
        let is_same = ptr::eq(address, buffer);
        self.buffer.set(Some(buffer));
        ensure(is_same, "another buffer comes back")?;
        ensure(
            error == ErrorCode::SIZE,
            "they are refused with another error",
        )?;
        self.sent.none(self.pace).await
    }

    async fn aborting_brings_the_buffer_back_as_it_said(&'static self) -> Verdict {
        let address = self.send(TEXT.len())?;
        let said = self.sent.during(|| self.port.transmit_abort());
        let (sent, result) = self.expect(address).await?;
        ensure(sent <= TEXT.len(), "more was sent than there is")?;
        match said {
            Ok(()) => Err("it says that nothing was under way"),
            Err(ErrorCode::BUSY) => ensure(result == Err(ErrorCode::CANCEL), "it is not cancelled"),
            Err(_) => ensure(result != Err(ErrorCode::CANCEL), "it is cancelled"),
        }
    }

    async fn a_transmission_after_an_abort_is_whole(&'static self) -> Verdict {
        self.aborting_brings_the_buffer_back_as_it_said().await?;
        self.sends(TEXT.len()).await
    }

    async fn aborting_nothing_succeeds_and_brings_no_callback(&'static self) -> Verdict {
        let said = self.sent.during(|| self.port.transmit_abort());
        ensure(said.is_ok(), "it says that something is under way")?;
        self.sent.none(self.pace).await?;
        self.sends(1).await
    }

    async fn the_client_may_send_the_next_buffer_from_within_the_callback(
        &'static self,
    ) -> Verdict {
        const MORE: usize = 3;
        self.again.set(MORE);
        self.send(1)?;
        let (buffer, _, result) = self.sent.last_of(MORE + 1, self.pace).await?;
        self.buffer.set(buffer);
        ensure(result.is_ok(), "the last one fails")
    }

    async fn a_single_word_is_sent_or_not_supported(&'static self) -> Verdict {
        match self
            .sent
            .during(|| self.port.transmit_word(u32::from(b'.')))
        {
            Ok(()) => {
                let (_, _, result) = self.sent.one(self.pace).await?;
                ensure(result.is_ok(), "sending fails")
            }
            Err(ErrorCode::NOSUPPORT) => self.sent.none(self.pace).await,
            Err(_) => Err("an idle port refuses a word"),
        }
    }
}
