//! An Ethernet adapter with the test at the other end of its cable.

use std::cell::{Cell, RefCell};

use kernel::{
    ErrorCode,
    deferred_call::DeferredCallClient,
    hil::ethernet::{EthernetAdapterDatapath, EthernetAdapterDatapathClient},
    utilities::cells::OptionalCell,
};

use crate::{
    arrivals::Arrivals,
    faults::{Operation, faults},
    place,
};

/// An adapter, which sends one frame at a time and tells no times. Frames that come before reception is enabled,
/// or wait when it is disabled, are lost.
pub struct Ethernet {
    is_receiving: Cell<bool>,
    operation: Operation<Sending>,
    incoming: Arrivals<Vec<u8>>,
    sent: RefCell<Vec<Vec<u8>>>,
    client: OptionalCell<&'static dyn EthernetAdapterDatapathClient>,
}

struct Sending {
    buffer: &'static mut [u8],
    len: u16,
    identifier: usize,
}

/// The other end of the cable.
impl Ethernet {
    /// An adapter that does not receive yet.
    pub fn new() -> &'static Self {
        place(Self {
            is_receiving: Cell::new(false),
            operation: Operation::new(),
            incoming: Arrivals::new(),
            sent: RefCell::default(),
            client: OptionalCell::empty(),
        })
    }

    /// Sends `frame` to the adapter. Whether it was received is seen from the client.
    pub fn receive(&self, frame: &[u8]) {
        if self.is_receiving.get() {
            self.incoming.arrive(frame.to_vec());
        }
    }

    /// Takes the frames that the adapter has sent, in their order.
    pub fn take_sent(&self) -> Vec<Vec<u8>> {
        self.sent.take()
    }
}

faults!(Ethernet);

impl EthernetAdapterDatapath<'static> for Ethernet {
    fn set_client(&self, client: &'static dyn EthernetAdapterDatapathClient) {
        self.client.set(client);
    }

    fn enable_receive(&self) {
        self.is_receiving.set(true);
    }

    fn disable_receive(&self) {
        self.is_receiving.set(false);
        self.incoming.clear();
    }

    fn transmit_frame(
        &self,
        frame_buffer: &'static mut [u8],
        len: u16,
        transmission_identifier: usize,
    ) -> Result<(), (ErrorCode, &'static mut [u8])> {
        if usize::from(len) > frame_buffer.len() {
            return Err((ErrorCode::FAIL, frame_buffer));
        }
        if let Err(error) = self.operation.admit() {
            return Err((error, frame_buffer));
        }
        self.operation.start(Sending {
            buffer: frame_buffer,
            len,
            identifier: transmission_identifier,
        });
        Ok(())
    }
}

impl Ethernet {
    fn finish_sending(&self, sending: Sending, result: Result<(), ErrorCode>) {
        let Sending {
            buffer,
            len,
            identifier,
        } = sending;
        if result.is_ok() {
            let frame = buffer[..len.into()].to_vec();
            self.sent.borrow_mut().push(frame);
        }
        if let Some(client) = self.client.get() {
            client.transmit_frame_done(result, buffer, len, identifier, None);
        }
    }
}

impl DeferredCallClient for Ethernet {
    fn handle_deferred_call(&self) {
        // What a callback starts, or stops, has its own turn.
        if let Some((sending, result)) = self.operation.end() {
            self.finish_sending(sending, result);
        } else if let Some(frame) = self.incoming.next() {
            self.client
                .map(|client| client.received_frame(&frame, None));
        } else {
            return;
        }
        self.operation.look_again();
    }

    fn register(&'static self) {
        self.operation.register(self);
        self.incoming.register(self);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Machine, leak};
    use kernel::utilities::cells::TakeCell;

    type Done = (Result<(), ErrorCode>, u16, usize);

    struct Client {
        adapter: &'static Ethernet,
        done: RefCell<Vec<Done>>,
        received: RefCell<Vec<Vec<u8>>>,
        buffer: TakeCell<'static, [u8]>,
        /// How many frames to send again from inside the callback.
        again: Cell<usize>,
        is_to_stop: Cell<bool>,
    }

    impl EthernetAdapterDatapathClient for Client {
        fn transmit_frame_done(
            &self,
            result: Result<(), ErrorCode>,
            buffer: &'static mut [u8],
            len: u16,
            identifier: usize,
            timestamp: Option<u64>,
        ) {
            assert_eq!(timestamp, None);
            self.done.borrow_mut().push((result, len, identifier));
            let Some(again) = self.again.get().checked_sub(1) else {
                self.buffer.replace(buffer);
                return;
            };
            self.again.set(again);
            assert!(
                self.adapter
                    .transmit_frame(buffer, len, identifier + 1)
                    .is_ok()
            );
        }

        fn received_frame(&self, frame: &[u8], timestamp: Option<u64>) {
            assert_eq!(timestamp, None);
            self.received.borrow_mut().push(frame.to_vec());
            if self.is_to_stop.get() {
                self.adapter.disable_receive();
            }
        }
    }

    fn adapter() -> (Machine, &'static Ethernet, &'static Client) {
        let adapter = Ethernet::new();
        let client = &*leak(Client {
            adapter,
            done: RefCell::default(),
            received: RefCell::default(),
            buffer: TakeCell::empty(),
            again: Cell::new(0),
            is_to_stop: Cell::new(false),
        });
        adapter.set_client(client);
        (Machine::new(), adapter, client)
    }

    fn send(adapter: &Ethernet, frame: &str) -> Result<(), ErrorCode> {
        let buffer = frame.as_bytes().to_vec().leak();
        let result = adapter.transmit_frame(buffer, 4, 7);
        result.map_err(|(error, buffer)| {
            assert_eq!(buffer, frame.as_bytes());
            error
        })
    }

    #[test]
    fn a_frame_is_sent_from_the_kernel_loop_and_its_buffer_comes_back() {
        let (machine, adapter, client) = adapter();
        assert_eq!(send(adapter, "frame"), Ok(()));
        assert_eq!(send(adapter, "other"), Err(ErrorCode::BUSY));
        assert!(adapter.take_sent().is_empty());
        machine.run();
        assert_eq!(adapter.take_sent(), [b"fram"]);
        assert_eq!(client.done.take(), [(Ok(()), 4, 7)]);
        assert_eq!(client.buffer.take().unwrap(), b"frame");
    }

    #[test]
    fn a_frame_that_is_refused_has_no_callback() {
        let (machine, adapter, client) = adapter();
        adapter.refuse_next(ErrorCode::NODEVICE);
        assert_eq!(send(adapter, "frame"), Err(ErrorCode::NODEVICE));
        assert_eq!(send(adapter, "cut"), Err(ErrorCode::FAIL));
        machine.run();
        assert!(adapter.take_sent().is_empty());
        assert_eq!(client.done.take(), []);
    }

    #[test]
    fn a_frame_that_fails_is_not_sent() {
        let (machine, adapter, client) = adapter();
        adapter.fail_next(ErrorCode::OFF);
        assert_eq!(send(adapter, "frame"), Ok(()));
        machine.run();
        assert!(adapter.take_sent().is_empty());
        assert_eq!(client.done.take(), [(Err(ErrorCode::OFF), 4, 7)]);
        assert_eq!(client.buffer.take().unwrap(), b"frame");
    }

    #[test]
    fn frames_come_while_one_that_is_sent_is_held() {
        let (machine, adapter, client) = adapter();
        adapter.enable_receive();
        adapter.hold();
        assert_eq!(send(adapter, "frame"), Ok(()));
        adapter.receive(b"one");
        adapter.receive(b"two");
        assert!(client.received.take().is_empty());
        machine.run();
        assert_eq!(client.received.take(), [b"one", b"two"]);
        assert_eq!(client.done.take(), []);
        adapter.release();
        machine.run();
        assert_eq!(client.done.take(), [(Ok(()), 4, 7)]);
    }

    #[test]
    fn a_callback_can_send_the_next_frame() {
        let (machine, adapter, client) = adapter();
        client.again.set(2);
        assert_eq!(send(adapter, "frame"), Ok(()));
        machine.run();
        assert_eq!(adapter.take_sent(), [b"fram"; 3]);
        let identifiers = client.done.take().into_iter().map(|(_, _, of)| of);
        assert_eq!(identifiers.collect::<Vec<_>>(), [7, 8, 9]);
    }

    #[test]
    fn no_frame_comes_but_while_reception_is_enabled() {
        let (machine, adapter, client) = adapter();
        adapter.receive(b"early");
        adapter.enable_receive();
        machine.run();
        assert!(client.received.take().is_empty());
        client.is_to_stop.set(true);
        adapter.receive(b"one");
        adapter.receive(b"two");
        machine.run();
        assert_eq!(client.received.take(), [b"one"]);
    }
}
