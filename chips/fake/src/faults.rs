//! What goes wrong in a fake, as its test says, in the same words for every fake.
//!
//! | the test says | and then |
//! |---|---|
//! | `refuse_next(error)` | the next call that would start an operation returns `error`: no callback follows |
//! | `fail_next(error)` | the next operation that ends does so with `error` in its callback |
//! | `hold()` | no operation ends: callbacks are late |
//! | `release()` | they come again, from the kernel loop |
//!
//! `refuse_next` and `fail_next` can be said several times: the first goes first. A fake that has two kinds of
//! operation, as a serial port has, has these for each, with the kind in the name.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
};

use kernel::{
    ErrorCode,
    deferred_call::{DeferredCall, DeferredCallClient},
    hil::i2c,
};

/// Why an operation does not start.
pub(crate) trait Refusal {
    const BUSY: Self;
}

impl Refusal for ErrorCode {
    const BUSY: Self = Self::BUSY;
}

impl Refusal for i2c::Error {
    const BUSY: Self = Self::Busy;
}

/// One kind of operation: `T` while it is under way, which one at a time is. It ends from the kernel loop.
pub(crate) struct Operation<T, R = ErrorCode, F = ErrorCode> {
    under_way: RefCell<Option<T>>,
    refusals: RefCell<VecDeque<R>>,
    failures: RefCell<VecDeque<F>>,
    is_held: Cell<bool>,
    deferred_call: DeferredCall,
}

impl<T, R: Refusal, F> Operation<T, R, F> {
    pub(crate) fn new() -> Self {
        Self {
            under_way: RefCell::new(None),
            refusals: RefCell::default(),
            failures: RefCell::default(),
            is_held: Cell::new(false),
            deferred_call: DeferredCall::new(),
        }
    }

    /// Makes `fake` the one that is called when an operation may end.
    pub(crate) fn register(&self, fake: &'static impl DeferredCallClient) {
        self.deferred_call.register(fake);
    }

    pub(crate) fn is_under_way(&self) -> bool {
        self.under_way.borrow().is_some()
    }

    /// `BUSY` while an operation is under way.
    pub(crate) fn ensure_idle(&self) -> Result<(), R> {
        if self.is_under_way() {
            return Err(R::BUSY);
        }
        Ok(())
    }

    /// Whether an operation may start now. To be asked once, since it uses a refusal up.
    pub(crate) fn admit(&self) -> Result<(), R> {
        self.ensure_idle()?;
        self.admit_meanwhile()
    }

    /// As [`Operation::admit`], for a call that may come while an operation is under way.
    pub(crate) fn admit_meanwhile(&self) -> Result<(), R> {
        self.refusals.borrow_mut().pop_front().map_or(Ok(()), Err)
    }

    /// Starts an operation, if one may start now.
    pub(crate) fn try_start(&self, operation: T) -> Result<(), R> {
        self.admit()?;
        self.start(operation);
        Ok(())
    }

    /// Starts an operation that was admitted.
    pub(crate) fn start(&self, operation: T) {
        self.under_way.replace(Some(operation));
        self.deferred_call.set();
    }

    /// Changes the operation that is under way. Returns whether there is one.
    pub(crate) fn change(&self, change: impl FnOnce(&mut T)) -> bool {
        self.deferred_call.set();
        self.under_way.borrow_mut().as_mut().map(change).is_some()
    }

    /// Takes the operation that is under way back: no callback follows.
    pub(crate) fn cancel(&self) -> Option<T> {
        self.under_way.replace(None)
    }

    /// Takes the operation that ends now, and how it does.
    pub(crate) fn end(&self) -> Option<(T, Result<(), F>)> {
        self.end_if(|_| true)
    }

    /// As [`Operation::end`], if the operation `can_end` or is to fail.
    pub(crate) fn end_if(&self, can_end: impl FnOnce(&T) -> bool) -> Option<(T, Result<(), F>)> {
        if self.is_held.get() {
            return None;
        }
        let mut failures = self.failures.borrow_mut();
        let ends = |operation: &mut T| !failures.is_empty() || can_end(operation);
        let operation = self.under_way.borrow_mut().take_if(ends)?;
        Some((operation, failures.pop_front().map_or(Ok(()), Err)))
    }

    /// Looks again whether the operation that is under way can end.
    pub(crate) fn look_again(&self) {
        self.deferred_call.set();
    }

    pub(crate) fn refuse_next(&self, error: R) {
        self.refusals.borrow_mut().push_back(error);
    }

    pub(crate) fn fail_next(&self, error: F) {
        self.failures.borrow_mut().push_back(error);
        self.deferred_call.set();
    }

    pub(crate) fn hold(&self) {
        self.is_held.set(true);
    }

    pub(crate) fn release(&self) {
        self.is_held.set(false);
        self.deferred_call.set();
    }
}

/// Gives a fake with one kind of operation the words of [`crate::faults`]; without `fail_next` if its callback has
/// no way to say so. What the fake is generic over, if anything, goes first, in brackets.
macro_rules! faults {
    ([$($generics:tt)*] $fake:ty, refusal $refusal:ty) => {
        /// Faults.
        impl<$($generics)*> $fake {
            /// The next call that would start an operation returns `error`: no callback follows. Said several
            /// times, as many calls do.
            pub fn refuse_next(&self, error: $refusal) {
                self.operation.refuse_next(error);
            }

            /// Keeps callbacks back until they are released.
            pub fn hold(&self) {
                self.operation.hold();
            }

            /// Lets callbacks come again, from the kernel loop.
            pub fn release(&self) {
                self.operation.release();
            }
        }
    };
    ([$($generics:tt)*] $fake:ty, refusal $refusal:ty, failure $failure:ty) => {
        $crate::faults::faults!([$($generics)*] $fake, refusal $refusal);

        impl<$($generics)*> $fake {
            /// The next operation that ends does so with `error`. Said several times, as many operations do.
            pub fn fail_next(&self, error: $failure) {
                self.operation.fail_next(error);
            }
        }
    };
    ([$($generics:tt)*] $fake:ty) => {
        $crate::faults::faults!(
            [$($generics)*] $fake,
            refusal kernel::ErrorCode,
            failure kernel::ErrorCode
        );
    };
    ($fake:ty $(, $($errors:tt)*)?) => {
        $crate::faults::faults!([] $fake $(, $($errors)*)?);
    };
}

pub(crate) use faults;
