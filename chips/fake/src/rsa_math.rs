//! The one operation that RSA is made of.

use kernel::{
    ErrorCode,
    deferred_call::DeferredCallClient,
    hil::public_key_crypto::rsa_math::{Client, ClientMut, RsaCryptoBase, RsaCryptoBaseMut},
    utilities::cells::OptionalCell,
};

use crate::{
    faults::{Operation, faults},
    place,
};

type Buffer = &'static mut [u8];
type Constant = &'static [u8];

/// The longest numbers, in bytes.
const LONGEST_BYTES: usize = 8;

/// An engine that computes powers of numbers of up to 8 bytes, the most significant first. It refuses longer ones
/// with `NOSUPPORT`, and with `INVAL` a modulus that is 0 or whose length is no power of two, and a message or an
/// exponent that is shorter. It keeps no secret from one operation to the next.
pub struct RsaMath {
    operation: Operation<Request>,
    client: OptionalCell<&'static dyn Client<'static>>,
    client_mut: OptionalCell<&'static dyn ClientMut<'static>>,
}

struct Request {
    message: Buffer,
    key: Key,
    result: Buffer,
    power: Vec<u8>,
}

/// Modulus and exponent.
enum Key {
    Constant(Constant, Constant),
    Writable(Buffer, Buffer),
}

impl RsaMath {
    /// An engine.
    pub fn new() -> &'static Self {
        place(Self {
            operation: Operation::new(),
            client: OptionalCell::empty(),
            client_mut: OptionalCell::empty(),
        })
    }

    /// The power, if there is room for it in `result`.
    fn power(
        &self,
        message: &[u8],
        modulus: &[u8],
        exponent: &[u8],
        result: &[u8],
    ) -> Result<Vec<u8>, ErrorCode> {
        self.operation.admit()?;
        let length = modulus.len();
        if length > LONGEST_BYTES {
            return Err(ErrorCode::NOSUPPORT);
        }
        let modulus = number(modulus);
        let message = message.get(..length).map(number).ok_or(ErrorCode::INVAL)?;
        let exponent = exponent.get(..length).map(number).ok_or(ErrorCode::INVAL)?;
        if !length.is_power_of_two() || modulus == 0 {
            return Err(ErrorCode::INVAL);
        }
        if result.len() < length {
            return Err(ErrorCode::SIZE);
        }
        let power = power(message, exponent, modulus).to_be_bytes();
        Ok(power[power.len() - length..].to_vec())
    }
}

fn number(bytes: &[u8]) -> u128 {
    let add = |number, byte: &u8| number << 8 | u128::from(*byte);
    bytes.iter().fold(0, add)
}

/// `base` to the power of `exponent`, modulo `modulus`. All are below 2^64, so that no product is too large.
fn power(base: u128, mut exponent: u128, modulus: u128) -> u128 {
    let (mut power, mut square) = (1 % modulus, base % modulus);
    while exponent > 0 {
        if exponent & 1 == 1 {
            power = power * square % modulus;
        }
        square = square * square % modulus;
        exponent >>= 1;
    }
    power
}

faults!(RsaMath);

impl RsaCryptoBase<'static> for RsaMath {
    fn set_client(&'static self, client: &'static dyn Client<'static>) {
        self.client.set(client);
    }

    fn clear_data(&self) {}

    fn mod_exponent(
        &self,
        message: Buffer,
        modulus: Constant,
        exponent: Constant,
        result: Buffer,
    ) -> Result<(), (ErrorCode, Buffer, Constant, Constant, Buffer)> {
        match self.power(message, modulus, exponent, result) {
            Ok(power) => self.operation.start(Request {
                message,
                key: Key::Constant(modulus, exponent),
                result,
                power,
            }),
            Err(error) => return Err((error, message, modulus, exponent, result)),
        }
        Ok(())
    }
}

impl RsaCryptoBaseMut<'static> for RsaMath {
    fn set_client(&'static self, client: &'static dyn ClientMut<'static>) {
        self.client_mut.set(client);
    }

    fn clear_data(&self) {}

    fn mod_exponent(
        &self,
        message: Buffer,
        modulus: Buffer,
        exponent: Buffer,
        result: Buffer,
    ) -> Result<(), (ErrorCode, Buffer, Buffer, Buffer, Buffer)> {
        match self.power(message, modulus, exponent, result) {
            Ok(power) => self.operation.start(Request {
                message,
                key: Key::Writable(modulus, exponent),
                result,
                power,
            }),
            Err(error) => return Err((error, message, modulus, exponent, result)),
        }
        Ok(())
    }
}

impl DeferredCallClient for RsaMath {
    fn handle_deferred_call(&self) {
        let Some((request, status)) = self.operation.end() else {
            return;
        };
        let Request {
            message,
            key,
            result,
            power,
        } = request;
        if status.is_ok() {
            result[..power.len()].copy_from_slice(&power);
        }
        let status = status.map(|()| true);
        match key {
            Key::Constant(modulus, exponent) => {
                if let Some(client) = self.client.get() {
                    client.mod_exponent_done(status, message, modulus, exponent, result);
                }
            }
            Key::Writable(modulus, exponent) => {
                if let Some(client) = self.client_mut.get() {
                    client.mod_exponent_done(status, message, modulus, exponent, result);
                }
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
    use std::cell::{Cell, RefCell};

    /// How an operation ended, and its result.
    type Heard = (Result<bool, ErrorCode>, Vec<u8>);

    struct User {
        engine: &'static RsaMath,
        /// Undoes what was computed, with the exponent that does.
        is_eager: Cell<bool>,
        heard: RefCell<Vec<Heard>>,
        is_writable: Cell<bool>,
    }

    impl Client<'static> for User {
        fn mod_exponent_done(
            &self,
            status: Result<bool, ErrorCode>,
            message: Buffer,
            modulus: Constant,
            _: Constant,
            result: Buffer,
        ) {
            self.heard.borrow_mut().push((status, result.to_vec()));
            if self.is_eager.take() {
                let again =
                    RsaCryptoBase::mod_exponent(self.engine, result, modulus, PRIVATE, message);
                assert!(again.is_ok());
            }
        }
    }

    impl ClientMut<'static> for User {
        fn mod_exponent_done(
            &self,
            status: Result<bool, ErrorCode>,
            _: Buffer,
            _: Buffer,
            _: Buffer,
            result: Buffer,
        ) {
            self.is_writable.set(true);
            self.heard.borrow_mut().push((status, result.to_vec()));
        }
    }

    // 61 * 53, and two exponents of which each undoes the other.
    const MODULUS: Constant = &3233_u16.to_be_bytes();
    const PUBLIC: Constant = &17_u16.to_be_bytes();
    const PRIVATE: Constant = &413_u16.to_be_bytes();
    const MESSAGE: [u8; 2] = 65_u16.to_be_bytes();
    const POWER: [u8; 2] = 2790_u16.to_be_bytes();

    fn engine() -> (Machine, &'static RsaMath, &'static User) {
        let engine = RsaMath::new();
        let user = &*leak(User {
            engine,
            is_eager: Cell::new(false),
            heard: RefCell::default(),
            is_writable: Cell::new(false),
        });
        RsaCryptoBase::set_client(engine, user);
        RsaCryptoBaseMut::set_client(engine, user);
        (Machine::new(), engine, user)
    }

    fn start(engine: &RsaMath) {
        let (message, result) = (leak(MESSAGE), leak([0; 2]));
        assert!(RsaCryptoBase::mod_exponent(engine, message, MODULUS, PUBLIC, result).is_ok());
    }

    #[test]
    fn the_private_exponent_undoes_the_public_one_from_inside_the_callback() {
        let (machine, engine, user) = engine();
        user.is_eager.set(true);
        start(engine);
        assert!(user.heard.borrow().is_empty(), "not inside the call");
        machine.run();
        let expected = [(Ok(true), POWER.to_vec()), (Ok(true), MESSAGE.to_vec())];
        assert_eq!(*user.heard.borrow(), expected);
    }

    #[test]
    fn of_longer_buffers_the_start_is_used_and_written() {
        let (machine, engine, user) = engine();
        let lengthen = |bytes: &[u8]| [bytes, &[7]].concat().leak();
        let started = RsaCryptoBaseMut::mod_exponent(
            engine,
            lengthen(&MESSAGE),
            MODULUS.to_vec().leak(),
            lengthen(PUBLIC),
            lengthen(&[0; 2]),
        );
        assert!(started.is_ok());
        machine.run();
        let expected = [(Ok(true), [&POWER[..], &[7]].concat())];
        assert_eq!(*user.heard.borrow(), expected);
        assert!(user.is_writable.get());
    }

    #[test]
    fn the_longest_numbers_do_not_overflow() {
        let (machine, engine, user) = engine();
        let message = leak((u64::MAX - 1).to_be_bytes());
        let (modulus, exponent) = (&[0xff; 8], &[0, 0, 0, 0, 0, 0, 0, 2]);
        let result = leak([0; 8]);
        assert!(RsaCryptoBase::mod_exponent(engine, message, modulus, exponent, result).is_ok());
        machine.run();
        let expected = 1_u64.to_be_bytes().to_vec();
        assert_eq!(*user.heard.borrow(), [(Ok(true), expected)]);
    }

    #[test]
    fn every_power_modulo_one_is_zero() {
        let (machine, engine, user) = engine();
        let (message, result) = (leak([0]), leak([9]));
        assert!(RsaCryptoBase::mod_exponent(engine, message, &[1], &[0], result).is_ok());
        machine.run();
        assert_eq!(*user.heard.borrow(), [(Ok(true), vec![0])]);
    }

    #[test]
    fn a_refusal_gives_the_buffers_back_and_no_callback_follows() {
        let (machine, engine, user) = engine();
        let refusal = |length, modulus, exponent, room| {
            let (message, result) = (vec![1; length].leak(), vec![9; room].leak());
            let refused = RsaCryptoBase::mod_exponent(engine, message, modulus, exponent, result);
            let (error, message, _, _, result) = refused.unwrap_err();
            assert_eq!((&*message, &*result), (&*vec![1; length], &*vec![9; room]));
            error
        };
        assert_eq!(refusal(16, &[1; 16], &[1; 16], 16), ErrorCode::NOSUPPORT);
        assert_eq!(refusal(3, &[1; 3], &[1; 3], 3), ErrorCode::INVAL);
        assert_eq!(refusal(2, &[0; 2], PUBLIC, 2), ErrorCode::INVAL);
        assert_eq!(refusal(1, MODULUS, PUBLIC, 2), ErrorCode::INVAL);
        assert_eq!(refusal(2, MODULUS, &[1], 2), ErrorCode::INVAL);
        assert_eq!(refusal(2, MODULUS, PUBLIC, 1), ErrorCode::SIZE);
        engine.refuse_next(ErrorCode::FAIL);
        assert_eq!(refusal(2, MODULUS, PUBLIC, 2), ErrorCode::FAIL);
        start(engine);
        assert_eq!(refusal(2, MODULUS, PUBLIC, 2), ErrorCode::BUSY);
        machine.run();
        assert_eq!(user.heard.borrow().len(), 1);
    }

    #[test]
    fn a_failure_that_was_held_writes_nothing() {
        let (machine, engine, user) = engine();
        engine.hold();
        engine.fail_next(ErrorCode::FAIL);
        start(engine);
        machine.run();
        assert!(user.heard.borrow().is_empty());
        engine.release();
        machine.run();
        assert_eq!(*user.heard.borrow(), [(Err(ErrorCode::FAIL), vec![0; 2])]);
    }
}
