//! A serial port with the test at its other end.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
};

use kernel::{
    ErrorCode,
    deferred_call::DeferredCallClient,
    hil::uart::{
        Configure, Error, Parameters, Receive, ReceiveAdvanced, ReceiveClient, Transmit,
        TransmitClient,
    },
    utilities::cells::OptionalCell,
};

use crate::{faults::Operation, place};

/// A port. Bytes take no time on its line, but callbacks come from the kernel loop. It has no single
/// words.
pub struct Uart {
    parameters: Cell<Option<Parameters>>,
    sending: Operation<Sending>,
    receiving: Operation<Receiving>,
    sent: RefCell<Vec<u8>>,
    incoming: RefCell<VecDeque<u8>>,
    line_error: Cell<Error>,
    transmit_client: OptionalCell<&'static dyn TransmitClient>,
    receive_client: OptionalCell<&'static dyn ReceiveClient>,
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
        place(Self {
            parameters: Cell::new(None),
            sending: Operation::new(),
            receiving: Operation::new(),
            sent: RefCell::default(),
            incoming: RefCell::default(),
            line_error: Cell::new(Error::None),
            transmit_client: OptionalCell::empty(),
            receive_client: OptionalCell::empty(),
        })
    }

    /// Puts `bytes` on the line to the port. They wait there until somebody receives them.
    pub fn receive(&self, bytes: &[u8]) {
        self.incoming.borrow_mut().extend(bytes);
        self.receiving.look_again();
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
    /// Keeps the callbacks of both directions back until they are released.
    pub fn hold(&self) {
        self.hold_transmit();
        self.hold_receive();
    }

    /// Keeps the callbacks of transmissions back until they are released: the other side speaks and does not
    /// listen.
    pub fn hold_transmit(&self) {
        self.sending.hold();
    }

    /// Keeps the callbacks of receptions back until they are released.
    pub fn hold_receive(&self) {
        self.receiving.hold();
    }

    /// Lets callbacks come again, from the kernel loop.
    pub fn release(&self) {
        self.sending.release();
        self.receiving.release();
    }

    /// The next call that would start a transmission returns `error`: no callback follows. Said several times,
    /// as many calls do.
    pub fn refuse_next_transmit(&self, error: ErrorCode) {
        self.sending.refuse_next(error);
    }

    /// The next call that would start a reception returns `error`, as [`Uart::refuse_next_transmit`] says.
    pub fn refuse_next_receive(&self, error: ErrorCode) {
        self.receiving.refuse_next(error);
    }

    /// The next transmission that ends does so with `error`, and nothing of it is sent. Said several times, as
    /// many transmissions do.
    pub fn fail_next_transmit(&self, error: ErrorCode) {
        self.sending.fail_next(error);
    }

    /// The reception that is under way, or else the next one, ends with `error` and with what there is. Said
    /// several times, as many receptions do.
    pub fn fail_next_receive(&self, error: ErrorCode) {
        self.receiving.fail_next(error);
    }

    /// The next reception that ends reports `error` on the line.
    pub fn disturb_next_receive(&self, error: Error) {
        self.line_error.set(error);
    }
}

impl Uart {
    fn start_receiving(
        &self,
        buffer: &'static mut [u8],
        len: usize,
        least: usize,
    ) -> Result<(), (ErrorCode, &'static mut [u8])> {
        if let Err(error) = self.receiving.admit() {
            return Err((error, buffer));
        }
        if len == 0 || len > buffer.len() {
            return Err((ErrorCode::SIZE, buffer));
        }
        self.receiving.start(Receiving {
            buffer,
            len,
            least,
            is_aborted: false,
        });
        Ok(())
    }

    fn finish_sending(&self, sending: Sending, result: Result<(), ErrorCode>) {
        let Sending {
            buffer,
            len,
            is_aborted,
        } = sending;
        let result = result.and(unless_aborted(is_aborted));
        let sent = if result.is_ok() { len } else { 0 };
        self.sent.borrow_mut().extend(&buffer[..sent]);
        if let Some(client) = self.transmit_client.get() {
            client.transmitted_buffer(buffer, sent, result);
        }
    }

    fn finish_receiving(&self, receiving: Receiving, result: Result<(), ErrorCode>) {
        let Receiving {
            buffer,
            len,
            is_aborted,
            ..
        } = receiving;
        let len = len.min(self.unreceived());
        for (place, byte) in buffer
            .iter_mut()
            .zip(self.incoming.borrow_mut().drain(..len))
        {
            *place = byte;
        }
        let error = match is_aborted {
            true => Error::Aborted,
            false => self.line_error.replace(Error::None),
        };
        if let Some(client) = self.receive_client.get() {
            client.received_buffer(buffer, len, result.and(unless_aborted(is_aborted)), error);
        }
    }
}

fn unless_aborted(is_aborted: bool) -> Result<(), ErrorCode> {
    if is_aborted {
        return Err(ErrorCode::CANCEL);
    }
    Ok(())
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
        if let Err(error) = self.sending.admit() {
            return Err((error, buffer));
        }
        if len > buffer.len() {
            return Err((ErrorCode::SIZE, buffer));
        }
        self.sending.start(Sending {
            buffer,
            len,
            is_aborted: false,
        });
        Ok(())
    }

    fn transmit_word(&self, _: u32) -> Result<(), ErrorCode> {
        Err(ErrorCode::NOSUPPORT)
    }

    fn transmit_abort(&self) -> Result<(), ErrorCode> {
        if !self.sending.change(|sending| sending.is_aborted = true) {
            return Ok(());
        }
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
        if !self
            .receiving
            .change(|receiving| receiving.is_aborted = true)
        {
            return Ok(());
        }
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
        // What a callback starts has its own turn.
        let sending = self.sending.end();
        let receiving = self
            .receiving
            .end_if(|receiving| receiving.is_aborted || self.unreceived() >= receiving.least);
        if let Some((sending, result)) = sending {
            self.finish_sending(sending, result);
        }
        if let Some((receiving, result)) = receiving {
            self.finish_receiving(receiving, result);
        }
    }

    fn register(&'static self) {
        self.sending.register(self);
        self.receiving.register(self);
    }
}
