//! Random numbers, good enough for games and jitter; not for keys or anything that must stay secret.

use crate::ErrorCode;

/// What the client of an [`Rng`] wants next.
#[derive(Debug, Eq, PartialEq)]
pub enum Continue {
    /// Another callback, when there is more.
    More,
    /// Nothing.
    Done,
}

/// A source of random numbers that may take its time.
pub trait Rng<'a> {
    /// Asks for random numbers: [`Client::randomness_available`] follows.
    ///
    /// # Errors
    /// `FAIL` if no numbers can be made, `OFF` if the source has no power; no callback follows.
    fn get(&self) -> Result<(), ErrorCode>;

    /// Takes the request back: no callback follows.
    ///
    /// # Errors
    /// `FAIL` if the callback comes nevertheless, which it then does with the error `CANCEL`.
    fn cancel(&self) -> Result<(), ErrorCode>;

    /// Says who gets the numbers.
    fn set_client(&'a self, client: &'a dyn Client);
}

/// Gets random numbers.
pub trait Client {
    /// Random numbers, as many as `randomness` yields; `error` if something went wrong. The answer says
    /// whether to call again when there is more.
    fn randomness_available(
        &self,
        randomness: &mut dyn Iterator<Item = u32>,
        error: Result<(), ErrorCode>,
    ) -> Continue;
}

/// A source of random numbers that has them at once.
pub trait Random<'a> {
    /// Starts, or starts again from a seed of the source's own.
    fn initialize(&'a self);
    /// Starts again from `seed`, so that the same numbers follow.
    fn reseed(&self, seed: u32);
    /// A random number.
    fn random(&self) -> u32;
}
