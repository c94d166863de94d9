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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Machine, leak};
    use kernel::utilities::leasable_buffer::SubSliceMut;

    /// What the buffer holds that was read to, and how it ended.
    type Ended = (Vec<u8>, Result<usize, ErrorCode>);

    #[derive(Default)]
    struct Client(RefCell<Vec<Ended>>);

    impl SpiMasterClient for Client {
        fn read_write_done(
            &self,
            _: Buffer,
            read_buffer: Option<Buffer>,
            status: Result<usize, ErrorCode>,
        ) {
            let read = read_buffer.map_or(Vec::new(), |read| read.as_slice().to_vec());
            self.0.borrow_mut().push((read, status));
        }
    }

    fn device() -> (Machine, &'static SpiDevice, &'static Client) {
        let (device, client) = (SpiDevice::new(), &*leak(Client::default()));
        device.set_client(client);
        (Machine::new(), device, client)
    }

    fn buffer(bytes: &[u8]) -> Buffer {
        SubSliceMut::new(bytes.to_vec().leak())
    }

    #[test]
    fn as_many_bytes_go_each_way_as_the_shorter_buffer_has() {
        let (machine, device, client) = device();
        device.answer_next(&[7]);
        assert!(
            device
                .read_write_bytes(buffer(&[1, 2, 3]), Some(buffer(&[9, 9])))
                .is_ok()
        );
        assert_eq!(device.set_rate(1_000), Err(ErrorCode::BUSY));
        machine.run();
        assert!(device.read_write_bytes(buffer(&[4]), None).is_ok());
        machine.run();
        assert_eq!(*client.0.borrow(), [(vec![7, 0], Ok(2)), (vec![], Ok(1))]);
        assert_eq!(device.take_written(), [vec![1, 2], vec![4]]);
    }

    #[test]
    fn nothing_cannot_be_written() {
        let (machine, device, client) = device();
        let refused = device.read_write_bytes(buffer(&[]), None);
        assert!(matches!(refused, Err((ErrorCode::INVAL, _, None))));
        machine.run();
        assert_eq!(client.0.borrow().len(), 0);
    }

    #[test]
    fn a_failure_brings_the_buffers_back_as_they_were() {
        let (machine, device, client) = device();
        device.fail_next(ErrorCode::FAIL);
        assert!(
            device
                .read_write_bytes(buffer(&[1]), Some(buffer(&[9])))
                .is_ok()
        );
        machine.run();
        assert_eq!(*client.0.borrow(), [(vec![9], Err(ErrorCode::FAIL))]);
        assert!(device.take_written().is_empty());
    }

    #[test]
    fn a_device_remembers_how_it_was_set_up() {
        let (_, device, _) = device();
        let (polarity, phase) = (ClockPolarity::IdleHigh, ClockPhase::SampleTrailing);
        assert_eq!(device.configure(polarity, phase, 0), Err(ErrorCode::INVAL));
        assert_eq!(device.configure(polarity, phase, 1_000), Ok(()));
        assert_eq!(device.get_rate(), 1_000);
        assert_eq!(
            (device.get_polarity(), device.get_phase()),
            (polarity, phase)
        );
    }
}
