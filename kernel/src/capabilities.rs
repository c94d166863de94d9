//! Rights that only trusted code can hand out, checked by the compiler and gone after it.
//!
//! A function that not everybody may call takes `&dyn SomeCapability`. To have one, somebody must have
//! implemented the trait, which takes `unsafe`, which a capsule cannot write: so a capsule has the rights
//! that its board gave it. Boards make them with [`create_capability!`](crate::create_capability). The
//! names are Tock's; a right that nothing here asks for is there so that a capsule written for Tock can
//! name it.

/// To start, stop, restart and look into processes.
///
/// # Safety
/// Implemented for what a board made, and given only to whom the board trusts with it.
pub unsafe trait ProcessManagementCapability {}

/// To make an app's image a process.
///
/// # Safety
/// As for [`ProcessManagementCapability`].
pub unsafe trait ProcessStartCapability {}

/// To run the kernel's loop.
///
/// # Safety
/// As for [`ProcessManagementCapability`].
pub unsafe trait MainLoopCapability {}

/// To make grants, and so to decide how much of each process's memory drivers may use.
///
/// # Safety
/// As for [`ProcessManagementCapability`].
pub unsafe trait MemoryAllocationCapability {}

/// To use stored state that only the kernel may use, on behalf of the kernel.
///
/// # Safety
/// As for [`ProcessManagementCapability`].
pub unsafe trait KerneluserStorageCapability {}

/// To make the permissions by which an app reaches stored state.
///
/// # Safety
/// As for [`ProcessManagementCapability`].
pub unsafe trait ApplicationStorageCapability {}

/// To bind UDP ports on behalf of apps, without going through the table of ports.
///
/// # Safety
/// As for [`ProcessManagementCapability`].
pub unsafe trait UdpDriverCapability {}

/// To make the table of UDP ports, of which there is one.
///
/// # Safety
/// As for [`ProcessManagementCapability`].
pub unsafe trait CreatePortTableCapability {}

/// To make the rights by which a driver reaches addresses and ports of the network.
///
/// # Safety
/// As for [`ProcessManagementCapability`].
pub unsafe trait NetworkCapabilityCreationCapability {}

/// A value with the capabilities named, of a type that has no name.
///
/// ```
/// use kernel::{capabilities::MainLoopCapability, create_capability};
///
/// let right = create_capability!(MainLoopCapability);
/// let _: &dyn MainLoopCapability = &right;
/// ```
///
/// Code that forbids `unsafe` cannot use it:
///
/// ```compile_fail
/// #![forbid(unsafe_code)]
/// use kernel::{capabilities::MainLoopCapability, create_capability};
///
/// let right = create_capability!(MainLoopCapability);
/// ```
#[macro_export]
macro_rules! create_capability {
    ($($T:ty),+ $(,)?) => {{
        struct Capability;
        $(
            // SAFETY: whoever wrote this line may write `unsafe`, which is what the trait asks.
            #[allow(unsafe_code)]
            unsafe impl $T for Capability {}
        )+
        Capability
    }};
}
