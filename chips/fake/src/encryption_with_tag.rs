//! Encryption with one key, and a tag that says that a message is authentic.

use std::{cell::RefCell, marker::PhantomData, ops::Range};

use kernel::{
    ErrorCode,
    deferred_call::DeferredCallClient,
    hil::symmetric_encryption::{
        AESCCM, AESGCM, AESKeySize, CCM_NONCE_LENGTH, CCMClient, GCMClient,
    },
    utilities::cells::OptionalCell,
};

use crate::{
    faults::{Operation, faults},
    place,
};

type Buffer = &'static mut [u8];

/// The longest vector of GCM in bytes.
const GCM_VECTOR_BYTES: usize = 12;

/// An engine with CCM and GCM for keys of the length `K`, whose cipher is neither: byte `n` of a message is xored
/// with the bytes `n` of key and nonce, which start over at their ends. Byte `n` of a tag of `L` bytes is the sum of
/// the bytes `n`, `n + L` and so on of key, nonce, and the authenticated part with the message, not encrypted. That
/// keeps nothing safe.
///
/// An engine without key or nonce refuses with `INVAL`. An operation that fails leaves the buffer as it was.
pub struct AesWithTag<K> {
    key: RefCell<Option<Vec<u8>>>,
    nonce: RefCell<Option<Vec<u8>>>,
    operation: Operation<Request>,
    client: OptionalCell<Client>,
    key_size: PhantomData<K>,
}

#[derive(Clone, Copy)]
enum Client {
    Ccm(&'static dyn CCMClient),
    Gcm(&'static dyn GCMClient),
}

struct Request {
    buffer: Buffer,
    output: Output,
}

/// What an operation makes of its buffer.
struct Output {
    buffer: Vec<u8>,
    tag_is_valid: bool,
}

/// Where what is in the buffer, and what is done with it.
struct Layout {
    authenticated: usize,
    message: usize,
    message_length: usize,
    tag_length: usize,
    is_confidential: bool,
    is_encrypting: bool,
}

impl Layout {
    /// The ranges of the message and its tag, if the parts lie in their order in a buffer of `length` bytes.
    fn parts(&self, length: usize) -> Option<(Range<usize>, Range<usize>)> {
        let message_end = self.message.checked_add(self.message_length)?;
        let tag_end = message_end.checked_add(self.tag_length)?;
        let fits = self.authenticated <= self.message && tag_end <= length;
        fits.then_some((self.message..message_end, message_end..tag_end))
    }
}

impl<K: AESKeySize + 'static> AesWithTag<K> {
    /// An engine that has no key and no nonce.
    pub fn new() -> &'static Self {
        place(Self {
            key: RefCell::default(),
            nonce: RefCell::default(),
            operation: Operation::new(),
            client: OptionalCell::empty(),
            key_size: PhantomData,
        })
    }

    fn keep_key(&self, key: &[u8]) -> Result<(), ErrorCode> {
        if key.len() != K::LENGTH {
            return Err(ErrorCode::INVAL);
        }
        self.key.replace(Some(key.to_vec()));
        Ok(())
    }

    fn start(&self, buffer: Buffer, layout: &Layout) -> Result<(), (ErrorCode, Buffer)> {
        match self.output(buffer, layout) {
            Ok(output) => self.operation.start(Request { buffer, output }),
            Err(error) => return Err((error, buffer)),
        }
        Ok(())
    }

    fn output(&self, buffer: &[u8], layout: &Layout) -> Result<Output, ErrorCode> {
        self.operation.admit()?;
        let parts = layout.parts(buffer.len());
        let (message, tag) = parts.ok_or(ErrorCode::SIZE)?;
        let (key, nonce) = (self.key.borrow(), self.nonce.borrow());
        let key = key.as_ref().ok_or(ErrorCode::INVAL)?;
        let nonce = nonce.as_ref().ok_or(ErrorCode::INVAL)?;

        let mut crypted = buffer.to_vec();
        if layout.is_confidential {
            for repeated in [key, nonce] {
                for (byte, with) in crypted[message.clone()]
                    .iter_mut()
                    .zip(repeated.iter().cycle())
                {
                    *byte ^= with;
                }
            }
        }
        let plain = if layout.is_encrypting {
            buffer
        } else {
            &crypted
        };
        let plain = &plain[layout.authenticated..message.end];
        let expected = tag_of(&[key, nonce, plain].concat(), layout.tag_length);
        let tag_is_valid = layout.is_encrypting || buffer[tag.clone()] == expected;
        if layout.is_encrypting {
            crypted[tag].copy_from_slice(&expected);
        }
        Ok(Output {
            buffer: crypted,
            tag_is_valid,
        })
    }
}

fn tag_of(data: &[u8], length: usize) -> Vec<u8> {
    let sum = |first: usize| {
        let bytes = data.iter().skip(first).step_by(length);
        bytes.fold(0_u8, |sum, byte| sum.wrapping_add(*byte))
    };
    (0..length).map(sum).collect()
}

faults!([K: AESKeySize + 'static] AesWithTag<K>);

impl<K: AESKeySize + 'static> AESCCM<'static, K> for AesWithTag<K> {
    fn set_client(&'static self, client: &'static dyn CCMClient) {
        self.client.set(Client::Ccm(client));
    }

    fn set_key(&self, key: &[u8]) -> Result<(), ErrorCode> {
        self.keep_key(key)
    }

    fn set_nonce(&self, nonce: &[u8]) -> Result<(), ErrorCode> {
        if nonce.len() != CCM_NONCE_LENGTH {
            return Err(ErrorCode::INVAL);
        }
        self.nonce.replace(Some(nonce.to_vec()));
        Ok(())
    }

    fn crypt(
        &self,
        buf: Buffer,
        a_off: usize,
        m_off: usize,
        m_len: usize,
        mic_len: usize,
        confidential: bool,
        encrypting: bool,
    ) -> Result<(), (ErrorCode, Buffer)> {
        let layout = Layout {
            authenticated: a_off,
            message: m_off,
            message_length: m_len,
            tag_length: mic_len,
            is_confidential: confidential,
            is_encrypting: encrypting,
        };
        self.start(buf, &layout)
    }
}

impl<K: AESKeySize + 'static> AESGCM<'static, K> for AesWithTag<K> {
    fn set_client(&'static self, client: &'static dyn GCMClient) {
        self.client.set(Client::Gcm(client));
    }

    fn set_key(&self, key: &[u8]) -> Result<(), ErrorCode> {
        self.keep_key(key)
    }

    fn set_iv(&self, nonce: &[u8]) -> Result<(), ErrorCode> {
        if nonce.len() > GCM_VECTOR_BYTES {
            return Err(ErrorCode::INVAL);
        }
        self.nonce.replace(Some(nonce.to_vec()));
        Ok(())
    }

    fn crypt(
        &self,
        buf: Buffer,
        aad_offset: usize,
        message_offset: usize,
        message_len: usize,
        tag_len: usize,
        encrypting: bool,
    ) -> Result<(), (ErrorCode, Buffer)> {
        let layout = Layout {
            authenticated: aad_offset,
            message: message_offset,
            message_length: message_len,
            tag_length: tag_len,
            is_confidential: true,
            is_encrypting: encrypting,
        };
        self.start(buf, &layout)
    }
}

impl<K: AESKeySize + 'static> DeferredCallClient for AesWithTag<K> {
    fn handle_deferred_call(&self) {
        let Some((Request { buffer, output }, result)) = self.operation.end() else {
            return;
        };
        if result.is_ok() {
            buffer.copy_from_slice(&output.buffer);
        }
        let tag_is_valid = result.is_ok() && output.tag_is_valid;
        match self.client.get() {
            Some(Client::Ccm(client)) => client.crypt_done(buffer, result, tag_is_valid),
            Some(Client::Gcm(client)) => client.crypt_done(buffer, result, tag_is_valid),
            None => {}
        }
    }

    fn register(&'static self) {
        self.operation.register(self);
    }
}
