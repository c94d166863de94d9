//! Radios for short packets at low power: IEEE 802.15.4.
//!
//! A packet's buffer is at least [`MAX_BUF_SIZE`] bytes long and laid out the same way in both directions:
//! one byte for the driver's own use, one for the length (PHR), the frame from [`PSDU_OFFSET`] on, and behind
//! it room for the checksum (MFR), which the radio makes and checks. Lengths of frames leave the checksum out.
//!
//! Settings take effect together, at [`RadioConfig::config_commit`].

use crate::ErrorCode;

/// The length of the PHR, which holds the length of the frame, in bytes.
pub const PHR_SIZE: usize = 1;
/// The length of the frame control field in bytes.
pub const MHR_FC_SIZE: usize = 2;
/// The length of the MFR, which holds the checksum, in bytes.
pub const MFR_SIZE: usize = 2;
/// The greatest length of a frame with its checksum, in bytes.
pub const MAX_MTU: usize = 127;
/// The least length of a frame that is no acknowledgement, in bytes.
pub const MIN_FRAME_SIZE: usize = 9;
/// The greatest length of a frame with its checksum, in bytes.
pub const MAX_FRAME_SIZE: usize = MAX_MTU;
/// Where the PHR is in a buffer.
pub const PHR_OFFSET: usize = 1;
/// Where the frame starts in a buffer.
pub const PSDU_OFFSET: usize = 2;
/// The bytes at the start of a buffer that are the driver's.
pub const SPI_HEADER_SIZE: usize = 1;
/// The bytes at the end of a buffer that tell how good the signal was.
pub const LQI_SIZE: usize = 1;
/// The least length of a buffer in bytes.
pub const MAX_BUF_SIZE: usize = SPI_HEADER_SIZE + PHR_SIZE + MAX_MTU + LQI_SIZE;

/// Hears that packets are sent.
pub trait TxClient {
    /// Gives the buffer back. `acked` says whether the other side acknowledged, which it does only if asked.
    /// `result` may be `BUSY` if the channel was never free, or `FAIL`.
    fn send_done(&self, buf: &'static mut [u8], acked: bool, result: Result<(), ErrorCode>);
}

/// Gets packets.
pub trait RxClient {
    /// Gives the buffer back with a frame of `frame_len` bytes in it. `lqi` is how good the signal was, from 0
    /// to 255. `crc_valid` says whether the checksum was right; the checksum need not be in the buffer. `result`
    /// may be `NOMEM` if an acknowledgement was asked for and could not be sent, or `FAIL`.
    fn receive(
        &self,
        buf: &'static mut [u8],
        frame_len: usize,
        lqi: u8,
        crc_valid: bool,
        result: Result<(), ErrorCode>,
    );
}

/// Hears that settings took effect.
pub trait ConfigClient {
    /// The settings took effect, or not, as `result` says.
    fn config_done(&self, result: Result<(), ErrorCode>);
}

/// Hears that the radio is turned on or off.
pub trait PowerClient {
    /// The radio is on now, or off.
    fn changed(&self, on: bool);
}

/// A radio.
pub trait Radio<'a>: RadioConfig<'a> + RadioData<'a> {}

impl<'a, T: RadioConfig<'a> + RadioData<'a>> Radio<'a> for T {}

/// Sets a radio up.
pub trait RadioConfig<'a> {
    /// Makes the radio ready, without turning it on.
    ///
    /// # Errors
    /// `FAIL` if it does not answer.
    fn initialize(&self) -> Result<(), ErrorCode>;

    /// Makes the radio as it was at first.
    ///
    /// # Errors
    /// `FAIL` if it does not answer.
    fn reset(&self) -> Result<(), ErrorCode>;

    /// Turns the radio on: it receives.
    ///
    /// # Errors
    /// `FAIL` if it does not answer.
    fn start(&self) -> Result<(), ErrorCode>;

    /// Turns the radio off.
    ///
    /// # Errors
    /// `FAIL` if it does not answer.
    fn stop(&self) -> Result<(), ErrorCode>;

    /// Whether the radio is on.
    fn is_on(&self) -> bool;

    /// Whether a packet is being sent or received, and no other can be sent.
    fn busy(&self) -> bool;

    /// Says who hears that the radio is turned on or off.
    fn set_power_client(&self, client: &'a dyn PowerClient);

    /// Lets the settings take effect. [`ConfigClient::config_done`] follows.
    fn config_commit(&self);

    /// Says who hears that settings took effect.
    fn set_config_client(&self, client: &'a dyn ConfigClient);

    /// The short address.
    fn get_address(&self) -> u16;

    /// The long address.
    fn get_address_long(&self) -> [u8; 8];

    /// The number of the network (PAN).
    fn get_pan(&self) -> u16;

    /// The power of sending in dBm.
    fn get_tx_power(&self) -> i8;

    /// The number of the channel, 11 to 26.
    fn get_channel(&self) -> u8;

    /// Sets the short address.
    fn set_address(&self, addr: u16);

    /// Sets the long address.
    fn set_address_long(&self, addr: [u8; 8]);

    /// Sets the number of the network (PAN).
    fn set_pan(&self, id: u16);

    /// Sets the power of sending in dBm.
    ///
    /// # Errors
    /// `INVAL` if it is more than is allowed, `NOSUPPORT` if the radio has not that power, `FAIL` otherwise.
    fn set_tx_power(&self, power: i8) -> Result<(), ErrorCode>;

    /// Sets the channel.
    fn set_channel(&self, chan: RadioChannel);
}

/// Sends and receives packets.
pub trait RadioData<'a> {
    /// Says who hears that packets are sent.
    fn set_transmit_client(&self, client: &'a dyn TxClient);

    /// Says who gets packets.
    fn set_receive_client(&self, client: &'a dyn RxClient);

    /// Gives a buffer to receive in, of [`MAX_BUF_SIZE`] bytes or more. Without one, packets are lost.
    fn set_receive_buffer(&self, receive_buffer: &'static mut [u8]);

    /// Sends the frame of `frame_len` bytes in `buf`. [`TxClient::send_done`] follows.
    ///
    /// # Errors
    /// `OFF` if the radio is off, `BUSY` if it sends already, `SIZE` if the buffer has no room for the checksum,
    /// `FAIL` otherwise. The buffer comes back.
    fn transmit(
        &self,
        buf: &'static mut [u8],
        frame_len: usize,
    ) -> Result<(), (ErrorCode, &'static mut [u8])>;
}

/// The channels at 2.4 GHz. The numbers in the code are megahertz above 2,400.
#[derive(PartialEq, Debug, Copy, Clone)]
#[allow(missing_docs)] // the names say it
pub enum RadioChannel {
    Channel11 = 5,
    Channel12 = 10,
    Channel13 = 15,
    Channel14 = 20,
    Channel15 = 25,
    Channel16 = 30,
    Channel17 = 35,
    Channel18 = 40,
    Channel19 = 45,
    Channel20 = 50,
    Channel21 = 55,
    Channel22 = 60,
    Channel23 = 65,
    Channel24 = 70,
    Channel25 = 75,
    Channel26 = 80,
}

impl RadioChannel {
    /// All channels, in their order. The first one has the number 11.
    const ALL: [Self; 16] = [
        Self::Channel11,
        Self::Channel12,
        Self::Channel13,
        Self::Channel14,
        Self::Channel15,
        Self::Channel16,
        Self::Channel17,
        Self::Channel18,
        Self::Channel19,
        Self::Channel20,
        Self::Channel21,
        Self::Channel22,
        Self::Channel23,
        Self::Channel24,
        Self::Channel25,
        Self::Channel26,
    ];

    /// The number of the channel, 11 to 26.
    pub fn get_channel_number(&self) -> u8 {
        10 + *self as u8 / 5
    }
}

impl TryFrom<u8> for RadioChannel {
    type Error = ();

    /// The channel with the number `val`.
    fn try_from(val: u8) -> Result<Self, ()> {
        let index = val.checked_sub(11).ok_or(())?;
        Self::ALL.get(usize::from(index)).copied().ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_is_found_by_its_number() {
        for number in 0..=u8::MAX {
            let found = RadioChannel::try_from(number).map(|channel| channel.get_channel_number());
            let exists = (11..=26).contains(&number);
            assert_eq!(found, if exists { Ok(number) } else { Err(()) });
        }
    }
}
