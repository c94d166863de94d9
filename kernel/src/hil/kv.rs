//! Stores of values that are found by a key.
//!
//! [`KV`] is a store that everybody may use alike. [`KVPermissions`] lies above it: each value belongs to
//! whoever wrote it, and each operation says what its caller may do. It keeps a header with each value, and needs
//! room for it: where a value is stored, the part of its buffer that is seen starts
//! [`KVPermissions::header_size`] bytes after the buffer's start.
//!
//! One operation is under way at a time. One that starts ends with its callback in [`KVClient`]. One that does
//! not start gives its buffers back with `BUSY` if an operation is under way, `SIZE` if key or value is too long
//! or there is no room for the header, `INVAL` if the caller may write nothing at all, `FAIL` otherwise.

use crate::{
    ErrorCode, storage_permissions::StoragePermissions, utilities::leasable_buffer::SubSliceMut,
};

/// The buffers of an operation that did not start, key and value, and why.
type Refused = (
    SubSliceMut<'static, u8>,
    SubSliceMut<'static, u8>,
    ErrorCode,
);

/// Hears that operations end. Besides the errors named, `FAIL` if the store failed. Keys and values are the buffers
/// given.
pub trait KVClient {
    /// The value is in `value`, narrowed to it. `SIZE` if it is longer, and cut; `NOSUPPORT` if there is no such
    /// key, or the caller may not read it.
    fn get_complete(
        &self,
        result: Result<(), ErrorCode>,
        key: SubSliceMut<'static, u8>,
        value: SubSliceMut<'static, u8>,
    );

    /// The value is stored. `NOSUPPORT` if the caller may not, `NOMEM` if the store is full, `SIZE` if key or
    /// value is too long.
    fn set_complete(
        &self,
        result: Result<(), ErrorCode>,
        key: SubSliceMut<'static, u8>,
        value: SubSliceMut<'static, u8>,
    );

    /// The value is stored. `NOSUPPORT` if there is the key already, `NOMEM` if the store is full, `SIZE` if key
    /// or value is too long.
    fn add_complete(
        &self,
        result: Result<(), ErrorCode>,
        key: SubSliceMut<'static, u8>,
        value: SubSliceMut<'static, u8>,
    );

    /// The value is changed. `NOSUPPORT` if there is no such key, or the caller may not change it, `NOMEM` if the
    /// store is full, `SIZE` if key or value is too long.
    fn update_complete(
        &self,
        result: Result<(), ErrorCode>,
        key: SubSliceMut<'static, u8>,
        value: SubSliceMut<'static, u8>,
    );

    /// Key and value are gone. `NOSUPPORT` if there is no such key, or the caller may not delete it.
    fn delete_complete(&self, result: Result<(), ErrorCode>, key: SubSliceMut<'static, u8>);

    /// The room of what was deleted is free.
    fn garbage_collection_complete(&self, result: Result<(), ErrorCode>);
}

/// A store in which values belong to who wrote them.
pub trait KVPermissions<'a> {
    /// Says who hears that operations end.
    fn set_client(&self, client: &'a dyn KVClient);

    /// Reads the value of `key` to `value`. [`KVClient::get_complete`] follows.
    ///
    /// # Errors
    /// Those of the module.
    fn get(
        &self,
        key: SubSliceMut<'static, u8>,
        value: SubSliceMut<'static, u8>,
        permissions: StoragePermissions,
    ) -> Result<(), Refused>;

    /// Stores `value` under `key`, whether or not there is one. [`KVClient::set_complete`] follows.
    ///
    /// # Errors
    /// Those of the module.
    fn set(
        &self,
        key: SubSliceMut<'static, u8>,
        value: SubSliceMut<'static, u8>,
        permissions: StoragePermissions,
    ) -> Result<(), Refused>;

    /// Stores `value` under `key`, if there is none. [`KVClient::add_complete`] follows.
    ///
    /// # Errors
    /// Those of the module.
    fn add(
        &self,
        key: SubSliceMut<'static, u8>,
        value: SubSliceMut<'static, u8>,
        permissions: StoragePermissions,
    ) -> Result<(), Refused>;

    /// Stores `value` under `key`, if there is one. [`KVClient::update_complete`] follows.
    ///
    /// # Errors
    /// Those of the module.
    fn update(
        &self,
        key: SubSliceMut<'static, u8>,
        value: SubSliceMut<'static, u8>,
        permissions: StoragePermissions,
    ) -> Result<(), Refused>;

    /// Deletes `key` and its value. [`KVClient::delete_complete`] follows.
    ///
    /// # Errors
    /// Those of the module.
    fn delete(
        &self,
        key: SubSliceMut<'static, u8>,
        permissions: StoragePermissions,
    ) -> Result<(), (SubSliceMut<'static, u8>, ErrorCode)>;

    /// Frees the room of what was deleted. [`KVClient::garbage_collection_complete`] follows.
    ///
    /// # Errors
    /// `BUSY` if an operation is under way, `FAIL` otherwise.
    fn garbage_collect(&self) -> Result<(), ErrorCode>;

    /// The length of a value's header in bytes.
    fn header_size(&self) -> usize;
}

/// A store.
pub trait KV<'a> {
    /// Says who hears that operations end.
    fn set_client(&self, client: &'a dyn KVClient);

    /// Reads the value of `key` to `value`. [`KVClient::get_complete`] follows.
    ///
    /// # Errors
    /// Those of the module.
    fn get(
        &self,
        key: SubSliceMut<'static, u8>,
        value: SubSliceMut<'static, u8>,
    ) -> Result<(), Refused>;

    /// Stores `value` under `key`, whether or not there is one. [`KVClient::set_complete`] follows.
    ///
    /// # Errors
    /// Those of the module.
    fn set(
        &self,
        key: SubSliceMut<'static, u8>,
        value: SubSliceMut<'static, u8>,
    ) -> Result<(), Refused>;

    /// Stores `value` under `key`, if there is none. [`KVClient::add_complete`] follows.
    ///
    /// # Errors
    /// Those of the module.
    fn add(
        &self,
        key: SubSliceMut<'static, u8>,
        value: SubSliceMut<'static, u8>,
    ) -> Result<(), Refused>;

    /// Stores `value` under `key`, if there is one. [`KVClient::update_complete`] follows.
    ///
    /// # Errors
    /// Those of the module.
    fn update(
        &self,
        key: SubSliceMut<'static, u8>,
        value: SubSliceMut<'static, u8>,
    ) -> Result<(), Refused>;

    /// Deletes `key` and its value. [`KVClient::delete_complete`] follows.
    ///
    /// # Errors
    /// Those of the module.
    fn delete(
        &self,
        key: SubSliceMut<'static, u8>,
    ) -> Result<(), (SubSliceMut<'static, u8>, ErrorCode)>;

    /// Frees the room of what was deleted. [`KVClient::garbage_collection_complete`] follows.
    ///
    /// # Errors
    /// `BUSY` if an operation is under way, `FAIL` otherwise.
    fn garbage_collect(&self) -> Result<(), ErrorCode>;
}
