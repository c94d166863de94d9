//! The fake store of values that are found by a key keeps the promises of its HIL.

use std::{cell::RefCell, num::NonZeroU32};

use chip_fake as fake;
use kernel::{
    ErrorCode,
    capabilities::{ApplicationStorageCapability, KerneluserStorageCapability},
    create_capability,
    hil::kv::{self, KV, KVClient},
    storage_permissions::StoragePermissions,
};

use crate::buffer::{Buffer, buffer};

type Refused = (Buffer, Buffer, ErrorCode);
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

fn store() -> (fake::Machine, &'static fake::KeyValueStore, &'static Client) {
    let (store, client) = (fake::KeyValueStore::new(2), &*fake::leak(Client::default()));
    store.set_client(client);
    (fake::Machine::new(), store, client)
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

fn app(number: u32) -> StoragePermissions {
    let capability = create_capability!(ApplicationStorageCapability);
    StoragePermissions::new_self_only(NonZeroU32::new(number).unwrap(), &capability)
}

/// The app 9, which may read what the app 7 wrote, and change what the app 8 wrote.
fn friend() -> StoragePermissions {
    let capability = create_capability!(ApplicationStorageCapability);
    let number = NonZeroU32::new(9).unwrap();
    StoragePermissions::new_listed(number, true, true, &[7], &[8], &capability)
}

/// A buffer with `room` bytes before the value.
fn value_after(room: usize) -> Buffer {
    let mut value = buffer(&[0; 8]);
    value.slice(room..);
    value
}

/// A store by permissions, and what its users do.
struct ByPermissions {
    machine: fake::Machine,
    everybodys: &'static fake::KeyValueStore,
    store: &'static dyn kv::KVPermissions<'static>,
    client: &'static Client,
}

impl ByPermissions {
    fn new() -> Self {
        let (everybodys, client) = (fake::KeyValueStore::new(2), &*fake::leak(Client::default()));
        let store: &dyn kv::KVPermissions = everybodys;
        store.set_client(client);
        Self {
            machine: fake::Machine::new(),
            everybodys,
            store,
            client,
        }
    }

    fn value(&self) -> Buffer {
        value_after(self.store.header_size())
    }

    fn get(&self, who: StoragePermissions) -> Result<(), ErrorCode> {
        self.end(self.store.get(buffer(b"key"), buffer(&[0; 8]), who))
    }

    fn set(&self, who: StoragePermissions) -> Result<(), ErrorCode> {
        self.end(self.store.set(buffer(b"key"), self.value(), who))
    }

    fn add(&self, who: StoragePermissions) -> Result<(), ErrorCode> {
        self.end(self.store.add(buffer(b"key"), self.value(), who))
    }

    fn update(&self, who: StoragePermissions) -> Result<(), ErrorCode> {
        self.end(self.store.update(buffer(b"key"), self.value(), who))
    }

    fn delete(&self, who: StoragePermissions) -> Result<(), ErrorCode> {
        self.end(self.store.delete(buffer(b"key"), who))
    }

    /// How an operation ends that was started.
    fn end<E>(&self, started: Result<(), E>) -> Result<(), ErrorCode> {
        assert!(started.is_ok());
        self.machine.run();
        let (_, result, _) = self.client.0.borrow_mut().pop().unwrap();
        result
    }
}

const NO: Result<(), ErrorCode> = Err(ErrorCode::NOSUPPORT);

#[test]
fn a_value_belongs_to_who_wrote_it() {
    let bench = ByPermissions::new();
    assert_eq!(bench.set(app(7)), Ok(()));
    for stranger in [app(8), StoragePermissions::new_null()] {
        assert_eq!((bench.get(stranger), bench.delete(stranger)), (NO, NO));
    }
    for other in [app(8), friend()] {
        let changes = [bench.set(other), bench.add(other), bench.update(other)];
        assert_eq!(changes, [NO; 3]);
    }
    assert_eq!((bench.get(app(7)), bench.get(friend())), (Ok(()), Ok(())));
    assert_eq!(bench.delete(app(7)), Ok(()));
    assert_eq!(bench.end(bench.store.garbage_collect()), Ok(()));
    assert!(bench.everybodys.is_empty());
}

#[test]
fn a_value_that_is_changed_belongs_to_who_changed_it() {
    let bench = ByPermissions::new();
    assert_eq!(bench.add(app(8)), Ok(()));
    assert_eq!(bench.update(friend()), Ok(()));
    assert_eq!((bench.set(app(8)), bench.set(friend())), (NO, Ok(())));
}

#[test]
fn who_may_write_nothing_or_leaves_no_room_for_the_header_is_refused() {
    let ByPermissions {
        store, everybodys, ..
    } = ByPermissions::new();
    let room = store.header_size();
    for (who, room, expected) in [
        (StoragePermissions::new_null(), room, ErrorCode::INVAL),
        (app(7), room - 1, ErrorCode::SIZE),
    ] {
        let (key, value) = (buffer(b"key"), value_after(room));
        let (key, value, error) = store.set(key, value, who).unwrap_err();
        assert_eq!(error, expected);
        let (key, value, error) = store.add(key, value, who).unwrap_err();
        assert_eq!(error, expected);
        let (key, value, error) = store.update(key, value, who).unwrap_err();
        assert_eq!(error, expected);
        assert_eq!((key, value), (buffer(b"key"), value_after(room)));
    }
    assert!(everybodys.is_empty());
}

#[test]
fn what_everybody_may_write_belongs_to_the_kernel() {
    let bench = ByPermissions::new();
    let started = bench.everybodys.set(buffer(b"key"), buffer(b"1"));
    assert_eq!(bench.end(started), Ok(()));
    let capability = create_capability!(KerneluserStorageCapability);
    let kernel = StoragePermissions::new_kernel(&capability);
    assert_eq!((bench.get(kernel), bench.get(app(7))), (Ok(()), NO));
}
