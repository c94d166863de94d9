//! The fake radio keeps the promises of its HIL.

use std::cell::{Cell, RefCell};

use chip_fake as fake;
use kernel::{
    ErrorCode,
    hil::radio::{
        ConfigClient, MAX_BUF_SIZE, MFR_SIZE, PHR_OFFSET, PSDU_OFFSET, PowerClient, RadioChannel,
        RadioConfig, RadioData, RxClient, TxClient,
    },
    utilities::cells::TakeCell,
};

/// The bit of a frame's first byte that asks for an acknowledgement (IEEE 802.15.4-2020, 7.2.2).
const ACKNOWLEDGEMENT_REQUEST: u8 = 1 << 5;

struct Client {
    radio: &'static fake::Radio,
    heard: RefCell<Vec<String>>,
    buffer: TakeCell<'static, [u8]>,
    sends_again: Cell<bool>,
}

impl Client {
    fn hear(&self, what: String) {
        self.heard.borrow_mut().push(what);
    }
}

impl PowerClient for Client {
    fn changed(&self, on: bool) {
        self.hear(format!("on {on}"));
    }
}

impl ConfigClient for Client {
    fn config_done(&self, result: Result<(), ErrorCode>) {
        self.hear(format!("set {result:?}"));
    }
}

impl TxClient for Client {
    fn send_done(
        &self,
        buffer: &'static mut [u8],
        is_acknowledged: bool,
        result: Result<(), ErrorCode>,
    ) {
        self.hear(format!("sent {result:?} {is_acknowledged}"));
        if self.sends_again.take() {
            assert!(self.radio.transmit(buffer, 3).is_ok());
        } else {
            self.buffer.replace(buffer);
        }
    }
}

impl RxClient for Client {
    fn receive(
        &self,
        buffer: &'static mut [u8],
        len: usize,
        signal: u8,
        is_valid: bool,
        result: Result<(), ErrorCode>,
    ) {
        assert_eq!(usize::from(buffer[PHR_OFFSET]), len + MFR_SIZE);
        let frame = &buffer[PSDU_OFFSET..][..len];
        self.hear(format!("{frame:?} {signal} {is_valid} {result:?}"));
        self.buffer.replace(buffer);
    }
}

fn radio() -> (fake::Machine, &'static fake::Radio, &'static Client) {
    let radio = fake::Radio::new();
    let client = &*fake::leak(Client {
        radio,
        heard: RefCell::default(),
        buffer: TakeCell::empty(),
        sends_again: Cell::new(false),
    });
    radio.set_power_client(client);
    radio.set_config_client(client);
    radio.set_transmit_client(client);
    radio.set_receive_client(client);
    (fake::Machine::new(), radio, client)
}

fn radio_that_is_on() -> (fake::Machine, &'static fake::Radio, &'static Client) {
    let (machine, radio, client) = radio();
    radio.initialize().unwrap();
    radio.start().unwrap();
    machine.run();
    assert_eq!(client.heard.take(), ["on true"]);
    (machine, radio, client)
}

/// Sends a frame of three bytes that asks for an acknowledgement.
fn send(radio: &fake::Radio) -> Result<(), ErrorCode> {
    let buffer = [0, 0, ACKNOWLEDGEMENT_REQUEST, 8, 9, 0, 0];
    radio
        .transmit(fake::leak(buffer), 3)
        .map_err(|(error, returned)| {
            assert_eq!(returned, buffer);
            error
        })
}

#[test]
fn a_radio_is_on_or_off_when_its_client_hears_it() {
    let (machine, radio, client) = radio();
    assert_eq!(radio.start(), Ok(()));
    assert!(!radio.is_on());
    assert_eq!(send(radio), Err(ErrorCode::OFF));
    machine.run();
    assert!(radio.is_on());
    assert_eq!(radio.stop(), Ok(()));
    machine.run();
    assert!(!radio.is_on());
    assert_eq!(client.heard.take(), ["on true", "on false"]);
}

#[test]
fn settings_take_effect_together_once_they_are_committed() {
    let (machine, radio, client) = radio();
    let at_first = radio.settings_in_effect();
    radio.set_address(1);
    radio.set_address_long([2; 8]);
    radio.set_pan(3);
    assert_eq!(radio.set_tx_power(5), Err(ErrorCode::NOSUPPORT));
    assert_eq!(radio.set_tx_power(4), Ok(()));
    radio.set_channel(RadioChannel::Channel26);
    radio.fail_next_config(ErrorCode::FAIL);
    radio.config_commit();
    machine.run();
    assert_eq!(radio.settings_in_effect(), at_first);
    radio.config_commit();
    radio.set_pan(4);
    machine.run();
    assert_eq!(client.heard.take(), ["set Err(FAIL)", "set Ok(())"]);
    let settings = fake::RadioSettings {
        address: 1,
        address_long: [2; 8],
        pan: 3,
        tx_power: 4,
        channel: RadioChannel::Channel26,
    };
    assert_eq!(radio.settings_in_effect(), settings);
    assert_eq!((radio.get_pan(), radio.get_channel()), (4, 26));
}

#[test]
fn a_reset_radio_is_as_it_was_at_first() {
    let (machine, radio, client) = radio_that_is_on();
    let at_first = radio.settings_in_effect();
    radio.set_pan(3);
    radio.config_commit();
    machine.run();
    radio.config_commit();
    assert_eq!(radio.reset(), Ok(()));
    machine.run();
    assert_eq!(radio.settings_in_effect(), at_first);
    assert_eq!(radio.reset(), Ok(()));
    machine.run();
    assert_eq!(
        client.heard.take(),
        ["set Ok(())", "on false", "set Ok(())"]
    );
    assert!(!radio.is_on());
}

#[test]
fn a_frame_is_sent_from_the_kernel_loop_and_acknowledged_if_it_asks() {
    let (machine, radio, client) = radio_that_is_on();
    assert_eq!(send(radio), Ok(()));
    assert!(radio.busy());
    assert_eq!(send(radio), Err(ErrorCode::BUSY));
    assert!(radio.take_sent().is_empty());
    machine.run();
    assert!(!radio.busy());
    assert_eq!(radio.take_sent(), [[ACKNOWLEDGEMENT_REQUEST, 8, 9]]);
    assert!(radio.transmit(fake::leak([0; 7]), 3).is_ok());
    machine.run();
    radio.set_acknowledges(false);
    assert_eq!(send(radio), Ok(()));
    machine.run();
    assert_eq!(
        client.heard.take(),
        ["sent Ok(()) true", "sent Ok(()) false", "sent Ok(()) false"]
    );
}

#[test]
fn a_buffer_without_room_for_the_checksum_is_too_short() {
    let (_machine, radio, _) = radio_that_is_on();
    let (error, buffer) = radio.transmit(fake::leak([0; 6]), 3).unwrap_err();
    assert_eq!((error, buffer.len()), (ErrorCode::SIZE, 6));
    let (error, _) = radio.transmit(fake::leak([0; 200]), 126).unwrap_err();
    assert_eq!(error, ErrorCode::SIZE);
    assert!(radio.transmit(fake::leak([0; 200]), 125).is_ok());
}

#[test]
fn what_is_refused_has_no_callback() {
    let (machine, radio, client) = radio_that_is_on();
    radio.refuse_next_control(ErrorCode::FAIL);
    assert_eq!(radio.stop(), Err(ErrorCode::FAIL));
    radio.refuse_next_transmit(ErrorCode::NOMEM);
    assert_eq!(send(radio), Err(ErrorCode::NOMEM));
    machine.run();
    assert!(radio.is_on());
    assert_eq!(client.heard.take(), [""; 0]);
}

#[test]
fn a_frame_that_fails_is_not_sent_and_its_callback_can_send_another() {
    let (machine, radio, client) = radio_that_is_on();
    radio.fail_next_transmit(ErrorCode::BUSY);
    client.sends_again.set(true);
    assert_eq!(send(radio), Ok(()));
    machine.run();
    assert_eq!(
        client.heard.take(),
        ["sent Err(BUSY) false", "sent Ok(()) true"]
    );
    assert_eq!(radio.take_sent().len(), 1);
}

#[test]
fn a_held_frame_fails_once_the_radio_is_off() {
    let (machine, radio, client) = radio_that_is_on();
    radio.hold();
    assert_eq!(send(radio), Ok(()));
    assert_eq!(radio.stop(), Ok(()));
    machine.run();
    assert_eq!(client.heard.take(), [""; 0]);
    radio.release();
    machine.run();
    assert_eq!(client.heard.take(), ["on false", "sent Err(FAIL) false"]);
    assert!(radio.take_sent().is_empty());
}

#[test]
fn a_frame_that_waits_when_the_radio_is_turned_off_is_lost() {
    let (machine, radio, client) = radio_that_is_on();
    radio.set_receive_buffer(fake::leak([0; MAX_BUF_SIZE]));
    radio.receive(&[1]);
    assert_eq!(radio.stop(), Ok(()));
    machine.run();
    radio.receive(&[2]);
    machine.run();
    assert_eq!(client.heard.take(), ["on false"]);
}

#[test]
fn a_frame_is_received_if_there_is_a_buffer() {
    let (machine, radio, client) = radio_that_is_on();
    radio.receive(&[1]);
    machine.run();
    radio.set_receive_buffer(fake::leak([0; MAX_BUF_SIZE]));
    radio.receive(&[2, 3]);
    radio.receive(&[4]);
    assert_eq!(client.heard.take(), [""; 0]);
    machine.run();
    radio.set_receive_buffer(client.buffer.take().unwrap());
    radio.receive_damaged(&[5], 9);
    machine.run();
    assert_eq!(
        client.heard.take(),
        ["[2, 3] 255 true Ok(())", "[5] 9 false Ok(())"]
    );
}

#[test]
#[should_panic(expected = "a buffer to receive in has 130 bytes or more")]
fn a_short_buffer_to_receive_in_is_a_mistake_of_the_capsule() {
    let (_machine, radio, _) = radio();
    radio.set_receive_buffer(fake::leak([0; MAX_BUF_SIZE - 1]));
}
