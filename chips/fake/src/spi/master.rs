//! SPI: a bus as its master sees it.

use std::{
    cell::{Cell, RefCell},
    ptr,
};

use kernel::{
    ErrorCode,
    deferred_call::DeferredCallClient,
    hil::{
        gpio::Configure,
        spi::{self, ClockPhase, ClockPolarity, SpiMasterClient, cs::ChipSelectPolar},
    },
    utilities::cells::OptionalCell,
};

use super::wire::{Buffer, Settings, Wire};
use crate::{
    Pin,
    faults::{Operation, faults},
    place,
};

struct Slave {
    pin: &'static Pin,
    wire: RefCell<Wire>,
    settings: Cell<Settings>,
    is_held: Cell<bool>,
}

struct Transfer {
    write_buffer: Buffer,
    read_buffer: Option<Buffer>,
    /// Whether it is one with the operation before to the slave.
    goes_on: bool,
}

/// A bus that means its slaves by pins. A slave sends what the test says, and zeros after that. A driver that forgets
/// to make the bus ready, or to choose a slave, makes it panic.
pub struct SpiMaster {
    slaves: Vec<Slave>,
    is_ready: Cell<bool>,
    /// The slave that is chosen, and the line to it.
    chosen: OptionalCell<(usize, ChipSelectPolar<'static, Pin>)>,
    is_meant: Cell<bool>,
    operation: Operation<Transfer>,
    client: OptionalCell<&'static dyn SpiMasterClient>,
}

impl SpiMaster {
    /// A bus with a slave at each of these pins, whose clocks are low at rest, and of no rate yet.
    pub fn new(pins: &[&'static Pin]) -> &'static Self {
        let slave = |pin: &&'static Pin| Slave {
            pin,
            wire: RefCell::default(),
            settings: Cell::new(Settings::AT_FIRST),
            is_held: Cell::new(false),
        };
        place(Self {
            slaves: pins.iter().map(slave).collect(),
            is_ready: Cell::new(false),
            chosen: OptionalCell::empty(),
            is_meant: Cell::new(false),
            operation: Operation::new(),
            client: OptionalCell::empty(),
        })
    }

    /// Says what the slave at `pin` sends in one operation: the next one, or the one after those that this was said
    /// for. Operations between which the slave is held are one.
    ///
    /// # Panics
    /// If there is none.
    #[track_caller]
    pub fn answer_next(&self, pin: &Pin, bytes: &[u8]) {
        let mut wire = self.slaves[self.at(pin)].wire.borrow_mut();
        wire.answers.push_back(bytes.to_vec());
    }

    /// Takes what was written to the slave at `pin`, operation by operation.
    ///
    /// # Panics
    /// If there is none.
    #[track_caller]
    pub fn take_written(&self, pin: &Pin) -> Vec<Vec<u8>> {
        let mut wire = self.slaves[self.at(pin)].wire.borrow_mut();
        std::mem::take(&mut wire.written)
    }

    #[track_caller]
    fn at(&self, pin: &Pin) -> usize {
        self.find(pin).expect("the bus has a slave at this pin")
    }

    fn find(&self, pin: &Pin) -> Option<usize> {
        self.slaves.iter().position(|slave| ptr::eq(slave.pin, pin))
    }

    #[track_caller]
    fn chosen(&self) -> (&Slave, ChipSelectPolar<'static, Pin>) {
        let (index, line) = self
            .chosen
            .get()
            .expect("a slave is chosen before all else that concerns it");
        (&self.slaves[index], line)
    }

    /// Means the chosen slave. Returns whether it was meant already.
    #[track_caller]
    fn mean(&self) -> bool {
        self.chosen().1.activate();
        self.is_meant.replace(true)
    }

    /// Means the chosen slave no more.
    fn let_go(&self) {
        if self.is_meant.take() {
            self.chosen().1.deactivate();
        }
    }

    /// As [`SpiMaster::let_go`], after an operation.
    fn finish(&self) {
        if !self.chosen().0.is_held.get() {
            self.let_go();
        }
    }

    #[track_caller]
    fn change(&self, change: impl FnOnce(&mut Settings)) -> Result<(), ErrorCode> {
        let (slave, _) = self.chosen();
        self.operation.ensure_idle()?;
        let mut settings = slave.settings.get();
        change(&mut settings);
        slave.settings.set(settings);
        Ok(())
    }
}

faults!(SpiMaster);

impl spi::SpiMaster<'static> for SpiMaster {
    type ChipSelect = ChipSelectPolar<'static, Pin>;

    fn init(&self) -> Result<(), ErrorCode> {
        self.operation.admit()?;
        self.is_ready.set(true);
        Ok(())
    }

    fn set_client(&self, client: &'static dyn SpiMasterClient) {
        self.client.set(client);
    }

    fn is_busy(&self) -> bool {
        self.operation.is_under_way()
    }

    #[track_caller]
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
        let goes_on = self.mean();
        self.operation.start(Transfer {
            write_buffer,
            read_buffer,
            goes_on,
        });
        Ok(())
    }

    #[track_caller]
    fn write_byte(&self, val: u8) -> Result<(), ErrorCode> {
        self.read_write_byte(val).map(drop)
    }

    #[track_caller]
    fn read_byte(&self) -> Result<u8, ErrorCode> {
        self.read_write_byte(0)
    }

    #[track_caller]
    fn read_write_byte(&self, val: u8) -> Result<u8, ErrorCode> {
        self.operation.admit()?;
        let goes_on = self.mean();
        let read = self.chosen().0.wire.borrow_mut().exchange(&[val], goes_on);
        self.finish();
        Ok(read[0])
    }

    /// One that was held is meant no more.
    #[track_caller]
    fn specify_chip_select(&self, cs: Self::ChipSelect) -> Result<(), ErrorCode> {
        assert!(
            self.is_ready.get(),
            "a bus is made ready before a slave is chosen"
        );
        if self.is_busy() {
            return Err(ErrorCode::BUSY);
        }
        let slave = self.find(cs.pin).ok_or(ErrorCode::INVAL)?;
        self.let_go();
        cs.pin.make_output();
        cs.deactivate();
        self.chosen.set((slave, cs));
        Ok(())
    }

    #[track_caller]
    fn set_rate(&self, rate: u32) -> Result<u32, ErrorCode> {
        if rate == 0 {
            return Err(ErrorCode::INVAL);
        }
        self.change(|settings| settings.rate = rate)?;
        Ok(rate)
    }

    #[track_caller]
    fn get_rate(&self) -> u32 {
        self.chosen().0.settings.get().rate
    }

    #[track_caller]
    fn set_polarity(&self, polarity: ClockPolarity) -> Result<(), ErrorCode> {
        self.change(|settings| settings.polarity = polarity)
    }

    #[track_caller]
    fn get_polarity(&self) -> ClockPolarity {
        self.chosen().0.settings.get().polarity
    }

    #[track_caller]
    fn set_phase(&self, phase: ClockPhase) -> Result<(), ErrorCode> {
        self.change(|settings| settings.phase = phase)
    }

    #[track_caller]
    fn get_phase(&self) -> ClockPhase {
        self.chosen().0.settings.get().phase
    }

    #[track_caller]
    fn hold_low(&self) {
        self.chosen().0.is_held.set(true);
    }

    #[track_caller]
    fn release_low(&self) {
        self.chosen().0.is_held.set(false);
        if !self.is_busy() {
            self.let_go();
        }
    }
}

impl DeferredCallClient for SpiMaster {
    fn handle_deferred_call(&self) {
        let Some((transfer, result)) = self.operation.end() else {
            return;
        };
        let Transfer {
            write_buffer,
            mut read_buffer,
            goes_on,
        } = transfer;
        let mut wire = self.chosen().0.wire.borrow_mut();
        let status = result.map(|()| wire.transfer(&write_buffer, &mut read_buffer, goes_on));
        drop(wire);
        self.finish();
        if let Some(client) = self.client.get() {
            client.read_write_done(write_buffer, read_buffer, status);
        }
    }

    fn register(&'static self) {
        self.operation.register(self);
    }
}
