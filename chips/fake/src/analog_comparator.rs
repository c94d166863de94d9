//! Comparators of two voltages.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
};

use kernel::{
    ErrorCode,
    deferred_call::DeferredCallClient,
    hil::analog_comparator::{self, Client},
    utilities::cells::OptionalCell,
};

use crate::{
    faults::{Operation, faults},
    place,
};

/// Comparators with numbers from 0 on. Each time that a positive input becomes the higher one is heard of, also if
/// several come before the first is. One that does not exist cannot do anything.
pub struct AnalogComparator {
    comparators: Vec<Comparator>,
    /// The comparators that the client has to hear of; while there are some, the operation is under way.
    fired: RefCell<VecDeque<usize>>,
    operation: Operation<()>,
    client: OptionalCell<&'static dyn Client>,
}

#[derive(Clone, Default)]
struct Comparator {
    is_positive_higher: Cell<bool>,
    is_comparing: Cell<bool>,
}

impl AnalogComparator {
    /// As many comparators, whose negative inputs are the higher ones.
    pub fn new(comparators: usize) -> &'static Self {
        place(Self {
            comparators: vec![Comparator::default(); comparators],
            fired: RefCell::default(),
            operation: Operation::new(),
            client: OptionalCell::empty(),
        })
    }

    /// Makes the positive input of a comparator the higher one, or the negative.
    pub fn set(&self, channel: usize, is_positive_higher: bool) {
        let comparator = &self.comparators[channel];
        let was_higher = comparator.is_positive_higher.replace(is_positive_higher);
        if is_positive_higher && !was_higher && comparator.is_comparing.get() {
            self.fired.borrow_mut().push_back(channel);
            self.operation.start(());
        }
    }

    fn admit(&self, channel: usize) -> Result<&Comparator, ErrorCode> {
        self.operation.admit_meanwhile()?;
        self.comparators.get(channel).ok_or(ErrorCode::NOSUPPORT)
    }
}

faults!(AnalogComparator, refusal ErrorCode);

impl analog_comparator::AnalogComparator<'static> for AnalogComparator {
    type Channel = usize;

    fn comparison(&self, channel: &usize) -> bool {
        let comparator = self.comparators.get(*channel);
        comparator.is_some_and(|comparator| comparator.is_positive_higher.get())
    }

    fn start_comparing(&self, channel: &usize) -> Result<(), ErrorCode> {
        self.admit(*channel)?.is_comparing.set(true);
        Ok(())
    }

    fn stop_comparing(&self, channel: &usize) -> Result<(), ErrorCode> {
        self.admit(*channel)?.is_comparing.set(false);
        self.fired.borrow_mut().retain(|fired| fired != channel);
        Ok(())
    }

    fn set_client(&self, client: &'static dyn Client) {
        self.client.set(client);
    }
}

impl DeferredCallClient for AnalogComparator {
    fn handle_deferred_call(&self) {
        if self.operation.end().is_none() {
            return;
        }
        let channel = self.fired.borrow_mut().pop_front();
        if !self.fired.borrow().is_empty() {
            self.operation.start(());
        }
        if let Some(channel) = channel {
            self.client.map(|client| client.fired(channel));
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
    use kernel::hil::analog_comparator::AnalogComparator as _;

    struct Fired {
        comparators: &'static AnalogComparator,
        channels: RefCell<Vec<usize>>,
        stops: Cell<Option<usize>>,
    }

    impl Client for Fired {
        fn fired(&self, channel: usize) {
            self.channels.borrow_mut().push(channel);
            if let Some(channel) = self.stops.get() {
                assert_eq!(self.comparators.stop_comparing(&channel), Ok(()));
            }
        }
    }

    fn comparators() -> (Machine, &'static AnalogComparator, &'static Fired) {
        let comparators = AnalogComparator::new(2);
        let fired = &*leak(Fired {
            comparators,
            channels: RefCell::default(),
            stops: Cell::new(None),
        });
        comparators.set_client(fired);
        (Machine::new(), comparators, fired)
    }

    fn rise(comparators: &AnalogComparator, channel: usize) {
        comparators.set(channel, false);
        comparators.set(channel, true);
    }

    #[test]
    fn each_time_the_positive_input_becomes_the_higher_one_is_heard_of() {
        let (machine, comparators, fired) = comparators();
        comparators.set(0, true);
        assert!(comparators.comparison(&0) && !comparators.comparison(&1));
        for channel in [0, 1] {
            assert_eq!(comparators.start_comparing(&channel), Ok(()));
        }
        machine.run();
        assert!(fired.channels.borrow().is_empty(), "it was higher before");
        comparators.set(0, true);
        for channel in [1, 0, 0] {
            rise(comparators, channel);
        }
        assert!(fired.channels.borrow().is_empty());
        machine.run();
        assert_eq!(*fired.channels.borrow(), [1, 0, 0]);
    }

    #[test]
    fn a_comparator_that_is_refused_does_not_compare() {
        let (machine, comparators, fired) = comparators();
        comparators.refuse_next(ErrorCode::FAIL);
        assert_eq!(comparators.start_comparing(&0), Err(ErrorCode::FAIL));
        assert_eq!(comparators.start_comparing(&2), Err(ErrorCode::NOSUPPORT));
        assert_eq!(comparators.stop_comparing(&2), Err(ErrorCode::NOSUPPORT));
        rise(comparators, 0);
        machine.run();
        assert!(fired.channels.borrow().is_empty() && !comparators.comparison(&2));
    }

    #[test]
    fn what_is_held_comes_when_it_is_released() {
        let (machine, comparators, fired) = comparators();
        assert_eq!(comparators.start_comparing(&1), Ok(()));
        comparators.hold();
        rise(comparators, 1);
        machine.run();
        assert!(fired.channels.borrow().is_empty());
        comparators.release();
        machine.run();
        assert_eq!(*fired.channels.borrow(), [1]);
    }

    #[test]
    fn a_client_that_stops_comparing_hears_no_more_of_that_comparator() {
        let (machine, comparators, fired) = comparators();
        for channel in [0, 1] {
            assert_eq!(comparators.start_comparing(&channel), Ok(()));
        }
        fired.stops.set(Some(0));
        for channel in [0, 0, 1] {
            rise(comparators, channel);
        }
        machine.run();
        rise(comparators, 0);
        machine.run();
        assert_eq!(*fired.channels.borrow(), [0, 1]);
    }
}
