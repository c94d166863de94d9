//! A sensor of how near something is.

use std::cell::Cell;

use kernel::{
    ErrorCode,
    deferred_call::DeferredCallClient,
    hil::sensors::{ProximityClient, ProximityDriver},
    utilities::cells::OptionalCell,
};

use crate::{
    faults::{Operation, faults},
    place,
};

/// A sensor that measures from 0, far, to 255, near. Thresholds of which the low one is above the high one it refuses
/// with `INVAL`. A reading that fails brings 0: its callback has no place for an error.
pub struct Proximity {
    value: Cell<u8>,
    operation: Operation<Thresholds>,
    client: OptionalCell<&'static dyn ProximityClient>,
}

/// A reading waits until it is `low` or less, or `high` or more.
struct Thresholds {
    low: u8,
    high: u8,
}

impl Proximity {
    /// A sensor that measures 0.
    pub fn new() -> &'static Self {
        place(Self {
            value: Cell::new(0),
            operation: Operation::new(),
            client: OptionalCell::empty(),
        })
    }

    /// Makes it measure `value` from now on.
    pub fn set(&self, value: u8) {
        self.value.set(value);
        self.operation.look_again();
    }
}

faults!(Proximity);

impl ProximityDriver<'static> for Proximity {
    fn set_client(&self, client: &'static dyn ProximityClient) {
        self.client.set(client);
    }

    fn read_proximity(&self) -> Result<(), ErrorCode> {
        self.read_proximity_on_interrupt(0, 0)
    }

    fn read_proximity_on_interrupt(
        &self,
        low_threshold: u8,
        high_threshold: u8,
    ) -> Result<(), ErrorCode> {
        self.operation.admit()?;
        let (low, high) = (low_threshold, high_threshold);
        if low > high {
            return Err(ErrorCode::INVAL);
        }
        self.operation.start(Thresholds { low, high });
        Ok(())
    }
}

impl DeferredCallClient for Proximity {
    fn handle_deferred_call(&self) {
        let value = self.value.get();
        let can_end = |asked: &Thresholds| value <= asked.low || value >= asked.high;
        if let Some((_, result)) = self.operation.end_if(can_end) {
            let value = result.map_or(0, |()| value);
            self.client.map(|client| client.callback(value));
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
    use std::cell::RefCell;

    #[derive(Default)]
    struct Client(RefCell<Vec<u8>>);

    impl ProximityClient for Client {
        fn callback(&self, value: u8) {
            self.0.borrow_mut().push(value);
        }
    }

    fn sensor() -> (Machine, &'static Proximity, &'static Client) {
        let (sensor, client) = (Proximity::new(), &*leak(Client::default()));
        sensor.set_client(client);
        (Machine::new(), sensor, client)
    }

    #[test]
    fn a_reading_comes_at_once_and_0_if_it_fails() {
        let (machine, sensor, client) = sensor();
        sensor.set(200);
        assert_eq!(sensor.read_proximity(), Ok(()));
        assert_eq!(sensor.read_proximity(), Err(ErrorCode::BUSY));
        assert!(client.0.borrow().is_empty(), "not inside the call");
        machine.run();
        sensor.fail_next(ErrorCode::FAIL);
        assert_eq!(sensor.read_proximity(), Ok(()));
        machine.run();
        assert_eq!(*client.0.borrow(), [200, 0]);
    }

    #[test]
    fn a_reading_waits_for_its_thresholds() {
        let (machine, sensor, client) = sensor();
        assert_eq!(
            sensor.read_proximity_on_interrupt(21, 20),
            Err(ErrorCode::INVAL)
        );
        for within in [10, 20] {
            sensor.set(15);
            assert_eq!(sensor.read_proximity_on_interrupt(10, 20), Ok(()));
            for value in [11, 19, within] {
                machine.run();
                sensor.set(value);
            }
            machine.run();
        }
        assert_eq!(*client.0.borrow(), [10, 20]);
    }
}
