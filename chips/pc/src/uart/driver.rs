//! The driver, by interrupts both ways.
//!
//! While nobody receives, bytes stay in the device and its receive interrupt is off: QEMU then holds the
//! sender back, so nothing is lost however slowly the kernel takes it.

use core::{
    cell::{Cell, RefCell},
    mem,
};

use kernel::{
    ErrorCode,
    deferred_call::{DeferredCall, DeferredCallClient},
    hil::uart::{
        Configure, Error, Parameters, Parity, Receive, ReceiveAdvanced, ReceiveClient, StopBits,
        Transmit, TransmitClient, Width,
    },
    utilities::cells::OptionalCell,
};
use uart_16550::{
    BaudRate, Config, Uart16550,
    spec::FIFO_SIZE,
    spec::registers::{FifoTriggerLevel, IER, Parity as ParityBit, WordLength},
};

use super::registers::{self, Registers};

/// Where a serial port of a PC is.
#[derive(Clone, Copy)]
pub struct ComPort {
    pub(super) base: u16,
    /// Its interrupt line.
    pub interrupt_line: u32,
}

/// The first serial port.
pub const COM1: ComPort = ComPort {
    base: 0x3f8,
    interrupt_line: 4,
};

/// The second serial port.
pub const COM2: ComPort = ComPort {
    base: 0x2f8,
    interrupt_line: 3,
};

/// How a PC's console is usually operated.
pub const PARAMETERS: Parameters = Parameters {
    baud_rate: 115_200,
    width: Width::Eight,
    parity: Parity::None,
    stop_bits: StopBits::One,
    hw_flow_control: false,
};

/// Causes served in one interrupt. The controller reports edges, so the line must have gone down before the
/// driver leaves; sixteen bytes and their causes are far fewer than this.
const CAUSES: usize = 64;

/// An operation under way: the buffer, how much is to be done and how much is.
struct Transfer {
    buffer: &'static mut [u8],
    len: usize,
    done: usize,
    /// Receiving: ends with what has come so far.
    may_end_early: bool,
    /// It ends with `CANCEL`, whatever the device does meanwhile.
    is_aborted: bool,
}

impl Transfer {
    fn remaining(&mut self) -> &mut [u8] {
        &mut self.buffer[self.done..self.len]
    }
}

/// A serial port. A board makes one for each port.
pub struct Uart<'a> {
    device: RefCell<Uart16550<Registers>>,
    sending: Cell<Option<Transfer>>,
    receiving: Cell<Option<Transfer>>,
    transmit_client: OptionalCell<&'a dyn TransmitClient>,
    receive_client: OptionalCell<&'a dyn ReceiveClient>,
    deferred_call: DeferredCall,
    /// Setting up has found no port. It sends nothing then, and nobody waits for it; receiving never ends, as on a
    /// line where nobody sends.
    is_missing: Cell<bool>,
}

impl Uart<'_> {
    /// The port. What has arrived there already is received first.
    pub fn new(port: ComPort) -> Self {
        // SAFETY: a PC's serial port or nothing is there; this driver alone uses it.
        let device = unsafe { Uart16550::new_with_backend(Registers::new(port.base)) };
        Self {
            device: RefCell::new(device),
            sending: Cell::new(None),
            receiving: Cell::new(None),
            transmit_client: OptionalCell::empty(),
            receive_client: OptionalCell::empty(),
            deferred_call: DeferredCall::new(),
            is_missing: Cell::new(false),
        }
    }

    /// Serves the port's interrupt.
    pub fn handle_interrupt(&self) {
        for _ in 0..CAUSES {
            if !self.device.borrow_mut().isr().has_pending_interrupt() {
                break;
            }
            self.receive();
            self.send();
        }
    }

    /// Takes what has arrived, as far as somebody wants it.
    fn receive(&self) {
        let Some(mut transfer) = take_if(&self.receiving, |transfer| !transfer.is_aborted) else {
            return self.device.borrow_mut().disable_interrupts(IER::DATA_READY);
        };
        let early = self
            .device
            .borrow_mut()
            .backend_mut()
            .take_early(transfer.remaining());
        transfer.done += early;
        let received = self.device.borrow_mut().receive_bytes(transfer.remaining());
        transfer.done += received;
        let is_over =
            transfer.done == transfer.len || (transfer.may_end_early && transfer.done > 0);
        if is_over {
            let line_errors = mem::take(&mut self.device.borrow_mut().backend_mut().line_errors);
            self.received(transfer, Ok(()), worst(line_errors));
        } else {
            self.receiving.set(Some(transfer));
        }
    }

    fn received(&self, transfer: Transfer, result: Result<(), ErrorCode>, error: Error) {
        let Transfer { buffer, done, .. } = transfer;
        match self.receive_client.get() {
            Some(client) => client.received_buffer(buffer, done, result, error),
            None => self.device.borrow_mut().disable_interrupts(IER::DATA_READY),
        }
    }

    /// Fills the device's queue, or reports that all has been sent.
    fn send(&self) {
        let Some(mut transfer) = take_if(&self.sending, |transfer| !transfer.is_aborted) else {
            return;
        };
        if transfer.remaining().is_empty() {
            self.device.borrow_mut().disable_interrupts(IER::THR_EMPTY);
            return self.sent(transfer, Ok(()));
        }
        let mut device = self.device.borrow_mut();
        // A device that is emulated has sent what it was given at once, and takes more.
        while device.ready_to_send().is_ok()
            && let Some(queueful) = transfer.remaining().chunks(FIFO_SIZE).next()
        {
            device.backend_mut().send(queueful);
            transfer.done += queueful.len();
        }
        self.sending.set(Some(transfer));
    }

    fn sent(&self, transfer: Transfer, result: Result<(), ErrorCode>) {
        let Transfer { buffer, done, .. } = transfer;
        self.transmit_client
            .map(|client| client.transmitted_buffer(buffer, done, result));
    }

    /// The interrupts that the operations under way need.
    fn interrupts(&self) -> IER {
        let mut interrupts = IER::empty();
        interrupts.set(IER::DATA_READY, is_under_way(&self.receiving));
        interrupts.set(IER::THR_EMPTY, is_under_way(&self.sending));
        interrupts
    }

    fn has_early(&self) -> bool {
        self.device.borrow().backend().early_len > 0
    }

    fn start_receiving(&self, transfer: Transfer) -> Result<(), (ErrorCode, &'static mut [u8])> {
        if is_under_way(&self.receiving) {
            return Err((ErrorCode::BUSY, transfer.buffer));
        }
        if transfer.len == 0 || transfer.len > transfer.buffer.len() {
            return Err((ErrorCode::SIZE, transfer.buffer));
        }
        self.receiving.set(Some(transfer));
        if self.has_early() {
            self.deferred_call.set();
        }
        self.device.borrow_mut().enable_interrupts(IER::DATA_READY);
        Ok(())
    }
}

/// The worst of what went wrong on the line. A break misses its stop bit, too.
fn worst(line_errors: u8) -> Error {
    [
        (registers::OVERRUN, Error::OverrunError),
        (registers::BREAK, Error::BreakError),
        (registers::FRAMING, Error::FramingError),
        (registers::PARITY, Error::ParityError),
    ]
    .into_iter()
    .find(|(bit, _)| line_errors & bit != 0)
    .map_or(Error::None, |(_, error)| error)
}

fn is_under_way(transfer: &Cell<Option<Transfer>>) -> bool {
    let content = transfer.take();
    let is_under_way = content.is_some();
    transfer.set(content);
    is_under_way
}

fn take_if(
    transfer: &Cell<Option<Transfer>>,
    is_wanted: impl FnOnce(&mut Transfer) -> bool,
) -> Option<Transfer> {
    let mut content = transfer.take();
    let taken = content.take_if(is_wanted);
    transfer.set(content);
    taken
}

/// Notes that a transfer is to end. Returns whether there is one.
fn abort(transfer: &Cell<Option<Transfer>>) -> bool {
    let Some(aborted) = transfer.take() else {
        return false;
    };
    transfer.set(Some(Transfer {
        is_aborted: true,
        ..aborted
    }));
    true
}

impl DeferredCallClient for Uart<'_> {
    fn handle_deferred_call(&self) {
        if let Some(transfer) = take_if(&self.sending, |transfer| transfer.is_aborted) {
            self.sent(transfer, Err(ErrorCode::CANCEL));
        }
        if let Some(transfer) = take_if(&self.receiving, |transfer| transfer.is_aborted) {
            self.received(transfer, Err(ErrorCode::CANCEL), Error::Aborted);
        } else if self.has_early() {
            self.receive();
        }
    }

    fn register(&'static self) {
        self.deferred_call.register(self);
    }
}

impl Configure for Uart<'_> {
    fn configure(&self, params: Parameters) -> Result<(), ErrorCode> {
        let config = Config {
            interrupts: self.interrupts(),
            // QEMU hands over as many bytes at a time as this. A port of metal has room for eight more by then.
            fifo_trigger_level: Some(FifoTriggerLevel::Eight),
            baud_rate: BaudRate::from_integer(params.baud_rate),
            data_bits: match params.width {
                Width::Six => WordLength::SixBits,
                Width::Seven => WordLength::SevenBits,
                Width::Eight => WordLength::EightBits,
            },
            extra_stop_bits: params.stop_bits == StopBits::Two,
            parity: match params.parity {
                Parity::None => ParityBit::Disabled,
                Parity::Odd => ParityBit::Odd,
                Parity::Even => ParityBit::Even,
            },
            check_cts_before_sending: params.hw_flow_control,
            ..Config::DEFAULT
        };
        let mut device = self.device.borrow_mut();
        device.backend_mut().keeps = true;
        let result = device.init(config);
        device.backend_mut().keeps = false;
        device.backend_mut().line_errors = 0;
        let missing = Err(uart_16550::InitError::DeviceNotPresent);
        self.is_missing.set(result == missing);
        result.map_err(|error| match error {
            uart_16550::InitError::DeviceNotPresent => ErrorCode::NODEVICE,
            _ => ErrorCode::INVAL,
        })
    }
}

impl<'a> Transmit<'a> for Uart<'a> {
    fn set_transmit_client(&self, client: &'a dyn TransmitClient) {
        self.transmit_client.set(client);
    }

    fn transmit_buffer(
        &self,
        tx_buffer: &'static mut [u8],
        tx_len: usize,
    ) -> Result<(), (ErrorCode, &'static mut [u8])> {
        if self.is_missing.get() {
            return Err((ErrorCode::NODEVICE, tx_buffer));
        }
        if is_under_way(&self.sending) {
            return Err((ErrorCode::BUSY, tx_buffer));
        }
        if tx_len > tx_buffer.len() {
            return Err((ErrorCode::SIZE, tx_buffer));
        }
        let transfer = Transfer {
            buffer: tx_buffer,
            len: tx_len,
            done: 0,
            may_end_early: false,
            is_aborted: false,
        };
        self.sending.set(Some(transfer));
        // An empty device interrupts as soon as it may, and is filled then.
        self.device.borrow_mut().enable_interrupts(IER::THR_EMPTY);
        Ok(())
    }

    fn transmit_word(&self, _word: u32) -> Result<(), ErrorCode> {
        Err(ErrorCode::NOSUPPORT)
    }

    fn transmit_abort(&self) -> Result<(), ErrorCode> {
        if !abort(&self.sending) {
            return Ok(());
        }
        self.device.borrow_mut().disable_interrupts(IER::THR_EMPTY);
        self.deferred_call.set();
        Err(ErrorCode::BUSY)
    }
}

impl<'a> Receive<'a> for Uart<'a> {
    fn set_receive_client(&self, client: &'a dyn ReceiveClient) {
        self.receive_client.set(client);
    }

    fn receive_buffer(
        &self,
        rx_buffer: &'static mut [u8],
        rx_len: usize,
    ) -> Result<(), (ErrorCode, &'static mut [u8])> {
        self.start_receiving(Transfer {
            buffer: rx_buffer,
            len: rx_len,
            done: 0,
            may_end_early: false,
            is_aborted: false,
        })
    }

    fn receive_word(&self) -> Result<(), ErrorCode> {
        Err(ErrorCode::NOSUPPORT)
    }

    fn receive_abort(&self) -> Result<(), ErrorCode> {
        if !abort(&self.receiving) {
            return Ok(());
        }
        self.deferred_call.set();
        Err(ErrorCode::BUSY)
    }
}

impl<'a> ReceiveAdvanced<'a> for Uart<'a> {
    /// Ends as soon as the device has no more bytes: with its queue, that is a gap in what arrives.
    fn receive_automatic(
        &self,
        rx_buffer: &'static mut [u8],
        rx_len: usize,
        _interbyte_timeout: u8,
    ) -> Result<(), (ErrorCode, &'static mut [u8])> {
        self.start_receiving(Transfer {
            buffer: rx_buffer,
            len: rx_len,
            done: 0,
            may_end_early: true,
            is_aborted: false,
        })
    }
}
