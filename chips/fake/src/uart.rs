//! A serial port with the test at its other end.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
};

use kernel::{
    ErrorCode,
    deferred_call::{DeferredCall, DeferredCallClient},
    hil::uart::{
        Configure, Error, Parameters, Receive, ReceiveAdvanced, ReceiveClient, Transmit,
        TransmitClient,
    },
    utilities::cells::OptionalCell,
};

use crate::leak;

/// A port. Bytes take no time on its line, but callbacks come from the kernel loop. It has no single
/// words.
pub struct Uart {
    parameters: Cell<Option<Parameters>>,
    sending: Cell<Option<Sending>>,
    receiving: Cell<Option<Receiving>>,
    sent: RefCell<Vec<u8>>,
    incoming: RefCell<VecDeque<u8>>,
    is_held: Cell<bool>,
    is_transmit_held: Cell<bool>,
    refused_transmits: RefCell<VecDeque<ErrorCode>>,
    refused_receives: RefCell<VecDeque<ErrorCode>>,
    failed_transmit: Cell<Option<ErrorCode>>,
    line_error: Cell<Error>,
    transmit_client: OptionalCell<&'static dyn TransmitClient>,
    receive_client: OptionalCell<&'static dyn ReceiveClient>,
    deferred_call: DeferredCall,
}

struct Sending {
    buffer: &'static mut [u8],
    len: usize,
    is_aborted: bool,
}

struct Receiving {
    buffer: &'static mut [u8],
    /// How many bytes are wanted, and how many are enough.
    len: usize,
    least: usize,
    is_aborted: bool,
}

/// The other end of the line.
impl Uart {
    /// A port with nothing on its line.
    pub fn new() -> &'static Self {
        let port = &*leak(Self {
            parameters: Cell::new(None),
            sending: Cell::new(None),
            receiving: Cell::new(None),
            sent: RefCell::default(),
            incoming: RefCell::default(),
            is_held: Cell::new(false),
            is_transmit_held: Cell::new(false),
            refused_transmits: RefCell::default(),
            refused_receives: RefCell::default(),
            failed_transmit: Cell::new(None),
            line_error: Cell::new(Error::None),
            transmit_client: OptionalCell::empty(),
            receive_client: OptionalCell::empty(),
            deferred_call: DeferredCall::new(),
        });
        port.register();
        port
    }

    /// Puts `bytes` on the line to the port. They wait there until somebody receives them.
    pub fn receive(&self, bytes: &[u8]) {
        self.incoming.borrow_mut().extend(bytes);
        self.deferred_call.set();
    }

    /// How many bytes wait to be received.
    pub fn unreceived(&self) -> usize {
        self.incoming.borrow().len()
    }

    /// What the port has sent since it was made, or since that was taken last.
    pub fn sent(&self) -> Vec<u8> {
        self.sent.borrow().clone()
    }

    /// Takes what the port has sent.
    pub fn take_sent(&self) -> Vec<u8> {
        self.sent.take()
    }

    /// Takes what the port has sent, as text.
    ///
    /// # Panics
    /// If it is not UTF-8.
    pub fn take_text(&self) -> String {
        String::from_utf8(self.take_sent()).expect("what was sent is text")
    }

    /// How the port was set up last.
    pub fn parameters(&self) -> Option<Parameters> {
        self.parameters.get()
    }
}

/// Faults.
impl Uart {
    /// Keeps all callbacks back until [`Uart::release`], as a line does that the other side holds.
    pub fn hold(&self) {
        self.is_held.set(true);
    }

    /// Keeps the callbacks of transmissions back until [`Uart::release`]: the other side speaks and does not
    /// listen.
    pub fn hold_transmit(&self) {
        self.is_transmit_held.set(true);
    }

    /// Lets callbacks come again.
    pub fn release(&self) {
        self.is_held.set(false);
        self.is_transmit_held.set(false);
        self.deferred_call.set();
    }

    /// The next transmission is refused: no callback follows. Asked for several times, as many are.
    pub fn refuse_next_transmit(&self, error: ErrorCode) {
        self.refused_transmits.borrow_mut().push_back(error);
    }

    /// The next reception is refused, as [`Uart::refuse_next_transmit`] does for transmissions.
    pub fn refuse_next_receive(&self, error: ErrorCode) {
        self.refused_receives.borrow_mut().push_back(error);
    }

    /// The next transmission that ends does so with `error`, and nothing of it is sent.
    pub fn fail_next_transmit(&self, error: ErrorCode) {
        self.failed_transmit.set(Some(error));
    }

    /// The next reception that ends reports `error` on the line.
    pub fn disturb_next_receive(&self, error: Error) {
        self.line_error.set(error);
    }
}

impl Uart {
    fn is_busy<T>(operation: &Cell<Option<T>>) -> bool {
        let content = operation.take();
        let is_busy = content.is_some();
        operation.set(content);
        is_busy
    }

    fn start_receiving(
        &self,
        buffer: &'static mut [u8],
        len: usize,
        least: usize,
    ) -> Result<(), (ErrorCode, &'static mut [u8])> {
        if Self::is_busy(&self.receiving) {
            return Err((ErrorCode::BUSY, buffer));
        }
        if len == 0 || len > buffer.len() {
            return Err((ErrorCode::SIZE, buffer));
        }
        if let Some(error) = self.refused_receives.borrow_mut().pop_front() {
            return Err((error, buffer));
        }
        self.receiving.set(Some(Receiving {
            buffer,
            len,
            least,
            is_aborted: false,
        }));
        self.deferred_call.set();
        Ok(())
    }

    /// The reception that can end now.
    fn take_received(&self) -> Option<Receiving> {
        let receiving = self.receiving.take()?;
        if receiving.is_aborted || self.unreceived() >= receiving.least {
            return Some(receiving);
        }
        self.receiving.set(Some(receiving));
        None
    }

    fn finish_sending(
        &self,
        Sending {
            buffer,
            len,
            is_aborted,
        }: Sending,
    ) {
        let failure = self
            .failed_transmit
            .take()
            .or(is_aborted.then_some(ErrorCode::CANCEL));
        let (sent, result) = failure.map_or((len, Ok(())), |error| (0, Err(error)));
        self.sent.borrow_mut().extend(&buffer[..sent]);
        if let Some(client) = self.transmit_client.get() {
            client.transmitted_buffer(buffer, sent, result);
        }
    }

    fn finish_receiving(
        &self,
        Receiving {
            buffer,
            len,
            is_aborted,
            ..
        }: Receiving,
    ) {
        let len = len.min(self.unreceived());
        for (place, byte) in buffer
            .iter_mut()
            .zip(self.incoming.borrow_mut().drain(..len))
        {
            *place = byte;
        }
        let (result, error) = match is_aborted {
            true => (Err(ErrorCode::CANCEL), Error::Aborted),
            false => (Ok(()), self.line_error.replace(Error::None)),
        };
        if let Some(client) = self.receive_client.get() {
            client.received_buffer(buffer, len, result, error);
        }
    }
}

impl Configure for Uart {
    fn configure(&self, params: Parameters) -> Result<(), ErrorCode> {
        self.parameters.set(Some(params));
        Ok(())
    }
}

impl Transmit<'static> for Uart {
    fn set_transmit_client(&self, client: &'static dyn TransmitClient) {
        self.transmit_client.set(client);
    }

    fn transmit_buffer(
        &self,
        buffer: &'static mut [u8],
        len: usize,
    ) -> Result<(), (ErrorCode, &'static mut [u8])> {
        if Self::is_busy(&self.sending) {
            return Err((ErrorCode::BUSY, buffer));
        }
        if len > buffer.len() {
            return Err((ErrorCode::SIZE, buffer));
        }
        if let Some(error) = self.refused_transmits.borrow_mut().pop_front() {
            return Err((error, buffer));
        }
        self.sending.set(Some(Sending {
            buffer,
            len,
            is_aborted: false,
        }));
        self.deferred_call.set();
        Ok(())
    }

    fn transmit_word(&self, _: u32) -> Result<(), ErrorCode> {
        Err(ErrorCode::NOSUPPORT)
    }

    fn transmit_abort(&self) -> Result<(), ErrorCode> {
        let Some(sending) = self.sending.take() else {
            return Ok(());
        };
        self.sending.set(Some(Sending {
            is_aborted: true,
            ..sending
        }));
        Err(ErrorCode::BUSY)
    }
}

impl Receive<'static> for Uart {
    fn set_receive_client(&self, client: &'static dyn ReceiveClient) {
        self.receive_client.set(client);
    }

    fn receive_buffer(
        &self,
        buffer: &'static mut [u8],
        len: usize,
    ) -> Result<(), (ErrorCode, &'static mut [u8])> {
        self.start_receiving(buffer, len, len)
    }

    fn receive_word(&self) -> Result<(), ErrorCode> {
        Err(ErrorCode::NOSUPPORT)
    }

    fn receive_abort(&self) -> Result<(), ErrorCode> {
        let Some(receiving) = self.receiving.take() else {
            return Ok(());
        };
        self.receiving.set(Some(Receiving {
            is_aborted: true,
            ..receiving
        }));
        self.deferred_call.set();
        Err(ErrorCode::BUSY)
    }
}

impl ReceiveAdvanced<'static> for Uart {
    fn receive_automatic(
        &self,
        buffer: &'static mut [u8],
        len: usize,
        _: u8,
    ) -> Result<(), (ErrorCode, &'static mut [u8])> {
        self.start_receiving(buffer, len, 1)
    }
}

impl DeferredCallClient for Uart {
    fn handle_deferred_call(&self) {
        if self.is_held.get() {
            return;
        }
        // What a callback starts has its own turn.
        let sending = match self.is_transmit_held.get() {
            true => None,
            false => self.sending.take(),
        };
        let receiving = self.take_received();
        if let Some(sending) = sending {
            self.finish_sending(sending);
        }
        if let Some(receiving) = receiving {
            self.finish_receiving(receiving);
        }
    }

    fn register(&'static self) {
        self.deferred_call.register(self);
    }
}
