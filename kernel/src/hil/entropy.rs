//! Random numbers that nobody can guess, good enough for keys.
//!
//! A source here is a physical process, and each bit it gives holds one bit of entropy: whoever knows all
//! bits before, and the state of the machine, still guesses the next one right half of the time. A source that has
//! less mixes its bits, with a cryptographic hash for one, until they have it. For numbers that need not be
//! secret see [`super::rng`].

use crate::ErrorCode;

/// What the client of a source wants next.
#[derive(Debug, Eq, PartialEq)]
pub enum Continue {
    /// Another callback, when there is more.
    More,
    /// Nothing.
    Done,
}

/// A source of 32 bits at a time, which may take its time.
pub trait Entropy32<'a> {
    /// Asks for entropy: [`Client32::entropy_available`] follows.
    ///
    /// # Errors
    /// `FAIL` if there is none to be had, `OFF` if the source has no power.
    fn get(&self) -> Result<(), ErrorCode>;

    /// Takes the request back: no callback follows.
    ///
    /// # Errors
    /// `FAIL` if the callback comes nevertheless.
    fn cancel(&self) -> Result<(), ErrorCode>;

    /// Says who gets the entropy.
    fn set_client(&'a self, client: &'a dyn Client32);
}

/// Gets entropy from an [`Entropy32`].
pub trait Client32 {
    /// Entropy, as much as `entropy` yields, which may grow meanwhile; `error` if something went wrong,
    /// `CANCEL` if the request was taken back. The answer says whether to call again when there is more.
    fn entropy_available(
        &self,
        entropy: &mut dyn Iterator<Item = u32>,
        error: Result<(), ErrorCode>,
    ) -> Continue;
}

/// A source of 8 bits at a time, which may take its time.
pub trait Entropy8<'a> {
    /// As [`Entropy32::get`]: [`Client8::entropy_available`] follows.
    ///
    /// # Errors
    /// Those of [`Entropy32::get`].
    fn get(&self) -> Result<(), ErrorCode>;

    /// As [`Entropy32::cancel`].
    ///
    /// # Errors
    /// Those of [`Entropy32::cancel`].
    fn cancel(&self) -> Result<(), ErrorCode>;

    /// Says who gets the entropy.
    fn set_client(&'a self, client: &'a dyn Client8);
}

/// Gets entropy from an [`Entropy8`].
pub trait Client8 {
    /// As [`Client32::entropy_available`].
    fn entropy_available(
        &self,
        entropy: &mut dyn Iterator<Item = u8>,
        error: Result<(), ErrorCode>,
    ) -> Continue;
}
