//! Analog to digital converters: voltages as numbers.
//!
//! A sample is 16 bits wide with the converter's own bits at the top, so that samples of any converter
//! compare: the voltage is `sample / 65536` of the reference voltage.

use crate::ErrorCode;

/// A converter with channels.
pub trait Adc<'a> {
    /// What names a channel.
    type Channel: PartialEq;

    /// Takes one sample. [`Client::sample_ready`] follows.
    ///
    /// # Errors
    /// `BUSY` if sampling is under way, `OFF` without power, `INVAL` if there is no such channel.
    fn sample(&self, channel: &Self::Channel) -> Result<(), ErrorCode>;

    /// Takes `frequency` samples a second, steadily. [`Client::sample_ready`] follows for each, until
    /// [`Self::stop_sampling`]; samples that the machine is too slow for are lost.
    ///
    /// # Errors
    /// Those of [`Self::sample`], and `INVAL` if the converter is not that slow or that fast.
    fn sample_continuous(&self, channel: &Self::Channel, frequency: u32) -> Result<(), ErrorCode>;

    /// Ends sampling of any kind: no callback follows.
    ///
    /// # Errors
    /// `INVAL` if no sampling is under way.
    fn stop_sampling(&self) -> Result<(), ErrorCode>;

    /// How many bits of a sample mean something: those at the top.
    fn get_resolution_bits(&self) -> usize;

    /// The reference voltage in millivolts, if it is known.
    fn get_voltage_reference_mv(&self) -> Option<usize>;

    /// Says who gets the samples.
    fn set_client(&self, client: &'a dyn Client);
}

/// Gets samples one by one.
pub trait Client {
    /// A sample.
    fn sample_ready(&self, sample: u16);
}

/// A converter that fills buffers with samples, two in turn, without losing any between.
pub trait AdcHighSpeed<'a>: Adc<'a> {
    /// Takes `frequency` samples a second: the first `length1` to `buffer1`, the next `length2` to `buffer2`.
    /// [`HighSpeedClient::samples_ready`] follows for each buffer that is full.
    ///
    /// # Errors
    /// Those of [`Adc::sample_continuous`]. The buffers come back.
    fn sample_highspeed(
        &self,
        channel: &Self::Channel,
        frequency: u32,
        buffer1: &'static mut [u16],
        length1: usize,
        buffer2: &'static mut [u16],
        length2: usize,
    ) -> Result<(), (ErrorCode, &'static mut [u16], &'static mut [u16])>;

    /// Gives another buffer, for `length` samples, in exchange for one that came back full. Samples are lost if
    /// it comes after the other buffer is full.
    ///
    /// # Errors
    /// `INVAL` if no sampling is under way, `BUSY` if there are two buffers. The buffer comes back.
    fn provide_buffer(
        &self,
        buf: &'static mut [u16],
        length: usize,
    ) -> Result<(), (ErrorCode, &'static mut [u16])>;

    /// Takes back the buffers that the converter still has, after [`Adc::stop_sampling`].
    ///
    /// # Errors
    /// `INVAL` if sampling is under way.
    #[allow(clippy::type_complexity)] // Tock's signature
    fn retrieve_buffers(
        &self,
    ) -> Result<(Option<&'static mut [u16]>, Option<&'static mut [u16]>), ErrorCode>;

    /// Says who gets the full buffers.
    fn set_highspeed_client(&self, client: &'a dyn HighSpeedClient);
}

/// Gets samples by the buffer.
pub trait HighSpeedClient {
    /// Gives a buffer back, with `length` samples in it. Answer with [`AdcHighSpeed::provide_buffer`] or
    /// [`Adc::stop_sampling`].
    fn samples_ready(&self, buf: &'static mut [u16], length: usize);
}

/// One channel of a converter.
pub trait AdcChannel<'a> {
    /// As [`Adc::sample`].
    ///
    /// # Errors
    /// Those of [`Adc::sample`].
    fn sample(&self) -> Result<(), ErrorCode>;

    /// As [`Adc::sample_continuous`], at a frequency that the driver knows.
    ///
    /// # Errors
    /// Those of [`Adc::sample_continuous`].
    fn sample_continuous(&self) -> Result<(), ErrorCode>;

    /// As [`Adc::stop_sampling`].
    ///
    /// # Errors
    /// Those of [`Adc::stop_sampling`].
    fn stop_sampling(&self) -> Result<(), ErrorCode>;

    /// How many bits of a sample mean something: those at the top.
    fn get_resolution_bits(&self) -> usize;

    /// The reference voltage in millivolts, if it is known.
    fn get_voltage_reference_mv(&self) -> Option<usize>;

    /// Says who gets the samples.
    fn set_client(&self, client: &'a dyn Client);
}
