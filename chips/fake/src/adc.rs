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
