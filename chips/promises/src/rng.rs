//! Random numbers: [`kernel::hil::rng::Rng`].

use core::cell::Cell;

use kernel::{
    ErrorCode,
    hil::rng::{Client, Continue, Rng},
};

use crate::{Pace, Verdict, callbacks::Callbacks, ensure};

/// Hands the names of this suite's promises to the macro `$each`.
#[macro_export]
macro_rules! rng_promises {
    ($each:ident) => {
        $each! {
            a_request_is_answered_once_from_the_kernel_loop_with_a_number_at_least
            a_client_that_wants_more_is_called_again
            a_client_that_is_done_is_called_no_more
            nothing_follows_a_request_that_was_taken_back
            a_request_after_one_that_was_taken_back_is_answered
            numbers_are_not_all_alike
        }
    };
}

/// The suite.
pub struct Suite {
    source: &'static dyn Rng<'static>,
    pace: &'static dyn Pace,
    /// How many numbers came, and how it went.
    answers: Callbacks<(usize, Result<(), ErrorCode>)>,
    /// How many more callbacks the client wants.
    more: Cell<usize>,
    /// The newest number, and whether another one has come before.
    newest: Cell<Option<u32>>,
    have_differed: Cell<bool>,
}

impl Client for Suite {
    fn randomness_available(
        &self,
        randomness: &mut dyn Iterator<Item = u32>,
        error: Result<(), ErrorCode>,
    ) -> Continue {
        // A source may have no end of them.
        let numbers = randomness.take(4);
        let count = numbers
            .map(|number| {
                let before = self.newest.replace(Some(number));
                if before.is_some_and(|before| before != number) {
                    self.have_differed.set(true);
                }
            })
            .count();
        self.answers.note((count, error));
        match self.more.get() {
            0 => Continue::Done,
            more => {
                self.more.set(more - 1);
                Continue::More
            }
        }
    }
}

impl Suite {
    /// The suite for `source`.
    pub fn new(source: &'static dyn Rng<'static>, pace: &'static dyn Pace) -> Self {
        Self {
            source,
            pace,
            answers: Callbacks::new(),
            more: Cell::new(0),
            newest: Cell::new(None),
            have_differed: Cell::new(false),
        }
    }

    /// Becomes the source's client.
    pub fn start(&'static self) {
        self.source.set_client(self);
    }

    rng_promises!(by_name);

    fn ask(&self) -> Verdict {
        let asked = self.answers.during(|| self.source.get());
        ensure(asked.is_ok(), "a request is refused")
    }

    async fn answered(&self) -> Verdict {
        self.ask()?;
        let (count, result) = self.answers.one(self.pace).await?;
        ensure(result.is_ok(), "the request fails")?;
        ensure(count > 0, "there are no numbers")
    }

    async fn a_request_is_answered_once_from_the_kernel_loop_with_a_number_at_least(
        &'static self,
    ) -> Verdict {
        self.answered().await
    }

    async fn a_client_that_wants_more_is_called_again(&'static self) -> Verdict {
        const MORE: usize = 3;
        self.more.set(MORE);
        self.ask()?;
        let (_, result) = self.answers.last_of(MORE + 1, self.pace).await?;
        ensure(result.is_ok(), "the last one fails")
    }

    async fn a_client_that_is_done_is_called_no_more(&'static self) -> Verdict {
        self.answered().await?;
        self.answers.none(self.pace).await
    }

    async fn nothing_follows_a_request_that_was_taken_back(&'static self) -> Verdict {
        self.ask()?;
        match self.answers.during(|| self.source.cancel()) {
            Ok(()) => self.answers.none(self.pace).await,
            Err(_) => {
                let (_, result) = self.answers.one(self.pace).await?;
                ensure(result == Err(ErrorCode::CANCEL), "it is not cancelled")
            }
        }
    }

    async fn a_request_after_one_that_was_taken_back_is_answered(&'static self) -> Verdict {
        self.nothing_follows_a_request_that_was_taken_back().await?;
        self.answered().await
    }

    async fn numbers_are_not_all_alike(&'static self) -> Verdict {
        self.have_differed.set(false);
        for _ in 0..4 {
            self.answered().await?;
        }
        ensure(self.have_differed.get(), "they are")
    }
}
