//! Encryption with one key.

use std::{cell::Cell, marker::PhantomData};

use kernel::{
    ErrorCode,
    deferred_call::DeferredCallClient,
    hil::symmetric_encryption::{AES, AES_BLOCK_SIZE, AESCBC, AESCtr, AESECB, AESKeySize, Client},
    utilities::cells::OptionalCell,
};

use crate::{
    faults::{Operation, faults},
    place,
};

type Block = [u8; AES_BLOCK_SIZE];
type Buffer = &'static mut [u8];

/// An engine for keys of the length `K`, whose modes are those of the standard, but whose cipher is not AES: it
/// xors each byte of a block with the bytes `n`, `n + 16` and so on of the key, which keeps nothing safe and is its
/// own inverse.
///
/// An engine that is off refuses with `OFF`, one without key or mode with `INVAL`. An operation that fails leaves
/// `dest` as it was, whatever the error: its callback has no place for one.
pub struct Aes<K> {
    is_on: Cell<bool>,
    key: Cell<Option<Block>>,
    mode: Cell<Option<Mode>>,
    vector: Cell<Block>,
    is_start: Cell<bool>,
    /// What the next block is chained to: the block before it, or its counter.
    chain: Cell<Block>,
    operation: Operation<Request>,
    client: OptionalCell<&'static dyn Client<'static>>,
    key_size: PhantomData<K>,
}

#[derive(Clone, Copy)]
enum Mode {
    Counter,
    ChainToEncrypt,
    ChainToDecrypt,
    Blocks,
}

struct Request {
    source: Option<Buffer>,
    dest: Buffer,
    start: usize,
    output: Vec<u8>,
}

impl<K: AESKeySize + 'static> Aes<K> {
    /// An engine that is off, has no key and no mode, and a vector of zeroes.
    pub fn new() -> &'static Self {
        place(Self {
            is_on: Cell::new(false),
            key: Cell::new(None),
            mode: Cell::new(None),
            vector: Cell::default(),
            is_start: Cell::new(true),
            chain: Cell::default(),
            operation: Operation::new(),
            client: OptionalCell::empty(),
            key_size: PhantomData,
        })
    }

    /// What comes of `source`, or of the range of `dest`.
    fn output(
        &self,
        source: Option<&[u8]>,
        dest: &[u8],
        start: usize,
        stop: usize,
    ) -> Result<Vec<u8>, ErrorCode> {
        self.operation.admit()?;
        if !self.is_on.get() {
            return Err(ErrorCode::OFF);
        }
        let range = dest.get(start..stop).ok_or(ErrorCode::INVAL)?;
        let input = source.unwrap_or(range);
        let (blocks, rest) = input.as_chunks();
        if !rest.is_empty() || input.len() != range.len() {
            return Err(ErrorCode::INVAL);
        }
        let key = self.key.get().ok_or(ErrorCode::INVAL)?;
        let mode = self.mode.get().ok_or(ErrorCode::INVAL)?;
        if self.is_start.take() {
            self.chain.set(self.vector.get());
        }
        let crypt = |block: &Block| self.crypt_block(mode, key, *block);
        Ok(blocks.iter().flat_map(crypt).collect())
    }

    fn crypt_block(&self, mode: Mode, key: Block, block: Block) -> Block {
        let chain = self.chain.get();
        match mode {
            Mode::Counter => {
                let counter = u128::from_be_bytes(chain).wrapping_add(1);
                self.chain.set(counter.to_be_bytes());
                xor(block, xor(chain, key))
            }
            Mode::ChainToEncrypt => {
                let encrypted = xor(xor(block, chain), key);
                self.chain.set(encrypted);
                encrypted
            }
            Mode::ChainToDecrypt => {
                self.chain.set(block);
                xor(xor(block, key), chain)
            }
            Mode::Blocks => xor(block, key),
        }
    }

    fn set_mode(&self, mode: Mode) -> Result<(), ErrorCode> {
        self.mode.set(Some(mode));
        Ok(())
    }
}

fn xor(one: Block, other: Block) -> Block {
    (u128::from_ne_bytes(one) ^ u128::from_ne_bytes(other)).to_ne_bytes()
}

faults!([K: AESKeySize + 'static] Aes<K>);

impl<K: AESKeySize + 'static> AES<'static, K> for Aes<K> {
    fn enable(&self) {
        self.is_on.set(true);
    }

    fn disable(&self) {
        self.is_on.set(false);
    }

    fn set_client(&'static self, client: &'static dyn Client<'static>) {
        self.client.set(client);
    }

    fn set_key(&self, key: &[u8]) -> Result<(), ErrorCode> {
        if key.len() != K::LENGTH {
            return Err(ErrorCode::INVAL);
        }
        let mut folded = Block::default();
        for (position, byte) in key.iter().enumerate() {
            folded[position % AES_BLOCK_SIZE] ^= byte;
        }
        self.key.set(Some(folded));
        Ok(())
    }

    fn set_iv(&self, iv: &[u8]) -> Result<(), ErrorCode> {
        self.vector
            .set(iv.try_into().map_err(|_| ErrorCode::INVAL)?);
        Ok(())
    }

    fn start_message(&self) {
        if !self.operation.is_under_way() {
            self.is_start.set(true);
        }
    }

    fn crypt(
        &self,
        source: Option<Buffer>,
        dest: Buffer,
        start_index: usize,
        stop_index: usize,
    ) -> Option<(Result<(), ErrorCode>, Option<Buffer>, Buffer)> {
        match self.output(source.as_deref(), dest, start_index, stop_index) {
            Ok(output) => self.operation.start(Request {
                source,
                dest,
                start: start_index,
                output,
            }),
            Err(error) => return Some((Err(error), source, dest)),
        }
        None
    }
}

impl<K: AESKeySize + 'static> AESCtr for Aes<K> {
    fn set_mode_aesctr(&self, _: bool) -> Result<(), ErrorCode> {
        self.set_mode(Mode::Counter)
    }
}

impl<K: AESKeySize + 'static> AESCBC for Aes<K> {
    fn set_mode_aescbc(&self, encrypting: bool) -> Result<(), ErrorCode> {
        self.set_mode(if encrypting {
            Mode::ChainToEncrypt
        } else {
            Mode::ChainToDecrypt
        })
    }
}

impl<K: AESKeySize + 'static> AESECB for Aes<K> {
    fn set_mode_aesecb(&self, _: bool) -> Result<(), ErrorCode> {
        self.set_mode(Mode::Blocks)
    }
}

impl<K: AESKeySize + 'static> DeferredCallClient for Aes<K> {
    fn handle_deferred_call(&self) {
        let Some((request, result)) = self.operation.end() else {
            return;
        };
        let Request {
            source,
            dest,
            start,
            output,
        } = request;
        if result.is_ok() {
            dest[start..start + output.len()].copy_from_slice(&output);
        }
        if let Some(client) = self.client.get() {
            client.crypt_done(source, dest);
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
    use kernel::hil::symmetric_encryption::{AES128, AES256};
    use std::cell::RefCell;

    const KEY: Block = [0x0f; 16];
    const VECTOR: Block = [0x30; 16];

    struct User {
        engine: &'static Aes<AES128>,
        /// Crypts what comes back once more.
        is_eager: Cell<bool>,
        sources: RefCell<Vec<Option<Buffer>>>,
        crypted: RefCell<Vec<Vec<u8>>>,
    }

    impl Client<'static> for User {
        fn crypt_done(&self, source: Option<Buffer>, dest: Buffer) {
            self.sources.borrow_mut().push(source);
            self.crypted.borrow_mut().push(dest.to_vec());
            if self.is_eager.take() {
                let length = dest.len();
                assert!(self.engine.crypt(None, dest, 0, length).is_none());
            }
        }
    }

    /// An engine that is on, and has a key and a vector.
    fn engine() -> (Machine, &'static Aes<AES128>, &'static User) {
        let engine = Aes::new();
        let user = &*leak(User {
            engine,
            is_eager: Cell::new(false),
            sources: RefCell::default(),
            crypted: RefCell::default(),
        });
        engine.set_client(user);
        engine.enable();
        assert_eq!(engine.set_key(&KEY), Ok(()));
        assert_eq!(engine.set_iv(&VECTOR), Ok(()));
        (Machine::new(), engine, user)
    }

    /// Crypts `data` in place, in one call.
    fn crypt(machine: &Machine, engine: &Aes<AES128>, user: &User, data: &[u8]) -> Vec<u8> {
        let dest = data.to_vec().leak();
        assert!(engine.crypt(None, dest, 0, data.len()).is_none());
        machine.run();
        user.crypted.borrow_mut().pop().unwrap()
    }

    #[test]
    fn blocks_are_xored_with_the_key_in_their_place() {
        let (machine, engine, user) = engine();
        assert_eq!(engine.set_mode_aesecb(true), Ok(()));
        let source = leak([0xf0; 16]);
        assert!(engine.crypt(Some(source), leak([1; 20]), 2, 18).is_none());
        assert!(user.crypted.borrow().is_empty(), "not inside the call");
        machine.run();
        let expected = [&[1; 2][..], &[0xff; 16], &[1; 2]].concat();
        assert_eq!(*user.crypted.borrow(), [expected]);
        assert_eq!(user.sources.borrow()[0].as_deref(), Some(&[0xf0; 16][..]));
    }

    #[test]
    fn each_chained_block_depends_on_the_one_before_it() {
        let (machine, engine, user) = engine();
        assert_eq!(engine.set_mode_aescbc(true), Ok(()));
        let encrypted = crypt(&machine, engine, user, &[0; 32]);
        assert_eq!(encrypted, [[0x3f; 16], [0x30; 16]].concat());
        assert_eq!(engine.set_mode_aescbc(false), Ok(()));
        engine.start_message();
        assert_eq!(crypt(&machine, engine, user, &encrypted), [0; 32]);
    }

    #[test]
    fn the_counter_goes_on_until_a_message_starts() {
        let (machine, engine, user) = engine();
        assert_eq!(engine.set_mode_aesctr(true), Ok(()));
        let last_bytes = |data: Vec<u8>| [data[15], data[31]];
        let next = || last_bytes(crypt(&machine, engine, user, &[0; 32]));
        assert_eq!(next(), [0x30 ^ 0x0f, 0x31 ^ 0x0f]);
        assert_eq!(next(), [0x32 ^ 0x0f, 0x33 ^ 0x0f]);
        engine.start_message();
        assert_eq!(next(), [0x30 ^ 0x0f, 0x31 ^ 0x0f]);
    }

    #[test]
    fn all_of_a_longer_key_counts() {
        let (machine, engine) = (Machine::new(), Aes::<AES256>::new());
        let (_, _, user) = self::engine();
        engine.set_client(user);
        engine.enable();
        assert_eq!(engine.set_key(&KEY), Err(ErrorCode::INVAL));
        assert_eq!(engine.set_key(&[KEY, [0xf0; 16]].concat()), Ok(()));
        assert_eq!(engine.set_mode_aesecb(true), Ok(()));
        assert!(engine.crypt(None, leak([0; 16]), 0, 16).is_none());
        machine.run();
        assert_eq!(*user.crypted.borrow(), [[0xff; 16]]);
    }

    #[test]
    fn what_cannot_be_crypted_comes_back_and_no_callback_follows() {
        let (machine, engine, user) = engine();
        let refusal = |source: Option<&[u8]>, start, stop| {
            let has_source = source.is_some();
            let source = source.map(|source| source.to_vec().leak());
            let (result, source_back, dest) = engine
                .crypt(source, leak([7; 32]), start, stop)
                .expect("it is refused");
            assert_eq!((source_back.is_some(), &*dest), (has_source, &[7; 32][..]));
            result.unwrap_err()
        };
        assert_eq!(engine.set_iv(&[0; 15]), Err(ErrorCode::INVAL));
        assert_eq!(refusal(None, 0, 16), ErrorCode::INVAL, "no mode");
        assert_eq!(engine.set_mode_aesecb(true), Ok(()));
        assert_eq!(refusal(None, 0, 15), ErrorCode::INVAL);
        assert_eq!(refusal(None, 32, 48), ErrorCode::INVAL);
        assert_eq!(refusal(None, 16, 0), ErrorCode::INVAL);
        assert_eq!(refusal(Some(&[1; 32]), 0, 16), ErrorCode::INVAL);
        engine.disable();
        assert_eq!(refusal(None, 0, 16), ErrorCode::OFF);
        engine.enable();
        engine.refuse_next(ErrorCode::FAIL);
        assert_eq!(refusal(Some(&[1; 16]), 0, 16), ErrorCode::FAIL);
        assert!(engine.crypt(None, leak([0; 16]), 0, 16).is_none());
        assert_eq!(refusal(None, 0, 16), ErrorCode::BUSY);
        machine.run();
        assert_eq!(user.crypted.borrow().len(), 1);
    }

    #[test]
    fn a_failure_leaves_the_buffer_as_it_was() {
        let (machine, engine, user) = engine();
        assert_eq!(engine.set_mode_aesecb(true), Ok(()));
        engine.fail_next(ErrorCode::FAIL);
        assert_eq!(crypt(&machine, engine, user, &[0; 16]), [0; 16]);
        assert_eq!(crypt(&machine, engine, user, &[0; 16]), KEY);
    }

    #[test]
    fn a_callback_that_is_held_comes_when_it_is_released() {
        let (machine, engine, user) = engine();
        assert_eq!(engine.set_mode_aesctr(true), Ok(()));
        engine.hold();
        assert!(engine.crypt(None, leak([0; 16]), 0, 16).is_none());
        engine.start_message();
        machine.run();
        assert!(user.crypted.borrow().is_empty());
        engine.release();
        machine.run();
        assert_eq!(*user.crypted.borrow(), [[0x3f; 16]]);
        let next = crypt(&machine, engine, user, &[0; 16]);
        assert_eq!(next[15], 0x31 ^ 0x0f, "no message started under way");
    }

    #[test]
    fn a_callback_may_start_the_next_operation() {
        let (machine, engine, user) = engine();
        assert_eq!(engine.set_mode_aesecb(true), Ok(()));
        user.is_eager.set(true);
        assert!(engine.crypt(None, leak([1; 16]), 0, 16).is_none());
        machine.run();
        assert_eq!(*user.crypted.borrow(), [[0x0e; 16], [1; 16]]);
    }
}
