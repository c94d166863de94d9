//! A store of values that are found by a key.

use std::{cell::RefCell, collections::BTreeMap};

use kernel::{
    ErrorCode,
    deferred_call::DeferredCallClient,
    hil::kv::{KV, KVClient},
    utilities::{cells::OptionalCell, leasable_buffer::SubSliceMut},
};

use crate::{
    faults::{Operation, faults},
    place,
};

type Buffer = SubSliceMut<'static, u8>;
type Refused = (Buffer, Buffer, ErrorCode);

/// A store with room for so many values, of any length. An operation that fails changes nothing.
pub struct KeyValueStore {
    room: usize,
    values: RefCell<BTreeMap<Vec<u8>, Vec<u8>>>,
    operation: Operation<Request>,
    client: OptionalCell<&'static dyn KVClient>,
}

enum Request {
    Value(Kind, Buffer, Buffer),
    Delete(Buffer),
    CollectGarbage,
}

/// An operation with a key and a value.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Get,
    Set,
    Add,
    Update,
}

impl KeyValueStore {
    /// An empty store with room for `room` values.
    pub fn new(room: usize) -> &'static Self {
        place(Self {
            room,
            values: RefCell::default(),
            operation: Operation::new(),
            client: OptionalCell::empty(),
        })
    }

    /// The value of `key`.
    pub fn value(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.values.borrow().get(key).cloned()
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.values.borrow().len()
    }

    /// Whether there is no value.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn start(&self, kind: Kind, key: Buffer, value: Buffer) -> Result<(), Refused> {
        match self.operation.admit() {
            Ok(()) => self.operation.start(Request::Value(kind, key, value)),
            Err(error) => return Err((key, value, error)),
        }
        Ok(())
    }

    fn get_value(&self, key: &Buffer, value: &mut Buffer) -> Result<(), ErrorCode> {
        let stored = self.value(key.as_slice()).ok_or(ErrorCode::NOSUPPORT)?;
        let len = stored.len().min(value.len());
        value.as_mut_slice()[..len].copy_from_slice(&stored[..len]);
        value.slice(..len);
        if len < stored.len() {
            return Err(ErrorCode::SIZE);
        }
        Ok(())
    }

    fn store(&self, kind: Kind, key: &Buffer, value: &Buffer) -> Result<(), ErrorCode> {
        let is_there = self.value(key.as_slice()).is_some();
        match kind {
            Kind::Add if is_there => return Err(ErrorCode::NOSUPPORT),
            Kind::Update if !is_there => return Err(ErrorCode::NOSUPPORT),
            _ if !is_there && self.len() >= self.room => return Err(ErrorCode::NOMEM),
            _ => {}
        }
        let mut values = self.values.borrow_mut();
        values.insert(key.as_slice().to_vec(), value.as_slice().to_vec());
        Ok(())
    }

    fn delete_value(&self, key: &Buffer) -> Result<(), ErrorCode> {
        let value = self.values.borrow_mut().remove(key.as_slice());
        value.map(drop).ok_or(ErrorCode::NOSUPPORT)
    }
}

faults!(KeyValueStore);

impl KV<'static> for KeyValueStore {
    fn set_client(&self, client: &'static dyn KVClient) {
        self.client.set(client);
    }

    fn get(&self, key: Buffer, value: Buffer) -> Result<(), Refused> {
        self.start(Kind::Get, key, value)
    }

    fn set(&self, key: Buffer, value: Buffer) -> Result<(), Refused> {
        self.start(Kind::Set, key, value)
    }

    fn add(&self, key: Buffer, value: Buffer) -> Result<(), Refused> {
        self.start(Kind::Add, key, value)
    }

    fn update(&self, key: Buffer, value: Buffer) -> Result<(), Refused> {
        self.start(Kind::Update, key, value)
    }

    fn delete(&self, key: Buffer) -> Result<(), (Buffer, ErrorCode)> {
        match self.operation.admit() {
            Ok(()) => self.operation.start(Request::Delete(key)),
            Err(error) => return Err((key, error)),
        }
        Ok(())
    }

    fn garbage_collect(&self) -> Result<(), ErrorCode> {
        self.operation.admit()?;
        self.operation.start(Request::CollectGarbage);
        Ok(())
    }
}

impl DeferredCallClient for KeyValueStore {
    fn handle_deferred_call(&self) {
        let Some((request, result)) = self.operation.end() else {
            return;
        };
        // A buffer that nobody hears of is lost, as on any chip.
        let Some(client) = self.client.get() else {
            return;
        };
        match request {
            Request::Value(Kind::Get, key, mut value) => {
                let result = result.and_then(|()| self.get_value(&key, &mut value));
                client.get_complete(result, key, value);
            }
            Request::Value(kind, key, value) => {
                let result = result.and_then(|()| self.store(kind, &key, &value));
                match kind {
                    Kind::Add => client.add_complete(result, key, value),
                    Kind::Update => client.update_complete(result, key, value),
                    _ => client.set_complete(result, key, value),
                }
            }
            Request::Delete(key) => {
                let result = result.and_then(|()| self.delete_value(&key));
                client.delete_complete(result, key);
            }
            Request::CollectGarbage => client.garbage_collection_complete(result),
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

    type Ended = (&'static str, Result<(), ErrorCode>, Vec<u8>);

    #[derive(Default)]
    struct Client(RefCell<Vec<Ended>>);

    impl Client {
        fn note(&self, name: &'static str, result: Result<(), ErrorCode>, value: &[u8]) {
            self.0.borrow_mut().push((name, result, value.to_vec()));
        }
    }

    impl KVClient for Client {
        fn get_complete(&self, result: Result<(), ErrorCode>, _: Buffer, value: Buffer) {
            self.note("get", result, value.as_slice());
        }

        fn set_complete(&self, result: Result<(), ErrorCode>, _: Buffer, value: Buffer) {
            self.note("set", result, value.as_slice());
        }

        fn add_complete(&self, result: Result<(), ErrorCode>, _: Buffer, value: Buffer) {
            self.note("add", result, value.as_slice());
        }

        fn update_complete(&self, result: Result<(), ErrorCode>, _: Buffer, value: Buffer) {
            self.note("update", result, value.as_slice());
        }

        fn delete_complete(&self, result: Result<(), ErrorCode>, _: Buffer) {
            self.note("delete", result, &[]);
        }

        fn garbage_collection_complete(&self, result: Result<(), ErrorCode>) {
            self.note("collect", result, &[]);
        }
    }

    fn store() -> (Machine, &'static KeyValueStore, &'static Client) {
        let (store, client) = (KeyValueStore::new(2), &*leak(Client::default()));
        store.set_client(client);
        (Machine::new(), store, client)
    }

    fn buffer(bytes: &[u8]) -> Buffer {
        SubSliceMut::new(bytes.to_vec().leak())
    }

    #[test]
    fn a_value_is_found_by_its_key_and_cut_to_its_buffer() {
        let (machine, store, client) = store();
        assert!(store.set(buffer(b"key"), buffer(b"value")).is_ok());
        assert!(store.is_empty(), "nothing happens inside the call");
        machine.run();
        assert_eq!(store.value(b"key"), Some(b"value".to_vec()));
        for len in [8, 3] {
            assert!(store.get(buffer(b"key"), buffer(&[0; 8][..len])).is_ok());
            machine.run();
        }
        assert!(store.get(buffer(b"none"), buffer(&[])).is_ok());
        machine.run();
        let expected = [
            ("set", Ok(()), b"value".to_vec()),
            ("get", Ok(()), b"value".to_vec()),
            ("get", Err(ErrorCode::SIZE), b"val".to_vec()),
            ("get", Err(ErrorCode::NOSUPPORT), vec![]),
        ];
        assert_eq!(*client.0.borrow(), expected);
    }

    #[test]
    fn what_stores_a_value_looks_whether_there_is_one() {
        let (machine, store, client) = store();
        let run = |started: Result<(), Refused>| {
            assert!(started.is_ok());
            machine.run();
            let (_, result, _) = client.0.borrow_mut().pop().unwrap();
            result
        };
        let pair = |key: &[u8]| (buffer(key), buffer(b"1"));
        let no = Err(ErrorCode::NOSUPPORT);
        let (key, value) = pair(b"a");
        assert_eq!(run(store.update(key, value)), no);
        for expected in [Ok(()), no] {
            let (key, value) = pair(b"a");
            assert_eq!(run(store.add(key, value)), expected);
        }
        let (key, value) = pair(b"a");
        assert_eq!(run(store.update(key, value)), Ok(()));
        for (key, expected) in [(b"b", Ok(())), (b"c", Err(ErrorCode::NOMEM))] {
            let (key, value) = pair(key);
            assert_eq!(run(store.set(key, value)), expected);
        }
    }

    #[test]
    fn a_deleted_value_is_gone() {
        let (machine, store, client) = store();
        assert!(store.set(buffer(b"key"), buffer(b"value")).is_ok());
        machine.run();
        for _ in 0..2 {
            assert!(store.delete(buffer(b"key")).is_ok());
            machine.run();
        }
        assert_eq!(store.garbage_collect(), Ok(()));
        assert_eq!(store.garbage_collect(), Err(ErrorCode::BUSY));
        machine.run();
        let results: Vec<_> = client
            .0
            .borrow()
            .iter()
            .map(|(name, result, _)| (*name, *result))
            .collect();
        let expected = [
            ("set", Ok(())),
            ("delete", Ok(())),
            ("delete", Err(ErrorCode::NOSUPPORT)),
            ("collect", Ok(())),
        ];
        assert_eq!(results, expected);
        assert!(store.is_empty());
    }
}
