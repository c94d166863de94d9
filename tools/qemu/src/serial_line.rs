//! The machine's first serial line, seen from its other end.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// The longest that the machine may leave a byte untaken.
const SEND_LIMIT: Duration = Duration::from_secs(10);

/// A serial line that a thread reads at all times, so that the machine never waits for its reader.
pub(crate) struct SerialLine {
    stream: UnixStream,
    received: Arc<Received>,
    reader: Option<JoinHandle<()>>,
    /// How much of what was received has been matched by `expect`.
    matched: usize,
}

#[derive(Default)]
struct Received {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    bytes: Vec<u8>,
    /// Whether the machine is gone and nothing more will come.
    ended: bool,
}

impl SerialLine {
    pub(crate) fn new(stream: UnixStream) -> io::Result<Self> {
        stream.set_write_timeout(Some(SEND_LIMIT))?;
        let received = Arc::new(Received::default());
        let reader = thread::spawn({
            let (stream, received) = (stream.try_clone()?, received.clone());
            move || read_all(stream, &received)
        });
        Ok(Self {
            stream,
            received,
            reader: Some(reader),
            matched: 0,
        })
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)
    }

    /// Waits until what came after the last match contains `text`, and returns it up to the end of
    /// `text`; `None` when `limit` passes, or when the machine ends, before that.
    pub(crate) fn expect(&mut self, text: &str, limit: Duration) -> Option<String> {
        let deadline = Instant::now() + limit;
        let mut state = self.received.lock();
        loop {
            if let Some(at) = find(&state.bytes[self.matched..], text.as_bytes()) {
                let start = self.matched;
                self.matched += at + text.len();
                return Some(lossy(&state.bytes[start..self.matched]));
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || state.ended {
                return None;
            }
            state = match self.received.changed.wait_timeout(state, left) {
                Ok((state, _)) => state,
                Err(poisoned) => poisoned.into_inner().0,
            };
        }
    }

    /// Everything received so far.
    pub(crate) fn transcript(&self) -> String {
        lossy(&self.received.lock().bytes)
    }

    /// What was received and not matched yet.
    pub(crate) fn unmatched(&self) -> String {
        lossy(&self.received.lock().bytes[self.matched..])
    }

    /// Takes in the last bytes of a machine that has ended.
    pub(crate) fn finish(&mut self) {
        if let Some(reader) = self.reader.take() {
            let _ = reader.join();
        }
    }
}

impl Received {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read_all(mut stream: UnixStream, received: &Received) {
    let mut chunk = [0; 4096];
    loop {
        let count = match stream.read(&mut chunk) {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(_) => 0,
        };
        let mut state = received.lock();
        state.bytes.extend_from_slice(&chunk[..count]);
        state.ended = count == 0;
        received.changed.notify_all();
        if count == 0 {
            return;
        }
    }
}

fn find(bytes: &[u8], text: &[u8]) -> Option<usize> {
    if text.is_empty() {
        return Some(0);
    }
    bytes.windows(text.len()).position(|window| window == text)
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_secs(10);

    fn line() -> (SerialLine, UnixStream) {
        let (ours, machine) = UnixStream::pair().unwrap();
        (SerialLine::new(ours).unwrap(), machine)
    }

    #[test]
    fn a_match_returns_what_came_up_to_it() {
        let (mut line, mut machine) = line();
        machine.write_all(b"Capsa\n> led").unwrap();
        assert_eq!(line.expect("> ", LIMIT).as_deref(), Some("Capsa\n> "));
        assert_eq!(line.expect("led", LIMIT).as_deref(), Some("led"));
    }

    #[test]
    fn the_same_bytes_match_only_once() {
        let (mut line, mut machine) = line();
        machine.write_all(b"> ").unwrap();
        assert!(line.expect("> ", LIMIT).is_some());
        drop(machine);
        assert_eq!(line.expect("> ", LIMIT), None);
        assert_eq!(line.transcript(), "> ");
    }

    #[test]
    fn a_text_may_arrive_in_pieces() {
        let (mut line, mut machine) = line();
        machine.write_all(b"pro").unwrap();
        assert_eq!(line.expect("prompt", Duration::ZERO), None);
        machine.write_all(b"mpt").unwrap();
        assert_eq!(line.expect("prompt", LIMIT).as_deref(), Some("prompt"));
    }

    #[test]
    fn the_end_of_the_machine_ends_the_wait() {
        let (mut line, mut machine) = line();
        machine.write_all(b"bye").unwrap();
        drop(machine);
        line.finish();
        assert_eq!(line.expect("never", LIMIT), None);
        assert_eq!(line.unmatched(), "bye");
    }
}
