//! Calls between the app and others, who are the test.

use std::collections::{BTreeMap, VecDeque};

use super::state::{State, failure, unit};
use crate::door::Words;
use crate::error::{ErrorCode, Result};

pub const DRIVER: usize = 0x10000;

/// What a server does with a message.
pub type Serve = Box<dyn FnMut(&[u8]) -> Result<Vec<u8>> + Send>;

/// The only client that the app can have.
const CLIENT: usize = 0x1c;

/// Buffers to read from, and to write to with the upcalls that say so.
const NAME: usize = 0;
const CALL_MESSAGE: usize = 1;
const ANSWER: usize = 2;
const ARRIVED_MESSAGE: usize = 0;
const ARRIVED_ANSWER: usize = 1;

/// Both ends of calls.
pub struct Ipc {
    /// Servers that the app can call, by their names.
    pub servers: BTreeMap<String, Serve>,
    /// Messages for the app as a server.
    pub messages: VecDeque<Vec<u8>>,
    /// What it has answered.
    pub answers: Vec<Result<Vec<u8>>>,
    is_serving: bool,
    has_message: bool,
}

impl Ipc {
    pub const fn new() -> Self {
        Self {
            servers: BTreeMap::new(),
            messages: VecDeque::new(),
            answers: Vec::new(),
            is_serving: false,
            has_message: false,
        }
    }
}

impl State {
    pub fn ipc_command(&mut self, command: usize, a: usize, b: usize) -> Words {
        match command {
            0 => unit(Ok(())),
            1 => self.find_server(),
            2 => {
                self.ipc.is_serving = true;
                self.deliver();
                unit(Ok(()))
            }
            3 => self.call_server(a),
            4 => unit(self.answer(a, b)),
            _ => failure(ErrorCode::NOSUPPORT),
        }
    }

    fn find_server(&self) -> Words {
        let name = self.lent_bytes(DRIVER, NAME);
        let mut names = self.ipc.servers.keys();
        match names.position(|known| known.as_bytes() == name) {
            Some(token) => [131, token, 0, 0],
            None => failure(ErrorCode::NODEVICE),
        }
    }

    fn call_server(&mut self, token: usize) -> Words {
        let message = self.lent_bytes(DRIVER, CALL_MESSAGE).to_vec();
        let Some(serve) = self.ipc.servers.values_mut().nth(token) else {
            return failure(ErrorCode::NODEVICE);
        };
        let (status, answer) = match serve(&message) {
            Ok(answer) => (0, answer),
            Err(error) => (error as usize, Vec::new()),
        };
        let len_bytes = self.fill_lent(DRIVER, ARRIVED_ANSWER, &answer);
        self.schedule(DRIVER, ARRIVED_ANSWER, [status, len_bytes, 0]);
        unit(Ok(()))
    }

    /// Gives the app the next message, if it serves and has answered the last one.
    pub fn deliver(&mut self) {
        if !self.ipc.is_serving || self.ipc.has_message {
            return;
        }
        if let Some(message) = self.ipc.messages.pop_front() {
            self.ipc.has_message = true;
            let len_bytes = self.fill_lent(DRIVER, ARRIVED_MESSAGE, &message);
            self.schedule(DRIVER, ARRIVED_MESSAGE, [CLIENT, len_bytes, 0]);
        }
    }

    fn answer(&mut self, client: usize, status: usize) -> Result {
        if !self.ipc.has_message || client != CLIENT {
            return Err(ErrorCode::INVAL);
        }
        let bytes = self.lent_bytes(DRIVER, ANSWER).to_vec();
        let answer = ErrorCode::from_status(status).map(|()| bytes);
        self.ipc.answers.push(answer);
        self.ipc.has_message = false;
        self.deliver();
        Ok(())
    }
}
