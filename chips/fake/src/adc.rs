//! Converters of voltages to numbers.

use std::cell::{Cell, RefCell};

use kernel::{
    ErrorCode,
    deferred_call::DeferredCallClient,
    hil::adc::{self, Client, HighSpeedClient},
    utilities::cells::OptionalCell,
};

use crate::{
    faults::{Operation, faults},
    place,
};

/// How many bits of a sample mean something.
const RESOLUTION_BITS: usize = 12;
const REFERENCE_MV: usize = 3_300;
/// It can be as slow as one sample a second.
const MAXIMUM_FREQUENCY_HZ: u32 = 1_000_000;

/// A converter of 12 bits with channels from 0 on, which has 3.3 V for reference. Its time passes when the test says
/// so. Samples bring no errors, so none fails.
pub struct Adc {
    voltages: Vec<Cell<u16>>,
    buffers: RefCell<Vec<Filling>>,
    operation: Operation<Sampling>,
    client: OptionalCell<&'static dyn Client>,
    high_speed_client: OptionalCell<&'static dyn HighSpeedClient>,
}

#[derive(Clone, Copy)]
struct Sampling {
    channel: usize,
    kind: Kind,
}

#[derive(Clone, Copy)]
enum Kind {
    Once,
    /// With the sample that the client has not heard of.
    Continuous(Option<u16>),
    HighSpeed,
}

/// A buffer for `length` samples, of which the converter has taken some.
struct Filling {
    buffer: &'static mut [u16],
    length: usize,
    taken: usize,
}

impl Filling {
    fn is_full(&self) -> bool {
        self.taken == self.length
    }
}

impl Adc {
    /// A converter with `channels` channels, at 0 V each.
    pub fn new(channels: usize) -> &'static Self {
        place(Self {
            voltages: vec![Cell::new(0); channels],
            buffers: RefCell::default(),
            operation: Operation::new(),
            client: OptionalCell::empty(),
            high_speed_client: OptionalCell::empty(),
        })
    }

    /// Puts `voltage`, in 65536ths of the reference voltage, at a channel.
    pub fn set(&self, channel: usize, voltage: u16) {
        self.voltages[channel].set(voltage);
    }

    /// Lets the time of `samples` samples pass, if it samples steadily. A sample replaces one that the client has not
    /// heard of; one that no buffer has room for is lost.
    pub fn pass(&self, samples: usize) {
        self.operation.change(|sampling| {
            let sample = self.convert(sampling.channel);
            match &mut sampling.kind {
                Kind::Once => {}
                Kind::Continuous(due) if samples > 0 => *due = Some(sample),
                Kind::Continuous(_) => {}
                Kind::HighSpeed => (0..samples).for_each(|_| self.fill(sample)),
            }
        });
    }

    fn fill(&self, sample: u16) {
        let mut buffers = self.buffers.borrow_mut();
        if let Some(filling) = buffers.iter_mut().find(|filling| !filling.is_full()) {
            filling.buffer[filling.taken] = sample;
            filling.taken += 1;
        }
    }

    fn convert(&self, channel: usize) -> u16 {
        self.voltages[channel].get() & (u16::MAX << (16 - RESOLUTION_BITS))
    }

    fn has_full_buffer(&self) -> bool {
        self.buffers.borrow().first().is_some_and(Filling::is_full)
    }

    fn admit(&self, channel: usize) -> Result<(), ErrorCode> {
        self.operation.admit()?;
        let exists = channel < self.voltages.len();
        exists.then_some(()).ok_or(ErrorCode::INVAL)
    }

    fn admit_steady(&self, channel: usize, frequency: u32) -> Result<(), ErrorCode> {
        self.admit(channel)?;
        let can = (1..=MAXIMUM_FREQUENCY_HZ).contains(&frequency);
        can.then_some(()).ok_or(ErrorCode::INVAL)
    }

    fn start(&self, channel: usize, kind: Kind) {
        self.operation.start(Sampling { channel, kind });
    }

    /// Whether it fills buffers.
    fn is_fast(&self) -> bool {
        let mut is_fast = false;
        self.operation
            .change(|sampling| is_fast = matches!(sampling.kind, Kind::HighSpeed));
        is_fast
    }

    fn add(&self, buffer: &'static mut [u16], length: usize) {
        self.buffers.borrow_mut().push(Filling {
            buffer,
            length,
            taken: 0,
        });
    }
}

faults!(Adc, refusal ErrorCode);

impl adc::Adc<'static> for Adc {
    type Channel = usize;

    fn sample(&self, channel: &usize) -> Result<(), ErrorCode> {
        self.admit(*channel)?;
        self.start(*channel, Kind::Once);
        Ok(())
    }

    fn sample_continuous(&self, channel: &usize, frequency: u32) -> Result<(), ErrorCode> {
        self.admit_steady(*channel, frequency)?;
        self.start(*channel, Kind::Continuous(None));
        Ok(())
    }

    fn stop_sampling(&self) -> Result<(), ErrorCode> {
        if !self.operation.is_under_way() {
            return Err(ErrorCode::INVAL);
        }
        self.operation.cancel();
        Ok(())
    }

    fn get_resolution_bits(&self) -> usize {
        RESOLUTION_BITS
    }

    fn get_voltage_reference_mv(&self) -> Option<usize> {
        Some(REFERENCE_MV)
    }

    fn set_client(&self, client: &'static dyn Client) {
        self.client.set(client);
    }
}

impl adc::AdcHighSpeed<'static> for Adc {
    /// `BUSY` also while it has buffers that nobody retrieved; `INVAL` also for a length that is 0 or more than the
    /// buffer has.
    fn sample_highspeed(
        &self,
        channel: &usize,
        frequency: u32,
        buffer1: &'static mut [u16],
        length1: usize,
        buffer2: &'static mut [u16],
        length2: usize,
    ) -> Result<(), (ErrorCode, &'static mut [u16], &'static mut [u16])> {
        if let Err(error) = self.admit_steady(*channel, frequency) {
            return Err((error, buffer1, buffer2));
        }
        if !self.buffers.borrow().is_empty() {
            return Err((ErrorCode::BUSY, buffer1, buffer2));
        }
        if !is_room(buffer1, length1) || !is_room(buffer2, length2) {
            return Err((ErrorCode::INVAL, buffer1, buffer2));
        }
        for (buffer, length) in [(buffer1, length1), (buffer2, length2)] {
            self.add(buffer, length);
        }
        self.start(*channel, Kind::HighSpeed);
        Ok(())
    }

    /// `INVAL` also for a length that is 0 or more than the buffer has.
    fn provide_buffer(
        &self,
        buf: &'static mut [u16],
        length: usize,
    ) -> Result<(), (ErrorCode, &'static mut [u16])> {
        if !self.is_fast() || !is_room(buf, length) {
            return Err((ErrorCode::INVAL, buf));
        }
        if self.buffers.borrow().len() == 2 {
            return Err((ErrorCode::BUSY, buf));
        }
        self.add(buf, length);
        Ok(())
    }

    fn retrieve_buffers(
        &self,
    ) -> Result<(Option<&'static mut [u16]>, Option<&'static mut [u16]>), ErrorCode> {
        if self.operation.is_under_way() {
            return Err(ErrorCode::INVAL);
        }
        let mut buffers = self.buffers.take().into_iter();
        let mut next = || buffers.next().map(|filling| filling.buffer);
        Ok((next(), next()))
    }

    fn set_highspeed_client(&self, client: &'static dyn HighSpeedClient) {
        self.high_speed_client.set(client);
    }
}

fn is_room(buffer: &[u16], length: usize) -> bool {
    (1..=buffer.len()).contains(&length)
}

impl DeferredCallClient for Adc {
    fn handle_deferred_call(&self) {
        let can_end = |sampling: &Sampling| match sampling.kind {
            Kind::Once => true,
            Kind::Continuous(due) => due.is_some(),
            Kind::HighSpeed => self.has_full_buffer(),
        };
        let Some((Sampling { channel, kind }, _)) = self.operation.end_if(can_end) else {
            return;
        };
        // Steady sampling goes on, and the client may stop it.
        match kind {
            Kind::Once => {
                let sample = self.convert(channel);
                self.client.map(|client| client.sample_ready(sample));
            }
            Kind::Continuous(due) => {
                self.start(channel, Kind::Continuous(None));
                let due = due.unwrap_or_default();
                self.client.map(|client| client.sample_ready(due));
            }
            Kind::HighSpeed => {
                self.start(channel, Kind::HighSpeed);
                let Filling { buffer, length, .. } = self.buffers.borrow_mut().remove(0);
                self.high_speed_client
                    .map(|client| client.samples_ready(buffer, length));
            }
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
    use kernel::hil::adc::{Adc as _, AdcHighSpeed as _};

    struct Samples {
        adc: &'static Adc,
        samples: RefCell<Vec<u16>>,
        full: RefCell<Vec<Vec<u16>>>,
        /// What the client does when it is called.
        then: Cell<Then>,
    }

    #[derive(Clone, Copy)]
    enum Then {
        Nothing,
        Sample,
        Stop,
    }

    impl Samples {
        fn act(&self) {
            match self.then.replace(Then::Nothing) {
                Then::Nothing => {}
                Then::Sample => assert_eq!(self.adc.sample(&1), Ok(())),
                Then::Stop => assert_eq!(self.adc.stop_sampling(), Ok(())),
            }
        }
    }

    impl Client for Samples {
        fn sample_ready(&self, sample: u16) {
            self.samples.borrow_mut().push(sample);
            self.act();
        }
    }

    impl HighSpeedClient for Samples {
        fn samples_ready(&self, buf: &'static mut [u16], length: usize) {
            self.full.borrow_mut().push(buf[..length].to_vec());
            self.act();
        }
    }

    fn adc() -> (Machine, &'static Adc, &'static Samples) {
        let adc = Adc::new(2);
        let samples = &*leak(Samples {
            adc,
            samples: RefCell::default(),
            full: RefCell::default(),
            then: Cell::new(Then::Nothing),
        });
        adc.set_client(samples);
        adc.set_highspeed_client(samples);
        (Machine::new(), adc, samples)
    }

    fn buffers() -> [&'static mut [u16]; 2] {
        [leak([0; 4]), leak([0; 4])]
    }

    #[test]
    fn a_sample_has_the_bits_of_the_converter_at_the_top() {
        let (machine, adc, samples) = adc();
        adc.set(1, 0x1234);
        assert_eq!(adc.sample(&1), Ok(()));
        assert_eq!(adc.sample(&0), Err(ErrorCode::BUSY));
        assert!(samples.samples.borrow().is_empty());
        machine.run();
        assert_eq!(*samples.samples.borrow(), [0x1230]);
        assert_eq!(adc.get_resolution_bits(), 12);
    }

    #[test]
    fn sampling_that_is_refused_brings_no_sample() {
        let (machine, adc, samples) = adc();
        adc.refuse_next(ErrorCode::OFF);
        assert_eq!(adc.sample(&0), Err(ErrorCode::OFF));
        assert_eq!(adc.sample(&2), Err(ErrorCode::INVAL));
        for frequency in [0, 1_000_001] {
            assert_eq!(adc.sample_continuous(&0, frequency), Err(ErrorCode::INVAL));
        }
        assert_eq!(adc.stop_sampling(), Err(ErrorCode::INVAL));
        machine.run();
        assert!(samples.samples.borrow().is_empty());
    }

    #[test]
    fn a_sample_that_is_held_comes_when_it_is_released_unless_sampling_stops() {
        let (machine, adc, samples) = adc();
        adc.hold();
        assert_eq!(adc.sample(&0), Ok(()));
        machine.run();
        assert!(samples.samples.borrow().is_empty());
        adc.release();
        machine.run();
        assert_eq!(*samples.samples.borrow(), [0]);
        assert_eq!((adc.sample(&0), adc.stop_sampling()), (Ok(()), Ok(())));
        machine.run();
        assert_eq!(*samples.samples.borrow(), [0]);
    }

    #[test]
    fn a_client_can_ask_for_a_sample_when_it_gets_one() {
        let (machine, adc, samples) = adc();
        adc.set(1, 0x10);
        samples.then.set(Then::Sample);
        assert_eq!(adc.sample(&0), Ok(()));
        machine.run();
        assert_eq!(*samples.samples.borrow(), [0, 0x10]);
    }

    #[test]
    fn steady_samples_come_as_time_passes_until_the_client_stops_them() {
        let (machine, adc, samples) = adc();
        assert_eq!(adc.sample_continuous(&0, 1_000), Ok(()));
        machine.run();
        assert!(samples.samples.borrow().is_empty());
        for voltage in [0x10, 0x20] {
            adc.set(0, voltage);
            adc.pass(1);
            machine.run();
        }
        // The first of these is lost, since nobody hears of it in time.
        adc.set(0, 0x30);
        adc.pass(1);
        adc.set(0, 0x40);
        adc.pass(1);
        samples.then.set(Then::Stop);
        machine.run();
        adc.pass(1);
        machine.run();
        assert_eq!(*samples.samples.borrow(), [0x10, 0x20, 0x40]);
    }

    #[test]
    fn buffers_are_filled_in_turn_and_retrieved_when_sampling_stops() {
        let (machine, adc, samples) = adc();
        let [first, second] = buffers();
        assert!(adc.sample_highspeed(&0, 1_000, first, 2, second, 4).is_ok());
        assert_eq!(adc.retrieve_buffers(), Err(ErrorCode::INVAL));
        let (error, third) = adc.provide_buffer(leak([0; 1]), 1).unwrap_err();
        assert_eq!(error, ErrorCode::BUSY);
        adc.set(0, 0x10);
        adc.pass(2);
        adc.set(0, 0x20);
        adc.pass(3);
        machine.run();
        assert_eq!(*samples.full.borrow(), [[0x10; 2]]);
        assert!(adc.provide_buffer(third, 1).is_ok());
        // One for the second buffer, one for the third, and one is lost.
        adc.pass(3);
        samples.then.set(Then::Stop);
        machine.run();
        assert_eq!(samples.full.borrow().last(), Some(&vec![0x20; 4]));
        let (third, none) = adc.retrieve_buffers().unwrap();
        assert_eq!((third.as_deref(), none), (Some(&[0x20][..]), None));
        let (error, _) = adc.provide_buffer(third.unwrap(), 1).unwrap_err();
        assert_eq!(error, ErrorCode::INVAL);
    }

    #[test]
    fn buffers_come_back_from_sampling_that_is_refused() {
        let (machine, adc, samples) = adc();
        let [mut first, mut second] = buffers();
        adc.refuse_next(ErrorCode::OFF);
        for (length, expected) in [
            (4, ErrorCode::OFF),
            (0, ErrorCode::INVAL),
            (5, ErrorCode::INVAL),
        ] {
            let refusal = adc.sample_highspeed(&0, 1_000, first, 4, second, length);
            let error;
            (error, first, second) = refusal.unwrap_err();
            assert_eq!(error, expected);
        }
        machine.run();
        assert!(adc.sample_highspeed(&0, 1_000, first, 4, second, 4).is_ok());
        assert_eq!(adc.stop_sampling(), Ok(()));
        let [third, fourth] = buffers();
        let (error, ..) = adc
            .sample_highspeed(&0, 1_000, third, 4, fourth, 4)
            .unwrap_err();
        assert_eq!(error, ErrorCode::BUSY, "it has buffers");
        machine.run();
        assert!(samples.full.borrow().is_empty());
    }
}
