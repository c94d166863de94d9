//! Digests: hashes, and hashes with a key (HMAC), of data that comes piece by piece.
//!
//! The client chooses an algorithm ([`Sha256`], [`HmacSha256`] and their kind), adds data as often as it
//! likes, and then asks for the digest or has it compared. One operation is under way at a time.
//! `DIGEST_LEN` is the length of the digest in bytes: 32 for SHA-256.
//!
//! Errors that every operation here may end with: `OFF` if the engine has no power, `BUSY` if another
//! operation is under way, `CANCEL` if [`DigestData::clear_data`] ended it, `FAIL` if the engine failed.

use crate::{
    ErrorCode,
    utilities::leasable_buffer::{SubSlice, SubSliceMut},
};

/// Hears that data was added.
pub trait ClientData<const DIGEST_LEN: usize> {
    /// The answer to [`DigestData::add_data`]. `data` is narrowed to what was not added: to nothing, if
    /// `result` is `Ok`.
    fn add_data_done(&self, result: Result<(), ErrorCode>, data: SubSlice<'static, u8>);

    /// The answer to [`DigestData::add_mut_data`]. `data` is narrowed to what was not added: to nothing, if
    /// `result` is `Ok`.
    fn add_mut_data_done(&self, result: Result<(), ErrorCode>, data: SubSliceMut<'static, u8>);
}

/// Gets digests.
pub trait ClientHash<const DIGEST_LEN: usize> {
    /// The answer to [`DigestHash::run`]. `digest` is the buffer given to it; it holds the digest if `result`
    /// is `Ok`, and otherwise nothing of use.
    ///
    /// Besides the errors of the module, `NOSUPPORT` if no algorithm was chosen or the engine has it not.
    fn hash_done(&self, result: Result<(), ErrorCode>, digest: &'static mut [u8; DIGEST_LEN]);
}

/// Hears whether a digest is the one expected.
pub trait ClientVerify<const DIGEST_LEN: usize> {
    /// The answer to [`DigestVerify::verify`]: whether the digest of the data is `compare`, which is the
    /// buffer given to it, unchanged.
    ///
    /// Besides the errors of the module, `NOSUPPORT` if no algorithm was chosen or the engine has it not.
    fn verification_done(
        &self,
        result: Result<bool, ErrorCode>,
        compare: &'static mut [u8; DIGEST_LEN],
    );
}

/// Hears everything.
pub trait Client<const DIGEST_LEN: usize>:
    ClientData<DIGEST_LEN> + ClientHash<DIGEST_LEN> + ClientVerify<DIGEST_LEN>
{
}

impl<T, const DIGEST_LEN: usize> Client<DIGEST_LEN> for T where
    T: ClientData<DIGEST_LEN> + ClientHash<DIGEST_LEN> + ClientVerify<DIGEST_LEN>
{
}

/// Hears that data was added, and gets digests.
pub trait ClientDataHash<const DIGEST_LEN: usize>:
    ClientData<DIGEST_LEN> + ClientHash<DIGEST_LEN>
{
}

impl<T, const DIGEST_LEN: usize> ClientDataHash<DIGEST_LEN> for T where
    T: ClientData<DIGEST_LEN> + ClientHash<DIGEST_LEN>
{
}

/// Hears that data was added, and whether its digest is the one expected.
pub trait ClientDataVerify<const DIGEST_LEN: usize>:
    ClientData<DIGEST_LEN> + ClientVerify<DIGEST_LEN>
{
}

impl<T, const DIGEST_LEN: usize> ClientDataVerify<DIGEST_LEN> for T where
    T: ClientData<DIGEST_LEN> + ClientVerify<DIGEST_LEN>
{
}

/// Takes the data.
pub trait DigestData<'a, const DIGEST_LEN: usize> {
    /// Says who hears that data was added.
    fn set_data_client(&'a self, client: &'a dyn ClientData<DIGEST_LEN>);

    /// Adds the part of `data` that is seen. [`ClientData::add_data_done`] follows; before it, the data need
    /// not have been looked at.
    ///
    /// # Errors
    /// Those of the module, and `SIZE` if there is no data. The buffer comes back as it was.
    fn add_data(
        &self,
        data: SubSlice<'static, u8>,
    ) -> Result<(), (ErrorCode, SubSlice<'static, u8>)>;

    /// As [`Self::add_data`], for a buffer that can be written; it is not.
    /// [`ClientData::add_mut_data_done`] follows.
    ///
    /// # Errors
    /// Those of [`Self::add_data`].
    fn add_mut_data(
        &self,
        data: SubSliceMut<'static, u8>,
    ) -> Result<(), (ErrorCode, SubSliceMut<'static, u8>)>;

    /// Forgets the data added so far and the key. An operation under way ends with `CANCEL`. What the
    /// client's buffers hold is the client's to erase.
    fn clear_data(&self);
}

/// Makes digests.
pub trait DigestHash<'a, const DIGEST_LEN: usize> {
    /// Says who gets the digests.
    fn set_hash_client(&'a self, client: &'a dyn ClientHash<DIGEST_LEN>);

    /// Writes the digest of the data added so far to `digest`. [`ClientHash::hash_done`] follows.
    ///
    /// If no algorithm was chosen and there is an obvious one, it is used.
    ///
    /// # Errors
    /// Those of the module, and `NOSUPPORT` if it is not clear which algorithm to use. The buffer comes back.
    fn run(
        &'a self,
        digest: &'static mut [u8; DIGEST_LEN],
    ) -> Result<(), (ErrorCode, &'static mut [u8; DIGEST_LEN])>;
}

/// Compares digests.
pub trait DigestVerify<'a, const DIGEST_LEN: usize> {
    /// Says who hears the result.
    fn set_verify_client(&'a self, client: &'a dyn ClientVerify<DIGEST_LEN>);

    /// Compares the digest of the data added so far with `compare`.
    /// [`ClientVerify::verification_done`] follows.
    ///
    /// If no algorithm was chosen and there is an obvious one, it is used.
    ///
    /// # Errors
    /// Those of the module, and `NOSUPPORT` if it is not clear which algorithm to use. The buffer comes back.
    fn verify(
        &'a self,
        compare: &'static mut [u8; DIGEST_LEN],
    ) -> Result<(), (ErrorCode, &'static mut [u8; DIGEST_LEN])>;
}

/// Makes digests and compares them.
pub trait Digest<'a, const DIGEST_LEN: usize>:
    DigestData<'a, DIGEST_LEN> + DigestHash<'a, DIGEST_LEN> + DigestVerify<'a, DIGEST_LEN>
{
    /// Says who hears everything.
    fn set_client(&'a self, client: &'a dyn Client<DIGEST_LEN>);
}

/// Makes digests, and compares none.
pub trait DigestDataHash<'a, const DIGEST_LEN: usize>:
    DigestData<'a, DIGEST_LEN> + DigestHash<'a, DIGEST_LEN>
{
    /// Says who hears everything.
    fn set_client(&'a self, client: &'a dyn ClientDataHash<DIGEST_LEN>);
}

/// Compares digests, and hands none out.
pub trait DigestDataVerify<'a, const DIGEST_LEN: usize>:
    DigestData<'a, DIGEST_LEN> + DigestVerify<'a, DIGEST_LEN>
{
    /// Says who hears everything.
    fn set_client(&'a self, client: &'a dyn ClientDataVerify<DIGEST_LEN>);
}

/// One trait for each algorithm: an engine implements those it has.
macro_rules! algorithms {
    ($($algorithm:ident, $set_mode:ident($($key:ident)?), $standard:literal;)*) => {$(
        #[doc = concat!("Has ", $standard, ".")]
        pub trait $algorithm {
            /// Chooses this algorithm. To be called before any data is added; the key, where there is one, is
            /// used from its start to its end and copied.
            ///
            /// # Errors
            /// `BUSY` if an operation is under way, `NOSUPPORT` or `INVAL` if the engine cannot use such a key.
            fn $set_mode(&self $(, $key: &[u8])?) -> Result<(), ErrorCode>;
        }
    )*};
}

algorithms! {
    Md5, set_mode_md5(), "MD5 (RFC 1321), which no longer keeps anything safe";
    Sha1, set_mode_sha1(), "SHA-1 (FIPS 180-4), which no longer keeps anything safe";
    Sha224, set_mode_sha224(), "SHA-224 (FIPS 180-4)";
    Sha256, set_mode_sha256(), "SHA-256 (FIPS 180-4)";
    Sha384, set_mode_sha384(), "SHA-384 (FIPS 180-4)";
    Sha512, set_mode_sha512(), "SHA-512 (FIPS 180-4)";
    HmacMd5, set_mode_hmacmd5(key), "HMAC (RFC 2104) with MD5";
    HmacSha1, set_mode_hmacsha1(key), "HMAC (RFC 2104) with SHA-1";
    HmacSha224, set_mode_hmacsha224(key), "HMAC (RFC 2104) with SHA-224";
    HmacSha256, set_mode_hmacsha256(key), "HMAC (RFC 2104) with SHA-256";
    HmacSha384, set_mode_hmacsha384(key), "HMAC (RFC 2104) with SHA-384";
    HmacSha512, set_mode_hmacsha512(key), "HMAC (RFC 2104) with SHA-512";
}
