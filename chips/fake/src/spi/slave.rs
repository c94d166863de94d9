//! SPI: a bus as a slave sees it, with the test as the master.

use std::cell::{Cell, RefCell};

use kernel::{
    ErrorCode,
    deferred_call::DeferredCallClient,
    hil::spi::{self, ClockPhase, ClockPolarity, SpiSlaveClient, SpiSlaveDevice},
    utilities::cells::{MapCell, OptionalCell},
};

use crate::{faults::Operation, place};

type Buffer = &'static mut [u8];

/// What waits for the master.
struct Answer {
    write_buffer: Option<Buffer>,
    read_buffer: Option<Buffer>,
    len: usize,
}

impl Answer {
    /// How many of `most` bytes it is for.
    fn len(&self, most: usize) -> usize {
        let room = |buffer: &Option<Buffer>| buffer.as_ref().map_or(usize::MAX, |it| it.len());
        let rooms = [room(&self.write_buffer), room(&self.read_buffer), self.len];
        rooms.into_iter().fold(most, usize::min)
    }

    /// Takes bytes that the master writes. Returns those that it reads meanwhile.
    fn exchange(&mut self, bytes: &[u8]) -> Vec<u8> {
        if let Some(buffer) = &mut self.read_buffer {
            buffer[..bytes.len()].copy_from_slice(bytes);
        }
        let written = self.write_buffer.as_ref();
        written.map_or(vec![0; bytes.len()], |buffer| {
            buffer[..bytes.len()].to_vec()
        })
    }
}

/// What the master transfers.
struct Transfer {
    to_write: Vec<u8>,
    read: Vec<u8>,
}

/// A slave, which hears of its master once it is initialised and has a client. Where it has no buffers the master
/// reads the byte that was set, and zeros after that.
pub struct SpiSlave {
    is_ready: Cell<bool>,
    polarity: Cell<ClockPolarity>,
    phase: Cell<ClockPhase>,
    write_byte: Cell<u8>,
    answer: MapCell<Answer>,
    is_selected: Cell<bool>,
    selection: Operation<()>,
    transfer: Operation<Transfer>,
    read: RefCell<Vec<Vec<u8>>>,
    client: OptionalCell<&'static dyn SpiSlaveClient>,
}

/// The master.
impl SpiSlave {
    /// A slave that is not initialised, and whose clock is low at rest.
    pub fn new() -> &'static Self {
        Self::make(false)
    }

    /// A slave that is, as a device has to be.
    pub fn new_device() -> &'static Self {
        Self::make(true)
    }

    fn make(is_ready: bool) -> &'static Self {
        place(Self {
            is_ready: Cell::new(is_ready),
            polarity: Cell::new(ClockPolarity::IdleLow),
            phase: Cell::new(ClockPhase::SampleLeading),
            write_byte: Cell::new(0),
            answer: MapCell::empty(),
            is_selected: Cell::new(false),
            selection: Operation::new(),
            transfer: Operation::new(),
            read: RefCell::default(),
            client: OptionalCell::empty(),
        })
    }

    /// The master means the slave.
    pub fn master_selects(&self) {
        if self.is_reached() && !self.is_selected.replace(true) {
            self.selection.start(());
        }
    }

    /// The master means the slave, if it does not yet, writes `bytes`, reads as many, and stops.
    ///
    /// # Panics
    /// If its last transfer is not over.
    #[track_caller]
    pub fn master_transfers(&self, bytes: &[u8]) {
        assert!(
            !self.transfer.is_under_way(),
            "the master's last transfer is not over"
        );
        self.master_selects();
        if self.is_reached() {
            self.transfer.start(Transfer {
                to_write: bytes.to_vec(),
                read: Vec::new(),
            });
        }
    }

    /// Takes what the master has read, transfer by transfer.
    pub fn take_read(&self) -> Vec<Vec<u8>> {
        self.read.take()
    }
}

/// Faults.
impl SpiSlave {
    /// The next call that would lend buffers returns `error`: no callback follows. Said several times, as many calls
    /// do.
    pub fn refuse_next(&self, error: ErrorCode) {
        self.transfer.refuse_next(error);
    }

    /// The next transfer ends with `error`, and no byte goes. Said several times, as many transfers do.
    pub fn fail_next(&self, error: ErrorCode) {
        self.transfer.fail_next(error);
    }

    /// Keeps callbacks back until they are released.
    pub fn hold(&self) {
        self.selection.hold();
        self.transfer.hold();
    }

    /// Lets callbacks come again, from the kernel loop.
    pub fn release(&self) {
        self.selection.release();
        self.transfer.release();
    }
}

impl SpiSlave {
    fn is_reached(&self) -> bool {
        self.is_ready.get() && self.client.is_some()
    }

    fn change(&self, change: impl FnOnce()) -> Result<(), ErrorCode> {
        if self.answer.is_some() || self.transfer.is_under_way() {
            return Err(ErrorCode::BUSY);
        }
        change();
        Ok(())
    }

    fn go_on(&self, mut transfer: Transfer, result: Result<(), ErrorCode>) {
        let Some(mut answer) = self.answer.take() else {
            let idle = std::iter::once(self.write_byte.get()).chain(std::iter::repeat(0));
            transfer.read.extend(idle.take(transfer.to_write.len()));
            return self.stop(transfer);
        };
        let len = match result {
            Ok(()) => answer.len(transfer.to_write.len()),
            Err(_) => 0,
        };
        let written: Vec<u8> = transfer.to_write.drain(..len).collect();
        transfer.read.extend(answer.exchange(&written));
        if result.is_err() || transfer.to_write.is_empty() {
            self.stop(transfer);
        } else {
            self.transfer.start(transfer);
        }
        if let Some(client) = self.client.get() {
            client.read_write_done(answer.write_buffer, answer.read_buffer, len, result);
        }
    }

    fn stop(&self, transfer: Transfer) {
        self.is_selected.set(false);
        self.read.borrow_mut().push(transfer.read);
    }

    fn lend(&self, answer: Answer) -> Result<(), (ErrorCode, Answer)> {
        if self.answer.is_some() {
            return Err((ErrorCode::BUSY, answer));
        }
        if let Err(error) = self.transfer.admit_meanwhile() {
            return Err((error, answer));
        }
        if answer.len == 0 {
            return Err((ErrorCode::INVAL, answer));
        }
        self.answer.put(answer);
        Ok(())
    }
}

impl spi::SpiSlave<'static> for SpiSlave {
    fn init(&self) -> Result<(), ErrorCode> {
        self.change(|| self.is_ready.set(true))
    }

    fn has_client(&self) -> bool {
        self.client.is_some()
    }

    fn set_client(&self, client: Option<&'static dyn SpiSlaveClient>) {
        self.client.insert(client);
    }

    fn set_write_byte(&self, write_byte: u8) {
        self.write_byte.set(write_byte);
    }

    fn read_write_bytes(
        &self,
        write_buffer: Option<Buffer>,
        read_buffer: Option<Buffer>,
        len: usize,
    ) -> Result<(), (ErrorCode, Option<Buffer>, Option<Buffer>)> {
        let answer = Answer {
            write_buffer,
            read_buffer,
            len,
        };
        self.lend(answer)
            .map_err(|(error, answer)| (error, answer.write_buffer, answer.read_buffer))
    }

    fn set_polarity(&self, polarity: ClockPolarity) -> Result<(), ErrorCode> {
        self.change(|| self.polarity.set(polarity))
    }

    fn get_polarity(&self) -> ClockPolarity {
        self.polarity.get()
    }

    fn set_phase(&self, phase: ClockPhase) -> Result<(), ErrorCode> {
        self.change(|| self.phase.set(phase))
    }

    fn get_phase(&self) -> ClockPhase {
        self.phase.get()
    }
}

impl SpiSlaveDevice<'static> for SpiSlave {
    fn set_client(&self, client: &'static dyn SpiSlaveClient) {
        self.client.set(client);
    }

    fn configure(&self, cpol: ClockPolarity, cpal: ClockPhase) -> Result<(), ErrorCode> {
        spi::SpiSlave::set_polarity(self, cpol)?;
        spi::SpiSlave::set_phase(self, cpal)
    }

    fn read_write_bytes(
        &self,
        write_buffer: Option<Buffer>,
        read_buffer: Option<Buffer>,
        len: usize,
    ) -> Result<(), (ErrorCode, Option<Buffer>, Option<Buffer>)> {
        spi::SpiSlave::read_write_bytes(self, write_buffer, read_buffer, len)
    }

    fn set_polarity(&self, polarity: ClockPolarity) -> Result<(), ErrorCode> {
        spi::SpiSlave::set_polarity(self, polarity)
    }

    fn get_polarity(&self) -> ClockPolarity {
        spi::SpiSlave::get_polarity(self)
    }

    fn set_phase(&self, phase: ClockPhase) -> Result<(), ErrorCode> {
        spi::SpiSlave::set_phase(self, phase)
    }

    fn get_phase(&self) -> ClockPhase {
        spi::SpiSlave::get_phase(self)
    }
}

impl DeferredCallClient for SpiSlave {
    fn handle_deferred_call(&self) {
        if self.selection.end().is_some() {
            self.client.map(|client| client.chip_selected());
            self.transfer.look_again();
        } else if let Some((transfer, result)) = self.transfer.end() {
            self.go_on(transfer, result);
        }
    }

    fn register(&'static self) {
        self.selection.register(self);
        self.transfer.register(self);
    }
}
