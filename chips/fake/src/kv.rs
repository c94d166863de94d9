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
        self.operation.try_start(Request::CollectGarbage)
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
