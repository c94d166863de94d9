//! Holders of RSA keys.

use std::ops::Deref;

use kernel::{
    ErrorCode,
    deferred_call::DeferredCallClient,
    hil::{
        entropy::{Client32, Continue, Entropy32},
        public_key_crypto::keys::{
            PubKey, PubKeyMut, PubPrivKey, PubPrivKeyGenerate, PubPrivKeyGenerateClient,
            PubPrivKeyMut, RsaKey, RsaKeyMut, RsaPrivKey, RsaPrivKeyMut,
        },
    },
    utilities::cells::{OptionalCell, TakeCell},
};

use crate::{
    faults::{Operation, faults},
    leak, place,
};

type Buffer = &'static mut [u8];
type Constant = &'static [u8];

/// The public exponent that goes with every modulus.
const PUBLIC_EXPONENT: u32 = 65_537;

/// Keeps `key` by `keep`, if it can be one of `length` bytes and the holder is not busy.
fn import<K: Deref<Target = [u8]>>(
    key: K,
    length: usize,
    is_busy: bool,
    keep: impl FnOnce(K),
) -> Result<(), (ErrorCode, K)> {
    // A modulus is a product of odd numbers, and the private exponent has an inverse modulo an even one.
    let is_odd = key.last().is_some_and(|byte| byte & 1 == 1);
    let error = if is_busy {
        ErrorCode::BUSY
    } else if key.len() != length {
        ErrorCode::SIZE
    } else if !is_odd {
        ErrorCode::INVAL
    } else {
        keep(key);
        return Ok(());
    };
    Err((error, key))
}

/// Holds a pair of keys that are constants: a modulus and a private exponent of so many bytes, which are odd. It makes
/// them of the entropy that it is told of, the modulus first, so that a test says what they become: one who
/// generates keys has made it the client of the source.
pub struct RsaKeys {
    length: usize,
    modulus: OptionalCell<Constant>,
    exponent: OptionalCell<Constant>,
    operation: Operation<Generation>,
    client: OptionalCell<&'static dyn PubPrivKeyGenerateClient<'static>>,
}

struct Generation {
    modulus: Buffer,
    exponent: Buffer,
    entropy: Vec<u8>,
}

impl RsaKeys {
    /// A holder without keys, for keys of `length` bytes.
    pub fn new(length: usize) -> &'static Self {
        place(Self {
            length,
            modulus: OptionalCell::empty(),
            exponent: OptionalCell::empty(),
            operation: Operation::new(),
            client: OptionalCell::empty(),
        })
    }

    fn import(
        &self,
        key: Constant,
        place: &OptionalCell<Constant>,
    ) -> Result<(), (ErrorCode, Constant)> {
        let is_busy = place.is_some() || self.operation.is_under_way();
        import(key, self.length, is_busy, |key| place.set(key))
    }

    fn admit(&self, trng: &dyn Entropy32, buffers: [&[u8]; 2]) -> Result<(), ErrorCode> {
        self.operation.admit()?;
        if self.modulus.is_some() || self.exponent.is_some() {
            return Err(ErrorCode::BUSY);
        }
        if buffers.iter().any(|buffer| buffer.len() < self.length) {
            return Err(ErrorCode::SIZE);
        }
        trng.get()
    }

    /// How many bytes of entropy are missing.
    fn missing(&self, generation: &Generation) -> usize {
        (2 * self.length).saturating_sub(generation.entropy.len())
    }
}

faults!(RsaKeys);

/// A key of `entropy` at the start of `buffer`.
fn make(buffer: Buffer, entropy: &[u8]) -> Constant {
    let (key, _) = buffer.split_at_mut(entropy.len());
    key.copy_from_slice(entropy);
    key[entropy.len() - 1] |= 1;
    key
}

impl PubKey for RsaKeys {
    fn import_public_key(&self, public_key: Constant) -> Result<(), (ErrorCode, Constant)> {
        self.import(public_key, &self.modulus)
    }

    fn pub_key(&self) -> Result<Constant, ErrorCode> {
        self.modulus.get().ok_or(ErrorCode::NODEVICE)
    }

    fn len(&self) -> usize {
        self.modulus.map_or(0, |key| key.len())
    }
}

impl PubPrivKey for RsaKeys {
    fn import_private_key(&self, private_key: Constant) -> Result<(), (ErrorCode, Constant)> {
        self.import(private_key, &self.exponent)
    }

    fn priv_key(&self) -> Result<Constant, ErrorCode> {
        self.exponent.get().ok_or(ErrorCode::NODEVICE)
    }

    fn len(&self) -> usize {
        self.exponent.map_or(0, |key| key.len())
    }
}

impl RsaKey for RsaKeys {
    fn map_modulus(&self, closure: &dyn Fn(&[u8])) -> Option<()> {
        self.modulus.map(closure)
    }

    fn take_modulus(&self) -> Option<Constant> {
        self.modulus.get()
    }

    fn public_exponent(&self) -> Option<u32> {
        self.modulus.map(|_| PUBLIC_EXPONENT)
    }
}

impl RsaPrivKey for RsaKeys {
    fn map_exponent(&self, closure: &dyn Fn(&[u8])) -> Option<()> {
        self.exponent.map(closure)
    }

    fn take_exponent(&self) -> Option<Constant> {
        self.exponent.get()
    }
}

impl PubPrivKeyGenerate<'static> for RsaKeys {
    fn set_client(&'static self, client: &'static dyn PubPrivKeyGenerateClient<'static>) {
        self.client.set(client);
    }

    fn generate(
        &'static self,
        trng: &'static dyn Entropy32,
        public_key_buffer: Buffer,
        private_key_buffer: Buffer,
    ) -> Result<(), (ErrorCode, Buffer, Buffer)> {
        let (modulus, exponent) = (public_key_buffer, private_key_buffer);
        match self.admit(trng, [modulus, exponent]) {
            Ok(()) => self.operation.start(Generation {
                modulus,
                exponent,
                entropy: Vec::new(),
            }),
            Err(error) => return Err((error, modulus, exponent)),
        }
        Ok(())
    }
}

impl Client32 for RsaKeys {
    fn entropy_available(
        &self,
        entropy: &mut dyn Iterator<Item = u32>,
        error: Result<(), ErrorCode>,
    ) -> Continue {
        if let Err(error) = error {
            self.operation.fail_next(error);
            return Continue::Done;
        }
        let mut next = Continue::Done;
        self.operation.change(|generation| {
            let missing_words = self.missing(generation).div_ceil(size_of::<u32>());
            let words = entropy.take(missing_words);
            generation.entropy.extend(words.flat_map(u32::to_be_bytes));
            if self.missing(generation) > 0 {
                next = Continue::More;
            }
        });
        next
    }
}

impl DeferredCallClient for RsaKeys {
    fn handle_deferred_call(&self) {
        let ended = self.operation.end_if(|asked| self.missing(asked) == 0);
        let Some((generation, result)) = ended else {
            return;
        };
        let Generation {
            modulus,
            exponent,
            entropy,
        } = generation;
        let result = match result {
            Ok(()) => {
                let (first, rest) = entropy.split_at(self.length);
                self.modulus.set(make(modulus, first));
                self.exponent.set(make(exponent, &rest[..self.length]));
                Ok(())
            }
            Err(error) => Err((error, modulus, exponent)),
        };
        // Buffers that nobody hears of are lost, as on any chip.
        if let Some(client) = self.client.get() {
            client.generation_complete(result);
        }
    }

    fn register(&'static self) {
        self.operation.register(self);
    }
}

/// Holds a pair of keys in buffers that can be written: a modulus and a private exponent of so many bytes, which are
/// odd.
pub struct RsaKeysMut {
    length: usize,
    modulus: TakeCell<'static, [u8]>,
    exponent: TakeCell<'static, [u8]>,
}

impl RsaKeysMut {
    /// A holder without keys, for keys of `length` bytes.
    pub fn new(length: usize) -> &'static Self {
        leak(Self {
            length,
            modulus: TakeCell::empty(),
            exponent: TakeCell::empty(),
        })
    }

    fn import(
        &self,
        key: Buffer,
        place: &TakeCell<'static, [u8]>,
    ) -> Result<(), (ErrorCode, Buffer)> {
        import(key, self.length, place.is_some(), |key| {
            place.put(Some(key))
        })
    }
}

impl PubKeyMut for RsaKeysMut {
    fn import_public_key(&self, public_key: Buffer) -> Result<(), (ErrorCode, Buffer)> {
        self.import(public_key, &self.modulus)
    }

    fn pub_key(&self) -> Result<Buffer, ErrorCode> {
        self.modulus.take().ok_or(ErrorCode::NODEVICE)
    }

    fn len(&self) -> usize {
        self.modulus.map_or(0, |key| key.len())
    }
}

impl PubPrivKeyMut for RsaKeysMut {
    fn import_private_key(&self, private_key: Buffer) -> Result<(), (ErrorCode, Buffer)> {
        self.import(private_key, &self.exponent)
    }

    fn priv_key(&self) -> Result<Buffer, ErrorCode> {
        self.exponent.take().ok_or(ErrorCode::NODEVICE)
    }

    fn len(&self) -> usize {
        self.exponent.map_or(0, |key| key.len())
    }
}

impl RsaKeyMut for RsaKeysMut {
    fn map_modulus(&self, closure: &dyn Fn(&mut [u8])) -> Option<()> {
        self.modulus.map(closure)
    }

    fn take_modulus(&self) -> Option<Buffer> {
        self.modulus.take()
    }

    fn public_exponent(&self) -> Option<u32> {
        self.modulus.map(|_| PUBLIC_EXPONENT)
    }
}

impl RsaPrivKeyMut for RsaKeysMut {
    fn map_exponent(&self, closure: &dyn Fn(&mut [u8])) -> Option<()> {
        self.exponent.map(closure)
    }

    fn take_exponent(&self) -> Option<Buffer> {
        self.exponent.take()
    }
}
