//! Installs and removes apps while the machine runs, as a host at the other end of a serial line wants it.
//!
//! What is said on the line is documented in [`install_line`]. An image comes into memory of the pool that
//! processes live in, as much as it says that it needs, and that is given back whatever becomes of it.

use core::{
    convert::Infallible,
    fmt::{self, Write},
    pin::pin,
};

use capsules_core::{Clock, SerialBytes};
use futures_util::future::{Either, select};
use heapless::String;
use install_line::{CRC, Digest, FRAME_BYTES, Frames, Message, SILENCE_MS, encode};
use kernel::{
    ProcessId,
    capabilities::ProcessStartCapability,
    process::{ImageBuffer, LoadError, Process, ProcessTable},
    tbf::TbfImage,
};

use crate::shell::commands::{HEADING, ProcessRow, app_name};

/// The longest line of an answer in bytes. What is longer is cut.
const LINE_BYTES: usize = 240;

type Line = String<LINE_BYTES>;

/// Serves the host at the other end of `port`'s line for ever.
pub async fn run<'a>(
    port: &'a SerialBytes<'a>,
    clock: &'a Clock<'a>,
    processes: &'static ProcessTable,
    may_start: &'a dyn ProcessStartCapability,
) -> Infallible {
    let mut installer = Installer {
        port,
        clock,
        processes,
        may_start,
        transfer: None,
    };
    let mut frames = Frames::new();
    loop {
        let frame = async { while !frames.push(port.next().await) {} };
        let transfer = installer.transfer.as_ref();
        let silence = clock.until(transfer.map_or(u64::MAX, |it| it.given_up_us));
        if let Either::Right(_) = select(pin!(frame), pin!(silence)).await {
            installer.give_up(Refusal::Silence).await;
            continue;
        }
        match frames.take() {
            Ok((session, message)) => installer.serve(session, message).await,
            Err(_) => installer.give_up(Refusal::Broken).await,
        }
    }
}

/// An image that is on its way.
struct Transfer {
    session: u32,
    image: ImageBuffer,
    /// How much of it has come.
    done_bytes: usize,
    digest: Digest<'static, u32>,
    checksum: u32,
    /// When it is given up if no more of it comes.
    given_up_us: u64,
}

struct Installer<'a> {
    port: &'a SerialBytes<'a>,
    clock: &'a Clock<'a>,
    processes: &'static ProcessTable,
    may_start: &'a dyn ProcessStartCapability,
    transfer: Option<Transfer>,
}

/// What a message about an image is answered with, if it is not refused.
enum Answer {
    /// The offset of the part that comes next.
    Next(u32),
    /// What has become of it.
    Loaded(ProcessId),
}

/// What is said.
impl Installer<'_> {
    /// Does what a message wants, and answers it.
    async fn serve(&mut self, session: u32, message: Message<'_>) {
        if let Message::Begin { .. } | Message::Remove(_) | Message::List = message {
            // Whoever was sending an image has gone.
            self.transfer = None;
        }
        let answer = match message {
            Message::Begin {
                len_bytes,
                checksum,
            } => self.begin(session, len_bytes, checksum),
            Message::Chunk { offset, bytes } => self.take(session, offset, bytes),
            Message::End => self.end(session),
            Message::Remove(name) => return self.remove(session, name).await,
            Message::List => return self.list(session).await,
            // The machine's own words, come back.
            _ => return,
        };
        match answer {
            Ok(Answer::Next(offset)) => self.say(session, Message::Next(offset)).await,
            Ok(Answer::Loaded(id)) => {
                let loaded = description(self.processes, id);
                self.say(session, Message::Line(&loaded)).await;
                self.say(session, Message::Done).await;
            }
            Err(refusal) => self.refuse(session, refusal).await,
        }
    }

    /// Forgets an image that is on its way.
    async fn give_up(&mut self, reason: Refusal) {
        if let Some(Transfer { session, .. }) = self.transfer.take() {
            self.refuse(session, reason).await;
        }
    }

    async fn refuse(&mut self, session: u32, reason: Refusal) {
        self.say(session, Message::Refused(&line(reason))).await;
    }

    async fn list(&mut self, session: u32) {
        let processes = self.processes;
        self.say(session, Message::Line(HEADING)).await;
        let row = |process: &dyn Process| line(ProcessRow(process));
        self.each(session, |slot| processes.with_slot(slot, row))
            .await;
        self.say(session, Message::Done).await;
    }

    async fn remove(&mut self, session: u32, name: &str) {
        let processes = self.processes;
        match self
            .each(session, |slot| remove(processes, slot, name))
            .await
        {
            0 => self.refuse(session, Refusal::NoApp).await,
            _ => self.say(session, Message::Done).await,
        }
    }

    /// Says what there is to say of each place in the process table. Returns of how many there was.
    async fn each(&mut self, session: u32, of: impl Fn(usize) -> Option<Line>) -> usize {
        let mut lines = 0;
        for slot in 0..self.processes.capacity() {
            if let Some(line) = of(slot) {
                self.say(session, Message::Line(&line)).await;
                lines += 1;
            }
        }
        lines
    }

    /// Writes a message. If nobody takes it, nobody waits for an image to go on either.
    async fn say(&mut self, session: u32, message: Message<'_>) {
        let mut room = [0; FRAME_BYTES];
        let frame = encode(session, &message, &mut room).unwrap_or_default();
        let written = self.clock.timeout(SILENCE_MS, self.port.write(frame));
        if written.await.is_none() {
            self.transfer = None;
        }
    }
}

/// What is done.
impl Installer<'_> {
    fn begin(&mut self, session: u32, len_bytes: u32, checksum: u32) -> Result<Answer, Refusal> {
        let image = self
            .processes
            .image_buffer(len_bytes as usize, self.may_start);
        self.transfer = Some(Transfer {
            session,
            image: image?,
            done_bytes: 0,
            digest: CRC.digest(),
            checksum,
            given_up_us: self.patience_us(),
        });
        Ok(Answer::Next(0))
    }

    fn take(&mut self, session: u32, offset: u32, bytes: &[u8]) -> Result<Answer, Refusal> {
        let mut transfer = self.transfer(session)?;
        let start = transfer.done_bytes;
        let place = transfer.image.get_mut(start..start + bytes.len());
        let Some(place) = place.filter(|_| start == offset as usize) else {
            let len = bytes.len();
            return Err(Refusal::Misplaced { offset, len, start });
        };
        place.copy_from_slice(bytes);
        transfer.digest.update(bytes);
        transfer.done_bytes += bytes.len();
        transfer.given_up_us = self.patience_us();
        let next = transfer.done_bytes as u32;
        self.transfer = Some(transfer);
        Ok(Answer::Next(next))
    }

    fn end(&mut self, session: u32) -> Result<Answer, Refusal> {
        let transfer = self.transfer(session)?;
        let (done_bytes, len_bytes) = (transfer.done_bytes, transfer.image.len());
        if done_bytes < len_bytes {
            return Err(Refusal::Incomplete {
                done_bytes,
                len_bytes,
            });
        }
        let (expected, checksum) = (transfer.checksum, transfer.digest.finalize());
        if checksum != expected {
            return Err(Refusal::Checksum { checksum, expected });
        }
        load(self.processes, &transfer.image).map(Answer::Loaded)
    }

    fn patience_us(&self) -> u64 {
        self.clock.now_us() + u64::from(SILENCE_MS) * 1_000
    }

    /// Takes the image that is on its way out, if it is this session's.
    fn transfer(&mut self, session: u32) -> Result<Transfer, Refusal> {
        let transfer = self.transfer.take_if(|it| it.session == session);
        transfer.ok_or(Refusal::NoImage)
    }
}

/// Makes a process of an image.
fn load(processes: &'static ProcessTable, bytes: &[u8]) -> Result<ProcessId, Refusal> {
    let image = TbfImage::parse(bytes).map_err(LoadError::Image)?;
    let (expected, len_bytes) = (image.bytes().len(), bytes.len());
    if expected != len_bytes {
        return Err(Refusal::Length {
            expected,
            len_bytes,
        });
    }
    Ok(processes.load(bytes)?)
}

/// What a host is told about a new process.
fn description(processes: &ProcessTable, id: ProcessId) -> Line {
    let description = processes.with_slot(id.slot(), |process| {
        let addresses = process.get_addresses();
        line(format_args!(
            "{} is process {id:?}, with {} bytes of RAM",
            app_name(process.get_process_name()),
            addresses.sram_end - addresses.sram_start
        ))
    });
    description.unwrap_or_default()
}

/// Removes the process in a place of the table if it is called so, and says so.
fn remove(processes: &ProcessTable, slot: usize, name: &str) -> Option<Line> {
    let meant = processes.with_slot(slot, |process| {
        let is_meant = process.get_process_name() == name;
        is_meant.then(|| process.processid())
    });
    let id = meant??;
    Some(match processes.remove(id) {
        Ok(()) => line(format_args!("removed process {id:?}")),
        Err(error) => line(format_args!("process {id:?} can't be removed: {error:?}")),
    })
}

/// Why nothing was done.
enum Refusal {
    Silence,
    Broken,
    NoImage,
    Misplaced {
        offset: u32,
        len: usize,
        start: usize,
    },
    Incomplete {
        done_bytes: usize,
        len_bytes: usize,
    },
    Checksum {
        checksum: u32,
        expected: u32,
    },
    Length {
        expected: usize,
        len_bytes: usize,
    },
    Load(LoadError),
    NoApp,
}

impl From<LoadError> for Refusal {
    fn from(error: LoadError) -> Self {
        Self::Load(error)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Silence => f.write_str("nothing came for a while"),
            Self::Broken => f.write_str("a part of it came broken"),
            Self::NoImage => f.write_str("no image is on its way"),
            Self::Misplaced { offset, len, start } => write!(
                f,
                "{len} bytes came for offset {offset}, and not what belongs at {start}"
            ),
            Self::Incomplete {
                done_bytes,
                len_bytes,
            } => write!(f, "only {done_bytes} of {len_bytes} bytes came"),
            Self::Checksum { checksum, expected } => write!(
                f,
                "its CRC-32 is {checksum:#010x}; it must be {expected:#010x}"
            ),
            Self::Length {
                expected,
                len_bytes,
            } => write!(
                f,
                "its header says that it has {expected} bytes; {len_bytes} came"
            ),
            Self::Load(error) => error.fmt(f),
            Self::NoApp => f.write_str("no app has this name"),
        }
    }
}

/// A text as far as a line has room for it.
fn line(text: impl fmt::Display) -> Line {
    let mut line = Line::new();
    let _ = write!(line, "{text}");
    line
}
