//! SPI: one slave on a bus of somebody else's.

use std::cell::{Cell, RefCell};

use kernel::{
    ErrorCode,
    deferred_call::DeferredCallClient,
    hil::spi::{ClockPhase, ClockPolarity, SpiMasterClient, SpiMasterDevice},
    utilities::cells::OptionalCell,
};

use super::wire::{Buffer, Settings, Wire};
use crate::{
    faults::{Operation, faults},
    place,
};

/// A slave. It sends what the test says, and zeros after that.
pub struct SpiDevice {
    wire: RefCell<Wire>,
    settings: Cell<Settings>,
    operation: Operation<(Buffer, Option<Buffer>)>,
    client: OptionalCell<&'static dyn SpiMasterClient>,
}

impl SpiDevice {
    /// A slave whose clock is low at rest, and of no rate yet.
    pub fn new() -> &'static Self {
        place(Self {
            wire: RefCell::default(),
            settings: Cell::new(Settings::AT_FIRST),
            operation: Operation::new(),
            client: OptionalCell::empty(),
        })
    }

    /// Says what the slave sends in one operation: the next one, or the one after those that this was said for.
    pub fn answer_next(&self, bytes: &[u8]) {
        self.wire.borrow_mut().answers.push_back(bytes.to_vec());
    }

    /// Takes what was written to the slave, operation by operation.
    pub fn take_written(&self) -> Vec<Vec<u8>> {
        std::mem::take(&mut self.wire.borrow_mut().written)
    }

    fn change(&self, change: impl FnOnce(&mut Settings)) -> Result<(), ErrorCode> {
        self.operation.ensure_idle()?;
        let mut settings = self.settings.get();
        change(&mut settings);
        self.settings.set(settings);
        Ok(())
    }
}

faults!(SpiDevice);

impl SpiMasterDevice<'static> for SpiDevice {
    fn set_client(&self, client: &'static dyn SpiMasterClient) {
        self.client.set(client);
    }

    fn configure(&self, cpol: ClockPolarity, cpal: ClockPhase, rate: u32) -> Result<(), ErrorCode> {
        self.set_rate(rate)?;
        self.set_polarity(cpol)?;
        self.set_phase(cpal)
    }

    fn read_write_bytes(
        &self,
        write_buffer: Buffer,
        read_buffer: Option<Buffer>,
    ) -> Result<(), (ErrorCode, Buffer, Option<Buffer>)> {
        if let Err(error) = self.operation.admit() {
            return Err((error, write_buffer, read_buffer));
        }
        if write_buffer.is_empty() {
            return Err((ErrorCode::INVAL, write_buffer, read_buffer));
        }
        self.operation.start((write_buffer, read_buffer));
        Ok(())
    }

    fn set_rate(&self, rate: u32) -> Result<(), ErrorCode> {
        if rate == 0 {
            return Err(ErrorCode::INVAL);
        }
        self.change(|settings| settings.rate = rate)
    }

    fn get_rate(&self) -> u32 {
        self.settings.get().rate
    }

    fn set_polarity(&self, polarity: ClockPolarity) -> Result<(), ErrorCode> {
        self.change(|settings| settings.polarity = polarity)
    }

    fn get_polarity(&self) -> ClockPolarity {
        self.settings.get().polarity
    }

    fn set_phase(&self, phase: ClockPhase) -> Result<(), ErrorCode> {
        self.change(|settings| settings.phase = phase)
    }

    fn get_phase(&self) -> ClockPhase {
        self.settings.get().phase
    }
}

impl DeferredCallClient for SpiDevice {
    fn handle_deferred_call(&self) {
        let Some(((written, mut read), result)) = self.operation.end() else {
            return;
        };
        let status = result.map(|()| self.wire.borrow_mut().transfer(&written, &mut read, false));
        if let Some(client) = self.client.get() {
            client.read_write_done(written, read, status);
        }
    }

    fn register(&'static self) {
        self.operation.register(self);
    }
}
