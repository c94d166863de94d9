//! The one operation that RSA is made of: `message` to the power of `exponent`, modulo `modulus`.
//!
//! The length of `modulus`, a power of two, says how long the numbers are; of longer buffers the start is used,
//! and of the result the start is written. There are two sets of traits: for keys that are constants, and for
//! keys in buffers that can be written. One operation is under way at a time. Errors that it may start or end
//! with: `BUSY`, `INVAL`, `SIZE` if the result has no room, `NOSUPPORT` if the numbers are too long.

use crate::ErrorCode;

/// Hears that operations of an [`RsaCryptoBase`] end.
pub trait Client<'a> {
    /// Gives the buffers back, with the power in `result` if `status` is `Ok(true)`.
    fn mod_exponent_done(
        &'a self,
        status: Result<bool, ErrorCode>,
        message: &'static mut [u8],
        modulus: &'static [u8],
        exponent: &'static [u8],
        result: &'static mut [u8],
    );
}

/// Computes with keys that are constants.
pub trait RsaCryptoBase<'a> {
    /// Says who hears that operations end.
    fn set_client(&'a self, client: &'a dyn Client<'a>);

    /// Forgets everything that is secret.
    fn clear_data(&self);

    /// Computes the power. [`Client::mod_exponent_done`] follows.
    ///
    /// # Errors
    /// Those of the module. The buffers come back.
    #[allow(clippy::type_complexity)] // Tock's signature
    fn mod_exponent(
        &self,
        message: &'static mut [u8],
        modulus: &'static [u8],
        exponent: &'static [u8],
        result: &'static mut [u8],
    ) -> Result<
        (),
        (
            ErrorCode,
            &'static mut [u8],
            &'static [u8],
            &'static [u8],
            &'static mut [u8],
        ),
    >;
}

/// Hears that operations of an [`RsaCryptoBaseMut`] end.
pub trait ClientMut<'a> {
    /// Gives the buffers back, with the power in `result` if `status` is `Ok(true)`.
    fn mod_exponent_done(
        &'a self,
        status: Result<bool, ErrorCode>,
        message: &'static mut [u8],
        modulus: &'static mut [u8],
        exponent: &'static mut [u8],
        result: &'static mut [u8],
    );
}

/// Computes with keys in buffers that can be written; they are not.
pub trait RsaCryptoBaseMut<'a> {
    /// Says who hears that operations end.
    fn set_client(&'a self, client: &'a dyn ClientMut<'a>);

    /// Forgets everything that is secret.
    fn clear_data(&self);

    /// Computes the power. [`ClientMut::mod_exponent_done`] follows.
    ///
    /// # Errors
    /// Those of the module. The buffers come back.
    #[allow(clippy::type_complexity)] // Tock's signature
    fn mod_exponent(
        &self,
        message: &'static mut [u8],
        modulus: &'static mut [u8],
        exponent: &'static mut [u8],
        result: &'static mut [u8],
    ) -> Result<
        (),
        (
            ErrorCode,
            &'static mut [u8],
            &'static mut [u8],
            &'static mut [u8],
            &'static mut [u8],
        ),
    >;
}
