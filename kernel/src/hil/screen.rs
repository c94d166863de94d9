//! Screens of pixels.
//!
//! A client turns the power on, chooses a frame, and writes pixels to it. What asks the state of the screen
//! answers at once; what changes it is followed by a callback. While the power is off, writing fails with
//! `OFF`; a setting either fails with `OFF` too, or is kept until the power is on, so that a screen can start
//! as it should look.

use core::ops::{Add, Sub};

use crate::{ErrorCode, utilities::leasable_buffer::SubSliceMut};

/// How far the picture is turned. Turns can be added and subtracted.
#[derive(Copy, Clone, PartialEq)]
pub enum ScreenRotation {
    /// Not at all.
    Normal,
    /// By 90 degrees.
    Rotated90,
    /// By 180 degrees.
    Rotated180,
    /// By 270 degrees.
    Rotated270,
}

impl ScreenRotation {
    fn from_quarters(quarters: u8) -> Self {
        match quarters % 4 {
            0 => Self::Normal,
            1 => Self::Rotated90,
            2 => Self::Rotated180,
            _ => Self::Rotated270,
        }
    }
}

impl Add for ScreenRotation {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self::from_quarters(self as u8 + other as u8)
    }
}

impl Sub for ScreenRotation {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self::from_quarters(self as u8 + 4 - other as u8)
    }
}

/// How a pixel is written in bits. The numbers are what apps know the formats by.
#[derive(Copy, Clone, PartialEq)]
#[repr(usize)]
#[allow(non_camel_case_types)]
pub enum ScreenPixelFormat {
    /// One bit.
    Mono = 0,
    /// Three bits of red, three of green, two of blue.
    RGB_332 = 1,
    /// Five bits of red, six of green, five of blue.
    RGB_565 = 2,
    /// Eight bits each of red, green and blue.
    RGB_888 = 3,
    /// Eight bits each of blue, green, red and opacity.
    BGRA_8888 = 4,
    /// One bit each of blue, green, red and opacity.
    RGB_4BIT = 5,
    /// One bit, and a byte is eight pixels below one another: bit 0 of the first byte is the pixel (0, 0), bit
    /// 7 is (0, 7), and bit 0 of the second byte is (1, 0).
    Mono_8BitPage = 6,
}

impl ScreenPixelFormat {
    /// The bits of one pixel.
    pub fn get_bits_per_pixel(&self) -> usize {
        match self {
            Self::Mono | Self::Mono_8BitPage => 1,
            Self::RGB_4BIT => 4,
            Self::RGB_332 => 8,
            Self::RGB_565 => 16,
            Self::RGB_888 => 24,
            Self::BGRA_8888 => 32,
        }
    }
}

/// A screen that can be set up in more than one way. Each change that is accepted ends with
/// [`ScreenSetupClient::command_complete`].
pub trait ScreenSetup<'a> {
    /// Says who hears that changes end.
    fn set_client(&self, client: &'a dyn ScreenSetupClient);

    /// Sets width and height in pixels.
    ///
    /// # Errors
    /// `NOSUPPORT` if the screen has not this resolution, `BUSY`, or `OFF`.
    fn set_resolution(&self, resolution: (usize, usize)) -> Result<(), ErrorCode>;

    /// Sets how pixels are written.
    ///
    /// # Errors
    /// `NOSUPPORT` if the screen has not this format, `BUSY`, or `OFF`.
    fn set_pixel_format(&self, format: ScreenPixelFormat) -> Result<(), ErrorCode>;

    /// Turns the picture. A quarter turn exchanges width and height.
    ///
    /// # Errors
    /// `NOSUPPORT` if the screen does not turn so, `BUSY`, or `OFF`.
    fn set_rotation(&self, rotation: ScreenRotation) -> Result<(), ErrorCode>;

    /// How many resolutions the screen has: 1 or more.
    fn get_num_supported_resolutions(&self) -> usize;

    /// Width and height in pixels of the resolution number `index`, counted from 0, as the picture is turned
    /// now; `None` if there is none.
    fn get_supported_resolution(&self, index: usize) -> Option<(usize, usize)>;

    /// How many pixel formats the screen has: 1 or more.
    fn get_num_supported_pixel_formats(&self) -> usize;

    /// The pixel format number `index`, counted from 0; `None` if there is none.
    fn get_supported_pixel_format(&self, index: usize) -> Option<ScreenPixelFormat>;
}

/// A screen. Each change that is accepted ends with [`ScreenClient::command_complete`], but where another
/// callback is named.
pub trait Screen<'a> {
    /// Says who hears that operations end.
    fn set_client(&self, client: &'a dyn ScreenClient);

    /// Width and height in pixels, as the picture is turned now.
    fn get_resolution(&self) -> (usize, usize);

    /// How pixels are written now.
    fn get_pixel_format(&self) -> ScreenPixelFormat;

    /// How far the picture is turned now.
    fn get_rotation(&self) -> ScreenRotation;

    /// Chooses the frame that [`Self::write`] fills: `width` by `height` pixels, its upper left corner at
    /// (`x`, `y`). To be called before the first write.
    ///
    /// # Errors
    /// `INVAL` if the frame is not on the screen, `BUSY`, or `OFF`.
    fn set_write_frame(
        &self,
        x: usize,
        y: usize,
        width: usize,
        height: usize,
    ) -> Result<(), ErrorCode>;

    /// Writes the pixels in `buffer` to the frame, line by line: where the last write ended if
    /// `continue_write` is true, else from the frame's start. [`ScreenClient::write_complete`] follows.
    ///
    /// # Errors
    /// `SIZE` if the frame has not room for them, `BUSY`, or `OFF`. The buffer does not come back.
    fn write(
        &self,
        buffer: SubSliceMut<'static, u8>,
        continue_write: bool,
    ) -> Result<(), ErrorCode>;

    /// Sets how bright the screen is: 0 for no light at all, 1 for as little as it has, 65,535 for as much. Equal
    /// steps look equal, as far as the screen can. May take effect only once the power is on.
    ///
    /// # Errors
    /// `NOSUPPORT`, `BUSY`, or `OFF`.
    fn set_brightness(&self, brightness: u16) -> Result<(), ErrorCode>;

    /// Turns the power on or off. [`ScreenClient::screen_is_ready`] follows in both cases. A screen that needs
    /// a brightness and was given none takes one of its own.
    ///
    /// # Errors
    /// `INVAL` if the settings made before do not go together, or `BUSY`.
    fn set_power(&self, enabled: bool) -> Result<(), ErrorCode>;

    /// Inverts all pixels, those on the screen and those to come. Another pixel format may end it.
    ///
    /// # Errors
    /// `NOSUPPORT` if the screen cannot, `INVAL` if it cannot in this pixel format, `BUSY`, or `OFF`.
    fn set_invert(&self, enabled: bool) -> Result<(), ErrorCode>;
}

/// A [`Screen`] that can be set up.
pub trait ScreenAdvanced<'a>: Screen<'a> + ScreenSetup<'a> {}

impl<'a, T: Screen<'a> + ScreenSetup<'a>> ScreenAdvanced<'a> for T {}

/// Hears that changes of a [`ScreenSetup`] end.
pub trait ScreenSetupClient {
    /// The change ended, with `r`.
    fn command_complete(&self, r: Result<(), ErrorCode>);
}

/// Hears that operations of a [`Screen`] end.
pub trait ScreenClient {
    /// The change ended, with `result`.
    fn command_complete(&self, result: Result<(), ErrorCode>);

    /// Gives the buffer back: the pixels are written, or not, as `result` says.
    fn write_complete(&self, buffer: SubSliceMut<'static, u8>, result: Result<(), ErrorCode>);

    /// The power is on or off, as was asked.
    fn screen_is_ready(&self);
}

#[cfg(test)]
mod tests {
    use super::ScreenRotation::*;

    #[test]
    fn turns_add_and_subtract_round_the_circle() {
        let turns = [Normal, Rotated90, Rotated180, Rotated270];
        for (i, first) in turns.into_iter().enumerate() {
            for (j, second) in turns.into_iter().enumerate() {
                assert!(first + second == turns[(i + j) % 4]);
                assert!(first + second - second == first);
            }
        }
    }
}
