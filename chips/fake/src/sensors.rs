//! Sensors, which measure what the test says.

use std::cell::Cell;

use kernel::{
    ErrorCode, deferred_call::DeferredCallClient, hil::sensors, utilities::cells::OptionalCell,
};

use crate::{
    faults::{Operation, faults},
    place,
};

/// A sensor that measures `$value`. Its HIL has the method `$read`, and `$answer` makes the callback's value. Or, of a
/// HIL with other methods: `$methods` are these, which ask for a reading by `$asked`, and `$answer` calls the client.
macro_rules! sensor {
    (
        $(#[$about:meta])*
        impl $hil:ident for $sensor:ident: $value:ty, $read:ident, $client:ident, $answer:expr
    ) => {
        sensor! {
            $(#[$about])*
            impl $hil for $sensor: $value, $client, (),
            {
                fn $read(&self) -> Result<(), ErrorCode> {
                    self.operation.try_start(())
                }
            }
            |client, (), value| client.callback($answer(value))
        }
    };
    (
        $(#[$about:meta])*
        impl $hil:ident for $sensor:ident: $value:ty, $client:ident, $asked:ty,
        { $($methods:tt)* }
        $answer:expr
    ) => {
        $(#[$about])*
        pub struct $sensor {
            value: Cell<$value>,
            operation: Operation<$asked>,
            client: OptionalCell<&'static dyn sensors::$client>,
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

        impl sensors::$hil<'static> for $sensor {
            fn set_client(&self, client: &'static dyn sensors::$client) {
                self.client.set(client);
            }

            $($methods)*
        }

        impl DeferredCallClient for $sensor {
            fn handle_deferred_call(&self) {
                if let Some((asked, result)) = self.operation.end() {
                    let value = result.map(|()| self.value.get());
                    let answer: fn(&dyn sensors::$client, $asked, Result<$value, ErrorCode>) = $answer;
                    self.client.map(|client| answer(client, asked, value));
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
    impl TemperatureDriver for Temperature: i32, read_temperature, TemperatureClient, |value| value
}

sensor! {
    /// A hygrometer, in hundredths of a percent. A reading that fails brings `usize::MAX`.
    impl HumidityDriver for Humidity: usize, read_humidity, HumidityClient,
    |value: Result<usize, ErrorCode>| value.unwrap_or(usize::MAX)
}

sensor! {
    /// A light meter, in lux. A reading that fails brings 0.
    impl AmbientLight for AmbientLight: usize, read_light_intensity, AmbientLightClient,
    Result::unwrap_or_default
}

sensor! {
    /// A moisture meter, in hundredths of a percent.
    impl MoistureDriver for Moisture: usize, read_moisture, MoistureClient, |value| value
}

sensor! {
    /// A barometer, in hectopascal.
    impl PressureDriver for Pressure: u32, read_atmospheric_pressure, PressureClient, |value| value
}

sensor! {
    /// A range finder, in millimetres. It says that it measures from 20 to 4,000.
    impl Distance for Distance: u32, DistanceClient, (),
    {
        fn read_distance(&self) -> Result<(), ErrorCode> {
            self.operation.try_start(())
        }

        fn get_maximum_distance(&self) -> u32 {
            4_000
        }

        fn get_minimum_distance(&self) -> u32 {
            20
        }
    }
    |client, (), value| client.callback(value)
}

sensor! {
    /// A rain gauge, in micrometres an hour: it has rained as it rains now for 24 hours, and it refuses to look back
    /// further, or not at all.
    impl RainFallDriver for RainFall: usize, RainFallClient, usize,
    {
        fn read_rainfall(&self, hours: usize) -> Result<(), ErrorCode> {
            if !(1..=24).contains(&hours) {
                return Err(ErrorCode::NOSUPPORT);
            }
            self.operation.try_start(hours)
        }
    }
    |client, hours, value| client.callback(value.map(|value| value * hours))
}

/// A motion, along or around the axes x, y and z.
#[derive(Clone, Copy, Default)]
pub struct Motion {
    /// The acceleration.
    pub acceleration: [usize; 3],
    /// The magnetic field.
    pub magnetic_field: [usize; 3],
    /// The rotation.
    pub rotation: [usize; 3],
}

sensor! {
    /// A sensor of motion. A reading that fails brings zeroes.
    impl NineDof for NineDof: Motion, NineDofClient, fn(Motion) -> [usize; 3],
    {
        fn read_accelerometer(&self) -> Result<(), ErrorCode> {
            self.operation.try_start(|motion| motion.acceleration)
        }

        fn read_magnetometer(&self) -> Result<(), ErrorCode> {
            self.operation.try_start(|motion| motion.magnetic_field)
        }

        fn read_gyroscope(&self) -> Result<(), ErrorCode> {
            self.operation.try_start(|motion| motion.rotation)
        }
    }
    |client, quantity, motion| {
        let [x, y, z] = motion.map(quantity).unwrap_or_default();
        client.callback(x, y, z);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Machine, leak};
    use kernel::hil::sensors::{
        Distance as _, HumidityDriver as _, MoistureDriver as _, NineDof as _, PressureDriver as _,
        RainFallDriver as _, TemperatureDriver as _,
    };
    use std::cell::RefCell;

    /// Hears of every quantity.
    #[derive(Default)]
    struct Client(RefCell<Vec<Result<i64, ErrorCode>>>);

    macro_rules! hears {
        ($($client:ident($value:ty);)*) => {$(
            impl sensors::$client for Client {
                fn callback(&self, value: Result<$value, ErrorCode>) {
                    self.0.borrow_mut().push(value.map(|value| value as i64));
                }
            }
        )*};
    }

    hears! {
        TemperatureClient(i32);
        MoistureClient(usize);
        PressureClient(u32);
        DistanceClient(u32);
        RainFallClient(usize);
    }

    impl sensors::HumidityClient for Client {
        fn callback(&self, value: usize) {
            self.0.borrow_mut().push(Ok(value as i64));
        }
    }

    impl sensors::NineDofClient for Client {
        fn callback(&self, arg1: usize, arg2: usize, arg3: usize) {
            let values = [arg1, arg2, arg3].map(|value| Ok(value as i64));
            self.0.borrow_mut().extend(values);
        }
    }

    fn client() -> (Machine, &'static Client) {
        (Machine::new(), leak(Client::default()))
    }

    #[test]
    fn a_reading_is_what_the_test_says_when_it_ends() {
        let ((machine, client), sensor) = (client(), Temperature::new());
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
        let ((machine, client), sensor) = (client(), Humidity::new());
        sensor.set_client(client);
        sensor.set(4_200);
        sensor.fail_next(ErrorCode::FAIL);
        for _ in 0..2 {
            assert_eq!(sensor.read_humidity(), Ok(()));
            machine.run();
        }
        assert_eq!(*client.0.borrow(), [Ok(usize::MAX as i64), Ok(4_200)]);
    }

    #[test]
    fn a_quantity_is_brought_as_it_is() {
        let (machine, client) = client();
        let (moisture, pressure, distance) = (Moisture::new(), Pressure::new(), Distance::new());
        moisture.set_client(client);
        pressure.set_client(client);
        distance.set_client(client);
        moisture.set(2_500);
        pressure.set(1_013);
        distance.set(distance.get_maximum_distance() - distance.get_minimum_distance());
        assert_eq!(moisture.read_moisture(), Ok(()));
        assert_eq!(pressure.read_atmospheric_pressure(), Ok(()));
        assert_eq!(distance.read_distance(), Ok(()));
        machine.run();
        let mut heard = client.0.take();
        heard.sort_unstable_by_key(|value| *value.as_ref().unwrap());
        assert_eq!(heard, [Ok(1_013), Ok(2_500), Ok(3_980)]);
    }

    #[test]
    fn rain_adds_up_over_the_hours_of_a_day() {
        let ((machine, client), sensor) = (client(), RainFall::new());
        sensor.set_client(client);
        sensor.set(300);
        for hours in [1, 24] {
            assert_eq!(sensor.read_rainfall(hours), Ok(()));
            machine.run();
        }
        for hours in [0, 25] {
            assert_eq!(sensor.read_rainfall(hours), Err(ErrorCode::NOSUPPORT));
        }
        assert_eq!(*client.0.borrow(), [Ok(300), Ok(7_200)]);
    }

    #[test]
    fn a_motion_is_brought_as_the_quantity_that_was_asked_for() {
        let ((machine, client), sensor) = (client(), NineDof::new());
        sensor.set_client(client);
        sensor.set(Motion {
            acceleration: [1, 2, 3],
            magnetic_field: [4, 5, 6],
            rotation: [7, 8, 9],
        });
        let ended = |started| {
            assert_eq!(started, Ok(()));
            machine.run();
            client.0.take()
        };
        assert_eq!(ended(sensor.read_accelerometer()), [1, 2, 3].map(Ok));
        assert_eq!(ended(sensor.read_magnetometer()), [4, 5, 6].map(Ok));
        assert_eq!(ended(sensor.read_gyroscope()), [7, 8, 9].map(Ok));
        sensor.fail_next(ErrorCode::FAIL);
        assert_eq!(ended(sensor.read_gyroscope()), [0; 3].map(Ok));
    }
}
