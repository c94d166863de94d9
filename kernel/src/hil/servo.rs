//! Motors that turn to an angle and stay there.

use crate::ErrorCode;

/// A servo motor.
pub trait Servo<'a> {
    /// Turns to `angle` degrees. Returns before it is there.
    ///
    /// # Errors
    /// `INVAL` if the motor does not turn that far, `NODEVICE` if there is no such motor, `FAIL` otherwise.
    fn set_angle(&self, angle: u16) -> Result<(), ErrorCode>;

    /// The angle in degrees.
    ///
    /// # Errors
    /// `NOSUPPORT` if the motor does not know it, `NODEVICE` if there is no such motor.
    fn get_angle(&self) -> Result<usize, ErrorCode>;
}
