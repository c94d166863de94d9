//! A human interface device on USB with the test as its host.

use std::{cell::RefCell, collections::VecDeque};

use kernel::{
    ErrorCode,
    deferred_call::DeferredCallClient,
    hil::usb_hid::{self, Client, UsbHidType},
    utilities::cells::OptionalCell,
};

use crate::{faults::Operation, place};

/// A device with packets of type `T`. The host asks for packets all the time, but while callbacks are held. What it
/// sends waits until the device receives.
pub struct UsbHid<T: UsbHidType + 'static> {
    sending: Operation<&'static mut T>,
    receiving: Operation<&'static mut T>,
    sent: RefCell<Vec<T>>,
    incoming: RefCell<VecDeque<T>>,
    client: OptionalCell<&'static dyn Client<'static, T>>,
}

/// The host.
impl<T: UsbHidType> UsbHid<T> {
    /// The endpoint that packets come from and go to.
    pub const ENDPOINT: usize = 1;

    /// A device that nobody listens to.
    pub fn new() -> &'static Self {
        place(Self {
            sending: Operation::new(),
            receiving: Operation::new(),
            sent: RefCell::default(),
            incoming: RefCell::default(),
            client: OptionalCell::empty(),
        })
    }

    /// Says who hears of packets.
    pub fn set_client(&self, client: &'static dyn Client<'static, T>) {
        self.client.set(client);
    }

    /// Sends a packet to the device.
    pub fn receive(&self, packet: T) {
        self.incoming.borrow_mut().push_back(packet);
        self.receiving.look_again();
    }

    /// How many packets wait to be received.
    pub fn unreceived(&self) -> usize {
        self.incoming.borrow().len()
    }

    /// Takes the packets that the device has sent, in their order.
    pub fn take_sent(&self) -> Vec<T> {
        self.sent.take()
    }
}

/// Faults.
impl<T: UsbHidType> UsbHid<T> {
    /// The next call that would send a packet returns `error`: no callback follows. Said several times, as many
    /// calls do.
    pub fn refuse_next_send(&self, error: ErrorCode) {
        self.sending.refuse_next(error);
    }

    /// The next call that would receive a packet returns `error`, as [`UsbHid::refuse_next_send`] says.
    pub fn refuse_next_receive(&self, error: ErrorCode) {
        self.receiving.refuse_next(error);
    }

    /// The next packet is not sent, and its callback says `error`. Said several times, as many packets do.
    pub fn fail_next_send(&self, error: ErrorCode) {
        self.sending.fail_next(error);
    }

    /// The reception that is under way, or else the next one, ends with `error` and with the packet that waits, if
    /// one does. Said several times, as many receptions do.
    pub fn fail_next_receive(&self, error: ErrorCode) {
        self.receiving.fail_next(error);
    }

    /// Keeps the callbacks of both directions back until they are released.
    pub fn hold(&self) {
        self.sending.hold();
        self.receiving.hold();
    }

    /// Lets callbacks come again, from the kernel loop.
    pub fn release(&self) {
        self.sending.release();
        self.receiving.release();
    }
}

impl<T: UsbHidType> UsbHid<T> {
    fn finish_sending(&self, buffer: &'static mut T, result: Result<(), ErrorCode>) {
        if result.is_ok() {
            self.sent.borrow_mut().push(*buffer);
        }
        if let Some(client) = self.client.get() {
            client.packet_transmitted(result, buffer, Self::ENDPOINT);
        }
    }

    fn finish_receiving(&self, buffer: &'static mut T, result: Result<(), ErrorCode>) {
        if let Some(packet) = self.incoming.borrow_mut().pop_front() {
            *buffer = packet;
        }
        if let Some(client) = self.client.get() {
            client.packet_received(result, buffer, Self::ENDPOINT);
        }
    }
}

impl<T: UsbHidType> usb_hid::UsbHid<'static, T> for UsbHid<T> {
    fn send_buffer(
        &'static self,
        send: &'static mut T,
    ) -> Result<usize, (ErrorCode, &'static mut T)> {
        if let Err(error) = self.sending.admit() {
            return Err((error, send));
        }
        self.sending.start(send);
        Ok(size_of::<T>())
    }

    fn send_cancel(&'static self) -> Result<&'static mut T, ErrorCode> {
        self.sending.cancel().ok_or(ErrorCode::INVAL)
    }

    fn receive_buffer(
        &'static self,
        recv: &'static mut T,
    ) -> Result<(), (ErrorCode, &'static mut T)> {
        if let Err(error) = self.receiving.admit() {
            return Err((error, recv));
        }
        self.receiving.start(recv);
        Ok(())
    }

    fn receive_cancel(&'static self) -> Result<&'static mut T, ErrorCode> {
        self.receiving.cancel().ok_or(ErrorCode::INVAL)
    }
}

impl<T: UsbHidType> DeferredCallClient for UsbHid<T> {
    fn handle_deferred_call(&self) {
        // What a callback starts, or cancels, has its own turn.
        if let Some((buffer, result)) = self.sending.end() {
            self.finish_sending(buffer, result);
        } else if let Some((buffer, result)) = self.receiving.end_if(|_| self.unreceived() > 0) {
            self.finish_receiving(buffer, result);
        } else {
            return;
        }
        self.sending.look_again();
    }

    fn register(&'static self) {
        self.sending.register(self);
        self.receiving.register(self);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Machine, leak};
    use kernel::hil::usb_hid::UsbHid as _;
    use std::cell::Cell;

    type Packet = [u8; 8];

    struct Client {
        device: &'static UsbHid<Packet>,
        sent: RefCell<Vec<Result<(), ErrorCode>>>,
        received: RefCell<Vec<(Result<(), ErrorCode>, Packet)>>,
        goes_on: Cell<bool>,
        cancels: Cell<bool>,
    }

    impl usb_hid::Client<'static, Packet> for Client {
        fn packet_received(
            &'static self,
            result: Result<(), ErrorCode>,
            buffer: &'static mut Packet,
            endpoint: usize,
        ) {
            assert_eq!(endpoint, UsbHid::<Packet>::ENDPOINT);
            self.received.borrow_mut().push((result, *buffer));
            if self.goes_on.get() {
                assert!(self.device.receive_buffer(buffer).is_ok());
            }
        }

        fn packet_transmitted(
            &'static self,
            result: Result<(), ErrorCode>,
            buffer: &'static mut Packet,
            endpoint: usize,
        ) {
            assert_eq!(endpoint, UsbHid::<Packet>::ENDPOINT);
            self.sent.borrow_mut().push(result);
            if self.cancels.take() {
                assert!(self.device.receive_cancel().is_ok());
            }
            if self.goes_on.take() {
                assert!(self.device.send_buffer(buffer).is_ok());
            }
        }
    }

    fn device() -> (Machine, &'static UsbHid<Packet>, &'static Client) {
        let device = UsbHid::new();
        let client = &*leak(Client {
            device,
            sent: RefCell::default(),
            received: RefCell::default(),
            goes_on: Cell::new(false),
            cancels: Cell::new(false),
        });
        device.set_client(client);
        (Machine::new(), device, client)
    }

    fn send(device: &'static UsbHid<Packet>) -> Result<usize, ErrorCode> {
        device.send_buffer(leak([7; 8])).map_err(|(error, buffer)| {
            assert_eq!(*buffer, [7; 8]);
            error
        })
    }

    fn receive(device: &'static UsbHid<Packet>) -> Result<(), ErrorCode> {
        let result = device.receive_buffer(leak([0; 8]));
        result.map_err(|(error, _)| error)
    }

    #[test]
    fn a_packet_is_sent_from_the_kernel_loop() {
        let (machine, device, client) = device();
        assert_eq!(send(device), Ok(8));
        assert_eq!(send(device), Err(ErrorCode::BUSY));
        assert!(device.take_sent().is_empty());
        machine.run();
        assert_eq!(device.take_sent(), [[7; 8]]);
        assert_eq!(client.sent.take(), [Ok(())]);
    }

    #[test]
    fn packets_from_the_host_wait_until_they_are_received() {
        let (machine, device, client) = device();
        device.receive([1; 8]);
        device.receive([2; 8]);
        machine.run();
        assert_eq!(receive(device), Ok(()));
        assert_eq!(receive(device), Err(ErrorCode::BUSY));
        assert_eq!(client.received.take(), []);
        machine.run();
        assert_eq!(client.received.take(), [(Ok(()), [1; 8])]);
        assert_eq!(device.unreceived(), 1);
    }

    #[test]
    fn what_is_refused_has_no_callback() {
        let (machine, device, client) = device();
        device.receive([1; 8]);
        device.refuse_next_send(ErrorCode::OFF);
        device.refuse_next_receive(ErrorCode::NODEVICE);
        assert_eq!(send(device), Err(ErrorCode::OFF));
        assert_eq!(receive(device), Err(ErrorCode::NODEVICE));
        machine.run();
        assert_eq!(client.sent.take(), []);
        assert_eq!(client.received.take(), []);
    }

    #[test]
    fn what_fails_says_so_in_its_callback() {
        let (machine, device, client) = device();
        device.fail_next_send(ErrorCode::SIZE);
        assert_eq!(send(device), Ok(8));
        device.fail_next_receive(ErrorCode::CANCEL);
        assert_eq!(receive(device), Ok(()));
        machine.run();
        assert!(device.take_sent().is_empty());
        assert_eq!(client.sent.take(), [Err(ErrorCode::SIZE)]);
        assert_eq!(client.received.take(), [(Err(ErrorCode::CANCEL), [0; 8])]);
    }

    #[test]
    fn a_buffer_that_waits_can_be_taken_back_and_then_has_no_callback() {
        let (machine, device, client) = device();
        device.hold();
        assert_eq!(send(device), Ok(8));
        assert_eq!(receive(device), Ok(()));
        device.receive([1; 8]);
        machine.run();
        assert_eq!(device.send_cancel(), Ok(leak([7; 8])));
        assert_eq!(device.receive_cancel(), Ok(leak([0; 8])));
        device.release();
        machine.run();
        assert_eq!(client.sent.take(), []);
        assert_eq!(client.received.take(), []);
        assert_eq!(device.send_cancel(), Err(ErrorCode::INVAL));
        assert_eq!(device.receive_cancel(), Err(ErrorCode::INVAL));
    }

    #[test]
    fn held_packets_go_when_they_are_released() {
        let (machine, device, client) = device();
        device.hold();
        assert_eq!(send(device), Ok(8));
        machine.run();
        assert_eq!(client.sent.take(), []);
        device.release();
        machine.run();
        assert_eq!(client.sent.take(), [Ok(())]);
    }

    #[test]
    fn callbacks_can_start_the_next_packet_and_cancel() {
        let (machine, device, client) = device();
        client.goes_on.set(true);
        assert_eq!(receive(device), Ok(()));
        device.receive([1; 8]);
        device.receive([2; 8]);
        machine.run();
        assert_eq!(client.received.take(), [(Ok(()), [1; 8]), (Ok(()), [2; 8])]);
        client.cancels.set(true);
        assert_eq!(send(device), Ok(8));
        device.receive([3; 8]);
        machine.run();
        assert_eq!(device.take_sent(), [[7; 8]; 2]);
        assert_eq!(client.received.take(), []);
    }
}
