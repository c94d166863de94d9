//! A counter that can be stopped.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    marker::PhantomData,
};

use kernel::{
    ErrorCode,
    hil::time::{self, Freq1MHz, Frequency, OverflowClient, Ticks, Ticks64},
    utilities::cells::OptionalCell,
};

use crate::leak;

/// A counter of any width and frequency. Its time passes when it is told to.
pub struct Counter<T: Ticks = Ticks64, F: Frequency = Freq1MHz> {
    count: Cell<u64>,
    is_running: Cell<bool>,
    refusals: RefCell<VecDeque<ErrorCode>>,
    client: OptionalCell<&'static dyn OverflowClient>,
    clock: PhantomData<(T, F)>,
}

impl Counter {
    /// A counter of microseconds that wraps at 64 bits, stands at 0 and does not run.
    pub fn new() -> &'static Self {
        Self::starting_at(0)
    }
}

impl<T: Ticks, F: Frequency> Counter<T, F> {
    /// A counter that stands at the low bits of `count` and does not run.
    pub fn starting_at(count: u64) -> &'static Self {
        leak(Self {
            count: Cell::new(count & Self::largest()),
            is_running: Cell::new(false),
            refusals: RefCell::default(),
            client: OptionalCell::empty(),
            clock: PhantomData,
        })
    }

    /// Says who hears that it has gone from its largest value to zero. The HIL has no word for it.
    pub fn set_overflow_client(&self, client: &'static dyn OverflowClient) {
        self.client.set(client);
    }

    /// Lets `ticks` pass, which it counts while it runs. When it is at zero again time stands still while its client
    /// is called.
    pub fn advance(&self, ticks: u64) {
        let mut left = ticks;
        while self.is_running.get() {
            let to_largest = Self::largest() - self.count.get();
            if left <= to_largest {
                self.count.set(self.count.get() + left);
                return;
            }
            left -= to_largest + 1;
            self.count.set(0);
            self.client.map(OverflowClient::overflow);
        }
    }

    /// The next call fails with `error`, and changes nothing. Said several times, as many calls do.
    pub fn refuse_next(&self, error: ErrorCode) {
        self.refusals.borrow_mut().push_back(error);
    }

    fn admit(&self) -> Result<(), ErrorCode> {
        self.refusals.borrow_mut().pop_front().map_or(Ok(()), Err)
    }

    fn largest() -> u64 {
        u64::MAX >> (u64::BITS - T::width())
    }

    fn run(&self, is_running: bool) -> Result<(), ErrorCode> {
        self.admit()?;
        self.is_running.set(is_running);
        Ok(())
    }
}

impl<T: Ticks, F: Frequency> time::Time for Counter<T, F> {
    type Frequency = F;
    type Ticks = T;

    fn now(&self) -> T {
        T::from_or_max(self.count.get())
    }
}

impl<T: Ticks, F: Frequency> time::Counter<'static> for Counter<T, F> {
    fn start(&self) -> Result<(), ErrorCode> {
        self.run(true)
    }

    fn stop(&self) -> Result<(), ErrorCode> {
        self.run(false)
    }

    fn reset(&self) -> Result<(), ErrorCode> {
        self.admit()?;
        self.count.set(0);
        Ok(())
    }

    fn is_running(&self) -> bool {
        self.is_running.get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::hil::time::{Counter as _, Ticks16, Time as _};

    #[test]
    fn ticks_are_counted_while_it_runs() {
        let counter = Counter::new();
        counter.advance(5);
        assert_eq!((counter.start(), counter.is_running()), (Ok(()), true));
        counter.advance(7);
        assert_eq!((counter.stop(), counter.is_running()), (Ok(()), false));
        counter.advance(9);
        assert_eq!(counter.now(), 7_u64.into());
        assert_eq!((counter.reset(), counter.now()), (Ok(()), 0_u64.into()));
    }

    /// Stops the counter when it has overflowed so often.
    struct Enough(&'static Counter<Ticks16>, Cell<usize>);

    impl OverflowClient for Enough {
        fn overflow(&self) {
            assert_eq!(self.0.now(), 0_u16.into());
            self.1.set(self.1.get() - 1);
            if self.1.get() == 0 {
                assert_eq!(self.0.stop(), Ok(()));
            }
        }
    }

    #[test]
    fn its_client_hears_each_time_that_it_is_at_zero_again_and_may_stop_it() {
        let counter = Counter::<Ticks16>::starting_at(0x1_fffe);
        let client = &*leak(Enough(counter, Cell::new(2)));
        counter.set_overflow_client(client);
        assert_eq!(counter.start(), Ok(()));
        counter.advance(1);
        assert_eq!(counter.now(), 65_535_u16.into());
        counter.advance(4);
        assert_eq!((counter.now(), client.1.get()), (3_u16.into(), 1));
        counter.advance(1 << 20);
        assert_eq!((counter.now(), client.1.get()), (0_u16.into(), 0));
    }

    #[test]
    fn a_call_that_is_refused_changes_nothing() {
        let counter = Counter::new();
        counter.refuse_next(ErrorCode::OFF);
        assert_eq!(counter.start(), Err(ErrorCode::OFF));
        assert!(!counter.is_running());
        assert_eq!(counter.start(), Ok(()));
        counter.advance(1);
        counter.refuse_next(ErrorCode::FAIL);
        assert_eq!(counter.reset(), Err(ErrorCode::FAIL));
        assert_eq!(counter.now(), 1_u64.into());
    }
}
