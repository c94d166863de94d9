//! Rights that a board hands out.

/// Whoever holds it may create grants.
#[allow(unsafe_code)]
pub unsafe trait MemoryAllocationCapability {}
/// Whoever holds it may manage processes.
pub unsafe trait ProcessManagementCapability {}
/// Whoever holds it may start processes.
pub unsafe trait ProcessStartCapability {}
