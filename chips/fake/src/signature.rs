//! Signatures.

use std::cell::Cell;

use kernel::{
    ErrorCode,
    deferred_call::DeferredCallClient,
    hil::public_key_crypto::{
        keys::{SetKeyBySlice, SetKeyBySliceClient},
        signature::{ClientSign, ClientVerify, SignatureSign, SignatureVerify},
    },
    utilities::cells::OptionalCell,
};

use crate::{
    Hasher,
    faults::{Operation, faults},
    place,
};

type Array<const N: usize> = &'static mut [u8; N];

/// An engine that makes and checks signatures of `S` bytes of hashes of `H` bytes, with a key of `K` bytes. The key
/// for everybody and that for one are the same, and a signature is [`Hasher::of`] key and hash, which keeps nothing
/// safe. Before one is set, the key is all zeroes.
pub struct Signature<const H: usize, const S: usize, const K: usize> {
    key: Cell<[u8; K]>,
    operation: Operation<Request<H, S, K>>,
    sign_client: OptionalCell<&'static dyn ClientSign<H, S>>,
    verify_client: OptionalCell<&'static dyn ClientVerify<H, S>>,
    key_client: OptionalCell<&'static dyn SetKeyBySliceClient<K>>,
}

enum Request<const H: usize, const S: usize, const K: usize> {
    Sign(Array<H>, Array<S>),
    Verify(Array<H>, Array<S>),
    SetKey(Array<K>),
}

impl<const H: usize, const S: usize, const K: usize> Signature<H, S, K> {
    /// An engine with a key of zeroes.
    pub fn new() -> &'static Self {
        place(Self {
            key: Cell::new([0; K]),
            operation: Operation::new(),
            sign_client: OptionalCell::empty(),
            verify_client: OptionalCell::empty(),
            key_client: OptionalCell::empty(),
        })
    }

    fn start(
        &self,
        request: fn(Array<H>, Array<S>) -> Request<H, S, K>,
        hash: Array<H>,
        signature: Array<S>,
    ) -> Result<(), (ErrorCode, Array<H>, Array<S>)> {
        if let Err(error) = self.operation.admit() {
            return Err((error, hash, signature));
        }
        self.operation.start(request(hash, signature));
        Ok(())
    }

    fn signature_of(&self, hash: &[u8; H]) -> [u8; S] {
        Hasher::of(&[&self.key.get()[..], hash].concat())
    }
}

faults!([const H: usize, const S: usize, const K: usize] Signature<H, S, K>);

impl<const H: usize, const S: usize, const K: usize> SignatureSign<'static, H, S>
    for Signature<H, S, K>
{
    fn set_sign_client(&self, client: &'static dyn ClientSign<H, S>) {
        self.sign_client.set(client);
    }

    fn sign(
        &self,
        hash: Array<H>,
        signature: Array<S>,
    ) -> Result<(), (ErrorCode, Array<H>, Array<S>)> {
        self.start(Request::Sign, hash, signature)
    }
}

impl<const H: usize, const S: usize, const K: usize> SignatureVerify<'static, H, S>
    for Signature<H, S, K>
{
    fn set_verify_client(&self, client: &'static dyn ClientVerify<H, S>) {
        self.verify_client.set(client);
    }

    fn verify(
        &self,
        hash: Array<H>,
        signature: Array<S>,
    ) -> Result<(), (ErrorCode, Array<H>, Array<S>)> {
        self.start(Request::Verify, hash, signature)
    }
}

impl<const H: usize, const S: usize, const K: usize> SetKeyBySlice<'static, K>
    for Signature<H, S, K>
{
    fn set_key(&self, key: Array<K>) -> Result<(), (ErrorCode, Array<K>)> {
        if let Err(error) = self.operation.admit() {
            return Err((error, key));
        }
        self.operation.start(Request::SetKey(key));
        Ok(())
    }

    fn set_client(&self, client: &'static dyn SetKeyBySliceClient<K>) {
        self.key_client.set(client);
    }
}

impl<const H: usize, const S: usize, const K: usize> DeferredCallClient for Signature<H, S, K> {
    fn handle_deferred_call(&self) {
        let Some((request, result)) = self.operation.end() else {
            return;
        };
        match request {
            Request::Sign(hash, signature) => {
                if result.is_ok() {
                    *signature = self.signature_of(hash);
                }
                self.sign_client
                    .map(|client| client.signing_done(result, hash, signature));
            }
            Request::Verify(hash, signature) => {
                let result = result.map(|()| *signature == self.signature_of(hash));
                self.verify_client
                    .map(|client| client.verification_done(result, hash, signature));
            }
            Request::SetKey(key) => {
                if result.is_ok() {
                    self.key.set(*key);
                }
                self.key_client
                    .map(|client| client.set_key_done(key, result));
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
    use std::cell::RefCell;

    type Engine = Signature<2, 3, 1>;

    struct User {
        engine: &'static Engine,
        /// Verifies what was signed.
        is_eager: Cell<bool>,
        signatures: RefCell<Vec<Result<[u8; 3], ErrorCode>>>,
        verdicts: RefCell<Vec<Result<bool, ErrorCode>>>,
        keys: RefCell<Vec<Result<(), ErrorCode>>>,
    }

    impl ClientSign<2, 3> for User {
        fn signing_done(&self, result: Result<(), ErrorCode>, hash: Array<2>, signature: Array<3>) {
            self.signatures
                .borrow_mut()
                .push(result.map(|()| *signature));
            if self.is_eager.get() {
                assert!(self.engine.verify(hash, signature).is_ok());
            }
        }
    }

    impl ClientVerify<2, 3> for User {
        fn verification_done(&self, result: Result<bool, ErrorCode>, _: Array<2>, _: Array<3>) {
            self.verdicts.borrow_mut().push(result);
        }
    }

    impl SetKeyBySliceClient<1> for User {
        fn set_key_done(&self, _: Array<1>, error: Result<(), ErrorCode>) {
            self.keys.borrow_mut().push(error);
        }
    }

    fn engine() -> (Machine, &'static Engine, &'static User) {
        let engine = Engine::new();
        let user = &*leak(User {
            engine,
            is_eager: Cell::new(false),
            signatures: RefCell::default(),
            verdicts: RefCell::default(),
            keys: RefCell::default(),
        });
        engine.set_sign_client(user);
        engine.set_verify_client(user);
        engine.set_client(user);
        (Machine::new(), engine, user)
    }

    fn sign(machine: &Machine, engine: &Engine) {
        assert!(engine.sign(leak([1, 2]), leak([9; 3])).is_ok());
        machine.run();
    }

    fn verify(machine: &Machine, engine: &Engine, signature: [u8; 3]) {
        assert!(engine.verify(leak([1, 2]), leak(signature)).is_ok());
        machine.run();
    }

    fn set_key(machine: &Machine, engine: &Engine) {
        assert!(engine.set_key(leak([7])).is_ok());
        machine.run();
    }

    #[test]
    fn a_signature_is_that_of_hash_and_key() {
        let (machine, engine, user) = engine();
        sign(&machine, engine);
        assert!(engine.set_key(leak([7])).is_ok());
        assert!(user.keys.borrow().is_empty(), "not inside the call");
        machine.run();
        sign(&machine, engine);
        assert_eq!(*user.signatures.borrow(), [Ok([0, 1, 2]), Ok([7, 1, 2])]);
        verify(&machine, engine, [0, 1, 2]);
        verify(&machine, engine, [7, 1, 2]);
        assert_eq!(*user.verdicts.borrow(), [Ok(false), Ok(true)]);
    }

    #[test]
    fn a_refusal_gives_the_buffers_back_and_no_callback_follows() {
        let (machine, engine, user) = engine();
        engine.refuse_next(ErrorCode::OFF);
        let (error, hash, signature) = engine.sign(leak([1, 2]), leak([9; 3])).unwrap_err();
        assert_eq!(
            (error, &*hash, &*signature),
            (ErrorCode::OFF, &[1, 2], &[9; 3])
        );
        assert!(engine.set_key(leak([7])).is_ok());
        let (error, hash, signature) = engine.verify(hash, signature).unwrap_err();
        assert_eq!(
            (error, &*hash, &*signature),
            (ErrorCode::BUSY, &[1, 2], &[9; 3])
        );
        let (error, key) = engine.set_key(leak([8])).unwrap_err();
        assert_eq!((error, *key), (ErrorCode::BUSY, [8]));
        machine.run();
        assert_eq!(*user.keys.borrow(), [Ok(())]);
        assert!(user.signatures.borrow().is_empty() && user.verdicts.borrow().is_empty());
    }

    #[test]
    fn a_failure_changes_nothing() {
        let (machine, engine, user) = engine();
        for _ in 0..3 {
            engine.fail_next(ErrorCode::FAIL);
        }
        set_key(&machine, engine);
        sign(&machine, engine);
        verify(&machine, engine, [0, 1, 2]);
        sign(&machine, engine);
        assert_eq!(*user.keys.borrow(), [Err(ErrorCode::FAIL)]);
        assert_eq!(*user.verdicts.borrow(), [Err(ErrorCode::FAIL)]);
        let signatures = user.signatures.borrow();
        assert_eq!(*signatures, [Err(ErrorCode::FAIL), Ok([0, 1, 2])]);
    }

    #[test]
    fn a_callback_that_is_held_comes_when_it_is_released_and_may_start_the_next_operation() {
        let (machine, engine, user) = engine();
        user.is_eager.set(true);
        engine.hold();
        sign(&machine, engine);
        assert!(user.signatures.borrow().is_empty());
        engine.release();
        machine.run();
        assert_eq!(*user.signatures.borrow(), [Ok([0, 1, 2])]);
        assert_eq!(*user.verdicts.borrow(), [Ok(true)]);
    }
}
