//! Who decides what an app may do with stored state.

use super::ProcessStandard;
use crate::storage_permissions::StoragePermissions;

/// Decides what an app may do with stored state.
pub trait StoragePermissionsPolicy {
    /// What `process` may do. It is asked each time somebody wants to know, and must say the same of one run.
    fn get_permissions(&self, process: &ProcessStandard) -> StoragePermissions;
}
