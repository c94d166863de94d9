//! Several users of one clock that knows the date.

use core::cell::Cell;

use kernel::{
    ErrorCode,
    hil::date_time::{DateTime, DateTimeClient, DateTimeValues},
    utilities::cells::OptionalCell,
};

/// Shares a clock among `USERS` users. While it does what one wants, it is `BUSY` to the others, as any clock is.
pub struct DateTimeMux<'a, const USERS: usize> {
    clock: &'a dyn DateTime<'a>,
    clients: [OptionalCell<&'a dyn DateTimeClient>; USERS],
    /// Who the clock is at work for.
    user: Cell<Option<usize>>,
    made: Cell<usize>,
}

impl<'a, const USERS: usize> DateTimeMux<'a, USERS> {
    /// Shares `clock`. The board makes this the clock's client.
    pub const fn new(clock: &'a dyn DateTime<'a>) -> Self {
        Self {
            clock,
            clients: [const { OptionalCell::empty() }; USERS],
            user: Cell::new(None),
            made: Cell::new(0),
        }
    }

    /// A new user.
    ///
    /// # Errors
    /// `NOMEM` if there are `USERS` already.
    pub fn user(&'a self) -> Result<VirtualDateTime<'a, USERS>, ErrorCode> {
        let number = self.made.get();
        if number == USERS {
            return Err(ErrorCode::NOMEM);
        }
        self.made.set(number + 1);
        Ok(VirtualDateTime { mux: self, number })
    }

    /// Calls back whom the clock was at work for.
    fn end(&self, call: impl FnOnce(&'a dyn DateTimeClient)) {
        if let Some(user) = self.user.take() {
            self.clients[user].map(call);
        }
    }
}

impl<const USERS: usize> DateTimeClient for DateTimeMux<'_, USERS> {
    fn get_date_time_done(&self, datetime: Result<DateTimeValues, ErrorCode>) {
        self.end(|client| client.get_date_time_done(datetime));
    }

    fn set_date_time_done(&self, result: Result<(), ErrorCode>) {
        self.end(|client| client.set_date_time_done(result));
    }
}

/// One user's clock. See [`DateTimeMux::user`].
pub struct VirtualDateTime<'a, const USERS: usize> {
    mux: &'a DateTimeMux<'a, USERS>,
    number: usize,
}

impl<'a, const USERS: usize> DateTime<'a> for VirtualDateTime<'a, USERS> {
    fn get_date_time(&self) -> Result<(), ErrorCode> {
        self.mux.clock.get_date_time()?;
        self.mux.user.set(Some(self.number));
        Ok(())
    }

    fn set_date_time(&self, date_time: DateTimeValues) -> Result<(), ErrorCode> {
        self.mux.clock.set_date_time(date_time)?;
        self.mux.user.set(Some(self.number));
        Ok(())
    }

    fn set_client(&self, client: &'a dyn DateTimeClient) {
        self.mux.clients[self.number].set(client);
    }
}
