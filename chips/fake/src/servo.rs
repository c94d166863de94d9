//! A servo motor.

use std::cell::Cell;

use kernel::{ErrorCode, deferred_call::DeferredCallClient, hil::servo};

use crate::{
    faults::{Operation, faults},
    place,
};

/// How far a [`Servo`] turns, in degrees.
const MAXIMUM_ANGLE: u16 = 180;

/// A motor that turns from 0 to 180 degrees, and knows where it is. It is where it was told to be when the kernel loop
/// has run; while it is held it turns and does not arrive. Nobody hears that it does. A refusal is for the next call,
/// of either kind.
pub struct Servo {
    angle: Cell<u16>,
    operation: Operation<u16>,
}

impl Servo {
    /// A motor at 0 degrees.
    pub fn new() -> &'static Self {
        place(Self {
            angle: Cell::new(0),
            operation: Operation::new(),
        })
    }

    /// Where it is, in degrees.
    pub fn angle(&self) -> u16 {
        self.angle.get()
    }

    /// Whether it has not arrived yet.
    pub fn is_turning(&self) -> bool {
        self.operation.is_under_way()
    }
}

faults!(Servo, refusal ErrorCode);

impl servo::Servo<'static> for Servo {
    fn set_angle(&self, angle: u16) -> Result<(), ErrorCode> {
        self.operation.admit_meanwhile()?;
        if angle > MAXIMUM_ANGLE {
            return Err(ErrorCode::INVAL);
        }
        self.operation.start(angle);
        Ok(())
    }

    fn get_angle(&self) -> Result<usize, ErrorCode> {
        self.operation.admit_meanwhile()?;
        Ok(self.angle.get().into())
    }
}

impl DeferredCallClient for Servo {
    fn handle_deferred_call(&self) {
        if let Some((angle, _)) = self.operation.end() {
            self.angle.set(angle);
        }
    }

    fn register(&'static self) {
        self.operation.register(self);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Machine;
    use kernel::hil::servo::Servo as _;

    #[test]
    fn a_motor_arrives_where_it_was_told_last() {
        let (machine, motor) = (Machine::new(), Servo::new());
        for angle in [180, 90] {
            assert_eq!(motor.set_angle(angle), Ok(()));
        }
        assert_eq!((motor.get_angle(), motor.is_turning()), (Ok(0), true));
        machine.run();
        assert_eq!((motor.get_angle(), motor.is_turning()), (Ok(90), false));
    }

    #[test]
    fn a_motor_stays_where_it_is_if_it_is_refused() {
        let (machine, motor) = (Machine::new(), Servo::new());
        motor.refuse_next(ErrorCode::NODEVICE);
        motor.refuse_next(ErrorCode::NOSUPPORT);
        assert_eq!(motor.set_angle(10), Err(ErrorCode::NODEVICE));
        assert_eq!(motor.get_angle(), Err(ErrorCode::NOSUPPORT));
        assert_eq!(motor.set_angle(181), Err(ErrorCode::INVAL));
        machine.run();
        assert_eq!((motor.angle(), motor.is_turning()), (0, false));
    }

    #[test]
    fn a_motor_that_is_held_arrives_when_it_is_released() {
        let (machine, motor) = (Machine::new(), Servo::new());
        motor.hold();
        assert_eq!(motor.set_angle(10), Ok(()));
        machine.run();
        assert_eq!((motor.angle(), motor.is_turning()), (0, true));
        motor.release();
        machine.run();
        assert_eq!(motor.angle(), 10);
    }
}
