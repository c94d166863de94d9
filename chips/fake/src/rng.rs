//! A source of random numbers, which are those that the test provides.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
};

use kernel::{
    ErrorCode,
    deferred_call::{DeferredCall, DeferredCallClient},
    hil::rng::{self, Client, Continue},
    utilities::cells::OptionalCell,
};

use crate::leak;

/// The source. A request waits until there are numbers, and gets all that there are.
pub struct Rng {
    numbers: RefCell<VecDeque<u32>>,
    is_asked: Cell<bool>,
    failure: Cell<Option<ErrorCode>>,
    client: OptionalCell<&'static dyn Client>,
    deferred_call: DeferredCall,
}

impl Rng {
    /// A source without numbers.
    pub fn new() -> &'static Self {
        let source = &*leak(Self {
            numbers: RefCell::default(),
            is_asked: Cell::new(false),
            failure: Cell::new(None),
            client: OptionalCell::empty(),
            deferred_call: DeferredCall::new(),
        });
        source.register();
        source
    }

    /// Adds to the numbers.
    pub fn provide(&self, numbers: &[u32]) {
        self.numbers.borrow_mut().extend(numbers);
        self.deferred_call.set();
    }

    /// The request that is under way, or else the next one, ends with `error` and without numbers.
    pub fn fail_next(&self, error: ErrorCode) {
        self.failure.set(Some(error));
        self.deferred_call.set();
    }

    /// How many numbers nobody has taken.
    pub fn left(&self) -> usize {
        self.numbers.borrow().len()
    }
}

impl rng::Rng<'static> for Rng {
    fn get(&self) -> Result<(), ErrorCode> {
        self.is_asked.set(true);
        self.deferred_call.set();
        Ok(())
    }

    fn cancel(&self) -> Result<(), ErrorCode> {
        self.is_asked.set(false);
        Ok(())
    }

    fn set_client(&'static self, client: &'static dyn Client) {
        self.client.set(client);
    }
}

impl DeferredCallClient for Rng {
    fn handle_deferred_call(&self) {
        let has_answer = self.left() > 0 || self.failure.get().is_some();
        let Some(client) = self
            .client
            .get()
            .filter(|_| has_answer && self.is_asked.take())
        else {
            return;
        };
        let wants = match self.failure.take() {
            Some(error) => client.randomness_available(&mut std::iter::empty(), Err(error)),
            None => {
                // Borrowed for each number anew: the client may provoke anything in between.
                let mut numbers = std::iter::from_fn(|| self.numbers.borrow_mut().pop_front());
                client.randomness_available(&mut numbers, Ok(()))
            }
        };
        if wants == Continue::More {
            self.is_asked.set(true);
            self.deferred_call.set();
        }
    }

    fn register(&'static self) {
        self.deferred_call.register(self);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Machine;
    use kernel::hil::rng::Rng as _;

    /// Wants `wanted` numbers.
    struct Wants {
        wanted: usize,
        got: RefCell<Vec<u32>>,
        calls: RefCell<Vec<Result<(), ErrorCode>>>,
    }

    impl Client for Wants {
        fn randomness_available(
            &self,
            randomness: &mut dyn Iterator<Item = u32>,
            error: Result<(), ErrorCode>,
        ) -> Continue {
            self.calls.borrow_mut().push(error);
            let mut got = self.got.borrow_mut();
            let missing = self.wanted - got.len();
            got.extend(randomness.take(missing));
            if got.len() < self.wanted {
                Continue::More
            } else {
                Continue::Done
            }
        }
    }

    fn client(source: &'static Rng, wanted: usize) -> &'static Wants {
        let client = leak(Wants {
            wanted,
            got: RefCell::default(),
            calls: RefCell::default(),
        });
        source.set_client(client);
        client
    }

    #[test]
    fn a_request_goes_on_until_its_client_has_enough() {
        let (machine, source) = (Machine::new(), Rng::new());
        let client = client(source, 3);
        assert_eq!(source.get(), Ok(()));
        machine.run();
        assert_eq!(client.calls.borrow().len(), 0, "there are no numbers yet");
        source.provide(&[4, 5]);
        machine.run();
        source.provide(&[6, 7]);
        machine.run();
        assert_eq!(*client.got.borrow(), [4, 5, 6]);
        assert_eq!((client.calls.borrow().len(), source.left()), (2, 1));
    }

    #[test]
    fn nothing_follows_a_cancelled_request() {
        let (machine, source) = (Machine::new(), Rng::new());
        let client = client(source, 1);
        source.provide(&[1]);
        assert_eq!((source.get(), source.cancel()), (Ok(()), Ok(())));
        machine.run();
        assert_eq!(client.calls.borrow().len(), 0);
    }

    #[test]
    fn a_failure_comes_without_numbers() {
        let (machine, source) = (Machine::new(), Rng::new());
        let client = client(source, 0);
        source.provide(&[1]);
        source.fail_next(ErrorCode::FAIL);
        assert_eq!(source.get(), Ok(()));
        machine.run();
        assert_eq!(*client.calls.borrow(), [Err(ErrorCode::FAIL)]);
        assert_eq!(source.left(), 1);
    }
}
