//! Receiving on a serial port: [`kernel::hil::uart::ReceiveAdvanced`].

use core::{cell::Cell, ptr};

use kernel::{
    ErrorCode,
    hil::uart::{Error, ReceiveAdvanced, ReceiveClient},
};

use crate::{Outside, Pace, Verdict, callbacks::Callbacks, ensure};

/// Hands the names of this suite's promises to the macro `$each`.
#[macro_export]
macro_rules! uart_receive_promises {
    ($each:ident) => {
        $each! {
            a_buffer_comes_back_once_when_as_many_bytes_have_arrived_as_are_wanted
            nothing_comes_back_before_that
            a_second_buffer_meanwhile_comes_back_with_busy
            no_bytes_and_more_than_the_buffer_has_come_back_with_size
            aborting_brings_the_buffer_back_as_it_said
            aborting_brings_what_has_arrived_so_far
            a_reception_after_an_abort_is_whole
            aborting_nothing_succeeds_and_brings_no_callback
            the_client_may_receive_again_from_within_the_callback
            a_reception_with_a_time_out_ends_with_a_byte_at_least
            a_single_word_is_received_or_not_supported
        }
    };
}

/// Bytes that each of the suite's buffers has at least.
pub const BUFFER_BYTES: usize = 8;

type Buffer = &'static mut [u8];

/// What a callback brings: the buffer, how much was received, and how it ended. Of a word, only the last.
type Received = (Option<Buffer>, usize, Result<(), ErrorCode>, Error);

/// The suite.
pub struct Suite {
    port: &'static dyn ReceiveAdvanced<'static>,
    outside: &'static dyn Outside,
    pace: &'static dyn Pace,
    buffer: Cell<Option<Buffer>>,
    other: Cell<Option<Buffer>>,
    received: Callbacks<Received>,
    /// How many receptions the client starts from within its callback.
    again: Cell<usize>,
}

impl ReceiveClient for Suite {
    fn received_word(&self, _: u32, rval: Result<(), ErrorCode>, error: Error) {
        self.received.note((None, 0, rval, error));
    }

    fn received_buffer(
        &self,
        buffer: Buffer,
        len: usize,
        rval: Result<(), ErrorCode>,
        error: Error,
    ) {
        if self.again.get() == 0 {
            return self.received.note((Some(buffer), len, rval, error));
        }
        self.again.set(self.again.get() - 1);
        match self.port.receive_buffer(buffer, len) {
            Ok(()) => self.received.note((None, len, rval, error)),
            Err((refused, buffer)) => {
                self.received.note((Some(buffer), 0, Err(refused), error));
            }
        }
    }
}

impl Suite {
    /// The suite for `port`, at whose other end `outside` sends, with two buffers to receive in.
    ///
    /// # Panics
    /// If a buffer has not [`BUFFER_BYTES`].
    pub fn new(
        port: &'static dyn ReceiveAdvanced<'static>,
        outside: &'static dyn Outside,
        pace: &'static dyn Pace,
        buffers: [Buffer; 2],
    ) -> Self {
        let is_large = buffers.iter().all(|buffer| buffer.len() >= BUFFER_BYTES);
        assert!(is_large, "a buffer has less than {BUFFER_BYTES} bytes");
        let [buffer, other] = buffers.map(|buffer| Cell::new(Some(buffer)));
        Self {
            port,
            outside,
            pace,
            buffer,
            other,
            received: Callbacks::new(),
            again: Cell::new(0),
        }
    }

    /// Becomes the port's client.
    pub fn start(&'static self) {
        self.port.set_receive_client(self);
    }

    uart_receive_promises!(by_name);

    fn buffer(&self) -> Result<Buffer, &'static str> {
        self.buffer
            .take()
            .ok_or("an earlier check has lost the buffer")
    }

    /// Starts to receive `len` bytes. Returns where the buffer is.
    fn receive(&self, len: usize) -> Result<*const [u8], &'static str> {
        let buffer = self.buffer()?;
        let address = ptr::from_ref(buffer);
        match self
            .received
            .during(|| self.port.receive_buffer(buffer, len))
        {
            Ok(()) => Ok(address),
            Err((_, buffer)) => {
                self.buffer.set(Some(buffer));
                Err("an idle port refuses a buffer")
            }
        }
    }

    /// Waits for the one callback, with the buffer at `address` and a start of `bytes` in it. Returns how much
    /// that is, and how the reception ended.
    async fn expect_start(
        &self,
        address: *const [u8],
        bytes: &[u8],
    ) -> Result<(usize, Result<(), ErrorCode>, Error), &'static str> {
        let (buffer, len, result, error) = self.received.one(self.pace).await?;
        let buffer = buffer.ok_or("a callback without the buffer")?;
        let is_same = ptr::eq(address, buffer);
        let is_start = len <= bytes.len() && bytes.get(..len) == buffer.get(..len);
        self.buffer.set(Some(buffer));
        ensure(is_same, "another buffer comes back, or not all of it")?;
        ensure(is_start, "other bytes are in it")?;
        Ok((len, result, error))
    }

    /// As [`Self::expect_start`], with all of `bytes`, well received.
    async fn expect(&self, address: *const [u8], bytes: &[u8]) -> Verdict {
        let (len, result, error) = self.expect_start(address, bytes).await?;
        ensure(result.is_ok() && error == Error::None, "receiving fails")?;
        ensure(len == bytes.len(), "not all bytes are in it")
    }

    async fn receives(&self, bytes: &[u8]) -> Verdict {
        let address = self.receive(bytes.len())?;
        self.outside.send(bytes);
        self.expect(address, bytes).await
    }

    async fn a_buffer_comes_back_once_when_as_many_bytes_have_arrived_as_are_wanted(
        &'static self,
    ) -> Verdict {
        self.receives(b"abcd").await
    }

    async fn nothing_comes_back_before_that(&'static self) -> Verdict {
        let address = self.receive(4)?;
        self.outside.send(b"abc");
        self.received.none(self.pace).await?;
        self.outside.send(b"d");
        self.expect(address, b"abcd").await
    }

    async fn a_second_buffer_meanwhile_comes_back_with_busy(&'static self) -> Verdict {
        let address = self.receive(1)?;
        let other = self
            .other
            .take()
            .ok_or("an earlier check has lost the buffer")?;
        let other_address = ptr::from_ref(other);
        let Err((error, other)) = self.port.receive_buffer(other, 1) else {
            return Err("it is accepted");
        };
        let is_same = ptr::eq(other_address, other);
        self.other.set(Some(other));
        ensure(is_same, "another buffer comes back")?;
        ensure(error == ErrorCode::BUSY, "it is refused with another error")?;
        self.outside.send(b"a");
        self.expect(address, b"a").await
    }

    async fn no_bytes_and_more_than_the_buffer_has_come_back_with_size(&'static self) -> Verdict {
        for is_none in [true, false] {
            let buffer = self.buffer()?;
            let address = ptr::from_ref(buffer);
            let len = if is_none { 0 } else { buffer.len() + 1 };
            let Err((error, buffer)) = self.port.receive_buffer(buffer, len) else {
                return Err("they are accepted");
            };
            let is_same = ptr::eq(address, buffer);
            self.buffer.set(Some(buffer));
            ensure(is_same, "another buffer comes back")?;
            ensure(
                error == ErrorCode::SIZE,
                "they are refused with another error",
            )?;
        }
        self.received.none(self.pace).await
    }

    /// Aborts a reception that may have got a start of `bytes`. Returns how much it has.
    async fn abort(&self, address: *const [u8], bytes: &[u8]) -> Result<usize, &'static str> {
        let said = self.received.during(|| self.port.receive_abort());
        let (len, result, error) = self.expect_start(address, bytes).await?;
        let is_cancelled = result == Err(ErrorCode::CANCEL);
        match said {
            Ok(()) => return Err("it says that nothing was under way"),
            Err(ErrorCode::BUSY) => {
                ensure(is_cancelled, "it is not cancelled")?;
                ensure(error == Error::Aborted, "the line does not say so")?;
            }
            Err(_) => ensure(!is_cancelled, "it is cancelled")?,
        }
        Ok(len)
    }

    async fn aborting_brings_the_buffer_back_as_it_said(&'static self) -> Verdict {
        let address = self.receive(4)?;
        self.abort(address, b"").await.map(drop)
    }

    /// Nobody inside the machine knows when bytes arrive, so this looks again and again.
    async fn aborting_brings_what_has_arrived_so_far(&'static self) -> Verdict {
        const LOOKS: usize = 2_000;
        const BYTES: &[u8] = b"ab";
        self.outside.send(BYTES);
        let mut arrived = 0;
        for _ in 0..LOOKS {
            let address = self.receive(BUFFER_BYTES)?;
            self.pace.quiet().await;
            arrived += self.abort(address, &BYTES[arrived..]).await?;
            if arrived == BYTES.len() {
                return Ok(());
            }
        }
        Err("bytes are lost")
    }

    async fn a_reception_after_an_abort_is_whole(&'static self) -> Verdict {
        let address = self.receive(4)?;
        self.abort(address, b"").await?;
        self.receives(b"abcd").await
    }

    async fn aborting_nothing_succeeds_and_brings_no_callback(&'static self) -> Verdict {
        let said = self.received.during(|| self.port.receive_abort());
        ensure(said.is_ok(), "it says that something is under way")?;
        self.received.none(self.pace).await?;
        self.receives(b"a").await
    }

    async fn the_client_may_receive_again_from_within_the_callback(&'static self) -> Verdict {
        const MORE: usize = 3;
        self.again.set(MORE);
        self.receive(1)?;
        self.outside.send(b"abcd");
        let (buffer, _, result, _) = self.received.last_of(MORE + 1, self.pace).await?;
        let buffer = buffer.ok_or("a callback without the buffer")?;
        let is_last = buffer[0] == b'd';
        self.buffer.set(Some(buffer));
        ensure(result.is_ok(), "the last one fails")?;
        ensure(is_last, "bytes are lost")
    }

    async fn a_reception_with_a_time_out_ends_with_a_byte_at_least(&'static self) -> Verdict {
        /// Bit times; on a line that is emulated they have no length.
        const TIMEOUT: u8 = 100;
        let buffer = self.buffer()?;
        let address = ptr::from_ref(buffer);
        let port = self.port;
        let started = self
            .received
            .during(|| port.receive_automatic(buffer, BUFFER_BYTES, TIMEOUT));
        if let Err((_, buffer)) = started {
            self.buffer.set(Some(buffer));
            return Err("an idle port refuses a buffer");
        }
        self.received.none(self.pace).await?;
        self.outside.send(b"a");
        self.expect(address, b"a").await
    }

    async fn a_single_word_is_received_or_not_supported(&'static self) -> Verdict {
        match self.received.during(|| self.port.receive_word()) {
            Ok(()) => {
                self.outside.send(b"a");
                let (_, _, result, _) = self.received.one(self.pace).await?;
                ensure(result.is_ok(), "receiving fails")
            }
            Err(ErrorCode::NOSUPPORT) => self.received.none(self.pace).await,
            Err(_) => Err("an idle port refuses a word"),
        }
    }
}
