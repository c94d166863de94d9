//! Encryption with one key: AES (FIPS 197) and its modes.
//!
//! [`AES`] encrypts blocks, in the mode chosen with [`AESCtr`], [`AESCBC`] or [`AESECB`]. [`AESCCM`] and
//! [`AESGCM`] encrypt a message and authenticate it with a tag. The length of the key is a type: `AES<AES128>`.

use crate::ErrorCode;

/// The length of a block, and of an initialisation vector, in bytes.
pub const AES_BLOCK_SIZE: usize = 16;
/// The length of a key of AES-128 in bytes.
pub const AES128_KEY_SIZE: usize = 16;
/// The length of a key of AES-192 in bytes.
pub const AES192_KEY_SIZE: usize = 24;
/// The length of a key of AES-256 in bytes.
pub const AES256_KEY_SIZE: usize = 32;
/// The length of a nonce of [`AESCCM`] in bytes.
pub const CCM_NONCE_LENGTH: usize = 13;

/// Says how long a key is.
pub trait AESKeySize {
    /// The length of the key in bytes.
    const LENGTH: usize;
}

/// Keys of 128 bits.
pub struct AES128;

impl AESKeySize for AES128 {
    const LENGTH: usize = AES128_KEY_SIZE;
}

/// Keys of 192 bits.
pub struct AES192;

impl AESKeySize for AES192 {
    const LENGTH: usize = AES192_KEY_SIZE;
}

/// Keys of 256 bits.
pub struct AES256;

impl AESKeySize for AES256 {
    const LENGTH: usize = AES256_KEY_SIZE;
}

/// Hears that [`AES::crypt`] is done.
pub trait Client<'a> {
    /// Gives the buffers of [`AES::crypt`] back, `dest` with the result in its place.
    fn crypt_done(&'a self, source: Option<&'static mut [u8]>, dest: &'static mut [u8]);
}

/// Encrypts and decrypts blocks. Key, vector and mode stay set from one [`Self::crypt`] to the next.
pub trait AES<'a, K: AESKeySize> {
    /// Turns the engine on. To be called before anything else.
    fn enable(&self);

    /// Turns the engine off.
    fn disable(&self);

    /// Says who hears that an operation is done.
    fn set_client(&'a self, client: &'a dyn Client<'a>);

    /// Sets the key.
    ///
    /// # Errors
    /// `INVAL` if it is not `K::LENGTH` bytes long.
    fn set_key(&self, key: &[u8]) -> Result<(), ErrorCode>;

    /// Sets the initialisation vector, or the first value of the counter.
    ///
    /// # Errors
    /// `INVAL` if it is not [`AES_BLOCK_SIZE`] bytes long.
    fn set_iv(&self, iv: &[u8]) -> Result<(), ErrorCode>;

    /// Makes the next [`Self::crypt`] the first of a message, which starts from the vector that was set. A
    /// message may take several calls. Does nothing while an operation is under way.
    fn start_message(&self);

    /// Encrypts or decrypts all of `source`, or `dest[start_index..stop_index]` if there is no source, to
    /// `dest[start_index..stop_index]`. On `None`, [`Client::crypt_done`] follows.
    ///
    /// # Errors
    /// On `Some`, the result is an error, the buffers are back and no callback follows. `INVAL` if the range is
    /// not in `dest`, is no multiple of [`AES_BLOCK_SIZE`] long, or not as long as `source`; `BUSY` if an
    /// operation is under way.
    #[allow(clippy::type_complexity)] // Tock's signature
    fn crypt(
        &self,
        source: Option<&'static mut [u8]>,
        dest: &'static mut [u8],
        start_index: usize,
        stop_index: usize,
    ) -> Option<(
        Result<(), ErrorCode>,
        Option<&'static mut [u8]>,
        &'static mut [u8],
    )>;
}

/// Has the counter mode (NIST SP 800-38A, 6.5).
pub trait AESCtr {
    /// Chooses this mode for the next [`AES::crypt`], to encrypt or to decrypt.
    ///
    /// # Errors
    /// `NOSUPPORT` or `INVAL` if the engine cannot do it.
    fn set_mode_aesctr(&self, encrypting: bool) -> Result<(), ErrorCode>;
}

/// Has the mode that chains cipher blocks (NIST SP 800-38A, 6.2).
pub trait AESCBC {
    /// Chooses this mode for the next [`AES::crypt`], to encrypt or to decrypt.
    ///
    /// # Errors
    /// `NOSUPPORT` or `INVAL` if the engine cannot do it.
    fn set_mode_aescbc(&self, encrypting: bool) -> Result<(), ErrorCode>;
}

/// Has the mode in which each block stands for itself (NIST SP 800-38A, 6.1). Equal blocks look equal:
/// a part to build other modes of.
pub trait AESECB {
    /// Chooses this mode for the next [`AES::crypt`], to encrypt or to decrypt.
    ///
    /// # Errors
    /// `NOSUPPORT` or `INVAL` if the engine cannot do it.
    fn set_mode_aesecb(&self, encrypting: bool) -> Result<(), ErrorCode>;
}

/// Hears that [`AESCCM::crypt`] is done.
pub trait CCMClient {
    /// Gives the buffer back. `res` says whether the operation was carried out. `tag_is_valid` says, after an
    /// encryption, the same; after a decryption, whether the message is authentic. What was decrypted
    /// without a valid tag is not to be used.
    fn crypt_done(&self, buf: &'static mut [u8], res: Result<(), ErrorCode>, tag_is_valid: bool);
}

/// Encrypts and authenticates messages: counter mode with CBC-MAC (RFC 3610).
pub trait AESCCM<'a, K: AESKeySize> {
    /// Says who hears that an operation is done.
    fn set_client(&'a self, client: &'a dyn CCMClient);

    /// Sets the key.
    ///
    /// # Errors
    /// `INVAL` if it is not `K::LENGTH` bytes long.
    fn set_key(&self, key: &[u8]) -> Result<(), ErrorCode>;

    /// Sets the nonce, which must not be used for another message with the same key.
    ///
    /// # Errors
    /// `INVAL` if it is not [`CCM_NONCE_LENGTH`] bytes long.
    fn set_nonce(&self, nonce: &[u8]) -> Result<(), ErrorCode>;

    /// Encrypts or decrypts a message in place. [`CCMClient::crypt_done`] follows.
    ///
    /// `buf[a_off..m_off]` is only authenticated, `buf[m_off..m_off + m_len]` is encrypted too if
    /// `confidential` is true, and the `mic_len` bytes behind are the tag, which is written when
    /// `encrypting` and compared otherwise.
    ///
    /// # Errors
    /// `BUSY` if an operation is under way, `INVAL` or `SIZE` if the parts do not lie in `buf` in this order.
    /// The buffer comes back.
    #[allow(clippy::too_many_arguments)] // Tock's signature
    fn crypt(
        &self,
        buf: &'static mut [u8],
        a_off: usize,
        m_off: usize,
        m_len: usize,
        mic_len: usize,
        confidential: bool,
        encrypting: bool,
    ) -> Result<(), (ErrorCode, &'static mut [u8])>;
}

/// Hears that [`AESGCM::crypt`] is done.
pub trait GCMClient {
    /// As [`CCMClient::crypt_done`].
    fn crypt_done(&self, buf: &'static mut [u8], res: Result<(), ErrorCode>, tag_is_valid: bool);
}

/// Encrypts and authenticates messages: Galois counter mode (NIST SP 800-38D).
pub trait AESGCM<'a, K: AESKeySize> {
    /// Says who hears that an operation is done.
    fn set_client(&'a self, client: &'a dyn GCMClient);

    /// Sets the key.
    ///
    /// # Errors
    /// `INVAL` if it is not `K::LENGTH` bytes long.
    fn set_key(&self, key: &[u8]) -> Result<(), ErrorCode>;

    /// Sets the initialisation vector, which must not be used for another message with the same key.
    ///
    /// # Errors
    /// `INVAL` if it is longer than 12 bytes, the length that the standard recommends.
    fn set_iv(&self, nonce: &[u8]) -> Result<(), ErrorCode>;

    /// Encrypts or decrypts a message in place. [`GCMClient::crypt_done`] follows.
    ///
    /// `buf[aad_offset..message_offset]` is only authenticated,
    /// `buf[message_offset..message_offset + message_len]` is encrypted too, and the `tag_len` bytes behind are
    /// the tag, which is written when `encrypting` and compared otherwise.
    ///
    /// # Errors
    /// `BUSY` if an operation is under way, `SIZE` if the parts do not lie in `buf`. The buffer comes back.
    fn crypt(
        &self,
        buf: &'static mut [u8],
        aad_offset: usize,
        message_offset: usize,
        message_len: usize,
        tag_len: usize,
        encrypting: bool,
    ) -> Result<(), (ErrorCode, &'static mut [u8])>;
}
