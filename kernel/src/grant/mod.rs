//! Grants: a driver's state of a process, in the memory of that process.
//!
//! A driver that serves many processes needs memory for each. It takes it from the process itself: so a
//! process that asks for much pays for it, and what it had is gone when it is. The driver sees its state
//! only inside a closure and can keep no reference to it.
//!
//! With the state the kernel keeps the upcalls that the process has subscribed to and the buffers that it
//! has shared, as many as the grant's type says.

mod given;
mod layout;

use core::{
    cell::Cell,
    marker::PhantomData,
    mem::{align_of, size_of},
    ptr::NonNull,
};

use crate::process::{Error, GrantNumber, PAGE_BYTES, ProcessId, ProcessStandard, ProcessTable};

use self::layout::{Bounds, Header, KernelPart, PAIRS_OFFSET, Pair};

pub(crate) use self::layout::Kind;
pub use self::{
    given::{GrantData, GrantKernelData},
    layout::{AllowRoCount, AllowRoSize, AllowRwCount, AllowRwSize, UpcallCount, UpcallSize},
};

/// What a driver keeps of each process: a `T`, and as many upcalls and buffers as the other types say.
///
/// A `T` that borrows something can't be made to hold what lives less long:
///
/// ```compile_fail
/// use kernel::grant::{AllowRoCount, AllowRwCount, Grant, UpcallCount};
///
/// type Names<'a> = Grant<Option<&'a str>, UpcallCount<0>, AllowRoCount<0>, AllowRwCount<0>>;
///
/// fn shorter<'a, 'b>(names: &'a Names<'static>) -> &'a Names<'b> {
///     names
/// }
/// ```
pub struct Grant<T: Default, Upcalls: UpcallSize, AllowROs: AllowRoSize, AllowRWs: AllowRwSize> {
    table: &'static ProcessTable,
    driver_num: usize,
    number: GrantNumber,
    /// In a cell: what a process's `T` borrows must live as long as the grant says, no less.
    types: PhantomData<(Cell<T>, Upcalls, AllowROs, AllowRWs)>,
}

impl<T, Upcalls, AllowROs, AllowRWs> Grant<T, Upcalls, AllowROs, AllowRWs>
where
    T: Default,
    Upcalls: UpcallSize,
    AllowROs: AllowRoSize,
    AllowRWs: AllowRwSize,
{
    pub(crate) fn new(table: &'static ProcessTable, driver_num: usize) -> Self {
        Self {
            table,
            driver_num,
            number: table.add_grant(driver_num),
            types: PhantomData,
        }
    }

    /// Calls `fun` with the state of a process, which is `T::default()` the first time, and with what the
    /// process has given to the driver.
    ///
    /// # Errors
    /// `NoSuchApp` if the process is gone; `OutOfMemory` if it has no room for the grant; `InactiveApp` if
    /// it has ended; `AlreadyInUse` if the driver is inside this grant of this process.
    #[inline]
    pub fn enter<F, R>(&self, processid: ProcessId, fun: F) -> Result<R, Error>
    where
        F: FnOnce(&mut GrantData<T>, &GrantKernelData) -> R,
    {
        let process = self.table.find(processid).ok_or(Error::NoSuchApp)?;
        let (process, memory) = match process.grant(self.number) {
            Some(memory) => (process, memory),
            None => self.allocate(processid)?,
        };
        self.enter_at(process, memory, fun)
            .ok_or(Error::AlreadyInUse)
    }

    /// As [`Grant::enter`], but a process that does not have this grant is not given it: so nobody takes of its memory
    /// by naming it.
    ///
    /// # Errors
    /// `NoSuchApp` if the process is gone or does not have this grant; `AlreadyInUse` if the driver is inside this
    /// grant of this process.
    #[inline]
    pub fn enter_allocated<F, R>(&self, processid: ProcessId, fun: F) -> Result<R, Error>
    where
        F: FnOnce(&mut GrantData<T>, &GrantKernelData) -> R,
    {
        let process = self.table.find(processid).ok_or(Error::NoSuchApp)?;
        let memory = process.grant(self.number).ok_or(Error::NoSuchApp)?;
        self.enter_at(process, memory, fun)
            .ok_or(Error::AlreadyInUse)
    }

    /// Calls `fun` for each process that has this grant, in the order of the process table. One that the
    /// driver is inside of is left out.
    pub fn each<F>(&self, mut fun: F)
    where
        F: FnMut(ProcessId, &mut GrantData<T>, &GrantKernelData),
    {
        for grant in self.iter() {
            let id = grant.processid();
            grant.try_enter(|data, kernel_data| fun(id, data, kernel_data));
        }
    }

    /// The grants of all processes that have this grant, in the order of the process table.
    pub fn iter(&self) -> impl Iterator<Item = ProcessGrant<'_, T, Upcalls, AllowROs, AllowRWs>> {
        (0..self.table.capacity()).filter_map(|slot| self.at(slot))
    }

    /// The grant of the process in a place of the process table ([`ProcessId::slot`]), if there is one and it
    /// has this grant.
    ///
    /// A driver that keeps places and not names has nothing that goes stale: whichever process is in the
    /// place, its own grant says what is under way for it.
    #[inline]
    pub fn at(&self, slot: usize) -> Option<ProcessGrant<'_, T, Upcalls, AllowROs, AllowRWs>> {
        let process = self.table.at(slot)?;
        process.grant(self.number)?;
        Some(ProcessGrant {
            grant: self,
            process_id: process.id(),
        })
    }
}

/// The layout of a grant, and the way into it.
impl<T, Upcalls, AllowROs, AllowRWs> Grant<T, Upcalls, AllowROs, AllowRWs>
where
    T: Default,
    Upcalls: UpcallSize,
    AllowROs: AllowRoSize,
    AllowRWs: AllowRwSize,
{
    const BOUNDS: Bounds = Bounds::new(Upcalls::COUNT, AllowROs::COUNT, AllowRWs::COUNT);
    const ALIGN_BYTES: usize = {
        // Beyond a page, the addresses that the kernel and the process know it by differ.
        assert!(
            align_of::<T>() <= PAGE_BYTES,
            "a grant's state is aligned to more than a page"
        );
        if align_of::<T>() > align_of::<Pair>() {
            align_of::<T>()
        } else {
            align_of::<Pair>()
        }
    };
    const DATA_OFFSET: usize =
        (PAIRS_OFFSET + Self::BOUNDS.sum() * size_of::<Pair>()).next_multiple_of(align_of::<T>());

    #[cold]
    fn allocate(&self, processid: ProcessId) -> Result<(&ProcessStandard, NonNull<u8>), Error> {
        // This may do anything, remove the process as well: so the process is looked for after it.
        let state = T::default();
        let process = self.table.find(processid).ok_or(Error::NoSuchApp)?;
        if !process.state().is_alive() {
            return Err(Error::InactiveApp);
        }
        let len_bytes = Self::DATA_OFFSET + size_of::<T>();
        let memory = process.allocate(len_bytes, Self::ALIGN_BYTES)?;
        // SAFETY: fresh memory, as long and as aligned as the layout in layout.rs needs.
        unsafe {
            memory.cast().write(Header {
                bounds: Self::BOUNDS,
                is_entered: Cell::new(false),
            });
            let pairs = memory.add(PAIRS_OFFSET).cast::<Pair>();
            (0..Self::BOUNDS.sum()).for_each(|number| pairs.add(number).write(Cell::new((0, 0))));
            memory.add(Self::DATA_OFFSET).cast().write(state);
        }
        process.set_grant(self.number, memory);
        Ok((process, memory))
    }

    /// Calls `fun` inside the grant at `memory`; `None` if the driver is inside it already.
    #[inline]
    fn enter_at<F, R>(&self, process: &ProcessStandard, memory: NonNull<u8>, fun: F) -> Option<R>
    where
        F: FnOnce(&mut GrantData<T>, &GrantKernelData) -> R,
    {
        // SAFETY: the memory is what `ProcessStandard::grant` returned for this grant: see `allocate`.
        let (header, part) = unsafe {
            (
                memory.cast::<Header>().as_ref(),
                KernelPart::at(memory, &Self::BOUNDS),
            )
        };
        if header.is_entered.get() {
            return None;
        }
        header.is_entered.set(true);
        process.enter();
        let kernel_data = GrantKernelData {
            process,
            driver_num: self.driver_num,
            part,
        };
        // SAFETY: as above, and `is_entered` makes this the only reference to the `T`.
        let data = unsafe { memory.add(Self::DATA_OFFSET).cast::<T>().as_mut() };
        let result = fun(&mut GrantData { data }, &kernel_data);
        header.is_entered.set(false);
        process.leave();
        Some(result)
    }
}

/// The grant of one process that had it when this was made.
pub struct ProcessGrant<'a, T, Upcalls, AllowROs, AllowRWs>
where
    T: Default,
    Upcalls: UpcallSize,
    AllowROs: AllowRoSize,
    AllowRWs: AllowRwSize,
{
    grant: &'a Grant<T, Upcalls, AllowROs, AllowRWs>,
    process_id: ProcessId,
}

impl<T, Upcalls, AllowROs, AllowRWs> ProcessGrant<'_, T, Upcalls, AllowROs, AllowRWs>
where
    T: Default,
    Upcalls: UpcallSize,
    AllowROs: AllowRoSize,
    AllowRWs: AllowRwSize,
{
    /// The process.
    pub fn processid(&self) -> ProcessId {
        self.process_id
    }

    /// Calls `fun` with the driver's state and what the process has given to the driver.
    ///
    /// # Panics
    /// If the driver is inside this grant of this process already, or the process has ended meanwhile.
    pub fn enter<F, R>(self, fun: F) -> R
    where
        F: FnOnce(&mut GrantData<T>, &GrantKernelData) -> R,
    {
        self.try_enter(fun)
            .expect("a grant is entered twice, or after its process has gone")
    }

    /// As [`ProcessGrant::enter`], but `None` where that panics.
    pub fn try_enter<F, R>(self, fun: F) -> Option<R>
    where
        F: FnOnce(&mut GrantData<T>, &GrantKernelData) -> R,
    {
        let process = self.grant.table.find(self.process_id)?;
        let memory = process.grant(self.grant.number)?;
        self.grant.enter_at(process, memory, fun)
    }
}
