//! A request to endpoint 0 and its stages (9.3 and 8.5.3 of the USB 2.0 specification).

use kernel::hil::usb::{CtrlInResult, CtrlOutResult, CtrlSetupResult};

use super::{
    ClientRef, UsbAnswer,
    endpoints::{Buffer, read, write},
};

/// The length of a request, which the buffer of endpoint 0 has room for, in bytes.
pub(super) const REQUEST_BYTES: usize = 8;

/// A request to endpoint 0, and how far it is.
pub(super) struct Request {
    setup: [u8; REQUEST_BYTES],
    is_set_up: bool,
    /// What the host has, or else what it has not sent yet.
    data: Vec<u8>,
}

/// Why a request does not go on.
pub(super) enum Stop {
    Delayed,
    Stalled,
}

impl Request {
    #[track_caller]
    pub(super) fn new(setup: [u8; REQUEST_BYTES], data: &[u8]) -> Self {
        let request = Self {
            setup,
            is_set_up: false,
            data: data.to_vec(),
        };
        let expected = if request.is_in() {
            0
        } else {
            request.data_bytes()
        };
        assert_eq!(data.len(), expected, "bytes that go with the request");
        request
    }

    /// Takes the request through its stages, as far as the client lets it.
    pub(super) fn go_on(&mut self, client: ClientRef, buffer: Buffer) -> Result<(), Stop> {
        if !self.is_set_up {
            self.set_up(client, buffer)?;
        }
        if self.is_in() {
            self.fetch_data(client, buffer)?;
        } else {
            self.send_data(client, buffer)?;
        }
        client.ctrl_status(0);
        client.ctrl_status_complete(0);
        Ok(())
    }

    /// What came of it when it is through.
    pub(super) fn into_answer(self) -> UsbAnswer {
        match self.is_in() {
            true => UsbAnswer::Data(self.data),
            false => UsbAnswer::Taken,
        }
    }

    /// Whether data goes to the host (9.3.1).
    fn is_in(&self) -> bool {
        self.setup[0] & 0x80 != 0
    }

    /// How many bytes of data go, at most if they go to the host (9.3.5).
    fn data_bytes(&self) -> usize {
        u16::from_le_bytes([self.setup[6], self.setup[7]]).into()
    }

    fn set_up(&mut self, client: ClientRef, buffer: Buffer) -> Result<(), Stop> {
        write(buffer, &self.setup);
        match client.ctrl_setup(0) {
            CtrlSetupResult::Ok | CtrlSetupResult::OkSetAddress => self.is_set_up = true,
            _ => return Err(Stop::Stalled),
        }
        Ok(())
    }

    fn fetch_data(&mut self, client: ClientRef, buffer: Buffer) -> Result<(), Stop> {
        while self.data.len() < self.data_bytes() {
            match client.ctrl_in(0) {
                CtrlInResult::Packet(len, is_last) => {
                    self.data.extend(read(buffer, len));
                    if is_last {
                        break;
                    }
                }
                CtrlInResult::Delay => return Err(Stop::Delayed),
                CtrlInResult::Error => return Err(Stop::Stalled),
            }
        }
        let (len, most) = (self.data.len(), self.data_bytes());
        assert!(
            len <= most,
            "{len} bytes answer a host that wants {most} at most"
        );
        Ok(())
    }

    fn send_data(&mut self, client: ClientRef, buffer: Buffer) -> Result<(), Stop> {
        while !self.data.is_empty() {
            let len = self.data.len().min(buffer.len());
            write(buffer, &self.data[..len]);
            match client.ctrl_out(0, len as u32) {
                CtrlOutResult::Ok => drop(self.data.drain(..len)),
                CtrlOutResult::Delay => return Err(Stop::Delayed),
                CtrlOutResult::Halted => return Err(Stop::Stalled),
            }
        }
        Ok(())
    }
}
