//! A store of values that are found by a key.

use std::{cell::RefCell, collections::BTreeMap};

use kernel::{
    ErrorCode,
    deferred_call::DeferredCallClient,
    hil::kv::{self, KV, KVClient},
    storage_permissions::StoragePermissions,
    utilities::{cells::OptionalCell, leasable_buffer::SubSliceMut},
};

use crate::{
    faults::{Operation, faults},
    place,
};

type Buffer = SubSliceMut<'static, u8>;
type Refused = (Buffer, Buffer, ErrorCode);

/// Who wants something; `None` if everybody may use the store alike.
type Permissions = Option<StoragePermissions>;

/// The length in bytes of the header that [`kv::KVPermissions`] wants room for.
const HEADER_BYTES: usize = 4;

/// Whose the kernel's values are.
const KERNEL: u32 = 0;

/// A store with room for so many values, of any length. An operation that fails changes nothing. By
/// [`kv::KVPermissions`] each value belongs to who wrote it last. By [`KV`] everybody may do everything, and what is
/// written belongs to the kernel.
pub struct KeyValueStore {
    room: usize,
    values: RefCell<BTreeMap<Vec<u8>, Value>>,
    operation: Operation<Request>,
    client: OptionalCell<&'static dyn KVClient>,
}

struct Value {
    owner: u32,
    bytes: Vec<u8>,
}

enum Request {
    Value(Kind, Buffer, Buffer, Permissions),
    Delete(Buffer, Permissions),
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
        let values = self.values.borrow();
        values.get(key).map(|value| value.bytes.clone())
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.values.borrow().len()
    }

    /// Whether there is no value.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn start(
        &self,
        kind: Kind,
        key: Buffer,
        value: Buffer,
        permissions: Permissions,
    ) -> Result<(), Refused> {
        match self.admit(kind, &value, permissions) {
            Ok(()) => {
                let request = Request::Value(kind, key, value, permissions);
                self.operation.start(request);
            }
            Err(error) => return Err((key, value, error)),
        }
        Ok(())
    }

    fn admit(&self, kind: Kind, value: &Buffer, permissions: Permissions) -> Result<(), ErrorCode> {
        self.operation.admit()?;
        match permissions {
            Some(permissions) if kind != Kind::Get => {
                permissions.get_write_id().ok_or(ErrorCode::INVAL)?;
                let has_room = value.active_range().start >= HEADER_BYTES;
                has_room.then_some(()).ok_or(ErrorCode::SIZE)
            }
            _ => Ok(()),
        }
    }

    fn start_delete(
        &self,
        key: Buffer,
        permissions: Permissions,
    ) -> Result<(), (Buffer, ErrorCode)> {
        match self.operation.admit() {
            Ok(()) => self.operation.start(Request::Delete(key, permissions)),
            Err(error) => return Err((key, error)),
        }
        Ok(())
    }

    fn get_value(
        &self,
        key: &Buffer,
        value: &mut Buffer,
        permissions: Permissions,
    ) -> Result<(), ErrorCode> {
        let values = self.values.borrow();
        let may =
            |stored: &&Value| permissions.is_none_or(|p| p.check_read_permission(stored.owner));
        let stored = values.get(key.as_slice()).filter(may);
        let stored = &stored.ok_or(ErrorCode::NOSUPPORT)?.bytes;
        let len = stored.len().min(value.len());
        value.as_mut_slice()[..len].copy_from_slice(&stored[..len]);
        value.slice(..len);
        if len < stored.len() {
            return Err(ErrorCode::SIZE);
        }
        Ok(())
    }

    /// Whether there is a value. An error if there is, and who wants to change it may not.
    fn is_there(&self, key: &Buffer, permissions: Permissions) -> Result<bool, ErrorCode> {
        let values = self.values.borrow();
        let Some(Value { owner, .. }) = values.get(key.as_slice()) else {
            return Ok(false);
        };
        let may = permissions.is_none_or(|p| p.check_modify_permission(*owner));
        may.then_some(true).ok_or(ErrorCode::NOSUPPORT)
    }

    fn store(
        &self,
        kind: Kind,
        key: &Buffer,
        value: &Buffer,
        permissions: Permissions,
    ) -> Result<(), ErrorCode> {
        let is_there = self.is_there(key, permissions)?;
        match kind {
            Kind::Add if is_there => return Err(ErrorCode::NOSUPPORT),
            Kind::Update if !is_there => return Err(ErrorCode::NOSUPPORT),
            _ if !is_there && self.len() >= self.room => return Err(ErrorCode::NOMEM),
            _ => {}
        }
        let owner = permissions.and_then(|p| p.get_write_id());
        let value = Value {
            owner: owner.unwrap_or(KERNEL),
            bytes: value.as_slice().to_vec(),
        };
        let mut values = self.values.borrow_mut();
        values.insert(key.as_slice().to_vec(), value);
        Ok(())
    }

    fn delete_value(&self, key: &Buffer, permissions: Permissions) -> Result<(), ErrorCode> {
        let is_there = self.is_there(key, permissions)?;
        self.values.borrow_mut().remove(key.as_slice());
        is_there.then_some(()).ok_or(ErrorCode::NOSUPPORT)
    }
}

faults!(KeyValueStore);

impl KV<'static> for KeyValueStore {
    fn set_client(&self, client: &'static dyn KVClient) {
        self.client.set(client);
    }

    fn get(&self, key: Buffer, value: Buffer) -> Result<(), Refused> {
        self.start(Kind::Get, key, value, None)
    }

    fn set(&self, key: Buffer, value: Buffer) -> Result<(), Refused> {
        self.start(Kind::Set, key, value, None)
    }

    fn add(&self, key: Buffer, value: Buffer) -> Result<(), Refused> {
        self.start(Kind::Add, key, value, None)
    }

    fn update(&self, key: Buffer, value: Buffer) -> Result<(), Refused> {
        self.start(Kind::Update, key, value, None)
    }

    fn delete(&self, key: Buffer) -> Result<(), (Buffer, ErrorCode)> {
        self.start_delete(key, None)
    }

    fn garbage_collect(&self) -> Result<(), ErrorCode> {
        self.operation.admit()?;
        self.operation.start(Request::CollectGarbage);
        Ok(())
    }
}

impl kv::KVPermissions<'static> for KeyValueStore {
    fn set_client(&self, client: &'static dyn KVClient) {
        self.client.set(client);
    }

    fn get(
        &self,
        key: Buffer,
        value: Buffer,
        permissions: StoragePermissions,
    ) -> Result<(), Refused> {
        self.start(Kind::Get, key, value, Some(permissions))
    }

    fn set(
        &self,
        key: Buffer,
        value: Buffer,
        permissions: StoragePermissions,
    ) -> Result<(), Refused> {
        self.start(Kind::Set, key, value, Some(permissions))
    }

    fn add(
        &self,
        key: Buffer,
        value: Buffer,
        permissions: StoragePermissions,
    ) -> Result<(), Refused> {
        self.start(Kind::Add, key, value, Some(permissions))
    }

    fn update(
        &self,
        key: Buffer,
        value: Buffer,
        permissions: StoragePermissions,
    ) -> Result<(), Refused> {
        self.start(Kind::Update, key, value, Some(permissions))
    }

    fn delete(
        &self,
        key: Buffer,
        permissions: StoragePermissions,
    ) -> Result<(), (Buffer, ErrorCode)> {
        self.start_delete(key, Some(permissions))
    }

    fn garbage_collect(&self) -> Result<(), ErrorCode> {
        KV::garbage_collect(self)
    }

    fn header_size(&self) -> usize {
        HEADER_BYTES
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
            Request::Value(Kind::Get, key, mut value, permissions) => {
                let result = result.and_then(|()| self.get_value(&key, &mut value, permissions));
                client.get_complete(result, key, value);
            }
            Request::Value(kind, key, value, permissions) => {
                let result = result.and_then(|()| self.store(kind, &key, &value, permissions));
                match kind {
                    Kind::Add => client.add_complete(result, key, value),
                    Kind::Update => client.update_complete(result, key, value),
                    _ => client.set_complete(result, key, value),
                }
            }
            Request::Delete(key, permissions) => {
                let result = result.and_then(|()| self.delete_value(&key, permissions));
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
    use kernel::{
        capabilities::{ApplicationStorageCapability, KerneluserStorageCapability},
        create_capability,
    };
    use std::num::NonZeroU32;

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
        machine: Machine,
        everybodys: &'static KeyValueStore,
        store: &'static dyn kv::KVPermissions<'static>,
        client: &'static Client,
    }

    impl ByPermissions {
        fn new() -> Self {
            let (everybodys, client) = (KeyValueStore::new(2), &*leak(Client::default()));
            let store: &dyn kv::KVPermissions = everybodys;
            store.set_client(client);
            Self {
                machine: Machine::new(),
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
}
