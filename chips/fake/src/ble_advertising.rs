//! A Bluetooth Low Energy radio for advertisements, with the test near.

use std::cell::{Cell, RefCell};

use kernel::{
    ErrorCode,
    deferred_call::DeferredCallClient,
    hil::ble_advertising::{BleAdvertisementDriver, BleConfig, RadioChannel, RxClient, TxClient},
    utilities::cells::OptionalCell,
};

use crate::{arrivals::Arrivals, faults::Operation, place};

/// A radio, which sends or receives one advertisement at a time. Its calls cannot refuse: what does not start fails
/// in its callback, with `BUSY` while something is under way and with `SIZE` if there is less in the buffer than is
/// to be sent. It receives until the test advertises on its channel, or makes it fail. Its power is -40 to 8 dBm.
pub struct BleRadio {
    operation: Operation<Work>,
    unstarted: Arrivals<(Work, ErrorCode)>,
    sent: RefCell<Vec<(RadioChannel, Vec<u8>)>>,
    power: Cell<i8>,
    transmit_client: OptionalCell<&'static dyn TxClient>,
    receive_client: OptionalCell<&'static dyn RxClient>,
}

enum Work {
    Send {
        buffer: &'static mut [u8],
        len: usize,
        channel: RadioChannel,
    },
    Receive {
        channel: RadioChannel,
        heard: Option<Vec<u8>>,
    },
}

/// Who is near.
impl BleRadio {
    /// A radio that sends with 0 dBm.
    pub fn new() -> &'static Self {
        place(Self {
            operation: Operation::new(),
            unstarted: Arrivals::new(),
            sent: RefCell::default(),
            power: Cell::new(0),
            transmit_client: OptionalCell::empty(),
            receive_client: OptionalCell::empty(),
        })
    }

    /// Advertises near the radio, which hears the first advertisement on the channel that it receives on. Others
    /// are lost.
    ///
    /// # Panics
    /// If the advertisement is longer than 255 bytes.
    pub fn advertise(&self, channel: RadioChannel, advertisement: &[u8]) {
        assert!(
            u8::try_from(advertisement.len()).is_ok(),
            "an advertisement has up to 255 bytes"
        );
        self.operation.change(|work| match work {
            Work::Receive { channel: on, heard } if *on == channel => {
                heard.get_or_insert_with(|| advertisement.to_vec());
            }
            _ => {}
        });
    }

    /// Takes the advertisements that the radio has sent, in their order.
    pub fn take_sent(&self) -> Vec<(RadioChannel, Vec<u8>)> {
        self.sent.take()
    }

    /// The power of sending in dBm.
    pub fn power(&self) -> i8 {
        self.power.get()
    }
}

/// Faults.
impl BleRadio {
    /// What is under way, or else begins next, ends with `error`: nothing is sent, or received. Said several times,
    /// as many operations do.
    pub fn fail_next(&self, error: ErrorCode) {
        self.operation.fail_next(error);
    }

    /// Keeps callbacks back until they are released.
    pub fn hold(&self) {
        self.operation.hold();
        self.unstarted.hold();
    }

    /// Lets callbacks come again, from the kernel loop.
    pub fn release(&self) {
        self.operation.release();
        self.unstarted.release();
    }
}

impl BleRadio {
    fn start(&self, work: Work) {
        match self.operation.admit() {
            Ok(()) => self.operation.start(work),
            Err(error) => self.unstarted.arrive((work, error)),
        }
    }

    fn finish(&self, work: Work, result: Result<(), ErrorCode>) {
        match work {
            Work::Send {
                buffer,
                len,
                channel,
            } => {
                if result.is_ok() {
                    let advertisement = buffer[..len].to_vec();
                    self.sent.borrow_mut().push((channel, advertisement));
                }
                if let Some(client) = self.transmit_client.get() {
                    client.transmit_event(buffer, result);
                }
            }
            Work::Receive { heard, .. } => {
                // The client keeps the buffer.
                let heard = heard.filter(|_| result.is_ok()).unwrap_or_default();
                let len = heard.len() as u8;
                if let Some(client) = self.receive_client.get() {
                    client.receive_event(heard.leak(), len, result);
                }
            }
        }
    }
}

impl BleAdvertisementDriver<'static> for BleRadio {
    fn transmit_advertisement(&self, buf: &'static mut [u8], len: usize, channel: RadioChannel) {
        let is_too_long = len > buf.len();
        let work = Work::Send {
            buffer: buf,
            len,
            channel,
        };
        match is_too_long {
            true => self.unstarted.arrive((work, ErrorCode::SIZE)),
            false => self.start(work),
        }
    }

    fn receive_advertisement(&self, channel: RadioChannel) {
        self.start(Work::Receive {
            channel,
            heard: None,
        });
    }

    fn set_receive_client(&self, client: &'static dyn RxClient) {
        self.receive_client.set(client);
    }

    fn set_transmit_client(&self, client: &'static dyn TxClient) {
        self.transmit_client.set(client);
    }
}

impl BleConfig for BleRadio {
    fn set_tx_power(&self, power: u8) -> Result<(), ErrorCode> {
        let power = power.cast_signed();
        if !(-40..=8).contains(&power) {
            return Err(ErrorCode::NOSUPPORT);
        }
        self.power.set(power);
        Ok(())
    }
}

impl DeferredCallClient for BleRadio {
    fn handle_deferred_call(&self) {
        // What a callback starts has its own turn.
        if let Some((work, error)) = self.unstarted.next() {
            self.finish(work, Err(error));
        } else if let Some((work, result)) = self
            .operation
            .end_if(|work| !matches!(work, Work::Receive { heard: None, .. }))
        {
            self.finish(work, result);
        } else {
            return;
        }
        self.operation.look_again();
    }

    fn register(&'static self) {
        self.operation.register(self);
        self.unstarted.register(self);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Machine, leak};
    use RadioChannel::{AdvertisingChannel37, AdvertisingChannel38};

    struct Client {
        radio: &'static BleRadio,
        heard: RefCell<Vec<String>>,
        receives_next: Cell<bool>,
    }

    impl TxClient for Client {
        fn transmit_event(&self, buffer: &'static mut [u8], result: Result<(), ErrorCode>) {
            let sent = format!("sent {buffer:?} {result:?}");
            self.heard.borrow_mut().push(sent);
            if self.receives_next.take() {
                self.radio.receive_advertisement(AdvertisingChannel38);
            }
        }
    }

    impl RxClient for Client {
        fn receive_event(&self, buffer: &'static mut [u8], len: u8, result: Result<(), ErrorCode>) {
            assert_eq!(buffer.len(), usize::from(len));
            let received = format!("received {buffer:?} {result:?}");
            self.heard.borrow_mut().push(received);
        }
    }

    fn radio() -> (Machine, &'static BleRadio, &'static Client) {
        let radio = BleRadio::new();
        let client = &*leak(Client {
            radio,
            heard: RefCell::default(),
            receives_next: Cell::new(false),
        });
        radio.set_transmit_client(client);
        radio.set_receive_client(client);
        (Machine::new(), radio, client)
    }

    #[test]
    fn an_advertisement_is_sent_from_the_kernel_loop_and_its_buffer_comes_back() {
        let (machine, radio, client) = radio();
        radio.transmit_advertisement(leak([1, 2, 3]), 2, AdvertisingChannel37);
        assert!(radio.take_sent().is_empty());
        machine.run();
        assert_eq!(radio.take_sent(), [(AdvertisingChannel37, vec![1, 2])]);
        assert_eq!(client.heard.take(), ["sent [1, 2, 3] Ok(())"]);
    }

    #[test]
    fn the_first_advertisement_on_the_channel_is_received() {
        let (machine, radio, client) = radio();
        radio.advertise(AdvertisingChannel37, &[1]);
        radio.receive_advertisement(AdvertisingChannel37);
        radio.advertise(AdvertisingChannel38, &[2]);
        machine.run();
        assert_eq!(client.heard.take(), [""; 0]);
        radio.advertise(AdvertisingChannel37, &[3, 4]);
        radio.advertise(AdvertisingChannel37, &[5]);
        assert_eq!(client.heard.take(), [""; 0]);
        machine.run();
        assert_eq!(client.heard.take(), ["received [3, 4] Ok(())"]);
    }

    #[test]
    fn what_does_not_start_fails_in_its_callback() {
        let (machine, radio, client) = radio();
        radio.receive_advertisement(AdvertisingChannel37);
        radio.transmit_advertisement(leak([1]), 1, AdvertisingChannel37);
        radio.receive_advertisement(AdvertisingChannel38);
        radio.transmit_advertisement(leak([2]), 2, AdvertisingChannel37);
        machine.run();
        assert!(radio.take_sent().is_empty());
        assert_eq!(
            client.heard.take(),
            [
                "sent [1] Err(BUSY)",
                "received [] Err(BUSY)",
                "sent [2] Err(SIZE)"
            ]
        );
    }

    #[test]
    fn a_failure_ends_what_is_under_way() {
        let (machine, radio, client) = radio();
        radio.receive_advertisement(AdvertisingChannel37);
        machine.run();
        radio.advertise(AdvertisingChannel37, &[2]);
        radio.fail_next(ErrorCode::FAIL);
        machine.run();
        radio.fail_next(ErrorCode::OFF);
        radio.transmit_advertisement(leak([1]), 1, AdvertisingChannel37);
        machine.run();
        assert!(radio.take_sent().is_empty());
        assert_eq!(
            client.heard.take(),
            ["received [] Err(FAIL)", "sent [1] Err(OFF)"]
        );
    }

    #[test]
    fn held_callbacks_come_when_they_are_released() {
        let (machine, radio, client) = radio();
        radio.hold();
        radio.transmit_advertisement(leak([1]), 1, AdvertisingChannel37);
        radio.transmit_advertisement(leak([2]), 1, AdvertisingChannel37);
        machine.run();
        assert_eq!(client.heard.take(), [""; 0]);
        radio.release();
        machine.run();
        assert_eq!(
            client.heard.take(),
            ["sent [2] Err(BUSY)", "sent [1] Ok(())"]
        );
    }

    #[test]
    fn a_callback_can_receive_after_it_sent() {
        let (machine, radio, client) = radio();
        client.receives_next.set(true);
        radio.transmit_advertisement(leak([1]), 1, AdvertisingChannel37);
        machine.run();
        radio.advertise(AdvertisingChannel38, &[2]);
        machine.run();
        assert_eq!(
            client.heard.take(),
            ["sent [1] Ok(())", "received [2] Ok(())"]
        );
    }

    #[test]
    fn the_power_has_its_limits() {
        let (_machine, radio, _) = radio();
        assert_eq!(radio.set_tx_power((-40_i8).cast_unsigned()), Ok(()));
        assert_eq!(radio.set_tx_power(9), Err(ErrorCode::NOSUPPORT));
        assert_eq!(radio.power(), -40);
    }
}
