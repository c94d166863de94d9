//! QEMU's machine protocol: one JSON object a line each way, with events between the answers.

use std::fmt;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use serde_json::{Value, json};

/// The longest that an answer may take. A screen dump under load takes a few hundred milliseconds.
const ANSWER_LIMIT: Duration = Duration::from_secs(10);

/// Why a command that was sent has no result.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unanswered {
    /// QEMU ended first; it may have ended because of the command.
    Ended,
    /// A message for a person.
    Failed(String),
}

impl fmt::Display for Unanswered {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ended => formatter.write_str("QEMU ended instead of answering"),
            Self::Failed(message) => formatter.write_str(message),
        }
    }
}

pub(crate) struct Monitor {
    stream: BufReader<UnixStream>,
}

impl Monitor {
    /// Waits for the greeting and opens the protocol.
    pub(crate) fn new(stream: UnixStream) -> Result<Self, String> {
        stream
            .set_read_timeout(Some(ANSWER_LIMIT))
            .and_then(|()| stream.set_write_timeout(Some(ANSWER_LIMIT)))
            .map_err(|error| format!("the monitor's socket takes no time limit: {error}"))?;
        let mut monitor = Self {
            stream: BufReader::new(stream),
        };
        let opening = json!({ "execute": "qmp_capabilities" });
        monitor
            .execute(&opening)
            .map_err(|error| error.to_string())?;
        Ok(monitor)
    }

    /// Sends `command` and returns what its answer holds under `return`.
    pub(crate) fn execute(&mut self, command: &Value) -> Result<Value, Unanswered> {
        let failed = |error: String| Unanswered::Failed(format!("{command}: {error}"));
        let line = format!("{command}\n");
        let sent = self.stream.get_mut().write_all(line.as_bytes());
        sent.map_err(|error| failed(format!("QEMU's monitor does not take it: {error}")))?;
        read_answer(&mut self.stream).map_err(|error| match error {
            Unanswered::Ended => Unanswered::Ended,
            Unanswered::Failed(error) => failed(error),
        })
    }

    /// What the monitor for people answers to `line`.
    pub(crate) fn ask(&mut self, line: &str) -> Result<String, String> {
        let command = json!({
            "execute": "human-monitor-command",
            "arguments": { "command-line": line },
        });
        let answer = self.execute(&command).map_err(|error| error.to_string())?;
        answer
            .as_str()
            .map(str::to_owned)
            .ok_or(format!("{line}: the answer is no text: {answer}"))
    }
}

/// Reads up to the next answer. The greeting and events are no answers.
fn read_answer(stream: &mut BufReader<impl Read>) -> Result<Value, Unanswered> {
    loop {
        let mut line = String::new();
        match stream.read_line(&mut line) {
            Ok(0) => return Err(Unanswered::Ended),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => {
                return Err(Unanswered::Ended);
            }
            Err(error) => return Err(Unanswered::Failed(format!("no answer: {error}"))),
        }
        let mut message: Value = serde_json::from_str(&line)
            .map_err(|error| Unanswered::Failed(format!("{error} in {line}")))?;
        if let Some(answer) = message.get_mut("return") {
            return Ok(answer.take());
        }
        if let Some(error) = message.get("error") {
            return Err(Unanswered::Failed(format!("QEMU refused: {error}")));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(text: &str) -> BufReader<&[u8]> {
        BufReader::new(text.as_bytes())
    }

    #[test]
    fn the_greeting_and_events_are_no_answers() {
        let mut stream = answers(concat!(
            "{\"QMP\": {\"version\": {}}}\r\n",
            "{\"event\": \"RESUME\", \"timestamp\": {}}\r\n",
            "{\"return\": {\"status\": \"running\"}}\r\n",
        ));
        assert_eq!(read_answer(&mut stream), Ok(json!({ "status": "running" })));
    }

    #[test]
    fn each_answer_is_read_once() {
        let mut stream = answers("{\"return\": {}}\n{\"event\": \"STOP\"}\n{\"return\": 2}\n");
        assert_eq!(read_answer(&mut stream), Ok(json!({})));
        assert_eq!(read_answer(&mut stream), Ok(json!(2)));
    }

    #[test]
    fn a_refusal_says_why() {
        let mut stream = answers("{\"error\": {\"class\": \"GenericError\", \"desc\": \"no\"}}\n");
        let error = read_answer(&mut stream).unwrap_err().to_string();
        assert!(error.contains("\"no\""), "{error}");
    }

    #[test]
    fn the_end_of_qemu_is_no_answer() {
        assert_eq!(read_answer(&mut answers("")), Err(Unanswered::Ended));
    }
}
