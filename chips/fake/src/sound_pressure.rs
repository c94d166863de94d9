//! A sensor of how loud it is.

use std::cell::Cell;

use kernel::{
    ErrorCode,
    deferred_call::DeferredCallClient,
    hil::sensors::{self, SoundPressureClient},
    utilities::cells::OptionalCell,
};

use crate::{
    faults::{Operation, faults},
    place,
};

/// A microphone, in decibels. While it is off, as it is at first, it hears nothing, which is 0; so does a reading that
/// fails. Turning it on or off ends at once, and may be refused as a reading may.
pub struct SoundPressure {
    value: Cell<u8>,
    is_on: Cell<bool>,
    operation: Operation<()>,
    client: OptionalCell<&'static dyn SoundPressureClient>,
}

impl SoundPressure {
    /// A microphone that is off, in silence.
    pub fn new() -> &'static Self {
        place(Self {
            value: Cell::new(0),
            is_on: Cell::new(false),
            operation: Operation::new(),
            client: OptionalCell::empty(),
        })
    }

    /// Makes it measure `value` from now on, while it is on.
    pub fn set(&self, value: u8) {
        self.value.set(value);
    }

    /// Whether it is on.
    pub fn is_on(&self) -> bool {
        self.is_on.get()
    }

    fn turn(&self, on: bool) -> Result<(), ErrorCode> {
        self.operation.admit()?;
        self.is_on.set(on);
        Ok(())
    }
}

faults!(SoundPressure);

impl sensors::SoundPressure<'static> for SoundPressure {
    fn read_sound_pressure(&self) -> Result<(), ErrorCode> {
        self.operation.try_start(())
    }

    fn enable(&self) -> Result<(), ErrorCode> {
        self.turn(true)
    }

    fn disable(&self) -> Result<(), ErrorCode> {
        self.turn(false)
    }

    fn set_client(&self, client: &'static dyn SoundPressureClient) {
        self.client.set(client);
    }
}

impl DeferredCallClient for SoundPressure {
    fn handle_deferred_call(&self) {
        if let Some(((), result)) = self.operation.end() {
            let is_heard = result.is_ok() && self.is_on();
            let value = if is_heard { self.value.get() } else { 0 };
            self.client.map(|client| client.callback(result, value));
        }
    }

    fn register(&'static self) {
        self.operation.register(self);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Machine, leak};
    use kernel::hil::sensors::SoundPressure as _;
    use std::cell::RefCell;

    #[derive(Default)]
    struct Client(RefCell<Vec<(Result<(), ErrorCode>, u8)>>);

    impl SoundPressureClient for Client {
        fn callback(&self, ret: Result<(), ErrorCode>, sound_pressure: u8) {
            self.0.borrow_mut().push((ret, sound_pressure));
        }
    }

    fn sensor() -> (Machine, &'static SoundPressure, &'static Client) {
        let (sensor, client) = (SoundPressure::new(), &*leak(Client::default()));
        sensor.set_client(client);
        (Machine::new(), sensor, client)
    }

    #[test]
    fn a_microphone_hears_while_it_is_on() {
        let (machine, sensor, client) = sensor();
        sensor.set(60);
        let read = || {
            assert_eq!(sensor.read_sound_pressure(), Ok(()));
            machine.run();
        };
        read();
        assert_eq!((sensor.enable(), sensor.is_on()), (Ok(()), true));
        read();
        sensor.fail_next(ErrorCode::FAIL);
        read();
        assert_eq!((sensor.disable(), sensor.is_on()), (Ok(()), false));
        read();
        let expected = [
            (Ok(()), 0),
            (Ok(()), 60),
            (Err(ErrorCode::FAIL), 0),
            (Ok(()), 0),
        ];
        assert_eq!(*client.0.borrow(), expected);
    }

    #[test]
    fn it_is_not_turned_on_while_a_reading_is_under_way_or_if_it_refuses() {
        let (machine, sensor, _) = sensor();
        assert_eq!(sensor.read_sound_pressure(), Ok(()));
        assert_eq!(sensor.enable(), Err(ErrorCode::BUSY));
        machine.run();
        sensor.refuse_next(ErrorCode::FAIL);
        assert_eq!(sensor.enable(), Err(ErrorCode::FAIL));
        assert!(!sensor.is_on());
    }
}
