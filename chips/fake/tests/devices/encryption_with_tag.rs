//! The fake engine of encryption with a tag keeps the promises of its HIL.

use std::cell::{Cell, RefCell};

use chip_fake as fake;
use kernel::{
    ErrorCode,
    hil::symmetric_encryption::{AES128, AESCCM, AESGCM, CCM_NONCE_LENGTH, CCMClient, GCMClient},
};

type Buffer = &'static mut [u8];
type Engine = fake::AesWithTag<AES128>;
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
fn engine() -> (fake::Machine, &'static Engine, &'static User) {
    let engine = Engine::new();
    let user = &*fake::leak(User {
        engine,
        is_eager: Cell::new(false),
        heard: RefCell::default(),
    });
    AESCCM::set_client(engine, user);
    assert_eq!(AESCCM::set_key(engine, &[1; 16]), Ok(()));
    assert_eq!(engine.set_nonce(&[2; CCM_NONCE_LENGTH]), Ok(()));
    (fake::Machine::new(), engine, user)
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
    assert!(ccm(engine, fake::leak(PLAIN), true, true).is_ok());
    assert!(user.heard.borrow().is_empty(), "not inside the call");
    machine.run();
    assert!(ccm(engine, fake::leak(ENCRYPTED), true, false).is_ok());
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
    assert!(ccm(engine, fake::leak(PLAIN), false, true).is_ok());
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
        assert!(ccm(engine, fake::leak(buffer), true, false).is_ok());
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
    assert!(AESGCM::crypt(engine, fake::leak(PLAIN), 1, 2, 2, 1, true).is_ok());
    machine.run();
    let expected = vec![9, 4, 5 ^ 3, 6 ^ 3, SECRET - 2 + 15];
    assert_eq!(*user.heard.borrow(), [(expected, Ok(()), true)]);
}

#[test]
fn what_cannot_be_crypted_comes_back_and_no_callback_follows() {
    let (machine, engine, user) = engine();
    let refusal = |engine: &Engine, authenticated, message, length, tag| {
        let buffer = fake::leak([7; 5]);
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
    assert!(ccm(engine, fake::leak(PLAIN), true, true).is_ok());
    assert_eq!(refusal(engine, 0, 1, 1, 1), ErrorCode::BUSY);
    machine.run();
    assert_eq!(user.heard.borrow().len(), 1);
}

#[test]
fn a_failure_leaves_the_buffer_as_it_was() {
    let (machine, engine, user) = engine();
    engine.fail_next(ErrorCode::FAIL);
    assert!(ccm(engine, fake::leak(PLAIN), true, true).is_ok());
    machine.run();
    let expected = (PLAIN.to_vec(), Err(ErrorCode::FAIL), false);
    assert_eq!(*user.heard.borrow(), [expected]);
}

#[test]
fn a_callback_that_is_held_comes_when_it_is_released_and_may_start_the_next_operation() {
    let (machine, engine, user) = engine();
    user.is_eager.set(true);
    engine.hold();
    assert!(ccm(engine, fake::leak(PLAIN), true, true).is_ok());
    machine.run();
    assert!(user.heard.borrow().is_empty());
    engine.release();
    machine.run();
    let heard = user.heard.borrow();
    assert_eq!(heard.len(), 2);
    assert_eq!(heard[1].0[..4], PLAIN[..4]);
}
