//! Hashes for tables.

use std::cell::{Cell, RefCell};

use kernel::{
    ErrorCode,
    deferred_call::DeferredCallClient,
    hil::hasher::{self, Client, SipHash},
    utilities::{
        cells::OptionalCell,
        leasable_buffer::{SubSlice, SubSliceMut},
    },
};

use crate::{
    faults::{Operation, faults},
    place,
};

/// A hasher for data of any length. Its hash is [`Hasher::of`] the data, or of the key and the data if a key was
/// set: not SipHash, but a sum that a test can tell beforehand.
pub struct Hasher<const L: usize> {
    key: Cell<Option<[u64; 2]>>,
    data: RefCell<Vec<u8>>,
    operation: Operation<Request<L>>,
    client: OptionalCell<&'static dyn Client<L>>,
}

enum Request<const L: usize> {
    Add(SubSlice<'static, u8>),
    AddMut(SubSliceMut<'static, u8>),
    Run {
        buffer: &'static mut [u8; L],
        hash: [u8; L],
    },
}

impl<const L: usize> Hasher<L> {
    /// A hasher that has no data yet.
    pub fn new() -> &'static Self {
        place(Self {
            key: Cell::new(None),
            data: RefCell::default(),
            operation: Operation::new(),
            client: OptionalCell::empty(),
        })
    }

    /// The hash of `data`: its byte `n` is the sum of the bytes `n`, `n + L`, `n + 2 * L` and so on of the data.
    pub fn of(data: &[u8]) -> [u8; L] {
        let mut hash = [0_u8; L];
        for piece in data.chunks(L) {
            for (sum, byte) in hash.iter_mut().zip(piece) {
                *sum = sum.wrapping_add(*byte);
            }
        }
        hash
    }

    /// Adds at once, so that `clear_data` forgets what is on its way too.
    fn add(&self, data: &[u8]) -> usize {
        self.data.borrow_mut().extend(data);
        data.len()
    }

    fn take_back(&self, count: usize) {
        let mut data = self.data.borrow_mut();
        let kept = data.len().saturating_sub(count);
        data.truncate(kept);
    }
}

faults!([const L: usize] Hasher<L>);

impl<const L: usize> hasher::Hasher<'static, L> for Hasher<L> {
    fn set_client(&'static self, client: &'static dyn Client<L>) {
        self.client.set(client);
    }

    fn add_data(
        &self,
        data: SubSlice<'static, u8>,
    ) -> Result<usize, (ErrorCode, SubSlice<'static, u8>)> {
        if let Err(error) = self.operation.admit() {
            return Err((error, data));
        }
        let count = self.add(data.as_slice());
        self.operation.start(Request::Add(data));
        Ok(count)
    }

    fn add_mut_data(
        &self,
        data: SubSliceMut<'static, u8>,
    ) -> Result<usize, (ErrorCode, SubSliceMut<'static, u8>)> {
        if let Err(error) = self.operation.admit() {
            return Err((error, data));
        }
        let count = self.add(data.as_slice());
        self.operation.start(Request::AddMut(data));
        Ok(count)
    }

    fn run(
        &'static self,
        buffer: &'static mut [u8; L],
    ) -> Result<(), (ErrorCode, &'static mut [u8; L])> {
        if let Err(error) = self.operation.admit() {
            return Err((error, buffer));
        }
        let key = self.key.get().into_iter().flatten();
        let mut hashed: Vec<u8> = key.flat_map(u64::to_le_bytes).collect();
        hashed.extend(&*self.data.borrow());
        let hash = Self::of(&hashed);
        self.operation.start(Request::Run { buffer, hash });
        Ok(())
    }

    fn clear_data(&self) {
        self.data.take();
    }
}

impl<const L: usize> SipHash for Hasher<L> {
    fn set_keys(&self, k0: u64, k1: u64) -> Result<(), ErrorCode> {
        self.operation.ensure_idle()?;
        self.key.set(Some([k0, k1]));
        Ok(())
    }
}

impl<const L: usize> DeferredCallClient for Hasher<L> {
    fn handle_deferred_call(&self) {
        let Some((request, result)) = self.operation.end() else {
            return;
        };
        let added = match &request {
            Request::Add(data) => data.len(),
            Request::AddMut(data) => data.len(),
            Request::Run { .. } => 0,
        };
        if result.is_err() {
            self.take_back(added);
        }
        let Some(client) = self.client.get() else {
            return;
        };
        match request {
            Request::Add(data) => client.add_data_done(result, data),
            Request::AddMut(data) => client.add_mut_data_done(result, data),
            Request::Run { buffer, hash } => {
                if result.is_ok() {
                    *buffer = hash;
                }
                client.hash_done(result, buffer);
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
    use kernel::hil::hasher::Hasher as _;

    struct Table {
        hasher: &'static Hasher<2>,
        /// Asks for the hash as soon as data is added.
        is_eager: Cell<bool>,
        added: RefCell<Vec<Result<Vec<u8>, ErrorCode>>>,
        hashes: RefCell<Vec<Result<[u8; 2], ErrorCode>>>,
    }

    impl Table {
        fn heard_of(&self, result: Result<(), ErrorCode>, data: &[u8]) {
            self.added.borrow_mut().push(result.map(|()| data.to_vec()));
            if self.is_eager.get() {
                assert!(self.hasher.run(leak([0; 2])).is_ok());
            }
        }
    }

    impl Client<2> for Table {
        fn add_data_done(&self, result: Result<(), ErrorCode>, data: SubSlice<'static, u8>) {
            self.heard_of(result, data.as_slice());
        }

        fn add_mut_data_done(&self, result: Result<(), ErrorCode>, data: SubSliceMut<'static, u8>) {
            self.heard_of(result, data.as_slice());
        }

        fn hash_done(&self, result: Result<(), ErrorCode>, hash: &'static mut [u8; 2]) {
            self.hashes.borrow_mut().push(result.map(|()| *hash));
        }
    }

    fn hasher() -> (Machine, &'static Hasher<2>, &'static Table) {
        let hasher = Hasher::new();
        let table = &*leak(Table {
            hasher,
            is_eager: Cell::new(false),
            added: RefCell::default(),
            hashes: RefCell::default(),
        });
        hasher.set_client(table);
        (Machine::new(), hasher, table)
    }

    fn add(hasher: &Hasher<2>, data: &'static [u8]) {
        let added = hasher.add_data(SubSlice::new(data));
        assert_eq!(added.ok(), Some(data.len()));
    }

    fn run(hasher: &'static Hasher<2>) {
        assert!(hasher.run(leak([0; 2])).is_ok());
    }

    #[test]
    fn the_hash_of_pieces_is_that_of_the_whole_until_they_are_forgotten() {
        let (machine, hasher, table) = hasher();
        add(hasher, &[1, 2, 3]);
        assert!(table.added.borrow().is_empty(), "not inside the call");
        machine.run();
        let mut data = SubSliceMut::new(leak([9, 4, 5]));
        data.slice(1..);
        assert_eq!(hasher.add_mut_data(data).ok(), Some(2));
        machine.run();
        run(hasher);
        machine.run();
        assert_eq!(*table.added.borrow(), [Ok(vec![1, 2, 3]), Ok(vec![4, 5])]);
        hasher.clear_data();
        run(hasher);
        machine.run();
        assert_eq!(*table.hashes.borrow(), [Ok([9, 6]), Ok([0, 0])]);
    }

    #[test]
    fn a_key_changes_the_hash() {
        let (machine, hasher, table) = hasher();
        assert_eq!(hasher.set_keys(0x0100, 0x03), Ok(()));
        add(hasher, &[1]);
        assert_eq!(hasher.set_keys(0, 0), Err(ErrorCode::BUSY));
        machine.run();
        run(hasher);
        machine.run();
        assert_eq!(*table.hashes.borrow(), [Ok([4, 1])]);
    }

    #[test]
    fn a_refusal_gives_the_buffer_back_and_no_callback_follows() {
        let (machine, hasher, table) = hasher();
        hasher.refuse_next(ErrorCode::SIZE);
        let refused = hasher.add_data(SubSlice::new(&[1])).unwrap_err();
        assert_eq!(
            (refused.0, refused.1.as_slice()),
            (ErrorCode::SIZE, &[1][..])
        );
        add(hasher, &[2]);
        let (error, buffer) = hasher.run(leak([7; 2])).unwrap_err();
        assert_eq!((error, *buffer), (ErrorCode::BUSY, [7; 2]));
        machine.run();
        assert_eq!(*table.added.borrow(), [Ok(vec![2])]);
        assert!(table.hashes.borrow().is_empty());
    }

    #[test]
    fn data_whose_callback_fails_is_not_in_the_hash() {
        let (machine, hasher, table) = hasher();
        hasher.fail_next(ErrorCode::SIZE);
        for data in [&[1], &[2]] {
            add(hasher, data);
            machine.run();
        }
        assert_eq!(*table.added.borrow(), [Err(ErrorCode::SIZE), Ok(vec![2])]);
        run(hasher);
        machine.run();
        assert_eq!(*table.hashes.borrow(), [Ok([2, 0])]);
    }

    #[test]
    fn a_callback_that_is_held_comes_when_it_is_released_and_data_on_its_way_is_forgotten_too() {
        let (machine, hasher, table) = hasher();
        hasher.hold();
        add(hasher, &[1]);
        machine.run();
        assert!(table.added.borrow().is_empty());
        hasher.clear_data();
        hasher.release();
        machine.run();
        assert_eq!(*table.added.borrow(), [Ok(vec![1])]);
        run(hasher);
        machine.run();
        assert_eq!(*table.hashes.borrow(), [Ok([0, 0])]);
    }

    #[test]
    fn a_callback_may_start_the_next_operation() {
        let (machine, hasher, table) = hasher();
        table.is_eager.set(true);
        add(hasher, &[1]);
        machine.run();
        assert_eq!(*table.hashes.borrow(), [Ok([1, 0])]);
    }
}
