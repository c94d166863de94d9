//! Calls between apps: a client calls a server by its name, and gets an answer.
//!
//! The kernel copies messages from one app's buffer to the other's. A server serves one client at a time, in the
//! order that they called. The driver is Capsa's own: Tock's has other commands.

use core::fmt;

use crate::error::{ErrorCode, Result};
use crate::syscall::{command, lend, wait_for, with_lent};

const DRIVER: usize = 0x10000;

const FIND: usize = 1;
const SERVE: usize = 2;
const CALL: usize = 3;
const ANSWER: usize = 4;

/// Buffers to read from.
mod read {
    pub const NAME: usize = 0;
    pub const MESSAGE: usize = 1;
    pub const ANSWER: usize = 2;
}

/// What arrives: the number of the buffer to write to, and of the upcall that says so.
mod arrived {
    pub const MESSAGE: usize = 0;
    pub const ANSWER: usize = 1;
}

/// An app that serves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Server {
    token: usize,
}

impl Server {
    /// Finds the server whose process has this name.
    ///
    /// # Errors
    ///
    /// `NODEVICE`: no server has the name, or none has it yet.
    pub fn find(name: &str) -> Result<Self> {
        lend(DRIVER, read::NAME, name.as_bytes())?;
        let token = command(DRIVER, FIND, 0, 0).u64()? as usize;
        Ok(Self { token })
    }

    /// Sends `message`, and waits for the answer, which is put into `answer`. Returns what came. It waits for
    /// `timeout_ms` at most; 0 is for ever.
    ///
    /// # Errors
    ///
    /// The server's. Else `NODEVICE`: the server has ended; `SIZE`: the message or the answer is longer than the
    /// buffer for it; `CANCEL`: the time is over.
    pub fn call<'a>(
        self,
        message: &[u8],
        answer: &'a mut [u8],
        timeout_ms: u32,
    ) -> Result<&'a [u8]> {
        lend(DRIVER, read::MESSAGE, message)?;
        let [status, len_bytes, _] = with_lent(DRIVER, arrived::ANSWER, answer, || {
            command(DRIVER, CALL, self.token, timeout_ms as usize).unit()?;
            Ok(wait_for(DRIVER, arrived::ANSWER))
        })??;
        ErrorCode::from_status(status)?;
        answer.get(..len_bytes).ok_or(ErrorCode::SIZE)
    }
}

/// Serves for ever, by the name of this process. `serve_one` gets a message and a place for its answer, and returns
/// how many bytes of that are the answer, or the error that the client is to get.
///
/// # Errors
///
/// `NODEVICE` without the driver. It does not return otherwise.
pub fn serve<const MESSAGE_BYTES: usize, const ANSWER_BYTES: usize>(
    mut serve_one: impl FnMut(&[u8], &mut [u8]) -> Result<usize>,
) -> Result {
    let mut message = [0; MESSAGE_BYTES];
    let mut answer = [0; ANSWER_BYTES];
    let mut finished: Option<(usize, Result<usize>)> = None;
    loop {
        // The next message can come as soon as there is a server, or as an answer is given: so there is a place for it
        // by then.
        let [client, len_bytes, _] = with_lent(DRIVER, arrived::MESSAGE, &mut message, || {
            match finished.take() {
                None => command(DRIVER, SERVE, 0, 0).unit()?,
                Some((client, result)) => give(client, &answer, result)?,
            }
            Ok(wait_for(DRIVER, arrived::MESSAGE))
        })??;
        let received = message.get(..len_bytes).unwrap_or(&message);
        finished = Some((client, serve_one(received, &mut answer)));
    }
}

/// Writes text to the start of `place`, for an answer or a message. Returns how long it is.
///
/// # Errors
///
/// `SIZE` if it does not fit.
pub fn write(place: &mut [u8], text: fmt::Arguments<'_>) -> Result<usize> {
    let mut writer = Writer {
        place,
        len_bytes: 0,
    };
    fmt::Write::write_fmt(&mut writer, text).map_err(|_| ErrorCode::SIZE)?;
    Ok(writer.len_bytes)
}

struct Writer<'a> {
    place: &'a mut [u8],
    len_bytes: usize,
}

impl fmt::Write for Writer<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.len_bytes + text.len();
        let place = self.place.get_mut(self.len_bytes..end).ok_or(fmt::Error)?;
        place.copy_from_slice(text.as_bytes());
        self.len_bytes = end;
        Ok(())
    }
}

/// Gives a client its answer. One that has gone does not get it, and does not mind.
fn give(client: usize, answer: &[u8], result: Result<usize>) -> Result {
    let (status, len_bytes) = match result {
        Ok(len_bytes) => (0, len_bytes),
        Err(error) => (error as usize, 0),
    };
    lend(
        DRIVER,
        read::ANSWER,
        answer.get(..len_bytes).unwrap_or(answer),
    )?;
    match command(DRIVER, ANSWER, client, status).unit() {
        Err(ErrorCode::INVAL) => Ok(()),
        result => result,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_written_whole_or_not_at_all() {
        let mut place = [0; 4];
        assert_eq!(write(&mut place, format_args!("{}-{}", 1, 2)), Ok(3));
        assert_eq!(place, *b"1-2\0");
        assert_eq!(
            write(&mut place, format_args!("12345")),
            Err(ErrorCode::SIZE)
        );
    }
}
