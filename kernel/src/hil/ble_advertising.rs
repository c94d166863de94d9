//! Bluetooth Low Energy, as far as advertising goes: short packets to everybody near.

use crate::ErrorCode;

/// Sends and receives advertisements, one at a time.
pub trait BleAdvertisementDriver<'a> {
    /// Sends the first `len` bytes of `buf` on `channel`. [`TxClient::transmit_event`] follows.
    fn transmit_advertisement(&self, buf: &'static mut [u8], len: usize, channel: RadioChannel);

    /// Receives one advertisement on `channel`, in a buffer of the driver's. [`RxClient::receive_event`] follows.
    fn receive_advertisement(&self, channel: RadioChannel);

    /// Says who gets advertisements.
    fn set_receive_client(&self, client: &'a dyn RxClient);

    /// Says who hears that advertisements are sent.
    fn set_transmit_client(&self, client: &'a dyn TxClient);
}

/// Sets a radio up.
pub trait BleConfig {
    /// Sets the power of sending in dBm, as the bits of an `i8`.
    ///
    /// # Errors
    /// `NOSUPPORT` if the radio has not that power.
    fn set_tx_power(&self, power: u8) -> Result<(), ErrorCode>;
}

/// Gets advertisements.
pub trait RxClient {
    /// An advertisement of `len` bytes is in `buf`, or none, as `result` says.
    fn receive_event(&self, buf: &'static mut [u8], len: u8, result: Result<(), ErrorCode>);
}

/// Hears that advertisements are sent.
pub trait TxClient {
    /// Gives the buffer back: the advertisement is sent, or not, as `result` says.
    fn transmit_event(&self, buf: &'static mut [u8], result: Result<(), ErrorCode>);
}

/// The channels. The numbers in the code are megahertz above 2,400.
#[derive(PartialEq, Debug, Copy, Clone)]
#[allow(missing_docs)] // the names say it
pub enum RadioChannel {
    DataChannel0 = 4,
    DataChannel1 = 6,
    DataChannel2 = 8,
    DataChannel3 = 10,
    DataChannel4 = 12,
    DataChannel5 = 14,
    DataChannel6 = 16,
    DataChannel7 = 18,
    DataChannel8 = 20,
    DataChannel9 = 22,
    DataChannel10 = 24,
    DataChannel11 = 28,
    DataChannel12 = 30,
    DataChannel13 = 32,
    DataChannel14 = 34,
    DataChannel15 = 36,
    DataChannel16 = 38,
    DataChannel17 = 40,
    DataChannel18 = 42,
    DataChannel19 = 44,
    DataChannel20 = 46,
    DataChannel21 = 48,
    DataChannel22 = 50,
    DataChannel23 = 52,
    DataChannel24 = 54,
    DataChannel25 = 56,
    DataChannel26 = 58,
    DataChannel27 = 60,
    DataChannel28 = 62,
    DataChannel29 = 64,
    DataChannel30 = 66,
    DataChannel31 = 68,
    DataChannel32 = 70,
    DataChannel33 = 72,
    DataChannel34 = 74,
    DataChannel35 = 76,
    DataChannel36 = 78,
    AdvertisingChannel37 = 2,
    AdvertisingChannel38 = 26,
    AdvertisingChannel39 = 80,
}

impl RadioChannel {
    /// The number of the channel, 0 to 39. Channels are numbered by frequency, but for the three that are for
    /// advertising, which come last.
    pub fn get_channel_index(&self) -> u32 {
        let step = *self as u32 / 2 - 1;
        match step {
            0 => 37,
            1..12 => step - 1,
            12 => 38,
            13..39 => step - 2,
            _ => 39,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RadioChannel::*;

    #[test]
    fn the_numbers_of_the_channels_leave_out_those_for_advertising() {
        for (channel, number) in [
            (AdvertisingChannel37, 37),
            (DataChannel0, 0),
            (DataChannel10, 10),
            (AdvertisingChannel38, 38),
            (DataChannel11, 11),
            (DataChannel36, 36),
            (AdvertisingChannel39, 39),
        ] {
            assert_eq!(channel.get_channel_index(), number);
        }
    }
}
