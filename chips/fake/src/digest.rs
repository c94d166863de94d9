//! Digests.

use std::cell::{Cell, RefCell};

use kernel::{
    ErrorCode,
    deferred_call::DeferredCallClient,
    hil::digest::{
        self, Client, ClientData, ClientDataHash, ClientDataVerify, ClientHash, ClientVerify,
    },
    utilities::{
        cells::OptionalCell,
        leasable_buffer::{SubSlice, SubSliceMut},
    },
};

use crate::{
    Hasher,
    faults::{Operation, faults},
    place,
};

/// An engine whose digest is [`Hasher::of`] the data, or of the key and the data if a key was set: a sum that a test
/// can tell beforehand and that keeps nothing safe. It has every algorithm whose digest is `L` bytes long, and they
/// are all this sum. Data and key stay until they are cleared.
pub struct Digest<const L: usize> {
    key: RefCell<Vec<u8>>,
    data: RefCell<Vec<u8>>,
    is_cancelled: Cell<bool>,
    operation: Operation<Request<L>>,
    data_client: OptionalCell<&'static dyn ClientData<L>>,
    hash_client: OptionalCell<&'static dyn ClientHash<L>>,
    verify_client: OptionalCell<&'static dyn ClientVerify<L>>,
}

enum Request<const L: usize> {
    Add(SubSlice<'static, u8>),
    AddMut(SubSliceMut<'static, u8>),
    Run(&'static mut [u8; L]),
    Verify(&'static mut [u8; L]),
}

impl<const L: usize> Digest<L> {
    /// An engine that has no key and no data yet.
    pub fn new() -> &'static Self {
        place(Self {
            key: RefCell::default(),
            data: RefCell::default(),
            is_cancelled: Cell::new(false),
            operation: Operation::new(),
            data_client: OptionalCell::empty(),
            hash_client: OptionalCell::empty(),
            verify_client: OptionalCell::empty(),
        })
    }

    fn admit_data(&self, length: usize) -> Result<(), ErrorCode> {
        self.operation.admit()?;
        if length == 0 {
            return Err(ErrorCode::SIZE);
        }
        Ok(())
    }

    /// Chooses an algorithm whose digest is `length` bytes long, and which takes a key or none.
    fn set_mode(&self, length: usize, key: &[&[u8]]) -> Result<(), ErrorCode> {
        if self.operation.is_under_way() {
            return Err(ErrorCode::BUSY);
        }
        if length != L {
            return Err(ErrorCode::NOSUPPORT);
        }
        self.key.replace(key.concat());
        Ok(())
    }

    fn digest(&self) -> [u8; L] {
        Hasher::of(&[&**self.key.borrow(), &**self.data.borrow()].concat())
    }
}

faults!([const L: usize] Digest<L>);

impl<const L: usize> digest::DigestData<'static, L> for Digest<L> {
    fn set_data_client(&'static self, client: &'static dyn ClientData<L>) {
        self.data_client.set(client);
    }

    fn add_data(
        &self,
        data: SubSlice<'static, u8>,
    ) -> Result<(), (ErrorCode, SubSlice<'static, u8>)> {
        if let Err(error) = self.admit_data(data.len()) {
            return Err((error, data));
        }
        self.operation.start(Request::Add(data));
        Ok(())
    }

    fn add_mut_data(
        &self,
        data: SubSliceMut<'static, u8>,
    ) -> Result<(), (ErrorCode, SubSliceMut<'static, u8>)> {
        if let Err(error) = self.admit_data(data.len()) {
            return Err((error, data));
        }
        self.operation.start(Request::AddMut(data));
        Ok(())
    }

    fn clear_data(&self) {
        self.key.take();
        self.data.take();
        self.is_cancelled.set(self.operation.is_under_way());
    }
}

impl<const L: usize> digest::DigestHash<'static, L> for Digest<L> {
    fn set_hash_client(&'static self, client: &'static dyn ClientHash<L>) {
        self.hash_client.set(client);
    }

    fn run(
        &'static self,
        digest: &'static mut [u8; L],
    ) -> Result<(), (ErrorCode, &'static mut [u8; L])> {
        if let Err(error) = self.operation.admit() {
            return Err((error, digest));
        }
        self.operation.start(Request::Run(digest));
        Ok(())
    }
}

impl<const L: usize> digest::DigestVerify<'static, L> for Digest<L> {
    fn set_verify_client(&'static self, client: &'static dyn ClientVerify<L>) {
        self.verify_client.set(client);
    }

    fn verify(
        &'static self,
        compare: &'static mut [u8; L],
    ) -> Result<(), (ErrorCode, &'static mut [u8; L])> {
        if let Err(error) = self.operation.admit() {
            return Err((error, compare));
        }
        self.operation.start(Request::Verify(compare));
        Ok(())
    }
}

impl<const L: usize> digest::Digest<'static, L> for Digest<L> {
    fn set_client(&'static self, client: &'static dyn Client<L>) {
        self.data_client.set(client);
        self.hash_client.set(client);
        self.verify_client.set(client);
    }
}

impl<const L: usize> digest::DigestDataHash<'static, L> for Digest<L> {
    fn set_client(&'static self, client: &'static dyn ClientDataHash<L>) {
        self.data_client.set(client);
        self.hash_client.set(client);
    }
}

impl<const L: usize> digest::DigestDataVerify<'static, L> for Digest<L> {
    fn set_client(&'static self, client: &'static dyn ClientDataVerify<L>) {
        self.data_client.set(client);
        self.verify_client.set(client);
    }
}

macro_rules! algorithms {
    ($($algorithm:ident, $set_mode:ident($($key:ident)?), $length:literal;)*) => {$(
        impl<const L: usize> digest::$algorithm for Digest<L> {
            fn $set_mode(&self $(, $key: &[u8])?) -> Result<(), ErrorCode> {
                self.set_mode($length, &[$($key)?])
            }
        }
    )*};
}

algorithms! {
    Md5, set_mode_md5(), 16;
    Sha1, set_mode_sha1(), 20;
    Sha224, set_mode_sha224(), 28;
    Sha256, set_mode_sha256(), 32;
    Sha384, set_mode_sha384(), 48;
    Sha512, set_mode_sha512(), 64;
    HmacMd5, set_mode_hmacmd5(key), 16;
    HmacSha1, set_mode_hmacsha1(key), 20;
    HmacSha224, set_mode_hmacsha224(key), 28;
    HmacSha256, set_mode_hmacsha256(key), 32;
    HmacSha384, set_mode_hmacsha384(key), 48;
    HmacSha512, set_mode_hmacsha512(key), 64;
}

impl<const L: usize> DeferredCallClient for Digest<L> {
    fn handle_deferred_call(&self) {
        let Some((request, mut result)) = self.operation.end() else {
            return;
        };
        if self.is_cancelled.take() {
            result = result.and(Err(ErrorCode::CANCEL));
        }
        match request {
            Request::Add(mut data) => {
                if result.is_ok() {
                    self.data.borrow_mut().extend(data.as_slice());
                    data.slice(data.len()..);
                }
                self.data_client
                    .map(|client| client.add_data_done(result, data));
            }
            Request::AddMut(mut data) => {
                if result.is_ok() {
                    self.data.borrow_mut().extend(data.as_slice());
                    data.slice(data.len()..);
                }
                self.data_client
                    .map(|client| client.add_mut_data_done(result, data));
            }
            Request::Run(buffer) => {
                if result.is_ok() {
                    *buffer = self.digest();
                }
                self.hash_client
                    .map(|client| client.hash_done(result, buffer));
            }
            Request::Verify(compare) => {
                let result = result.map(|()| *compare == self.digest());
                self.verify_client
                    .map(|client| client.verification_done(result, compare));
            }
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
    use kernel::hil::digest::{
        Digest as _, DigestData as _, DigestHash as _, DigestVerify as _, HmacSha256 as _,
        Sha256 as _, Sha512 as _,
    };

    type Engine = Digest<32>;

    struct User {
        engine: &'static Engine,
        /// Asks for the digest as soon as data is added.
        is_eager: Cell<bool>,
        /// What was not added.
        left: RefCell<Vec<Result<usize, (ErrorCode, usize)>>>,
        digests: RefCell<Vec<Result<[u8; 32], ErrorCode>>>,
        verdicts: RefCell<Vec<Result<bool, ErrorCode>>>,
    }

    impl User {
        fn heard_of(&self, result: Result<(), ErrorCode>, left: usize) {
            let result = result.map(|()| left).map_err(|error| (error, left));
            self.left.borrow_mut().push(result);
            if self.is_eager.get() {
                assert!(self.engine.run(leak([0; 32])).is_ok());
            }
        }
    }

    impl ClientData<32> for User {
        fn add_data_done(&self, result: Result<(), ErrorCode>, data: SubSlice<'static, u8>) {
            self.heard_of(result, data.len());
        }

        fn add_mut_data_done(&self, result: Result<(), ErrorCode>, data: SubSliceMut<'static, u8>) {
            self.heard_of(result, data.len());
        }
    }

    impl ClientHash<32> for User {
        fn hash_done(&self, result: Result<(), ErrorCode>, digest: &'static mut [u8; 32]) {
            self.digests.borrow_mut().push(result.map(|()| *digest));
        }
    }

    impl ClientVerify<32> for User {
        fn verification_done(&self, result: Result<bool, ErrorCode>, _: &'static mut [u8; 32]) {
            self.verdicts.borrow_mut().push(result);
        }
    }

    fn engine() -> (Machine, &'static Engine, &'static User) {
        let engine = Digest::new();
        let user = &*leak(User {
            engine,
            is_eager: Cell::new(false),
            left: RefCell::default(),
            digests: RefCell::default(),
            verdicts: RefCell::default(),
        });
        engine.set_client(user);
        (Machine::new(), engine, user)
    }

    fn add(engine: &Engine, data: &'static [u8]) {
        assert!(engine.add_data(SubSlice::new(data)).is_ok());
    }

    /// The digest that begins with `start`, and goes on with zeroes.
    fn digest<const N: usize>(start: [u8; N]) -> [u8; 32] {
        Hasher::of(&start)
    }

    #[test]
    fn the_digest_of_pieces_is_that_of_the_whole() {
        let (machine, engine, user) = engine();
        add(engine, &[1, 2]);
        assert!(user.left.borrow().is_empty(), "not inside the call");
        machine.run();
        let mut data = SubSliceMut::new(leak([9, 3, 4]));
        data.slice(1..);
        assert!(engine.add_mut_data(data).is_ok());
        machine.run();
        assert_eq!(*user.left.borrow(), [Ok(0), Ok(0)]);
        assert!(engine.run(leak([0; 32])).is_ok());
        machine.run();
        assert_eq!(*user.digests.borrow(), [Ok(digest([1, 2, 3, 4]))]);
    }

    #[test]
    fn a_digest_is_verified() {
        let (machine, engine, user) = engine();
        add(engine, &[1]);
        machine.run();
        for expected in [digest([1]), digest([2])] {
            assert!(engine.verify(leak(expected)).is_ok());
            machine.run();
        }
        assert_eq!(*user.verdicts.borrow(), [Ok(true), Ok(false)]);
    }

    #[test]
    fn a_key_changes_the_digest_until_it_is_forgotten() {
        let (machine, engine, user) = engine();
        assert_eq!(engine.set_mode_sha512(), Err(ErrorCode::NOSUPPORT));
        assert_eq!(engine.set_mode_hmacsha256(&[7, 8]), Ok(()));
        add(engine, &[1]);
        assert_eq!(engine.set_mode_sha256(), Err(ErrorCode::BUSY));
        machine.run();
        assert!(engine.run(leak([0; 32])).is_ok());
        machine.run();
        engine.clear_data();
        assert!(engine.run(leak([0; 32])).is_ok());
        machine.run();
        assert_eq!(
            *user.digests.borrow(),
            [Ok(digest([7, 8, 1])), Ok(digest([]))]
        );
    }

    #[test]
    fn a_refusal_gives_the_buffer_back_and_no_callback_follows() {
        let (machine, engine, user) = engine();
        let (error, _) = engine.add_data(SubSlice::new(&[])).unwrap_err();
        assert_eq!(error, ErrorCode::SIZE);
        engine.refuse_next(ErrorCode::OFF);
        let (error, buffer) = engine.run(leak([7; 32])).unwrap_err();
        assert_eq!((error, *buffer), (ErrorCode::OFF, [7; 32]));
        add(engine, &[1]);
        let (error, buffer) = engine.verify(buffer).unwrap_err();
        assert_eq!((error, *buffer), (ErrorCode::BUSY, [7; 32]));
        machine.run();
        assert_eq!(*user.left.borrow(), [Ok(0)]);
        assert!(user.digests.borrow().is_empty() && user.verdicts.borrow().is_empty());
    }

    #[test]
    fn data_whose_callback_fails_is_left_and_not_in_the_digest() {
        let (machine, engine, user) = engine();
        engine.fail_next(ErrorCode::FAIL);
        for data in [&[1, 1], &[2, 2]] {
            add(engine, data);
            machine.run();
        }
        assert_eq!(*user.left.borrow(), [Err((ErrorCode::FAIL, 2)), Ok(0)]);
        for _ in 0..2 {
            assert!(engine.verify(leak(digest([2, 2]))).is_ok());
            machine.run();
            engine.fail_next(ErrorCode::OFF);
        }
        let verdicts = user.verdicts.borrow();
        assert_eq!(*verdicts, [Ok(true), Err(ErrorCode::OFF)]);
    }

    #[test]
    fn an_operation_that_is_held_is_cancelled_when_the_data_is_cleared() {
        let (machine, engine, user) = engine();
        engine.hold();
        add(engine, &[1]);
        machine.run();
        engine.clear_data();
        machine.run();
        assert!(user.left.borrow().is_empty());
        engine.release();
        machine.run();
        assert_eq!(*user.left.borrow(), [Err((ErrorCode::CANCEL, 1))]);
        assert!(engine.run(leak([1; 32])).is_ok());
        machine.run();
        assert_eq!(*user.digests.borrow(), [Ok(digest([]))]);
    }

    #[test]
    fn a_callback_may_start_the_next_operation() {
        let (machine, engine, user) = engine();
        user.is_eager.set(true);
        add(engine, &[1]);
        machine.run();
        assert_eq!(*user.digests.borrow(), [Ok(digest([1]))]);
    }
}
