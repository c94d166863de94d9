//! What apps may do with stored state, under Tock's names. An app without a fixed identifier
//! ([`ShortId::Fixed`]) may do nothing: there is nothing by which its state could be told from others'.

use core::num::NonZeroU32;

use kernel::{
    capabilities::ApplicationStorageCapability,
    process::{Process, ProcessStandard, ShortId, StoragePermissionsPolicy},
    storage_permissions::StoragePermissions,
};

/// Each app may write, and read and modify what it wrote.
pub struct IndividualStoragePermissions<C: ApplicationStorageCapability> {
    capability: C,
}

impl<C: ApplicationStorageCapability> IndividualStoragePermissions<C> {
    /// The policy.
    pub const fn new(capability: C) -> Self {
        Self { capability }
    }
}

impl<C: ApplicationStorageCapability> StoragePermissionsPolicy for IndividualStoragePermissions<C> {
    fn get_permissions(&self, process: &ProcessStandard) -> StoragePermissions {
        app_id(process).map_or_else(StoragePermissions::new_null, |id| {
            StoragePermissions::new_self_only(id, &self.capability)
        })
    }
}

/// Each app may do what its header says. That it may read or modify what it wrote itself, the header says too.
pub struct TbfHeaderStoragePermissions<C: ApplicationStorageCapability> {
    capability: C,
}

impl<C: ApplicationStorageCapability> TbfHeaderStoragePermissions<C> {
    /// The policy.
    pub const fn new(capability: C) -> Self {
        Self { capability }
    }
}

impl<C: ApplicationStorageCapability> StoragePermissionsPolicy for TbfHeaderStoragePermissions<C> {
    fn get_permissions(&self, process: &ProcessStandard) -> StoragePermissions {
        let (Some(id), Some(header)) = (app_id(process), process.storage_permissions_of_header())
        else {
            return StoragePermissions::new_null();
        };
        let (read_count, readable) = listed(header.read_ids());
        let (modify_count, modifiable) = listed(header.modify_ids());
        StoragePermissions::new_fixed_size(
            id,
            header.write_id().is_some(),
            false,
            read_count,
            readable,
            modify_count,
            modifiable,
            &self.capability,
        )
    }
}

fn app_id(process: &ProcessStandard) -> Option<NonZeroU32> {
    match process.short_app_id() {
        ShortId::Fixed(id) => Some(id),
        ShortId::LocallyUnique => None,
    }
}

/// How many identifiers there are, and they: a header has at most eight.
fn listed(ids: impl Iterator<Item = u32>) -> (usize, [u32; 8]) {
    let mut list = [0; 8];
    let count = list
        .iter_mut()
        .zip(ids)
        .map(|(place, id)| *place = id)
        .count();
    (count, list)
}
