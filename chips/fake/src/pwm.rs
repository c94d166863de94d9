//! A controller of pins that are high for a part of the time.

use kernel::{ErrorCode, hil::pwm};

use crate::{PwmPin, leak};

/// A controller with `N` pins, which are numbered from 0. It refuses others with `INVAL`. What goes wrong is said to
/// the pin.
pub struct Pwm<const N: usize>([&'static PwmPin; N]);

impl<const N: usize> Pwm<N> {
    /// A controller whose pins are low.
    pub fn new() -> &'static Self {
        leak(Self(std::array::from_fn(|_| PwmPin::new())))
    }

    /// Its pins.
    pub fn pins(&self) -> &[&'static PwmPin; N] {
        &self.0
    }

    fn pin(&self, number: usize) -> Result<&dyn pwm::PwmPin, ErrorCode> {
        let pin = *self.0.get(number).ok_or(ErrorCode::INVAL)?;
        Ok(pin)
    }
}

impl<const N: usize> pwm::Pwm for Pwm<N> {
    type Pin = usize;

    fn start(&self, pin: &usize, frequency_hz: usize, duty_cycle: usize) -> Result<(), ErrorCode> {
        self.pin(*pin)?.start(frequency_hz, duty_cycle)
    }

    fn stop(&self, pin: &usize) -> Result<(), ErrorCode> {
        self.pin(*pin)?.stop()
    }

    fn get_maximum_frequency_hz(&self) -> usize {
        PwmPin::MAXIMUM_FREQUENCY_HZ
    }

    fn get_maximum_duty_cycle(&self) -> usize {
        PwmPin::MAXIMUM_DUTY_CYCLE
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::hil::pwm::Pwm as _;

    #[test]
    fn each_pin_has_its_own_signal() {
        let controller = Pwm::<2>::new();
        let signals = || controller.pins().map(|pin| pin.signal());
        let most = (
            controller.get_maximum_frequency_hz(),
            controller.get_maximum_duty_cycle(),
        );
        assert_eq!(controller.start(&0, 50, 75), Ok(()));
        assert_eq!(controller.start(&1, most.0, most.1), Ok(()));
        assert_eq!(signals(), [Some((50, 75)), Some(most)]);
        assert_eq!(controller.stop(&1), Ok(()));
        assert_eq!(signals(), [Some((50, 75)), None]);
    }

    #[test]
    fn what_a_pin_refuses_or_who_has_no_pin_changes_nothing() {
        let controller = Pwm::<1>::new();
        controller.pins()[0].refuse_next(ErrorCode::FAIL);
        assert_eq!(controller.start(&0, 50, 75), Err(ErrorCode::FAIL));
        assert_eq!(controller.start(&1, 50, 75), Err(ErrorCode::INVAL));
        assert_eq!(controller.stop(&1), Err(ErrorCode::INVAL));
        assert_eq!(controller.pins()[0].signal(), None);
    }
}
