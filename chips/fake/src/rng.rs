//! Sources of random numbers, which are those that the test provides.

use std::{cell::RefCell, collections::VecDeque};

use kernel::{
    ErrorCode,
    deferred_call::DeferredCallClient,
    hil::{entropy, rng},
    utilities::cells::OptionalCell,
};

use crate::{
    faults::{Operation, faults},
    place,
};

/// The HILs of such sources are the same but for their names and numbers.
macro_rules! source {
    (
        $(#[$about:meta])*
        $source:ident, $number:ty, $hil:path, $client:path, $more:path, $callback:ident
    ) => {
        $(#[$about])*
        pub struct $source {
            numbers: RefCell<VecDeque<$number>>,
            operation: Operation<()>,
            client: OptionalCell<&'static dyn $client>,
        }

        impl $source {
            /// A source without numbers.
            pub fn new() -> &'static Self {
                place(Self {
                    numbers: RefCell::default(),
                    operation: Operation::new(),
                    client: OptionalCell::empty(),
                })
            }

            /// Adds to the numbers.
            pub fn provide(&self, numbers: &[$number]) {
                self.numbers.borrow_mut().extend(numbers);
                self.operation.look_again();
            }

            /// How many numbers nobody has taken.
            pub fn left(&self) -> usize {
                self.numbers.borrow().len()
            }
        }

        faults!($source);

        impl $hil for $source {
            /// Who asks again before the answer has asked once.
            fn get(&self) -> Result<(), ErrorCode> {
                if !self.operation.is_under_way() {
                    self.operation.try_start(())?;
                }
                Ok(())
            }

            fn cancel(&self) -> Result<(), ErrorCode> {
                self.operation.cancel();
                Ok(())
            }

            fn set_client(&'static self, client: &'static dyn $client) {
                self.client.set(client);
            }
        }

        impl DeferredCallClient for $source {
            fn handle_deferred_call(&self) {
                let Some(((), result)) = self.operation.end_if(|()| self.left() > 0) else {
                    return;
                };
                // Borrowed for each number anew: the client may provoke anything in between.
                let take = || self.numbers.borrow_mut().pop_front();
                let mut numbers = std::iter::from_fn(|| result.ok().and_then(|()| take()));
                let client = self.client.get();
                let wants = client.map(|client| client.$callback(&mut numbers, result));
                if wants.is_some_and(|wants| wants == $more) {
                    self.operation.start(());
                }
            }

            fn register(&'static self) {
                self.operation.register(self);
            }
        }
    };
}

source! {
    /// Random numbers. A request waits until there are some, and gets all that there are.
    Rng, u32, rng::Rng<'static>, rng::Client, rng::Continue::More, randomness_available
}

source! {
    /// Entropy, 32 bits at a time. A request waits until there is some, and gets all that there is.
    Entropy32, u32, entropy::Entropy32<'static>, entropy::Client32, entropy::Continue::More,
    entropy_available
}

source! {
    /// Entropy, 8 bits at a time. A request waits until there is some, and gets all that there is.
    Entropy8, u8, entropy::Entropy8<'static>, entropy::Client8, entropy::Continue::More,
    entropy_available
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Machine, leak};
    use kernel::hil::{
        entropy::{Client8, Client32, Entropy8 as _, Entropy32 as _},
        rng::{Client, Continue, Rng as _},
    };

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

    /// Takes all that there is.
    #[derive(Default)]
    struct Takes(RefCell<Vec<u32>>);

    impl Client8 for Takes {
        fn entropy_available(
            &self,
            entropy: &mut dyn Iterator<Item = u8>,
            _: Result<(), ErrorCode>,
        ) -> entropy::Continue {
            self.0.borrow_mut().extend(entropy.map(u32::from));
            entropy::Continue::Done
        }
    }

    impl Client32 for Takes {
        fn entropy_available(
            &self,
            entropy: &mut dyn Iterator<Item = u32>,
            _: Result<(), ErrorCode>,
        ) -> entropy::Continue {
            self.0.borrow_mut().extend(entropy);
            entropy::Continue::Done
        }
    }

    #[test]
    fn entropy_comes_in_bytes_or_in_words() {
        let (machine, client) = (Machine::new(), &*leak(Takes::default()));
        let (bytes, words) = (Entropy8::new(), Entropy32::new());
        bytes.set_client(client);
        words.set_client(client);
        bytes.provide(&[1, 255]);
        words.provide(&[u32::MAX]);
        assert_eq!((bytes.get(), words.get()), (Ok(()), Ok(())));
        machine.run();
        assert_eq!(*client.0.borrow(), [1, 255, u32::MAX]);
    }
}
