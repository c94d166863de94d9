//! An IEEE 802.15.4 radio with the test as the other one.

use std::cell::{Cell, RefCell};

use kernel::{
    ErrorCode,
    deferred_call::DeferredCallClient,
    hil::radio::{
        ConfigClient, MAX_BUF_SIZE, MAX_FRAME_SIZE, MFR_SIZE, PHR_OFFSET, PSDU_OFFSET, PowerClient,
        RadioChannel, RadioConfig, RadioData, RxClient, TxClient,
    },
    utilities::cells::{OptionalCell, TakeCell},
};

use crate::{arrivals::Arrivals, faults::Operation, place};

/// The greatest length of a frame without its checksum, in bytes.
const FRAME_BYTES: usize = MAX_FRAME_SIZE - MFR_SIZE;

/// The bit of a frame's first byte that asks for an acknowledgement (IEEE 802.15.4-2020, 7.2.2).
const ACKNOWLEDGEMENT_REQUEST: u8 = 1 << 5;

/// A radio, which is off at first. It is on or off when the callback comes. It hears all frames, whoever they are
/// for. Its power is -17 to 4 dBm. A commit while another is under way joins it: one callback answers both. A frame
/// under way when the radio is turned off fails.
pub struct Radio {
    is_on: Cell<bool>,
    /// Whether it is on after all changes that wait.
    is_to_be_on: Cell<bool>,
    control: Operation<()>,
    power: Arrivals<bool>,
    settings: Cell<RadioSettings>,
    settings_in_effect: Cell<RadioSettings>,
    configuring: Operation<RadioSettings>,
    sending: Operation<Sending>,
    sent: RefCell<Vec<Vec<u8>>>,
    acknowledges: Cell<bool>,
    incoming: Arrivals<Incoming>,
    receive_buffer: TakeCell<'static, [u8]>,
    power_client: OptionalCell<&'static dyn PowerClient>,
    config_client: OptionalCell<&'static dyn ConfigClient>,
    transmit_client: OptionalCell<&'static dyn TxClient>,
    receive_client: OptionalCell<&'static dyn RxClient>,
}

/// What a radio is set to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RadioSettings {
    /// The short address.
    pub address: u16,
    /// The long address.
    pub address_long: [u8; 8],
    /// The number of the network (PAN).
    pub pan: u16,
    /// The power of sending in dBm.
    pub tx_power: i8,
    /// The channel.
    pub channel: RadioChannel,
}

impl RadioSettings {
    const AT_FIRST: Self = Self {
        address: 0xffff,
        address_long: [0; 8],
        pan: 0xffff,
        tx_power: 0,
        channel: RadioChannel::Channel11,
    };
}

struct Sending {
    buffer: &'static mut [u8],
    len: usize,
}

struct Incoming {
    frame: Vec<u8>,
    signal: u8,
    is_valid: bool,
}

/// The other radio.
impl Radio {
    /// A radio that is off, on channel 11, without addresses.
    pub fn new() -> &'static Self {
        place(Self {
            is_on: Cell::new(false),
            is_to_be_on: Cell::new(false),
            control: Operation::new(),
            power: Arrivals::new(),
            settings: Cell::new(RadioSettings::AT_FIRST),
            settings_in_effect: Cell::new(RadioSettings::AT_FIRST),
            configuring: Operation::new(),
            sending: Operation::new(),
            sent: RefCell::default(),
            acknowledges: Cell::new(true),
            incoming: Arrivals::new(),
            receive_buffer: TakeCell::empty(),
            power_client: OptionalCell::empty(),
            config_client: OptionalCell::empty(),
            transmit_client: OptionalCell::empty(),
            receive_client: OptionalCell::empty(),
        })
    }

    /// Sends a frame, without its checksum, which comes with the best signal. The radio loses it if it is off, or
    /// has no buffer when its turn comes.
    ///
    /// # Panics
    /// If the frame is longer than 125 bytes.
    pub fn receive(&self, frame: &[u8]) {
        self.arrive(frame, u8::MAX, true);
    }

    /// As [`Radio::receive`], with a signal of `signal` and a wrong checksum.
    ///
    /// # Panics
    /// If the frame is longer than 125 bytes.
    pub fn receive_damaged(&self, frame: &[u8], signal: u8) {
        self.arrive(frame, signal, false);
    }

    /// Takes the frames that the radio has sent, without their checksums, in their order.
    pub fn take_sent(&self) -> Vec<Vec<u8>> {
        self.sent.take()
    }

    /// Says whether the other radio acknowledges frames that ask for it. It does at first.
    pub fn set_acknowledges(&self, acknowledges: bool) {
        self.acknowledges.set(acknowledges);
    }

    /// The settings that took effect last.
    pub fn settings_in_effect(&self) -> RadioSettings {
        self.settings_in_effect.get()
    }

    fn arrive(&self, frame: &[u8], signal: u8, is_valid: bool) {
        assert!(
            frame.len() <= FRAME_BYTES,
            "a frame has up to {FRAME_BYTES} bytes"
        );
        if self.is_on() {
            self.incoming.arrive(Incoming {
                frame: frame.to_vec(),
                signal,
                is_valid,
            });
        }
    }
}

/// Faults.
impl Radio {
    /// The next call that would make the radio ready, reset it, or turn it on or off returns `error`: nothing
    /// changes and no callback follows. Said several times, as many calls do.
    pub fn refuse_next_control(&self, error: ErrorCode) {
        self.control.refuse_next(error);
    }

    /// The next call that would start to send returns `error`, as [`Radio::refuse_next_control`] says.
    pub fn refuse_next_transmit(&self, error: ErrorCode) {
        self.sending.refuse_next(error);
    }

    /// The next commit ends with `error`, and its settings do not take effect. Said several times, as many
    /// commits do.
    pub fn fail_next_config(&self, error: ErrorCode) {
        self.configuring.fail_next(error);
    }

    /// The next frame is not sent, and its callback says `error`. Said several times, as many frames do.
    pub fn fail_next_transmit(&self, error: ErrorCode) {
        self.sending.fail_next(error);
    }

    /// Keeps all callbacks back until they are released, but for those of frames that the test sends.
    pub fn hold(&self) {
        self.power.hold();
        self.configuring.hold();
        self.sending.hold();
    }

    /// Lets callbacks come again, from the kernel loop.
    pub fn release(&self) {
        self.power.release();
        self.configuring.release();
        self.sending.release();
    }
}

impl Radio {
    fn set(&self, set: impl FnOnce(&mut RadioSettings)) {
        let mut settings = self.settings.get();
        set(&mut settings);
        self.settings.set(settings);
    }

    fn switch(&self, on: bool) {
        self.is_to_be_on.set(on);
        self.power.arrive(on);
    }

    fn finish_switch(&self, on: bool) {
        self.is_on.set(on);
        if !on {
            self.incoming.clear();
        }
        self.power_client.map(|client| client.changed(on));
    }

    fn finish_configuring(&self, settings: RadioSettings, result: Result<(), ErrorCode>) {
        if result.is_ok() {
            self.settings_in_effect.set(settings);
        }
        self.config_client.map(|client| client.config_done(result));
    }

    fn finish_sending(&self, sending: Sending, result: Result<(), ErrorCode>) {
        let Sending { buffer, len } = sending;
        let result = match result {
            Ok(()) if !self.is_on() => Err(ErrorCode::FAIL),
            result => result,
        };
        let frame = &buffer[PSDU_OFFSET..][..len];
        let asks = frame
            .first()
            .is_some_and(|control| control & ACKNOWLEDGEMENT_REQUEST != 0);
        let is_acknowledged = result.is_ok() && asks && self.acknowledges.get();
        if result.is_ok() {
            self.sent.borrow_mut().push(frame.to_vec());
        }
        if let Some(client) = self.transmit_client.get() {
            client.send_done(buffer, is_acknowledged, result);
        }
    }

    fn finish_receiving(&self, incoming: Incoming) {
        let Incoming {
            frame,
            signal,
            is_valid,
        } = incoming;
        let Some(client) = self.receive_client.get() else {
            return;
        };
        let Some(buffer) = self.receive_buffer.take() else {
            return;
        };
        buffer[PHR_OFFSET] = (frame.len() + MFR_SIZE) as u8;
        buffer[PSDU_OFFSET..][..frame.len()].copy_from_slice(&frame);
        client.receive(buffer, frame.len(), signal, is_valid, Ok(()));
    }
}

impl RadioConfig<'static> for Radio {
    fn initialize(&self) -> Result<(), ErrorCode> {
        self.control.admit()
    }

    fn reset(&self) -> Result<(), ErrorCode> {
        self.control.admit()?;
        self.settings.set(RadioSettings::AT_FIRST);
        self.settings_in_effect.set(RadioSettings::AT_FIRST);
        self.configuring
            .change(|settings| *settings = RadioSettings::AT_FIRST);
        if self.is_to_be_on.get() {
            self.switch(false);
        }
        Ok(())
    }

    fn start(&self) -> Result<(), ErrorCode> {
        self.control.admit()?;
        self.switch(true);
        Ok(())
    }

    fn stop(&self) -> Result<(), ErrorCode> {
        self.control.admit()?;
        self.switch(false);
        Ok(())
    }

    fn is_on(&self) -> bool {
        self.is_on.get()
    }

    fn busy(&self) -> bool {
        self.sending.is_under_way()
    }

    fn set_power_client(&self, client: &'static dyn PowerClient) {
        self.power_client.set(client);
    }

    fn config_commit(&self) {
        self.configuring.start(self.settings.get());
    }

    fn set_config_client(&self, client: &'static dyn ConfigClient) {
        self.config_client.set(client);
    }

    fn get_address(&self) -> u16 {
        self.settings.get().address
    }

    fn get_address_long(&self) -> [u8; 8] {
        self.settings.get().address_long
    }

    fn get_pan(&self) -> u16 {
        self.settings.get().pan
    }

    fn get_tx_power(&self) -> i8 {
        self.settings.get().tx_power
    }

    fn get_channel(&self) -> u8 {
        self.settings.get().channel.get_channel_number()
    }

    fn set_address(&self, addr: u16) {
        self.set(|settings| settings.address = addr);
    }

    fn set_address_long(&self, addr: [u8; 8]) {
        self.set(|settings| settings.address_long = addr);
    }

    fn set_pan(&self, id: u16) {
        self.set(|settings| settings.pan = id);
    }

    fn set_tx_power(&self, power: i8) -> Result<(), ErrorCode> {
        if !(-17..=4).contains(&power) {
            return Err(ErrorCode::NOSUPPORT);
        }
        self.set(|settings| settings.tx_power = power);
        Ok(())
    }

    fn set_channel(&self, chan: RadioChannel) {
        self.set(|settings| settings.channel = chan);
    }
}

impl RadioData<'static> for Radio {
    fn set_transmit_client(&self, client: &'static dyn TxClient) {
        self.transmit_client.set(client);
    }

    fn set_receive_client(&self, client: &'static dyn RxClient) {
        self.receive_client.set(client);
    }

    /// # Panics
    /// If the buffer is too short.
    fn set_receive_buffer(&self, receive_buffer: &'static mut [u8]) {
        assert!(
            receive_buffer.len() >= MAX_BUF_SIZE,
            "a buffer to receive in has {MAX_BUF_SIZE} bytes or more"
        );
        self.receive_buffer.replace(receive_buffer);
    }

    fn transmit(
        &self,
        buf: &'static mut [u8],
        frame_len: usize,
    ) -> Result<(), (ErrorCode, &'static mut [u8])> {
        if !self.is_on() {
            return Err((ErrorCode::OFF, buf));
        }
        if frame_len > FRAME_BYTES || buf.len() < PSDU_OFFSET + frame_len + MFR_SIZE {
            return Err((ErrorCode::SIZE, buf));
        }
        if let Err(error) = self.sending.admit() {
            return Err((error, buf));
        }
        self.sending.start(Sending {
            buffer: buf,
            len: frame_len,
        });
        Ok(())
    }
}

impl DeferredCallClient for Radio {
    fn handle_deferred_call(&self) {
        // What a callback starts, or stops, has its own turn.
        if let Some(on) = self.power.next() {
            self.finish_switch(on);
        } else if let Some((settings, result)) = self.configuring.end() {
            self.finish_configuring(settings, result);
        } else if let Some((sending, result)) = self.sending.end() {
            self.finish_sending(sending, result);
        } else if let Some(incoming) = self.incoming.next() {
            self.finish_receiving(incoming);
        } else {
            return;
        }
        self.sending.look_again();
    }

    fn register(&'static self) {
        self.control.register(self);
        self.power.register(self);
        self.configuring.register(self);
        self.sending.register(self);
        self.incoming.register(self);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Machine, leak};

    struct Client {
        radio: &'static Radio,
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

    fn radio() -> (Machine, &'static Radio, &'static Client) {
        let radio = Radio::new();
        let client = &*leak(Client {
            radio,
            heard: RefCell::default(),
            buffer: TakeCell::empty(),
            sends_again: Cell::new(false),
        });
        radio.set_power_client(client);
        radio.set_config_client(client);
        radio.set_transmit_client(client);
        radio.set_receive_client(client);
        (Machine::new(), radio, client)
    }

    fn radio_that_is_on() -> (Machine, &'static Radio, &'static Client) {
        let (machine, radio, client) = radio();
        radio.initialize().unwrap();
        radio.start().unwrap();
        machine.run();
        assert_eq!(client.heard.take(), ["on true"]);
        (machine, radio, client)
    }

    /// Sends a frame of three bytes that asks for an acknowledgement.
    fn send(radio: &Radio) -> Result<(), ErrorCode> {
        let buffer = [0, 0, ACKNOWLEDGEMENT_REQUEST, 8, 9, 0, 0];
        radio
            .transmit(leak(buffer), 3)
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
        radio.set_address(1);
        radio.set_address_long([2; 8]);
        radio.set_pan(3);
        assert_eq!(radio.set_tx_power(5), Err(ErrorCode::NOSUPPORT));
        assert_eq!(radio.set_tx_power(4), Ok(()));
        radio.set_channel(RadioChannel::Channel26);
        radio.fail_next_config(ErrorCode::FAIL);
        radio.config_commit();
        machine.run();
        assert_eq!(radio.settings_in_effect(), RadioSettings::AT_FIRST);
        radio.config_commit();
        radio.set_pan(4);
        machine.run();
        assert_eq!(client.heard.take(), ["set Err(FAIL)", "set Ok(())"]);
        let settings = RadioSettings {
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
        radio.set_pan(3);
        radio.config_commit();
        machine.run();
        radio.config_commit();
        assert_eq!(radio.reset(), Ok(()));
        machine.run();
        assert_eq!(radio.settings_in_effect(), RadioSettings::AT_FIRST);
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
        assert!(radio.transmit(leak([0; 7]), 3).is_ok());
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
        let (error, buffer) = radio.transmit(leak([0; 6]), 3).unwrap_err();
        assert_eq!((error, buffer.len()), (ErrorCode::SIZE, 6));
        let (error, _) = radio.transmit(leak([0; 200]), 126).unwrap_err();
        assert_eq!(error, ErrorCode::SIZE);
        assert!(radio.transmit(leak([0; 200]), 125).is_ok());
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
        radio.set_receive_buffer(leak([0; MAX_BUF_SIZE]));
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
        radio.set_receive_buffer(leak([0; MAX_BUF_SIZE]));
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
        radio.set_receive_buffer(leak([0; MAX_BUF_SIZE - 1]));
    }
}
