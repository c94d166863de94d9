//! The host's end.

use std::{
    hash::{BuildHasher, RandomState},
    io::{self, BufReader, ErrorKind, Read, Write},
    os::unix::net::UnixStream,
    path::Path,
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use crate::{CRC, FRAME_BYTES, Frames, Message, PIECE_BYTES, SILENCE_MS, encode};

/// How long an answer may take: longer than the machine's patience, so that it has the last word.
const ANSWER_LIMIT: Duration = Duration::from_millis(2 * SILENCE_MS as u64);

/// How long a machine may take to be connected to: it takes no time, unless others wait for it.
const CONNECT_LIMIT: Duration = Duration::from_secs(2);

const SILENT: &str =
    "the machine does not answer; it may have stopped, or another host has the line";

/// A host at its end of a line.
pub struct Host<L> {
    line: BufReader<L>,
    frames: Frames,
    session: u32,
    /// How long an answer may take.
    limit: Duration,
}

impl Host<UnixStream> {
    /// A host that is connected to the socket at `path`, QEMU's end of a machine's line.
    ///
    /// # Errors
    /// `ConnectionRefused` if no machine is behind the socket any more, `TimedOut` if it takes no host, and others of the
    /// operating system.
    pub fn connect(path: &Path) -> io::Result<Self> {
        let line = Self::reach(path)?;
        line.set_read_timeout(Some(ANSWER_LIMIT))?;
        line.set_write_timeout(Some(ANSWER_LIMIT))?;
        Ok(Self::new(line))
    }

    /// Only connects, to see whether a machine is there.
    ///
    /// # Errors
    /// As [`connect`](Self::connect).
    pub fn reach(path: &Path) -> io::Result<UnixStream> {
        let path = path.to_owned();
        within(CONNECT_LIMIT, move || UnixStream::connect(path))
    }
}

/// Waits for `connect`, but for `limit` at most. The system knows no limit for such a socket: where those that wait for
/// the machine are too many already, one more would wait for ever. It is a thread that nobody waits for.
fn within<T: Send + 'static>(
    limit: Duration,
    connect: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let (done, result) = mpsc::channel();
    thread::spawn(move || done.send(connect()));
    let out_of_time = |_| Err(io::Error::new(ErrorKind::TimedOut, SILENT));
    result.recv_timeout(limit).unwrap_or_else(out_of_time)
}

impl<L: Read + Write> Host<L> {
    /// A host on `line`, which must give up reading after a time.
    pub fn new(line: L) -> Self {
        Self {
            line: BufReader::new(line),
            frames: Frames::new(),
            // Not the one of a host that was here before.
            session: RandomState::new().hash_one(0) as u32,
            limit: ANSWER_LIMIT,
        }
    }

    /// Makes the machine load an app's image. Returns what it says about the new process.
    ///
    /// # Errors
    /// Why not, for a person. The machine is as it was before.
    pub fn install(&mut self, image: &[u8]) -> Result<Vec<String>, String> {
        let len_bytes = u32::try_from(image.len());
        let begin = Message::Begin {
            len_bytes: len_bytes.map_err(|_| "it is longer than 4 GiB")?,
            checksum: CRC.checksum(image),
        };
        self.ask(&begin, image)
    }

    /// Makes the machine remove all processes of the app called `name`. Returns what it says about each.
    ///
    /// # Errors
    /// Why not, for a person.
    pub fn remove(&mut self, name: &str) -> Result<Vec<String>, String> {
        self.ask(&Message::Remove(name), &[])
    }

    /// The table of the machine's processes, by rows.
    ///
    /// # Errors
    /// Why there is none, for a person.
    pub fn list(&mut self) -> Result<Vec<String>, String> {
        self.ask(&Message::List, &[])
    }

    /// Says `request`, then as much of `image` as the machine asks for, and returns the lines of its answer.
    fn ask(&mut self, request: &Message<'_>, image: &[u8]) -> Result<Vec<String>, String> {
        self.session = self.session.wrapping_add(1);
        self.say(request)?;
        let mut lines = Vec::new();
        let mut deadline = Instant::now() + self.limit;
        loop {
            self.hear(deadline)?;
            let offset = match self.frames.take() {
                Ok((session, _)) if session != self.session => continue,
                Ok((_, Message::Next(offset))) => offset,
                Ok((_, Message::Line(text))) => {
                    lines.push(text.into());
                    deadline = Instant::now() + self.limit;
                    continue;
                }
                Ok((_, Message::Done)) => return Ok(lines),
                Ok((_, Message::Refused(reason))) => return Err(reason.into()),
                _ => continue,
            };
            let rest = image.get(offset as usize..).unwrap_or_default();
            let bytes = &rest[..rest.len().min(PIECE_BYTES)];
            self.say(&if bytes.is_empty() {
                Message::End
            } else {
                Message::Chunk { offset, bytes }
            })?;
            deadline = Instant::now() + self.limit;
        }
    }

    fn say(&mut self, message: &Message<'_>) -> Result<(), String> {
        let mut room = [0; FRAME_BYTES];
        let frame = encode(self.session, message, &mut room).ok_or("the name is too long")?;
        let line = self.line.get_mut();
        line.write_all(frame).map_err(explain)
    }

    /// Waits until a frame has come. What comes all the time and is none does not keep it.
    fn hear(&mut self, deadline: Instant) -> Result<(), String> {
        let mut byte = [0];
        loop {
            if Instant::now() >= deadline {
                return Err(explain(ErrorKind::TimedOut.into()));
            }
            self.line.read_exact(&mut byte).map_err(explain)?;
            if self.frames.push(byte[0]) {
                return Ok(());
            }
        }
    }
}

fn explain(error: io::Error) -> String {
    match error.kind() {
        ErrorKind::WouldBlock | ErrorKind::TimedOut => SILENT.into(),
        ErrorKind::UnexpectedEof | ErrorKind::BrokenPipe | ErrorKind::ConnectionReset => {
            "the machine has ended".into()
        }
        _ => format!("the line to the machine: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A line to a machine that answers each message with the same bytes, and then has ended if it has.
    struct Line {
        answer: fn(u32) -> Vec<u8>,
        heard: Vec<u8>,
        has_ended: bool,
    }

    impl Read for Line {
        fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
            if self.heard.is_empty() && !self.has_ended {
                return Err(ErrorKind::WouldBlock.into());
            }
            let len = room.len().min(self.heard.len());
            room[..len].copy_from_slice(&self.heard[..len]);
            self.heard.drain(..len);
            Ok(len)
        }
    }

    impl Write for Line {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let mut frames = Frames::new();
            for byte in bytes {
                if frames.push(*byte) {
                    let (session, _) = frames.take().unwrap();
                    self.heard.extend((self.answer)(session));
                }
            }
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn host(has_ended: bool, answer: fn(u32) -> Vec<u8>) -> Host<Line> {
        Host::new(Line {
            answer,
            heard: Vec::new(),
            has_ended,
        })
    }

    fn framed(session: u32, message: Message<'_>) -> Vec<u8> {
        let mut room = [0; FRAME_BYTES];
        encode(session, &message, &mut room).unwrap().to_vec()
    }

    #[test]
    fn an_answer_is_found_among_noise_and_what_others_were_told() {
        let mut host = host(false, |session| {
            let answer = [
                b"noise".to_vec(),
                framed(session ^ 1, Message::Refused("another host")),
                framed(session, Message::List),
                framed(session, Message::Line("one")),
                vec![0, 1, 2, 3, 0],
                framed(session, Message::Line("two")),
                framed(session, Message::Done),
            ];
            answer.concat()
        });
        let expected = Ok(vec!["one".into(), "two".into()]);
        assert_eq!(
            (host.list(), host.remove("x")),
            (expected.clone(), expected)
        );
    }

    #[test]
    fn a_machine_that_does_not_answer_is_not_waited_for() {
        let silent = host(false, |_| Vec::new()).list().unwrap_err();
        assert!(silent.contains("does not answer"), "{silent}");
        let mut torn = host(true, |session| framed(session, Message::Line("one")));
        assert_eq!(torn.list(), Err("the machine has ended".into()));
    }

    #[test]
    fn a_line_of_nothing_but_noise_is_not_listened_to_for_ever() {
        struct Noise;
        impl Read for Noise {
            fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
                room.fill(b'?');
                Ok(room.len())
            }
        }
        impl Write for Noise {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                Ok(bytes.len())
            }

            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let mut host = Host::new(Noise);
        host.limit = Duration::from_millis(1);
        let error = host.list().unwrap_err();
        assert!(error.contains("does not answer"), "{error}");
    }

    #[test]
    fn a_machine_that_takes_no_host_is_not_waited_for() {
        let (_held, never) = mpsc::channel::<()>();
        let limit = Duration::from_millis(1);
        let waits = within(limit, move || Ok(never.recv()));
        assert_eq!(waits.unwrap_err().kind(), ErrorKind::TimedOut);
        let refused = || Err::<(), _>(ErrorKind::ConnectionRefused.into());
        let refused = within(ANSWER_LIMIT, refused).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
    }

    #[test]
    fn a_refusal_is_the_machines_own_words() {
        let mut host = host(false, |session| framed(session, Message::Refused("no")));
        assert_eq!(host.install(b"image"), Err("no".into()));
    }

    #[test]
    fn a_name_that_does_not_fit_a_message_is_not_said() {
        let mut host = host(false, |session| framed(session, Message::Done));
        assert_eq!(host.remove(&"x".repeat(PIECE_BYTES)), Ok(vec![]));
        let error = host.remove(&"x".repeat(10 * PIECE_BYTES)).unwrap_err();
        assert_eq!(error, "the name is too long");
    }
}
