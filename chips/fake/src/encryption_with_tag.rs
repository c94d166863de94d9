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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Machine, leak};
    use kernel::hil::symmetric_encryption::AES128;
    use std::cell::Cell;

    type Engine = AesWithTag<AES128>;
    type Heard = (Vec<u8>, Result<(), ErrorCode>, bool);

    struct User {
        engine: &'static Engine,
        /// Decrypts what was encrypted.
        is_eager: Cell<bool>,
        heard: RefCell<Vec<Heard>>,
    }

    impl CCMClient for User {
        fn crypt_done(&self, buf: Buffer, res: Result<(), ErrorCode>, tag_is_valid: bool) {
            self.heard
                .borrow_mut()
                .push((buf.to_vec(), res, tag_is_valid));
            if self.is_eager.take() {
                assert!(ccm(self.engine, buf, true, false).is_ok());
            }
        }
    }

    impl GCMClient for User {
        fn crypt_done(&self, buf: Buffer, res: Result<(), ErrorCode>, tag_is_valid: bool) {
            CCMClient::crypt_done(self, buf, res, tag_is_valid);
        }
    }

    /// An engine with CCM, whose key is ones and whose nonce is twos.
    fn engine() -> (Machine, &'static Engine, &'static User) {
        let engine = Engine::new();
        let user = &*leak(User {
            engine,
            is_eager: Cell::new(false),
            heard: RefCell::default(),
        });
        AESCCM::set_client(engine, user);
        assert_eq!(AESCCM::set_key(engine, &[1; 16]), Ok(()));
        assert_eq!(engine.set_nonce(&[2; CCM_NONCE_LENGTH]), Ok(()));
        (Machine::new(), engine, user)
    }

    /// Crypts a byte, one that is authenticated, a message of two, and a tag of one.
    fn ccm(
        engine: &Engine,
        buffer: Buffer,
        is_confidential: bool,
        is_encrypting: bool,
    ) -> Result<(), (ErrorCode, Buffer)> {
        AESCCM::crypt(engine, buffer, 1, 2, 2, 1, is_confidential, is_encrypting)
    }

    /// The sum of key and nonce.
    const SECRET: u8 = 16 + 2 * 13;
    const PLAIN: [u8; 5] = [9, 4, 5, 6, 0];
    const ENCRYPTED: [u8; 5] = [9, 4, 5 ^ 3, 6 ^ 3, SECRET + 15];

    #[test]
    fn a_message_is_encrypted_and_tagged_and_comes_back() {
        let (machine, engine, user) = engine();
        assert!(ccm(engine, leak(PLAIN), true, true).is_ok());
        assert!(user.heard.borrow().is_empty(), "not inside the call");
        machine.run();
        assert!(ccm(engine, leak(ENCRYPTED), true, false).is_ok());
        machine.run();
        let mut decrypted = PLAIN;
        decrypted[4] = ENCRYPTED[4];
        let expected = [
            (ENCRYPTED.to_vec(), Ok(()), true),
            (decrypted.to_vec(), Ok(()), true),
        ];
        assert_eq!(*user.heard.borrow(), expected);
    }

    #[test]
    fn a_message_that_is_not_confidential_is_only_tagged() {
        let (machine, engine, user) = engine();
        assert!(ccm(engine, leak(PLAIN), false, true).is_ok());
        machine.run();
        let expected = vec![9, 4, 5, 6, SECRET + 15];
        assert_eq!(*user.heard.borrow(), [(expected, Ok(()), true)]);
    }

    #[test]
    fn a_message_that_was_changed_is_not_authentic() {
        let (machine, engine, user) = engine();
        for changed in 0..ENCRYPTED.len() {
            let mut buffer = ENCRYPTED;
            buffer[changed] ^= 1;
            assert!(ccm(engine, leak(buffer), true, false).is_ok());
            machine.run();
            let (_, result, tag_is_valid) = user.heard.borrow_mut().pop().unwrap();
            assert_eq!((result, tag_is_valid), (Ok(()), changed == 0));
        }
    }

    #[test]
    fn gcm_takes_vectors_of_up_to_twelve_bytes() {
        let (machine, engine, user) = engine();
        AESGCM::set_client(engine, user);
        assert_eq!(AESGCM::set_key(engine, &[1; 15]), Err(ErrorCode::INVAL));
        assert_eq!(AESGCM::set_key(engine, &[1; 16]), Ok(()));
        assert_eq!(engine.set_iv(&[2; 13]), Err(ErrorCode::INVAL));
        assert_eq!(engine.set_iv(&[2; 12]), Ok(()));
        assert!(AESGCM::crypt(engine, leak(PLAIN), 1, 2, 2, 1, true).is_ok());
        machine.run();
        let expected = vec![9, 4, 5 ^ 3, 6 ^ 3, SECRET - 2 + 15];
        assert_eq!(*user.heard.borrow(), [(expected, Ok(()), true)]);
    }

    #[test]
    fn what_cannot_be_crypted_comes_back_and_no_callback_follows() {
        let (machine, engine, user) = engine();
        let refusal = |engine: &Engine, authenticated, message, length, tag| {
            let buffer = leak([7; 5]);
            let result = AESCCM::crypt(
                engine,
                buffer,
                authenticated,
                message,
                length,
                tag,
                true,
                true,
            );
            let (error, buffer) = result.unwrap_err();
            assert_eq!(*buffer, [7; 5]);
            error
        };
        assert_eq!(refusal(Engine::new(), 0, 0, 1, 1), ErrorCode::INVAL);
        assert_eq!(engine.set_nonce(&[0; 12]), Err(ErrorCode::INVAL));
        assert_eq!(refusal(engine, 2, 1, 1, 1), ErrorCode::SIZE);
        assert_eq!(refusal(engine, 0, 1, 3, 2), ErrorCode::SIZE);
        assert_eq!(refusal(engine, 0, 1, usize::MAX, 1), ErrorCode::SIZE);
        engine.refuse_next(ErrorCode::FAIL);
        assert_eq!(refusal(engine, 0, 1, 1, 1), ErrorCode::FAIL);
        assert!(ccm(engine, leak(PLAIN), true, true).is_ok());
        assert_eq!(refusal(engine, 0, 1, 1, 1), ErrorCode::BUSY);
        machine.run();
        assert_eq!(user.heard.borrow().len(), 1);
    }

    #[test]
    fn a_failure_leaves_the_buffer_as_it_was() {
        let (machine, engine, user) = engine();
        engine.fail_next(ErrorCode::FAIL);
        assert!(ccm(engine, leak(PLAIN), true, true).is_ok());
        machine.run();
        let expected = (PLAIN.to_vec(), Err(ErrorCode::FAIL), false);
        assert_eq!(*user.heard.borrow(), [expected]);
    }

    #[test]
    fn a_callback_that_is_held_comes_when_it_is_released_and_may_start_the_next_operation() {
        let (machine, engine, user) = engine();
        user.is_eager.set(true);
        engine.hold();
        assert!(ccm(engine, leak(PLAIN), true, true).is_ok());
        machine.run();
        assert!(user.heard.borrow().is_empty());
        engine.release();
        machine.run();
        let heard = user.heard.borrow();
        assert_eq!(heard.len(), 2);
        assert_eq!(heard[1].0[..4], PLAIN[..4]);
    }
}
