//! Services that run by themselves, as `async fn`s over the adapters of `capsules_core`.
#![no_std]
#![forbid(unsafe_code)]

#[cfg(test)]
extern crate std;

pub mod binary_storage;
pub mod blink;
pub mod fault_policy;
pub mod installer;
pub mod lamp;
pub mod line;
pub mod permission_filter;
pub mod scheduler;
pub mod shell;
pub mod status_bar;
pub mod storage_permissions;
