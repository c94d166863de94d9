//! A buzzer, and a pin that is high for a part of the time.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
};

use kernel::{
    ErrorCode,
    deferred_call::DeferredCallClient,
    hil::{
        buzzer::{self, BuzzerClient},
        pwm,
    },
    utilities::cells::OptionalCell,
};

use crate::{
    faults::{Operation, faults},
    place,
};

/// A tone: its frequency in hertz, and how long it is in milliseconds.
pub type Tone = (usize, usize);

/// A buzzer. Tones take no time, but while it is held one goes on.
pub struct Buzzer {
    tones: RefCell<Vec<Tone>>,
    is_playing: Cell<bool>,
    operation: Operation<()>,
    client: OptionalCell<&'static dyn BuzzerClient>,
}

impl Buzzer {
    /// A buzzer that is silent.
    pub fn new() -> &'static Self {
        place(Self {
            tones: RefCell::default(),
            is_playing: Cell::new(false),
            operation: Operation::new(),
            client: OptionalCell::empty(),
        })
    }

    /// The tones that were started.
    pub fn tones(&self) -> Vec<Tone> {
        self.tones.borrow().clone()
    }

    /// Whether a tone is playing.
    pub fn is_playing(&self) -> bool {
        self.is_playing.get()
    }
}

faults!(Buzzer);

impl buzzer::Buzzer<'static> for Buzzer {
    fn buzz(&self, frequency_hz: usize, duration_ms: usize) -> Result<(), ErrorCode> {
        if !self.operation.is_under_way() {
            self.operation.try_start(())?;
        }
        self.is_playing.set(true);
        self.tones.borrow_mut().push((frequency_hz, duration_ms));
        Ok(())
    }

    fn stop(&self) -> Result<(), ErrorCode> {
        let was_playing = self.is_playing.replace(false);
        was_playing.then_some(()).ok_or(ErrorCode::OFF)
    }

    fn set_client(&self, client: &'static dyn BuzzerClient) {
        self.client.set(client);
    }
}

impl DeferredCallClient for Buzzer {
    fn handle_deferred_call(&self) {
        if let Some(((), result)) = self.operation.end() {
            self.is_playing.set(false);
            self.client.map(|client| client.buzzer_done(result));
        }
    }

    fn register(&'static self) {
        self.operation.register(self);
    }
}

/// A pin that is high for a part of the time.
#[derive(Default)]
pub struct PwmPin {
    signal: Cell<Option<(usize, usize)>>,
    refusals: RefCell<VecDeque<ErrorCode>>,
}

impl PwmPin {
    /// The highest frequency in hertz, and the number that stands for all of a period.
    pub(crate) const MAXIMUM_FREQUENCY_HZ: usize = 1_000_000;
    pub(crate) const MAXIMUM_DUTY_CYCLE: usize = 1_000;

    /// A pin that is low.
    pub fn new() -> &'static Self {
        crate::leak(Self::default())
    }

    /// The frequency in hertz, and the thousandths of each period that the pin is high; `None` if it stays low.
    pub fn signal(&self) -> Option<(usize, usize)> {
        self.signal.get()
    }

    /// The next call fails with `error`, and changes nothing. Said several times, as many calls do.
    pub fn refuse_next(&self, error: ErrorCode) {
        self.refusals.borrow_mut().push_back(error);
    }

    fn admit(&self) -> Result<(), ErrorCode> {
        self.refusals.borrow_mut().pop_front().map_or(Ok(()), Err)
    }
}

impl pwm::PwmPin for PwmPin {
    fn start(&self, frequency_hz: usize, duty_cycle: usize) -> Result<(), ErrorCode> {
        self.admit()?;
        if frequency_hz > Self::MAXIMUM_FREQUENCY_HZ || duty_cycle > Self::MAXIMUM_DUTY_CYCLE {
            return Err(ErrorCode::INVAL);
        }
        self.signal.set(Some((frequency_hz, duty_cycle)));
        Ok(())
    }

    fn stop(&self) -> Result<(), ErrorCode> {
        self.admit()?;
        self.signal.set(None);
        Ok(())
    }

    fn get_maximum_frequency_hz(&self) -> usize {
        Self::MAXIMUM_FREQUENCY_HZ
    }

    fn get_maximum_duty_cycle(&self) -> usize {
        Self::MAXIMUM_DUTY_CYCLE
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Machine, leak};
    use kernel::hil::{buzzer::Buzzer as _, pwm::PwmPin as _};

    #[derive(Default)]
    struct Client(RefCell<Vec<Result<(), ErrorCode>>>);

    impl BuzzerClient for Client {
        fn buzzer_done(&self, status: Result<(), ErrorCode>) {
            self.0.borrow_mut().push(status);
        }
    }

    fn buzzer() -> (Machine, &'static Buzzer, &'static Client) {
        let (buzzer, client) = (Buzzer::new(), &*leak(Client::default()));
        buzzer.set_client(client);
        (Machine::new(), buzzer, client)
    }

    #[test]
    fn a_tone_that_is_replaced_has_one_end() {
        let (machine, buzzer, client) = buzzer();
        assert_eq!(buzzer.buzz(440, 100), Ok(()));
        assert_eq!(buzzer.buzz(880, 50), Ok(()));
        machine.run();
        assert_eq!(buzzer.tones(), [(440, 100), (880, 50)]);
        assert_eq!(*client.0.borrow(), [Ok(())]);
    }

    #[test]
    fn a_tone_can_be_stopped_while_it_plays() {
        let (machine, buzzer, client) = buzzer();
        assert_eq!(buzzer.stop(), Err(ErrorCode::OFF));
        buzzer.hold();
        assert_eq!(buzzer.buzz(440, 100), Ok(()));
        machine.run();
        assert!(buzzer.is_playing() && client.0.borrow().is_empty());
        assert_eq!((buzzer.stop(), buzzer.is_playing()), (Ok(()), false));
        assert_eq!(buzzer.stop(), Err(ErrorCode::OFF));
        buzzer.release();
        machine.run();
        assert_eq!(*client.0.borrow(), [Ok(())]);
    }

    #[test]
    fn a_pin_takes_what_is_in_its_range() {
        let pin = PwmPin::new();
        assert_eq!(pin.start(1_000_001, 1), Err(ErrorCode::INVAL));
        assert_eq!(pin.start(50, 1_001), Err(ErrorCode::INVAL));
        assert_eq!((pin.start(50, 75), pin.signal()), (Ok(()), Some((50, 75))));
        pin.refuse_next(ErrorCode::FAIL);
        assert_eq!(
            (pin.stop(), pin.signal()),
            (Err(ErrorCode::FAIL), Some((50, 75)))
        );
        assert_eq!((pin.stop(), pin.signal()), (Ok(()), None));
    }
}
