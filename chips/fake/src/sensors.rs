//! Sensors, which measure what the test says.

use std::cell::Cell;

use kernel::{
    ErrorCode,
    deferred_call::DeferredCallClient,
    hil::sensors::{self, AmbientLightClient, HumidityClient, TemperatureClient},
    utilities::cells::OptionalCell,
};

use crate::{
    faults::{Operation, faults},
    place,
};

/// A sensor of one quantity, whose HIL has the method `$read`. `$answer` makes the callback's value.
macro_rules! sensor {
    (
        $(#[$about:meta])*
        $sensor:ident, $value:ty, $hil:path, $read:ident, $client:path, $answer:expr
    ) => {
        $(#[$about])*
        pub struct $sensor {
            value: Cell<$value>,
            operation: Operation<()>,
            client: OptionalCell<&'static dyn $client>,
        }

        impl $sensor {
            /// A sensor that measures 0.
            pub fn new() -> &'static Self {
                place(Self {
                    value: Cell::default(),
                    operation: Operation::new(),
                    client: OptionalCell::empty(),
                })
            }

            /// Makes it measure `value` from now on.
            pub fn set(&self, value: $value) {
                self.value.set(value);
            }
        }

        faults!($sensor);

        impl $hil for $sensor {
            fn set_client(&self, client: &'static dyn $client) {
                self.client.set(client);
            }

            fn $read(&self) -> Result<(), ErrorCode> {
                self.operation.admit()?;
                self.operation.start(());
                Ok(())
            }
        }

        impl DeferredCallClient for $sensor {
            fn handle_deferred_call(&self) {
                if let Some(((), result)) = self.operation.end() {
                    let answer = $answer(result.map(|()| self.value.get()));
                    self.client.map(|client| client.callback(answer));
                }
            }

            fn register(&'static self) {
                self.operation.register(self);
            }
        }
    };
}

sensor! {
    /// A thermometer, in hundredths of a degree Celsius.
    Temperature, i32, sensors::TemperatureDriver<'static>, read_temperature, TemperatureClient, |value| value
}

sensor! {
    /// A hygrometer, in hundredths of a percent. A reading that fails brings `usize::MAX`.
    Humidity, usize, sensors::HumidityDriver<'static>, read_humidity, HumidityClient,
    |value: Result<usize, ErrorCode>| value.unwrap_or(usize::MAX)
}

sensor! {
    /// A light meter, in lux. A reading that fails brings 0.
    AmbientLight, usize, sensors::AmbientLight<'static>, read_light_intensity, AmbientLightClient,
    Result::unwrap_or_default
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Machine, leak};
    use kernel::hil::sensors::{HumidityDriver as _, TemperatureDriver as _};
    use std::cell::RefCell;

    #[derive(Default)]
    struct Client(RefCell<Vec<Result<i32, ErrorCode>>>);

    impl TemperatureClient for Client {
        fn callback(&self, value: Result<i32, ErrorCode>) {
            self.0.borrow_mut().push(value);
        }
    }

    impl HumidityClient for Client {
        fn callback(&self, value: usize) {
            self.0.borrow_mut().push(Ok(value as i32));
        }
    }

    #[test]
    fn a_reading_is_what_the_test_says_when_it_ends() {
        let (machine, sensor, client) =
            (Machine::new(), Temperature::new(), leak(Client::default()));
        let client = &*client;
        sensor.set_client(client);
        assert_eq!(sensor.read_temperature(), Ok(()));
        assert_eq!(sensor.read_temperature(), Err(ErrorCode::BUSY));
        sensor.set(-250);
        machine.run();
        sensor.fail_next(ErrorCode::NOACK);
        assert_eq!(sensor.read_temperature(), Ok(()));
        machine.run();
        assert_eq!(*client.0.borrow(), [Ok(-250), Err(ErrorCode::NOACK)]);
    }

    #[test]
    fn a_humidity_that_cannot_be_read_is_the_largest_number() {
        let (machine, sensor, client) = (Machine::new(), Humidity::new(), leak(Client::default()));
        let client = &*client;
        sensor.set_client(client);
        sensor.set(4_200);
        sensor.fail_next(ErrorCode::FAIL);
        for _ in 0..2 {
            assert_eq!(sensor.read_humidity(), Ok(()));
            machine.run();
        }
        assert_eq!(*client.0.borrow(), [Ok(usize::MAX as i32), Ok(4_200)]);
    }
}
