//! What an app may do with stored state, its own and others'.
//!
//! Each piece of stored state carries the number of the app that wrote it; 0 is the kernel's. A store asks the
//! permissions of whoever wants something, and knows nothing else about them.

use core::num::NonZeroU32;

use crate::capabilities::{ApplicationStorageCapability, KerneluserStorageCapability};

/// What somebody may read, modify and write.
#[derive(Clone, Copy)]
pub struct StoragePermissions {
    /// The number that new state gets.
    write_id: Option<u32>,
    /// The number whose state may be read and modified whatever the lists say.
    own_id: Option<u32>,
    readable: Numbers,
    modifiable: Numbers,
}

/// Numbers of apps. 0 in a list means nothing.
#[derive(Clone, Copy)]
enum Numbers {
    Few([u32; 8], usize),
    Many(&'static [u32]),
}

impl Numbers {
    const NONE: Self = Self::Many(&[]);

    fn contains(&self, number: u32) -> bool {
        let numbers = match self {
            Self::Few(numbers, count) => numbers.get(..*count).unwrap_or(&[]),
            Self::Many(numbers) => numbers,
        };
        number != 0 && numbers.contains(&number)
    }
}

/// Who may do what. Only who has the capability can say.
impl StoragePermissions {
    /// An app that may write, and read and modify what it wrote.
    pub fn new_self_only(
        short_id_fixed: NonZeroU32,
        _cap: &dyn ApplicationStorageCapability,
    ) -> Self {
        let id = Some(short_id_fixed.get());
        Self::new(id, id, Numbers::NONE, Numbers::NONE)
    }

    /// An app that may write if `write_permission`, may read and modify what it wrote if `read_modify_self`, and
    /// may read and modify what the first `read_count` and `modify_count` apps listed wrote. A count of more than
    /// eight is as good as none.
    #[allow(clippy::too_many_arguments)] // Tock's signature
    pub fn new_fixed_size(
        app_id: NonZeroU32,
        write_permission: bool,
        read_modify_self: bool,
        read_count: usize,
        read_permissions: [u32; 8],
        modify_count: usize,
        modify_permissions: [u32; 8],
        _cap: &dyn ApplicationStorageCapability,
    ) -> Self {
        Self::new(
            write_permission.then_some(app_id.get()),
            read_modify_self.then_some(app_id.get()),
            Numbers::Few(read_permissions, read_count),
            Numbers::Few(modify_permissions, modify_count),
        )
    }

    /// As [`Self::new_fixed_size`], with lists of any length.
    pub fn new_listed(
        app_id: NonZeroU32,
        write_permission: bool,
        read_modify_self: bool,
        read_permissions: &'static [u32],
        modify_permissions: &'static [u32],
        _cap: &dyn ApplicationStorageCapability,
    ) -> Self {
        Self::new(
            write_permission.then_some(app_id.get()),
            read_modify_self.then_some(app_id.get()),
            Numbers::Many(read_permissions),
            Numbers::Many(modify_permissions),
        )
    }

    /// The kernel, which may write, and read and modify what it wrote, and nothing of an app's.
    pub fn new_kernel(_cap: &dyn KerneluserStorageCapability) -> Self {
        Self::new(Some(0), Some(0), Numbers::NONE, Numbers::NONE)
    }

    /// Somebody who may do nothing.
    pub fn new_null() -> Self {
        Self::new(None, None, Numbers::NONE, Numbers::NONE)
    }

    fn new(
        write_id: Option<u32>,
        own_id: Option<u32>,
        readable: Numbers,
        modifiable: Numbers,
    ) -> Self {
        Self {
            write_id,
            own_id,
            readable,
            modifiable,
        }
    }
}

/// What a store asks.
impl StoragePermissions {
    /// Whether state with the number `stored_id` may be read.
    pub fn check_read_permission(&self, stored_id: u32) -> bool {
        self.own_id == Some(stored_id) || self.readable.contains(stored_id)
    }

    /// Whether state with the number `stored_id` may be changed or deleted.
    pub fn check_modify_permission(&self, stored_id: u32) -> bool {
        self.own_id == Some(stored_id) || self.modifiable.contains(stored_id)
    }

    /// The number that new state gets; `None` if none may be written.
    pub fn get_write_id(&self) -> Option<u32> {
        self.write_id
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    const APP: NonZeroU32 = NonZeroU32::new(7).unwrap();

    /// Which of the numbers 0 to 9 may be read, and which modified.
    fn allowed(permissions: &StoragePermissions) -> (Vec<u32>, Vec<u32>) {
        let readable = |id: &u32| permissions.check_read_permission(*id);
        let modifiable = |id: &u32| permissions.check_modify_permission(*id);
        (
            (0..10).filter(readable).collect(),
            (0..10).filter(modifiable).collect(),
        )
    }

    #[test]
    fn an_app_on_its_own_reaches_its_own_state() {
        let capability = crate::create_capability!(ApplicationStorageCapability);
        let permissions = StoragePermissions::new_self_only(APP, &capability);
        assert_eq!(allowed(&permissions), ([7].to_vec(), [7].to_vec()));
        assert_eq!(permissions.get_write_id(), Some(7));
    }

    #[test]
    fn an_app_with_lists_reaches_what_they_name_and_never_the_kernels() {
        let capability = crate::create_capability!(ApplicationStorageCapability);
        let permissions = StoragePermissions::new_fixed_size(
            APP,
            false,
            true,
            2,
            [0, 3, 4, 0, 0, 0, 0, 0],
            1,
            [5, 6, 0, 0, 0, 0, 0, 0],
            &capability,
        );
        assert_eq!(allowed(&permissions), ([3, 7].to_vec(), [5, 7].to_vec()));
        assert_eq!(permissions.get_write_id(), None);
        let permissions =
            StoragePermissions::new_listed(APP, true, false, &[0, 3, 4], &[5], &capability);
        assert_eq!(allowed(&permissions), ([3, 4].to_vec(), [5].to_vec()));
        assert_eq!(permissions.get_write_id(), Some(7));
    }

    #[test]
    fn a_count_past_the_list_allows_nothing() {
        let capability = crate::create_capability!(ApplicationStorageCapability);
        let permissions =
            StoragePermissions::new_fixed_size(APP, true, false, 9, [1; 8], 9, [1; 8], &capability);
        assert_eq!(allowed(&permissions), ([].to_vec(), [].to_vec()));
    }

    #[test]
    fn the_kernel_reaches_its_own_state_and_nobody_nothing() {
        let capability = crate::create_capability!(KerneluserStorageCapability);
        let permissions = StoragePermissions::new_kernel(&capability);
        assert_eq!(allowed(&permissions), ([0].to_vec(), [0].to_vec()));
        assert_eq!(permissions.get_write_id(), Some(0));
        let permissions = StoragePermissions::new_null();
        assert_eq!(allowed(&permissions), ([].to_vec(), [].to_vec()));
        assert_eq!(permissions.get_write_id(), None);
    }
}
