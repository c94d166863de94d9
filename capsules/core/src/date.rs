//! The date, in `async` code.

use core::{cell::Cell, future::Future, task::Poll};

use kernel::{
    ErrorCode,
    hil::date_time::{DateTime, DateTimeClient, DateTimeValues},
    task::{WakerCell, leaf, yield_now},
};

/// Reads a clock that knows the date.
pub struct Calendar<'a> {
    clock: &'a dyn DateTime<'a>,
    result: Cell<Option<Result<DateTimeValues, ErrorCode>>>,
    task: WakerCell,
}

impl<'a> Calendar<'a> {
    /// A reader of `clock`. The board makes it the clock's client.
    pub fn new(clock: &'a dyn DateTime<'a>) -> Self {
        Self {
            clock,
            result: Cell::new(None),
            task: WakerCell::new(),
        }
    }

    /// Date and time of day.
    ///
    /// # Errors
    /// What the clock says.
    ///
    /// # Cancellation
    /// Nothing is lost: the next reader reads anew.
    pub async fn now(&self) -> Result<DateTimeValues, ErrorCode> {
        loop {
            // What an earlier reader asked for and did not wait for is too old.
            self.result.take();
            match self.clock.get_date_time() {
                Ok(()) => return self.answer().await,
                // Another task reads.
                Err(ErrorCode::BUSY) => yield_now().await,
                Err(error) => return Err(error),
            }
        }
    }

    #[track_caller]
    fn answer(&self) -> impl Future<Output = Result<DateTimeValues, ErrorCode>> {
        leaf(|context| match self.result.take() {
            Some(result) => Poll::Ready(result),
            None => {
                self.task.register(context);
                Poll::Pending
            }
        })
    }
}

impl DateTimeClient for Calendar<'_> {
    fn get_date_time_done(&self, datetime: Result<DateTimeValues, ErrorCode>) {
        self.result.set(Some(datetime));
        self.task.wake();
    }

    fn set_date_time_done(&self, _: Result<(), ErrorCode>) {}
}
