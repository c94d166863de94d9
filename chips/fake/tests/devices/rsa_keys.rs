//! The fake holders of RSA keys keep the promises of their HIL.

use std::cell::{Cell, RefCell};

use chip_fake as fake;
use kernel::{
    ErrorCode,
    hil::{
        entropy::Entropy32,
        public_key_crypto::keys::{
            PubKey, PubKeyMut, PubPrivKey, PubPrivKeyGenerate, PubPrivKeyGenerateClient,
            PubPrivKeyMut, RsaKey, RsaKeyMut, RsaPrivKey, RsaPrivKeyMut,
        },
    },
};

type Buffer = &'static mut [u8];
type Constant = &'static [u8];

const MODULUS: [u8; 2] = 3233_u16.to_be_bytes();
const EXPONENT: [u8; 2] = 413_u16.to_be_bytes();
const NONE: ErrorCode = ErrorCode::NODEVICE;

#[test]
fn constant_keys_stay_where_they_are() {
    let keys = fake::RsaKeys::new(2);
    assert_eq!((keys.pub_key(), keys.priv_key()), (Err(NONE), Err(NONE)));
    assert_eq!((PubKey::len(keys), PubPrivKey::len(keys)), (0, 0));
    assert_eq!((keys.take_modulus(), keys.take_exponent()), (None, None));
    assert_eq!(keys.public_exponent(), None);
    assert_eq!(keys.import_public_key(&MODULUS), Ok(()));
    assert_eq!(PubPrivKey::len(keys), 0);
    assert_eq!(keys.import_private_key(&EXPONENT), Ok(()));
    for _ in 0..2 {
        assert_eq!(keys.pub_key(), Ok(&MODULUS[..]));
        assert_eq!(keys.priv_key(), Ok(&EXPONENT[..]));
        assert_eq!(keys.take_modulus(), Some(&MODULUS[..]));
        assert_eq!(keys.take_exponent(), Some(&EXPONENT[..]));
    }
    assert_eq!((PubKey::len(keys), PubPrivKey::len(keys)), (2, 2));
    assert_eq!(keys.public_exponent(), Some(65_537));
    let times_seen = Cell::new(0);
    let sees = |expected: Constant| {
        let times_seen = &times_seen;
        move |key: &[u8]| times_seen.set(times_seen.get() + usize::from(key == expected))
    };
    assert_eq!(keys.map_modulus(&sees(&MODULUS)), Some(()));
    assert_eq!(keys.map_exponent(&sees(&EXPONENT)), Some(()));
    assert_eq!(times_seen.get(), 2);
}

#[test]
fn a_writable_key_that_is_given_away_is_there_no_longer() {
    let keys = fake::RsaKeysMut::new(2);
    let import = || {
        assert_eq!(keys.import_public_key(fake::leak(MODULUS)), Ok(()));
        assert_eq!(keys.import_private_key(fake::leak(EXPONENT)), Ok(()));
        assert_eq!((PubKeyMut::len(keys), PubPrivKeyMut::len(keys)), (2, 2));
        assert_eq!(keys.public_exponent(), Some(65_537));
    };
    import();
    assert_eq!(keys.map_modulus(&|key| key[0] = 7), Some(()));
    assert_eq!(keys.map_exponent(&|key| key[0] = 8), Some(()));
    assert_eq!(keys.pub_key(), Ok(&mut [7, MODULUS[1]][..]));
    assert_eq!(keys.priv_key(), Ok(&mut [8, EXPONENT[1]][..]));
    assert_eq!((PubKeyMut::len(keys), PubPrivKeyMut::len(keys)), (0, 0));
    assert_eq!((keys.pub_key(), keys.priv_key()), (Err(NONE), Err(NONE)));
    assert_eq!(keys.map_modulus(&|_| panic!("no key")), None);
    assert_eq!(keys.map_exponent(&|_| panic!("no key")), None);
    assert_eq!(keys.public_exponent(), None);
    import();
    assert_eq!(
        keys.take_modulus(),
        Some(fake::leak(MODULUS).as_mut_slice())
    );
    assert_eq!(
        keys.take_exponent(),
        Some(fake::leak(EXPONENT).as_mut_slice())
    );
    assert_eq!((keys.take_modulus(), keys.take_exponent()), (None, None));
}

#[test]
fn what_is_no_key_or_one_too_many_comes_back() {
    let (constant, writable) = (fake::RsaKeys::new(2), fake::RsaKeysMut::new(2));
    let refuse = |key: Constant, error| {
        assert_eq!(constant.import_public_key(key), Err((error, key)));
        assert_eq!(constant.import_private_key(key), Err((error, key)));
        let (why, back) = writable.import_public_key(key.to_vec().leak()).unwrap_err();
        assert_eq!((why, &*back), (error, key));
        let (why, back) = writable.import_private_key(back).unwrap_err();
        assert_eq!((why, &*back), (error, key));
    };
    refuse(&[1; 3], ErrorCode::SIZE);
    refuse(&[1, 2], ErrorCode::INVAL);
    assert_eq!(constant.import_public_key(&MODULUS), Ok(()));
    assert_eq!(constant.import_private_key(&EXPONENT), Ok(()));
    assert_eq!(writable.import_public_key(fake::leak(MODULUS)), Ok(()));
    assert_eq!(writable.import_private_key(fake::leak(EXPONENT)), Ok(()));
    refuse(&[1; 2], ErrorCode::BUSY);
}

/// How a generation ended, with the buffers that came back.
type Ended = Result<(), (ErrorCode, Buffer, Buffer)>;

#[derive(Default)]
struct User(RefCell<Vec<Ended>>);

impl PubPrivKeyGenerateClient<'static> for User {
    fn generation_complete(&'static self, result: Ended) {
        self.0.borrow_mut().push(result);
    }
}

/// A holder of keys of 6 bytes, whose source has no entropy yet.
fn holder() -> (
    fake::Machine,
    &'static fake::RsaKeys,
    &'static fake::Entropy32,
    &'static User,
) {
    let (keys, source) = (fake::RsaKeys::new(6), fake::Entropy32::new());
    let user = &*fake::leak(User::default());
    source.set_client(keys);
    keys.set_client(user);
    (fake::Machine::new(), keys, source, user)
}

fn generate(keys: &'static fake::RsaKeys, source: &'static fake::Entropy32) -> Ended {
    keys.generate(source, fake::leak([0; 6]), fake::leak([0; 7]))
}

#[test]
fn keys_are_made_of_as_much_entropy_as_they_are_long_and_odd() {
    let (machine, keys, source, user) = holder();
    assert!(generate(keys, source).is_ok());
    source.provide(&[0x0102_0304]);
    machine.run();
    assert!(user.0.borrow().is_empty());
    let busy = (ErrorCode::BUSY, &[1; 6][..]);
    assert_eq!(keys.import_private_key(&[1; 6]), Err(busy));
    source.provide(&[0x0506_0708, 0x090a_0b0c, 0x0d0e_0f10]);
    machine.run();
    assert_eq!(user.0.take(), [Ok(())]);
    assert_eq!(keys.pub_key(), Ok(&[1, 2, 3, 4, 5, 7][..]));
    assert_eq!(keys.priv_key(), Ok(&[7, 8, 9, 10, 11, 13][..]));
    assert_eq!(source.left(), 1);
}

#[test]
fn a_generation_that_cannot_start_gives_its_buffers_back() {
    let (machine, keys, source, user) = holder();
    let refused = |expected| {
        let (error, public, private) = generate(keys, source).unwrap_err();
        assert_eq!((error, public.len(), private.len()), (expected, 6, 7));
    };
    source.refuse_next(ErrorCode::OFF);
    refused(ErrorCode::OFF);
    keys.refuse_next(ErrorCode::FAIL);
    refused(ErrorCode::FAIL);
    let (short, long) = (fake::leak([0; 5]), fake::leak([0; 6]));
    let (error, long, short) = keys.generate(source, long, short).unwrap_err();
    assert_eq!(error, ErrorCode::SIZE);
    let (error, ..) = keys.generate(source, short, long).unwrap_err();
    assert_eq!(error, ErrorCode::SIZE);
    assert_eq!(keys.import_private_key(&[1; 6]), Ok(()));
    refused(ErrorCode::BUSY);
    source.provide(&[1; 3]);
    machine.run();
    assert!(user.0.borrow().is_empty());
}

#[test]
fn a_generation_that_fails_gives_its_buffers_back_and_can_be_tried_again() {
    let (machine, keys, source, user) = holder();
    source.provide(&[0x0101_0101; 3]);
    source.fail_next(ErrorCode::FAIL);
    keys.hold();
    assert!(generate(keys, source).is_ok());
    machine.run();
    assert!(user.0.borrow().is_empty());
    keys.release();
    machine.run();
    let (error, public, private) = user.0.take().pop().unwrap().unwrap_err();
    assert_eq!(
        (error, public.len(), private.len()),
        (ErrorCode::FAIL, 6, 7)
    );
    assert_eq!((keys.pub_key(), keys.priv_key()), (Err(NONE), Err(NONE)));
    assert!(keys.generate(source, public, private).is_ok());
    machine.run();
    assert_eq!(user.0.take(), [Ok(())]);
}
