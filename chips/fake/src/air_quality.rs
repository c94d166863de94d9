//! A sensor of what is in the air.

use std::cell::Cell;

use kernel::{
    ErrorCode,
    deferred_call::DeferredCallClient,
    hil::sensors::{AirQualityClient, AirQualityDriver},
    utilities::cells::OptionalCell,
};

use crate::{
    faults::{Operation, faults},
    place,
};

/// A sensor of two quantities. One reading is under way at a time, and none while it is told its environment.
pub struct AirQuality {
    co2: Cell<u32>,
    tvoc: Cell<u32>,
    environment: Cell<Environment>,
    operation: Operation<Request>,
    client: OptionalCell<&'static dyn AirQualityClient>,
}

/// The temperature in degrees Celsius and the relative humidity in percent.
type Environment = (Option<i32>, Option<u32>);

enum Request {
    SpecifyEnvironment(Environment),
    ReadCo2,
    ReadTvoc,
}

impl AirQuality {
    /// A sensor that measures nothing but pure air, and knows nothing of its environment.
    pub fn new() -> &'static Self {
        place(Self {
            co2: Cell::new(0),
            tvoc: Cell::new(0),
            environment: Cell::default(),
            operation: Operation::new(),
            client: OptionalCell::empty(),
        })
    }

    /// Makes it measure so many parts per million of carbon dioxide from now on.
    pub fn set_co2(&self, parts_per_million: u32) {
        self.co2.set(parts_per_million);
    }

    /// Makes it measure so many parts per billion of volatile organic compounds from now on.
    pub fn set_tvoc(&self, parts_per_billion: u32) {
        self.tvoc.set(parts_per_billion);
    }

    /// The temperature in degrees Celsius and the relative humidity in percent, as it was told last.
    pub fn environment(&self) -> (Option<i32>, Option<u32>) {
        self.environment.get()
    }
}

faults!(AirQuality);

impl AirQualityDriver<'static> for AirQuality {
    fn set_client(&self, client: &'static dyn AirQualityClient) {
        self.client.set(client);
    }

    fn specify_environment(
        &self,
        temp: Option<i32>,
        humidity: Option<u32>,
    ) -> Result<(), ErrorCode> {
        self.operation
            .try_start(Request::SpecifyEnvironment((temp, humidity)))
    }

    fn read_co2(&self) -> Result<(), ErrorCode> {
        self.operation.try_start(Request::ReadCo2)
    }

    fn read_tvoc(&self) -> Result<(), ErrorCode> {
        self.operation.try_start(Request::ReadTvoc)
    }
}

impl DeferredCallClient for AirQuality {
    fn handle_deferred_call(&self) {
        let Some((request, result)) = self.operation.end() else {
            return;
        };
        if let (Request::SpecifyEnvironment(environment), Ok(())) = (&request, result) {
            self.environment.set(*environment);
        }
        self.client.map(|client| match request {
            Request::SpecifyEnvironment(_) => client.environment_specified(result),
            Request::ReadCo2 => client.co2_data_available(result.map(|()| self.co2.get())),
            Request::ReadTvoc => client.tvoc_data_available(result.map(|()| self.tvoc.get())),
        });
    }

    fn register(&'static self) {
        self.operation.register(self);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Machine, leak};
    use std::cell::RefCell;

    type Heard = (&'static str, Result<u32, ErrorCode>);

    #[derive(Default)]
    struct Client(RefCell<Vec<Heard>>);

    impl AirQualityClient for Client {
        fn environment_specified(&self, result: Result<(), ErrorCode>) {
            let result = result.map(|()| 0);
            self.0.borrow_mut().push(("environment", result));
        }

        fn co2_data_available(&self, value: Result<u32, ErrorCode>) {
            self.0.borrow_mut().push(("co2", value));
        }

        fn tvoc_data_available(&self, value: Result<u32, ErrorCode>) {
            self.0.borrow_mut().push(("tvoc", value));
        }
    }

    fn sensor() -> (Machine, &'static AirQuality, &'static Client) {
        let (sensor, client) = (AirQuality::new(), &*leak(Client::default()));
        sensor.set_client(client);
        (Machine::new(), sensor, client)
    }

    #[test]
    fn each_quantity_is_what_the_test_says_when_its_reading_ends() {
        let (machine, sensor, client) = sensor();
        assert_eq!(sensor.read_co2(), Ok(()));
        assert_eq!(sensor.read_tvoc(), Err(ErrorCode::BUSY));
        sensor.set_co2(420);
        sensor.set_tvoc(7);
        machine.run();
        assert_eq!(sensor.read_tvoc(), Ok(()));
        machine.run();
        sensor.fail_next(ErrorCode::FAIL);
        assert_eq!(sensor.read_co2(), Ok(()));
        machine.run();
        let expected = [
            ("co2", Ok(420)),
            ("tvoc", Ok(7)),
            ("co2", Err(ErrorCode::FAIL)),
        ];
        assert_eq!(*client.0.borrow(), expected);
    }

    #[test]
    fn a_sensor_knows_the_environment_that_it_was_told_without_failure() {
        let (machine, sensor, client) = sensor();
        assert_eq!(sensor.specify_environment(Some(-3), Some(40)), Ok(()));
        assert_eq!(sensor.environment(), (None, None), "not inside the call");
        machine.run();
        sensor.fail_next(ErrorCode::FAIL);
        assert_eq!(sensor.specify_environment(None, Some(50)), Ok(()));
        machine.run();
        assert_eq!(sensor.environment(), (Some(-3), Some(40)));
        let expected = [
            ("environment", Ok(0)),
            ("environment", Err(ErrorCode::FAIL)),
        ];
        assert_eq!(*client.0.borrow(), expected);
    }
}
