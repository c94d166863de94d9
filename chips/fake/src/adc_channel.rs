//! One channel of a converter.

use kernel::{
    ErrorCode,
    hil::adc::{self, Adc as _, Client},
};

use crate::Adc;

/// How many samples a second steady sampling of an [`AdcChannel`] takes.
const FREQUENCY_HZ: u32 = 1_000;

/// A channel with a converter of its own.
pub struct AdcChannel {
    adc: &'static Adc,
}

impl AdcChannel {
    /// A channel at 0 V.
    pub fn new() -> &'static Self {
        crate::leak(Self { adc: Adc::new(1) })
    }

    /// Its converter, which has this channel as number 0: for the voltage, for time, and for faults.
    pub fn adc(&self) -> &'static Adc {
        self.adc
    }
}

impl adc::AdcChannel<'static> for AdcChannel {
    fn sample(&self) -> Result<(), ErrorCode> {
        self.adc.sample(&0)
    }

    fn sample_continuous(&self) -> Result<(), ErrorCode> {
        self.adc.sample_continuous(&0, FREQUENCY_HZ)
    }

    fn stop_sampling(&self) -> Result<(), ErrorCode> {
        self.adc.stop_sampling()
    }

    fn get_resolution_bits(&self) -> usize {
        self.adc.get_resolution_bits()
    }

    fn get_voltage_reference_mv(&self) -> Option<usize> {
        self.adc.get_voltage_reference_mv()
    }

    fn set_client(&self, client: &'static dyn Client) {
        self.adc.set_client(client);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Machine, leak};
    use kernel::hil::adc::AdcChannel as _;
    use std::cell::RefCell;

    #[derive(Default)]
    struct Samples(RefCell<Vec<u16>>);

    impl Client for Samples {
        fn sample_ready(&self, sample: u16) {
            self.0.borrow_mut().push(sample);
        }
    }

    #[test]
    fn a_channel_samples_as_its_converter_does() {
        let (machine, channel, samples) = (
            Machine::new(),
            AdcChannel::new(),
            &*leak(Samples::default()),
        );
        channel.set_client(samples);
        channel.adc().refuse_next(ErrorCode::OFF);
        assert_eq!(channel.sample(), Err(ErrorCode::OFF));
        channel.adc().set(0, 0x10);
        assert_eq!(channel.sample(), Ok(()));
        machine.run();
        channel.adc().set(0, 0x20);
        assert_eq!(channel.sample_continuous(), Ok(()));
        channel.adc().pass(1);
        machine.run();
        assert_eq!(channel.stop_sampling(), Ok(()));
        assert_eq!(channel.stop_sampling(), Err(ErrorCode::INVAL));
        assert_eq!(*samples.0.borrow(), [0x10, 0x20]);
    }
}
