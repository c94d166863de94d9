//! Where the grants of a process are, by their numbers.
//!
//! The invariant GRANTS-FINAL: a table gives out no [`GrantNumber`] once it has built a process, so each process
//! has a place for every number of its table. [`ProcessTable::add_grant`] keeps it.

use core::{
    cell::Cell,
    ptr::{self, NonNull},
    slice,
};

#[cfg(doc)]
use super::ProcessTable;
use super::{Error, PAGE_BYTES, ProcessStandard};

/// The number of a grant among those of a process table.
#[derive(Clone, Copy)]
pub(crate) struct GrantNumber(u16);

impl GrantNumber {
    /// For [`ProcessTable::add_grant`].
    pub(super) fn new(number: u16) -> Self {
        Self(number)
    }

    #[inline]
    fn index(self) -> usize {
        self.0.into()
    }
}

impl ProcessStandard {
    fn grants(&self) -> &[Cell<usize>] {
        // SAFETY: `build` made room for as many.
        unsafe { slice::from_raw_parts(self.grants.as_ptr(), self.grants_len) }
    }

    pub(super) fn forget_grants(&self) {
        self.grants().iter().for_each(|grant| grant.set(0));
    }

    /// The number of a driver's grant.
    #[inline]
    pub(crate) fn grant_of(&self, driver_num: usize) -> Option<GrantNumber> {
        self.table.grant_of(driver_num)
    }

    /// The address of a grant; `None` if it is not allocated.
    #[inline]
    pub(crate) fn grant(&self, number: GrantNumber) -> Option<NonNull<u8>> {
        // SAFETY: GRANTS-FINAL.
        let address = unsafe { self.grants().get_unchecked(number.index()) }.get();
        NonNull::new(ptr::with_exposed_provenance_mut(address))
    }

    pub(crate) fn set_grant(&self, number: GrantNumber, grant: NonNull<u8>) {
        self.grants()[number.index()].set(grant.as_ptr().expose_provenance());
    }

    /// How many of the kernel's grants are allocated in this process.
    pub(crate) fn allocated_grants(&self) -> usize {
        self.grants()
            .iter()
            .filter(|grant| grant.get() != 0)
            .count()
    }

    /// Takes memory for a grant off the unused part: nobody else has it until the process starts afresh.
    ///
    /// # Errors
    /// `OutOfMemory` when that is used up.
    pub(crate) fn allocate(
        &self,
        len_bytes: usize,
        align_bytes: usize,
    ) -> Result<NonNull<u8>, Error> {
        let ram = self.memory.ram.addresses();
        let lowest = self.app_break.get().next_multiple_of(PAGE_BYTES);
        let start = self
            .grant_break
            .get()
            .checked_sub(len_bytes)
            .map(|start| start & !(align_bytes - 1))
            .filter(|start| *start >= lowest)
            .ok_or(Error::OutOfMemory)?;
        self.grant_break.set(start);
        // SAFETY: PAGES-APART: this lies in RAM, between the app's memory and the grants before it.
        Ok(unsafe { self.memory.ram.kernel_start().add(start - ram.start) })
    }
}
