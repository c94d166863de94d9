//! An 8080 bus.

use std::{cell::RefCell, collections::VecDeque};

use kernel::{
    ErrorCode,
    deferred_call::DeferredCallClient,
    hil::bus8080::{self, BusAddr8080, BusWidth, Client},
    utilities::cells::OptionalCell,
};

use crate::{
    faults::{Operation, faults},
    place,
};

type Buffer = &'static mut [u8];

/// What the device at a [`Bus8080`] saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BusTransfer {
    /// An address, its bytes in the order in which they went.
    Address(Vec<u8>),
    /// The values written to the address.
    Write(Vec<u16>),
    /// The values read from the address.
    Read(Vec<u16>),
}

/// A bus that has all addresses and widths, with a device that answers what the test says. An operation that fails
/// transfers nothing.
pub struct Bus8080 {
    transfers: RefCell<Vec<BusTransfer>>,
    answers: RefCell<VecDeque<u16>>,
    operation: Operation<Request>,
    client: OptionalCell<&'static dyn Client>,
}

enum Request {
    SetAddress(BusAddr8080),
    Write(Data),
    Read(Data),
}

/// A buffer, in which `len` values of the width count.
struct Data {
    width: BusWidth,
    buffer: Buffer,
    len: usize,
}

impl Data {
    fn values(&self) -> Vec<u16> {
        let bytes = self.buffer.chunks(self.width.width_in_bytes());
        let value = |bytes: &[u8]| match (&self.width, bytes) {
            (BusWidth::Bits16LE, &[low, high]) | (BusWidth::Bits16BE, &[high, low]) => {
                u16::from_be_bytes([high, low])
            }
            _ => bytes[0].into(),
        };
        bytes.take(self.len).map(value).collect()
    }

    fn set_values(&mut self, mut next: impl FnMut() -> u16) {
        let values = self.buffer.chunks_mut(self.width.width_in_bytes());
        for bytes in values.take(self.len) {
            let [high, low] = next().to_be_bytes();
            match self.width {
                BusWidth::Bits8 => bytes.copy_from_slice(&[low]),
                BusWidth::Bits16LE => bytes.copy_from_slice(&[low, high]),
                BusWidth::Bits16BE => bytes.copy_from_slice(&[high, low]),
            }
        }
    }
}

impl Bus8080 {
    /// A bus on which nothing went yet.
    pub fn new() -> &'static Self {
        place(Self {
            transfers: RefCell::default(),
            answers: RefCell::default(),
            operation: Operation::new(),
            client: OptionalCell::empty(),
        })
    }

    /// Adds to the values that are read; 0 is read when there are none. Of a value that is read as one byte the more
    /// significant byte is lost.
    pub fn provide(&self, values: &[u16]) {
        self.answers.borrow_mut().extend(values);
    }

    /// Takes what the device saw since this was last asked.
    pub fn take_transfers(&self) -> Vec<BusTransfer> {
        self.transfers.take()
    }

    fn transfer(
        &self,
        data: Data,
        request: impl FnOnce(Data) -> Request,
    ) -> Result<(), (ErrorCode, Buffer)> {
        if let Err(error) = self.operation.admit() {
            return Err((error, data.buffer));
        }
        if data.len > data.buffer.len() / data.width.width_in_bytes() {
            return Err((ErrorCode::INVAL, data.buffer));
        }
        self.operation.start(request(data));
        Ok(())
    }

    /// Does what was requested, and says what the device saw of it.
    fn apply(&self, request: &mut Request) -> BusTransfer {
        match request {
            Request::SetAddress(address) => BusTransfer::Address(match *address {
                BusAddr8080::BusAddr8(address) => vec![address],
                BusAddr8080::BusAddr16BE(address) => address.to_be_bytes().to_vec(),
                BusAddr8080::BusAddr16LE(address) => address.to_le_bytes().to_vec(),
            }),
            Request::Write(data) => BusTransfer::Write(data.values()),
            Request::Read(data) => {
                let mut answers = self.answers.borrow_mut();
                data.set_values(|| answers.pop_front().unwrap_or_default());
                BusTransfer::Read(data.values())
            }
        }
    }
}

faults!(Bus8080);

impl bus8080::Bus8080<'static> for Bus8080 {
    fn set_addr(&self, addr: BusAddr8080) -> Result<(), ErrorCode> {
        self.operation.try_start(Request::SetAddress(addr))
    }

    fn write(
        &self,
        width: BusWidth,
        buffer: Buffer,
        len: usize,
    ) -> Result<(), (ErrorCode, Buffer)> {
        let data = Data { width, buffer, len };
        self.transfer(data, Request::Write)
    }

    fn read(&self, width: BusWidth, buffer: Buffer, len: usize) -> Result<(), (ErrorCode, Buffer)> {
        let data = Data { width, buffer, len };
        self.transfer(data, Request::Read)
    }

    fn set_client(&self, client: &'static dyn Client) {
        self.client.set(client);
    }
}

impl DeferredCallClient for Bus8080 {
    fn handle_deferred_call(&self) {
        let Some((mut request, result)) = self.operation.end() else {
            return;
        };
        if result.is_ok() {
            let transfer = self.apply(&mut request);
            self.transfers.borrow_mut().push(transfer);
        }
        let (buffer, len) = match request {
            Request::SetAddress(_) => (None, 0),
            Request::Write(data) | Request::Read(data) => (Some(data.buffer), data.len),
        };
        let len = if result.is_ok() { len } else { 0 };
        // A buffer that nobody hears of is lost, as on any chip.
        if let Some(client) = self.client.get() {
            client.command_complete(buffer, len, result);
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
    use kernel::hil::bus8080::Bus8080 as _;
    use std::cell::Cell;

    type Completion = (Option<Vec<u8>>, usize, Result<(), ErrorCode>);

    struct Screen {
        bus: &'static Bus8080,
        completions: RefCell<Vec<Completion>>,
        /// Whether the end of an operation is answered by writing the buffer again.
        writes: Cell<bool>,
    }

    impl Client for Screen {
        fn command_complete(
            &self,
            buffer: Option<Buffer>,
            len: usize,
            status: Result<(), ErrorCode>,
        ) {
            let bytes = buffer.as_ref().map(|buffer| buffer.to_vec());
            self.completions.borrow_mut().push((bytes, len, status));
            if let Some(buffer) = buffer
                && self.writes.take()
            {
                assert!(self.bus.write(BusWidth::Bits8, buffer, 1).is_ok());
            }
        }
    }

    fn bus() -> (Machine, &'static Bus8080, &'static Screen) {
        let bus = Bus8080::new();
        let screen = &*leak(Screen {
            bus,
            completions: RefCell::default(),
            writes: Cell::new(false),
        });
        bus.set_client(screen);
        (Machine::new(), bus, screen)
    }

    #[test]
    fn an_address_goes_byte_by_byte_in_its_order() {
        let (machine, bus, screen) = bus();
        for (address, bytes) in [
            (BusAddr8080::BusAddr8(0x2c), vec![0x2c]),
            (BusAddr8080::BusAddr16BE(0x1234), vec![0x12, 0x34]),
            (BusAddr8080::BusAddr16LE(0x1234), vec![0x34, 0x12]),
        ] {
            assert_eq!(bus.set_addr(address), Ok(()));
            assert!(screen.completions.borrow().is_empty());
            machine.run();
            assert_eq!(bus.take_transfers(), [BusTransfer::Address(bytes)]);
            assert_eq!(screen.completions.take(), [(None, 0, Ok(()))]);
        }
    }

    #[test]
    fn values_have_the_width_and_order_that_is_said() {
        let (machine, bus, screen) = bus();
        for (width, values, read) in [
            (BusWidth::Bits8, vec![1, 2], [0xcd, 0, 3, 4, 5]),
            (
                BusWidth::Bits16LE,
                vec![0x201, 0x403],
                [0xcd, 0xab, 0, 0, 5],
            ),
            (
                BusWidth::Bits16BE,
                vec![0x102, 0x304],
                [0xab, 0xcd, 0, 0, 5],
            ),
        ] {
            let same = || match width {
                BusWidth::Bits8 => BusWidth::Bits8,
                BusWidth::Bits16LE => BusWidth::Bits16LE,
                BusWidth::Bits16BE => BusWidth::Bits16BE,
            };
            let bytes = [1, 2, 3, 4, 5];
            assert!(bus.write(same(), leak(bytes), 2).is_ok());
            machine.run();
            assert_eq!(bus.take_transfers(), [BusTransfer::Write(values)]);
            assert_eq!(
                screen.completions.take(),
                [(Some(bytes.to_vec()), 2, Ok(()))]
            );
            bus.provide(&[0xabcd]);
            assert!(bus.read(same(), leak(bytes), 2).is_ok());
            machine.run();
            assert_eq!(
                screen.completions.take(),
                [(Some(read.to_vec()), 2, Ok(()))]
            );
            let first = if same().width_in_bytes() == 1 {
                0xcd
            } else {
                0xabcd
            };
            assert_eq!(bus.take_transfers(), [BusTransfer::Read(vec![first, 0])]);
        }
    }

    #[test]
    fn a_buffer_comes_back_from_a_call_that_is_refused() {
        let (machine, bus, screen) = bus();
        bus.refuse_next(ErrorCode::NOSUPPORT);
        let (error, buffer) = bus.write(BusWidth::Bits8, leak([1; 3]), 3).unwrap_err();
        assert_eq!(error, ErrorCode::NOSUPPORT);
        let (error, buffer) = bus.read(BusWidth::Bits16BE, buffer, 2).unwrap_err();
        assert_eq!(error, ErrorCode::INVAL);
        machine.run();
        assert!(screen.completions.borrow().is_empty());
        assert_eq!(bus.set_addr(BusAddr8080::BusAddr8(0)), Ok(()));
        let (error, buffer) = bus.write(BusWidth::Bits8, buffer, 3).unwrap_err();
        assert_eq!((error, &*buffer), (ErrorCode::BUSY, &[1; 3][..]));
        machine.run();
        assert_eq!(screen.completions.take(), [(None, 0, Ok(()))]);
    }

    #[test]
    fn an_operation_that_fails_transfers_nothing_and_gives_the_buffer_back() {
        let (machine, bus, screen) = bus();
        bus.provide(&[9]);
        bus.fail_next(ErrorCode::FAIL);
        assert!(bus.read(BusWidth::Bits8, leak([1; 2]), 2).is_ok());
        machine.run();
        let failure = (Some(vec![1; 2]), 0, Err(ErrorCode::FAIL));
        assert_eq!(screen.completions.take(), [failure]);
        assert!(bus.take_transfers().is_empty());
    }

    #[test]
    fn an_operation_that_is_held_ends_when_it_is_released() {
        let (machine, bus, screen) = bus();
        bus.hold();
        assert!(bus.write(BusWidth::Bits8, leak([1]), 1).is_ok());
        machine.run();
        assert!(screen.completions.borrow().is_empty());
        bus.release();
        machine.run();
        assert_eq!(screen.completions.take(), [(Some(vec![1]), 1, Ok(()))]);
    }

    #[test]
    fn a_client_can_write_again_when_a_write_ends() {
        let (machine, bus, screen) = bus();
        screen.writes.set(true);
        assert!(bus.write(BusWidth::Bits16BE, leak([1, 2]), 1).is_ok());
        machine.run();
        let writes = [vec![0x102], vec![1]].map(BusTransfer::Write);
        assert_eq!(bus.take_transfers(), writes);
        assert_eq!(screen.completions.borrow().len(), 2);
    }
}
