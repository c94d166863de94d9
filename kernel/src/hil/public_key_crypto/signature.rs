//! Signatures of hashes. The lengths of both, in bytes, are const parameters; the algorithm is the driver's.

use crate::ErrorCode;

/// Hears whether signatures are right.
pub trait ClientVerify<const HASH_LEN: usize, const SIGNATURE_LEN: usize> {
    /// Gives the buffers back. `result` is whether the signature is right, or `CANCEL` or `FAIL` if that was not
    /// found out.
    fn verification_done(
        &self,
        result: Result<bool, ErrorCode>,
        hash: &'static mut [u8; HASH_LEN],
        signature: &'static mut [u8; SIGNATURE_LEN],
    );
}

/// Checks signatures.
pub trait SignatureVerify<'a, const HASH_LEN: usize, const SIGNATURE_LEN: usize> {
    /// Says who hears the result.
    fn set_verify_client(&self, client: &'a dyn ClientVerify<HASH_LEN, SIGNATURE_LEN>);

    /// Finds out whether `signature` is one of `hash`. [`ClientVerify::verification_done`] follows.
    ///
    /// # Errors
    /// `OFF` if the engine has no power, `BUSY` if an operation is under way. The buffers come back.
    #[allow(clippy::type_complexity)] // Tock's signature
    fn verify(
        &self,
        hash: &'static mut [u8; HASH_LEN],
        signature: &'static mut [u8; SIGNATURE_LEN],
    ) -> Result<
        (),
        (
            ErrorCode,
            &'static mut [u8; HASH_LEN],
            &'static mut [u8; SIGNATURE_LEN],
        ),
    >;
}

/// Gets signatures.
pub trait ClientSign<const HL: usize, const SL: usize> {
    /// Gives the buffers back, with the signature in `signature` if `result` is `Ok`. It may be `CANCEL` or `FAIL`.
    fn signing_done(
        &self,
        result: Result<(), ErrorCode>,
        hash: &'static mut [u8; HL],
        signature: &'static mut [u8; SL],
    );
}

/// Makes signatures.
pub trait SignatureSign<'a, const HL: usize, const SL: usize> {
    /// Says who gets them.
    fn set_sign_client(&self, client: &'a dyn ClientSign<HL, SL>);

    /// Writes a signature of `hash` to `signature`. [`ClientSign::signing_done`] follows.
    ///
    /// # Errors
    /// `OFF` if the engine has no power, `BUSY` if an operation is under way. The buffers come back.
    fn sign(
        &self,
        hash: &'static mut [u8; HL],
        signature: &'static mut [u8; SL],
    ) -> Result<(), (ErrorCode, &'static mut [u8; HL], &'static mut [u8; SL])>;
}
