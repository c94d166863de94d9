//! Which kernels an app runs on.

use super::TbfError;

/// The major version of the system-call interface: Tock's, since it is Tock's interface.
pub const KERNEL_MAJOR_VERSION: u16 = 2;

/// The minor version of the system-call interface, Tock's likewise.
pub const KERNEL_MINOR_VERSION: u16 = 3;

/// The kernel that an app was made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KernelVersion {
    /// The kernel must have this major version.
    pub major: u16,
    /// The kernel must have this minor version or a later one.
    pub minor: u16,
}

impl KernelVersion {
    /// Whether this kernel is one of those.
    pub(super) fn check(self) -> Result<(), TbfError> {
        let Self { major, minor } = self;
        if major == KERNEL_MAJOR_VERSION && minor <= KERNEL_MINOR_VERSION {
            Ok(())
        } else {
            Err(TbfError::IncompatibleKernel { major, minor })
        }
    }
}
