//! The fake serial port keeps the promises of its HIL.

use std::cell::RefCell;

use chip_fake as fake;
use kernel::{
    ErrorCode,
    hil::uart::{
        Configure, Error, Parameters, Parity, Receive, ReceiveAdvanced, ReceiveClient, StopBits,
        Transmit, TransmitClient, Width,
    },
};

/// What a reception ended with.
type Received = (Vec<u8>, Result<(), ErrorCode>, Error);

/// Notes every callback and lets the buffer go.
#[derive(Default)]
struct Client {
    sent: RefCell<Vec<(usize, Result<(), ErrorCode>)>>,
    received: RefCell<Vec<Received>>,
}

impl TransmitClient for Client {
    fn transmitted_buffer(&self, _: &'static mut [u8], len: usize, rval: Result<(), ErrorCode>) {
        self.sent.borrow_mut().push((len, rval));
    }
}

impl ReceiveClient for Client {
    fn received_buffer(
        &self,
        buffer: &'static mut [u8],
        len: usize,
        rval: Result<(), ErrorCode>,
        error: Error,
    ) {
        self.received
            .borrow_mut()
            .push((buffer[..len].to_vec(), rval, error));
    }
}

fn port() -> (fake::Machine, &'static fake::Uart, &'static Client) {
    let (port, client) = (fake::Uart::new(), fake::leak(Client::default()));
    let client = &*client;
    port.set_transmit_client(client);
    port.set_receive_client(client);
    (fake::Machine::new(), port, client)
}

fn buffer() -> &'static mut [u8] {
    fake::leak([0; 4])
}

#[test]
fn sending_ends_once_from_the_kernel_loop() {
    let (machine, port, client) = port();
    assert!(port.transmit_buffer(fake::leak(*b"abcd"), 3).is_ok());
    assert!(matches!(
        port.transmit_buffer(buffer(), 1),
        Err((ErrorCode::BUSY, _))
    ));
    assert_eq!(*client.sent.borrow(), []);
    machine.run();
    machine.run();
    assert_eq!(*client.sent.borrow(), [(3, Ok(()))]);
    assert_eq!(port.sent(), b"abc");
}

#[test]
fn a_refused_transmission_hands_the_buffer_back_and_has_no_callback() {
    let (machine, port, client) = port();
    port.refuse_next_transmit(ErrorCode::OFF);
    let Err((ErrorCode::OFF, buffer)) = port.transmit_buffer(buffer(), 4) else {
        panic!()
    };
    assert!(matches!(
        port.transmit_buffer(buffer, 5),
        Err((ErrorCode::SIZE, _))
    ));
    machine.run();
    assert_eq!(*client.sent.borrow(), []);
}

#[test]
fn a_failed_transmission_has_its_callback() {
    let (machine, port, client) = port();
    port.fail_next_transmit(ErrorCode::FAIL);
    port.transmit_buffer(buffer(), 4).unwrap();
    machine.run();
    assert_eq!(*client.sent.borrow(), [(0, Err(ErrorCode::FAIL))]);
    assert_eq!(port.sent(), b"");
}

#[test]
fn bytes_wait_until_somebody_receives_them() {
    let (machine, port, client) = port();
    port.receive(b"123456");
    machine.run();
    port.receive_buffer(buffer(), 4).unwrap();
    assert!(matches!(
        port.receive_buffer(buffer(), 1),
        Err((ErrorCode::BUSY, _))
    ));
    assert_eq!(*client.received.borrow(), []);
    machine.run();
    assert_eq!(
        *client.received.borrow(),
        [(b"1234".to_vec(), Ok(()), Error::None)]
    );
    assert_eq!(port.unreceived(), 2);
}

#[test]
fn a_whole_buffer_is_waited_for_but_a_burst_is_not() {
    let (machine, port, client) = port();
    port.receive_buffer(buffer(), 4).unwrap();
    port.receive(b"123");
    machine.run();
    assert_eq!(client.received.borrow().len(), 0);
    port.receive(b"4");
    machine.run();
    assert_eq!(client.received.borrow().len(), 1);
    port.receive_automatic(buffer(), 4, 10).unwrap();
    machine.run();
    assert_eq!(
        client.received.borrow().len(),
        1,
        "a burst has one byte at least"
    );
    port.disturb_next_receive(Error::ParityError);
    port.receive(b"5");
    machine.run();
    assert_eq!(
        client.received.borrow()[1],
        (b"5".to_vec(), Ok(()), Error::ParityError)
    );
}

#[test]
fn an_aborted_operation_ends_with_cancel() {
    let (machine, port, client) = port();
    assert_eq!(
        (port.transmit_abort(), port.receive_abort()),
        (Ok(()), Ok(()))
    );
    port.transmit_buffer(buffer(), 4).unwrap();
    port.receive_buffer(buffer(), 4).unwrap();
    port.receive(b"1");
    assert_eq!(port.transmit_abort(), Err(ErrorCode::BUSY));
    assert_eq!(port.receive_abort(), Err(ErrorCode::BUSY));
    machine.run();
    let cancelled = Err(ErrorCode::CANCEL);
    assert_eq!(*client.sent.borrow(), [(0, cancelled)]);
    assert_eq!(
        *client.received.borrow(),
        [(b"1".to_vec(), cancelled, Error::Aborted)]
    );
}

#[test]
fn a_held_line_keeps_callbacks_back() {
    let (machine, port, client) = port();
    port.hold();
    port.transmit_buffer(buffer(), 1).unwrap();
    machine.run();
    assert_eq!(*client.sent.borrow(), []);
    port.release();
    machine.run();
    assert_eq!(*client.sent.borrow(), [(1, Ok(()))]);
}

#[test]
fn a_port_remembers_how_it_was_set_up() {
    let (_, port, _) = port();
    let parameters = Parameters {
        baud_rate: 9600,
        width: Width::Eight,
        parity: Parity::None,
        stop_bits: StopBits::One,
        hw_flow_control: false,
    };
    assert_eq!(port.configure(parameters), Ok(()));
    assert_eq!(
        port.parameters().map(|parameters| parameters.baud_rate),
        Some(9600)
    );
}
