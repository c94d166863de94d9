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
        leasable_buffer::{SubSlice, SubSliceMut, SubSliceMutImmut},
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
    Add(SubSliceMutImmut<'static, u8>),
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
        self.operation.ensure_idle()?;
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
        let data = SubSliceMutImmut::Immutable(data);
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
        let data = SubSliceMutImmut::Mutable(data);
        self.operation.start(Request::Add(data));
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
                    self.data.borrow_mut().extend(&data[..]);
                    data.slice(data.len()..);
                }
                self.data_client.map(|client| match data {
                    SubSliceMutImmut::Immutable(data) => client.add_data_done(result, data),
                    SubSliceMutImmut::Mutable(data) => client.add_mut_data_done(result, data),
                });
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
