//! Keys: holding them, making them, and choosing among those that a device holds.
//!
//! A holder is made for one kind of key, RSA with 2,048 bits for one. There are two sets of traits: for keys that
//! are constants, and, with `Mut` in their names, for keys in buffers that can be written. A holder that gives a
//! buffer of the second kind away has the key no longer.

use crate::{ErrorCode, hil::entropy};

/// Hears that keys are made.
pub trait PubPrivKeyGenerateClient<'a> {
    /// The keys are made, and the holder has them; or not, and the buffers come back.
    fn generation_complete(
        &'a self,
        result: Result<(), (ErrorCode, &'static mut [u8], &'static mut [u8])>,
    );
}

/// Holds a public key.
#[allow(clippy::len_without_is_empty)] // Tock's shape
pub trait PubKey {
    /// Takes a key.
    ///
    /// # Errors
    /// `BUSY` if there is one or one is being made, `INVAL` if it is none, `SIZE` if its length is wrong. The key
    /// comes back.
    fn import_public_key(
        &self,
        public_key: &'static [u8],
    ) -> Result<(), (ErrorCode, &'static [u8])>;

    /// The key.
    ///
    /// # Errors
    /// `NODEVICE` if there is none.
    fn pub_key(&self) -> Result<&'static [u8], ErrorCode>;

    /// The length of the key in bytes: 0 if there is none.
    fn len(&self) -> usize;
}

/// Holds a public key in a buffer that can be written.
#[allow(clippy::len_without_is_empty)] // Tock's shape
pub trait PubKeyMut {
    /// As [`PubKey::import_public_key`].
    ///
    /// # Errors
    /// Those of [`PubKey::import_public_key`].
    fn import_public_key(
        &self,
        public_key: &'static mut [u8],
    ) -> Result<(), (ErrorCode, &'static mut [u8])>;

    /// Gives the key away.
    ///
    /// # Errors
    /// `NODEVICE` if there is none.
    fn pub_key(&self) -> Result<&'static mut [u8], ErrorCode>;

    /// The length of the key in bytes: 0 if there is none.
    fn len(&self) -> usize;
}

/// Holds a pair of keys.
#[allow(clippy::len_without_is_empty)] // Tock's shape
pub trait PubPrivKey: PubKey {
    /// Takes a private key.
    ///
    /// # Errors
    /// Those of [`PubKey::import_public_key`].
    fn import_private_key(
        &self,
        private_key: &'static [u8],
    ) -> Result<(), (ErrorCode, &'static [u8])>;

    /// The private key.
    ///
    /// # Errors
    /// `NODEVICE` if there is none.
    fn priv_key(&self) -> Result<&'static [u8], ErrorCode>;

    /// The length of the private key in bytes: 0 if there is none.
    fn len(&self) -> usize;
}

/// Holds a pair of keys in buffers that can be written.
#[allow(clippy::len_without_is_empty)] // Tock's shape
pub trait PubPrivKeyMut: PubKeyMut {
    /// As [`PubPrivKey::import_private_key`].
    ///
    /// # Errors
    /// Those of [`PubKey::import_public_key`].
    fn import_private_key(
        &self,
        private_key: &'static mut [u8],
    ) -> Result<(), (ErrorCode, &'static mut [u8])>;

    /// Gives the private key away.
    ///
    /// # Errors
    /// `NODEVICE` if there is none.
    fn priv_key(&self) -> Result<&'static mut [u8], ErrorCode>;

    /// The length of the private key in bytes: 0 if there is none.
    fn len(&self) -> usize;
}

/// Makes pairs of keys.
pub trait PubPrivKeyGenerate<'a>: PubPrivKey {
    /// Says who hears that they are made.
    fn set_client(&'a self, client: &'a dyn PubPrivKeyGenerateClient<'a>);

    /// Makes a pair out of entropy from `trng`.
    /// [`PubPrivKeyGenerateClient::generation_complete`] follows; before it there are no keys.
    ///
    /// # Errors
    /// `BUSY` if there are keys or they are being made, `OFF` if `trng` has no power, `SIZE` if the keys do not fit
    /// the buffers. The buffers come back.
    fn generate(
        &'a self,
        trng: &'a dyn entropy::Entropy32,
        public_key_buffer: &'static mut [u8],
        private_key_buffer: &'static mut [u8],
    ) -> Result<(), (ErrorCode, &'static mut [u8], &'static mut [u8])>;
}

/// Holds a public key of RSA. Numbers are written with their most significant byte first.
pub trait RsaKey: PubKey {
    /// Calls `closure` with the modulus; `None` if there is none.
    fn map_modulus(&self, closure: &dyn Fn(&[u8])) -> Option<()>;

    /// The modulus, as [`PubKey::import_public_key`] takes it.
    fn take_modulus(&self) -> Option<&'static [u8]>;

    /// The public exponent.
    fn public_exponent(&self) -> Option<u32>;
}

/// Holds a pair of keys of RSA.
pub trait RsaPrivKey: PubPrivKey + RsaKey {
    /// Calls `closure` with the private exponent; `None` if there is none.
    fn map_exponent(&self, closure: &dyn Fn(&[u8])) -> Option<()>;

    /// The private exponent, as [`PubPrivKey::import_private_key`] takes it.
    fn take_exponent(&self) -> Option<&'static [u8]>;
}

/// Holds a public key of RSA in a buffer that can be written.
pub trait RsaKeyMut: PubKeyMut {
    /// Calls `closure` with the modulus; `None` if there is none.
    fn map_modulus(&self, closure: &dyn Fn(&mut [u8])) -> Option<()>;

    /// Gives the modulus away, as [`PubKeyMut::import_public_key`] takes it.
    fn take_modulus(&self) -> Option<&'static mut [u8]>;

    /// The public exponent.
    fn public_exponent(&self) -> Option<u32>;
}

/// Holds a pair of keys of RSA in buffers that can be written.
pub trait RsaPrivKeyMut: PubPrivKeyMut + RsaKeyMut {
    /// Calls `closure` with the private exponent; `None` if there is none.
    fn map_exponent(&self, closure: &dyn Fn(&mut [u8])) -> Option<()>;

    /// Gives the private exponent away, as [`PubPrivKeyMut::import_private_key`] takes it.
    fn take_exponent(&self) -> Option<&'static mut [u8]>;
}

/// Hears of the keys of a device.
pub trait SelectKeyClient {
    /// The device has `count` keys.
    fn get_key_count_done(&self, count: usize);

    /// The key number `index` is in use; or it is not, with `INVAL` if there is no such key and `FAIL` otherwise.
    /// `metadata` is a word that the device keeps with the key.
    fn select_key_done(&self, index: usize, metadata: usize, error: Result<(), ErrorCode>);
}

/// A device that holds several keys, numbered from 0, and perhaps never shows them.
pub trait SelectKey<'a> {
    /// Asks how many keys there are. [`SelectKeyClient::get_key_count_done`] follows.
    ///
    /// # Errors
    /// `FAIL` if the device does not answer.
    fn get_key_count(&self) -> Result<(), ErrorCode>;

    /// Uses the key number `index` from now on. [`SelectKeyClient::select_key_done`] follows.
    ///
    /// # Errors
    /// `INVAL` if there is no such key.
    fn select_key(&self, index: usize) -> Result<(), ErrorCode>;

    /// Says who hears of the keys.
    fn set_client(&self, client: &'a dyn SelectKeyClient);
}

/// Hears that keys are set.
pub trait SetKeyBySliceClient<const KL: usize> {
    /// Gives the buffer back: the key is set, or not, as `error` says.
    fn set_key_done(&self, previous_key: &'static mut [u8; KL], error: Result<(), ErrorCode>);
}

/// Something whose key, of `KL` bytes, is set.
pub trait SetKeyBySlice<'a, const KL: usize> {
    /// Sets the key. [`SetKeyBySliceClient::set_key_done`] follows.
    ///
    /// # Errors
    /// `FAIL` if it is not set. The buffer comes back.
    fn set_key(&self, key: &'static mut [u8; KL])
    -> Result<(), (ErrorCode, &'static mut [u8; KL])>;

    /// Says who hears that it is set.
    fn set_client(&self, client: &'a dyn SetKeyBySliceClient<KL>);
}
