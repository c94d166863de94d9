//! A USB controller in the role of a device, with the test as the host.

mod endpoints;
mod request;

use std::cell::{Cell, RefCell};

use kernel::{
    deferred_call::DeferredCallClient,
    hil::usb::{self, Client, DeviceSpeed, InResult, OutResult, TransferType},
    utilities::cells::OptionalCell,
};

use crate::{arrivals::Arrivals, place};
use endpoints::{Buffer, Endpoints, read, write};
use request::{REQUEST_BYTES, Request, Stop};

type ClientRef = &'static dyn Client<'static>;

/// What came of something that the host wanted.
#[derive(Debug, PartialEq)]
pub enum UsbAnswer {
    /// The host has these bytes.
    Data(Vec<u8>),
    /// The device has what the host sent.
    Taken,
    /// The device refused it (STALL).
    Stalled,
}

/// What the host wants.
enum Want {
    Reset,
    Request(Request),
    In(usize),
    Out(usize, Vec<u8>),
}

/// A controller. A reset forgets the address and what the host wanted; endpoints stay as they are. Its HIL has no
/// errors: a client that forgets something makes it panic.
pub struct UsbController {
    control_buffer: OptionalCell<Buffer>,
    ins: Endpoints,
    outs: Endpoints,
    is_enabled: Cell<bool>,
    is_attached: Cell<bool>,
    next_address: Cell<u16>,
    address: Cell<u16>,
    wants: Arrivals<Want>,
    delayed: RefCell<Vec<Want>>,
    answers: RefCell<Vec<(usize, UsbAnswer)>>,
    client: OptionalCell<ClientRef>,
}

/// The host.
impl UsbController {
    /// A controller that is no device yet.
    pub fn new() -> &'static Self {
        place(Self {
            control_buffer: OptionalCell::empty(),
            ins: Endpoints::default(),
            outs: Endpoints::default(),
            is_enabled: Cell::new(false),
            is_attached: Cell::new(false),
            next_address: Cell::new(0),
            address: Cell::new(0),
            wants: Arrivals::new(),
            delayed: RefCell::default(),
            answers: RefCell::default(),
            client: OptionalCell::empty(),
        })
    }

    /// The address that the device answers to.
    pub fn address(&self) -> u16 {
        self.address.get()
    }

    /// Resets the bus.
    ///
    /// # Panics
    /// If the device is not attached.
    #[track_caller]
    pub fn reset(&self) {
        self.forget_wants();
        self.want(Want::Reset);
    }

    /// Makes a request to endpoint 0 (9.3), with `data` if it is one that sends some.
    ///
    /// # Panics
    /// If the device is not attached, or `data` is not as long as the request says.
    #[track_caller]
    pub fn request(&self, setup: [u8; REQUEST_BYTES], data: &[u8]) {
        self.want(Want::Request(Request::new(setup, data)));
    }

    /// Wants a packet from an endpoint. One that is not enabled panics in the kernel loop.
    ///
    /// # Panics
    /// If the device is not attached.
    #[track_caller]
    pub fn read(&self, endpoint: usize) {
        self.want(Want::In(endpoint));
    }

    /// Sends a packet to an endpoint. One that is not enabled, or has no room for it, panics in the kernel loop.
    ///
    /// # Panics
    /// If the device is not attached.
    #[track_caller]
    pub fn write(&self, endpoint: usize, packet: &[u8]) {
        self.want(Want::Out(endpoint, packet.to_vec()));
    }

    /// Asks again for what a request was answered with a delay. Endpoints that delay packets say themselves when
    /// to go on.
    pub fn ask_again(&self) {
        self.resume(|want| matches!(want, Want::Request(_)));
    }

    /// Takes what came of what the host wanted, each with its endpoint, in their order.
    pub fn take_answers(&self) -> Vec<(usize, UsbAnswer)> {
        self.answers.take()
    }

    #[track_caller]
    fn want(&self, want: Want) {
        assert!(
            self.is_attached.get(),
            "the host sees a device after it is attached"
        );
        self.wants.arrive(want);
    }
}

impl UsbController {
    fn answer(&self, endpoint: usize, answer: UsbAnswer) {
        self.answers.borrow_mut().push((endpoint, answer));
    }

    fn delay(&self, want: Want) {
        self.delayed.borrow_mut().push(want);
    }

    fn resume(&self, is_meant: impl FnMut(&mut Want) -> bool) {
        let mut delayed = self.delayed.borrow_mut();
        for want in delayed.extract_if(.., is_meant) {
            self.wants.arrive(want);
        }
    }

    fn forget_wants(&self) {
        self.wants.clear();
        self.delayed.take();
    }

    fn serve_request(&self, client: ClientRef, mut request: Request) {
        let Some(buffer) = self.control_buffer.get() else {
            return;
        };
        match request.go_on(client, buffer) {
            Ok(()) => self.answer(0, request.into_answer()),
            Err(Stop::Delayed) => self.delay(Want::Request(request)),
            Err(Stop::Stalled) => self.answer(0, UsbAnswer::Stalled),
        }
    }

    fn serve_in(&self, client: ClientRef, endpoint: usize) {
        let (buffer, transfer_type) = self.ins.get(endpoint);
        match client.packet_in(transfer_type, endpoint) {
            InResult::Packet(len) => {
                self.answer(endpoint, UsbAnswer::Data(read(buffer, len)));
                client.packet_transmitted(endpoint);
            }
            InResult::Delay => self.delay(Want::In(endpoint)),
            InResult::Error => self.answer(endpoint, UsbAnswer::Stalled),
        }
    }

    fn serve_out(&self, client: ClientRef, endpoint: usize, packet: Vec<u8>) {
        let (buffer, transfer_type) = self.outs.get(endpoint);
        write(buffer, &packet);
        match client.packet_out(transfer_type, endpoint, packet.len() as u32) {
            OutResult::Ok => self.answer(endpoint, UsbAnswer::Taken),
            OutResult::Delay => self.delay(Want::Out(endpoint, packet)),
            OutResult::Error => self.answer(endpoint, UsbAnswer::Stalled),
        }
    }
}

impl usb::UsbController<'static> for UsbController {
    fn set_client(&self, client: ClientRef) {
        self.client.set(client);
    }

    #[track_caller]
    fn endpoint_set_ctrl_buffer(&self, buf: Buffer) {
        assert!(
            buf.len() >= REQUEST_BYTES,
            "a request has {REQUEST_BYTES} bytes"
        );
        self.control_buffer.set(buf);
    }

    fn endpoint_set_in_buffer(&self, endpoint: usize, buf: Buffer) {
        self.ins.set_buffer(endpoint, buf);
    }

    fn endpoint_set_out_buffer(&self, endpoint: usize, buf: Buffer) {
        self.outs.set_buffer(endpoint, buf);
    }

    #[track_caller]
    fn enable_as_device(&self, _speed: DeviceSpeed) {
        assert!(
            self.control_buffer.is_some(),
            "a device is enabled after endpoint 0 has a buffer"
        );
        self.is_enabled.set(true);
    }

    #[track_caller]
    fn attach(&self) {
        assert!(
            self.is_enabled.get(),
            "a device is attached after it is enabled"
        );
        self.is_attached.set(true);
    }

    fn detach(&self) {
        self.is_attached.set(false);
        self.forget_wants();
    }

    fn set_address(&self, addr: u16) {
        self.next_address.set(addr);
    }

    fn enable_address(&self) {
        self.address.set(self.next_address.get());
    }

    #[track_caller]
    fn endpoint_in_enable(&self, transfer_type: TransferType, endpoint: usize) {
        self.ins.enable(endpoint, transfer_type);
    }

    #[track_caller]
    fn endpoint_out_enable(&self, transfer_type: TransferType, endpoint: usize) {
        self.outs.enable(endpoint, transfer_type);
    }

    #[track_caller]
    fn endpoint_in_out_enable(&self, transfer_type: TransferType, endpoint: usize) {
        self.ins.enable(endpoint, transfer_type);
        self.outs.enable(endpoint, transfer_type);
    }

    fn endpoint_resume_in(&self, endpoint: usize) {
        self.resume(|want| matches!(want, Want::In(delayed) if *delayed == endpoint));
    }

    fn endpoint_resume_out(&self, endpoint: usize) {
        self.resume(|want| matches!(want, Want::Out(delayed, _) if *delayed == endpoint));
    }
}

impl DeferredCallClient for UsbController {
    fn handle_deferred_call(&self) {
        let (Some(want), Some(client)) = (self.wants.next(), self.client.get()) else {
            return;
        };
        match want {
            Want::Reset => {
                self.address.set(0);
                client.bus_reset();
            }
            Want::Request(request) => self.serve_request(client, request),
            Want::In(endpoint) => self.serve_in(client, endpoint),
            Want::Out(endpoint, packet) => self.serve_out(client, endpoint, packet),
        }
    }

    fn register(&'static self) {
        self.wants.register(self);
    }
}
