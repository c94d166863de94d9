//! The fake engine of digests keeps the promises of its HIL.

use std::cell::{Cell, RefCell};

use chip_fake as fake;
use kernel::{
    ErrorCode,
    hil::digest::{
        ClientData, ClientHash, ClientVerify, Digest, DigestData, DigestHash, DigestVerify,
        HmacSha256, Sha256, Sha512,
    },
    utilities::leasable_buffer::{SubSlice, SubSliceMut},
};
type Engine = fake::Digest<32>;

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
            assert!(self.engine.run(fake::leak([0; 32])).is_ok());
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

fn engine() -> (fake::Machine, &'static Engine, &'static User) {
    let engine = fake::Digest::new();
    let user = &*fake::leak(User {
        engine,
        is_eager: Cell::new(false),
        left: RefCell::default(),
        digests: RefCell::default(),
        verdicts: RefCell::default(),
    });
    engine.set_client(user);
    (fake::Machine::new(), engine, user)
}

fn add(engine: &Engine, data: &'static [u8]) {
    assert!(engine.add_data(SubSlice::new(data)).is_ok());
}

/// The digest that begins with `start`, and goes on with zeroes.
fn digest<const N: usize>(start: [u8; N]) -> [u8; 32] {
    fake::Hasher::of(&start)
}

#[test]
fn the_digest_of_pieces_is_that_of_the_whole() {
    let (machine, engine, user) = engine();
    add(engine, &[1, 2]);
    assert!(user.left.borrow().is_empty(), "not inside the call");
    machine.run();
    let mut data = SubSliceMut::new(fake::leak([9, 3, 4]));
    data.slice(1..);
    assert!(engine.add_mut_data(data).is_ok());
    machine.run();
    assert_eq!(*user.left.borrow(), [Ok(0), Ok(0)]);
    assert!(engine.run(fake::leak([0; 32])).is_ok());
    machine.run();
    assert_eq!(*user.digests.borrow(), [Ok(digest([1, 2, 3, 4]))]);
}

#[test]
fn a_digest_is_verified() {
    let (machine, engine, user) = engine();
    add(engine, &[1]);
    machine.run();
    for expected in [digest([1]), digest([2])] {
        assert!(engine.verify(fake::leak(expected)).is_ok());
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
    assert!(engine.run(fake::leak([0; 32])).is_ok());
    machine.run();
    engine.clear_data();
    assert!(engine.run(fake::leak([0; 32])).is_ok());
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
    let (error, buffer) = engine.run(fake::leak([7; 32])).unwrap_err();
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
        assert!(engine.verify(fake::leak(digest([2, 2]))).is_ok());
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
    assert!(engine.run(fake::leak([1; 32])).is_ok());
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
