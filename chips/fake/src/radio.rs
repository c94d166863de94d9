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
